#!/bin/sh
# Makes .venv with gmmtrack and the extras named ("eval" if none is): sh setup.sh [EXTRAS]
# Installs what Debian and Ubuntu leave out of a bare system, if it is missing: venv, libGL, glib.
set -eu
cd "$(dirname "$0")"
extras=${1:-eval}

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

find_python() {
    for candidate in python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

# the Debian packages that are missing; a venv that is already there needs no module to make one
missing_packages() {
    if [ ! -x .venv/bin/python ]; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || printf '%s-venv ' "$python"
    fi
    [ "$(uname -s)" = Linux ] || return 0
    has_library libGL.so.1 || printf 'libgl1 '
    has_library libgthread-2.0.so.0 || printf 'libglib2.0-0 '
}

has_library() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

install_packages() {
    command -v apt-get >/dev/null || die "please install what these Debian packages hold, then run this again: $*"
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "please run as root, then run this again: apt-get install $*"
        root=sudo
    fi
    say "installing $* with apt-get"
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >&2
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >&2
}

python=$(find_python)
[ -n "$python" ] || die "gmmtrack needs Python 3.11 or later, and there is none; please install it"

packages=$(missing_packages)
# shellcheck disable=SC2086 # one word a package
[ -z "$packages" ] || install_packages $packages

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

done_mark=.venv/installed-$extras
if [ ! -e "$done_mark" ] || [ pyproject.toml -nt "$done_mark" ]; then
    say "installing gmmtrack[$extras] and what it needs into .venv (a minute or two)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]" >&2
    touch "$done_mark"
fi
