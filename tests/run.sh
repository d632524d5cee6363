#!/bin/sh
# Sets up .venv with what the tests need if need be, and runs every check; words given go to pytest.
set -u
cd "$(dirname "$0")/.."
sh setup.sh test || exit 1
export PATH="$PWD/.venv/bin:$PATH"
failed=

check() {
    printf '\n== %s\n' "$*"
    "$@" || failed="$failed $1"
}

check ruff check
check ruff format --check
check mypy
check lint-imports
check python -m pytest -n 2 --dist loadfile "$@"

if [ -n "$failed" ]; then
    printf '\nfailed:%s\n' "$failed" >&2
    exit 1
fi
