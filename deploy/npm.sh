#!/usr/bin/env bash
# Runs npm: the machine's own, or the one that a Python wheel brings where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v npm >/dev/null; then
    if [ ! -x .venv/bin/npm ]; then .venv/bin/python -m pip install --quiet --require-hashes -r requirements/node.txt; fi
    PATH="$PWD/.venv/bin:$PATH"
fi
exec npm "$@"
