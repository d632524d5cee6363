#!/bin/sh
# Sets up .venv if need be, and tracks a bundled clip: the annotated video and the tracks go into ./output.
set -eu
cd "$(dirname "$0")/.."
sh setup.sh
.venv/bin/gmmtrack demo "$@"
