#!/usr/bin/env bash
# quietly.sh WORDS COMMAND…: says WORDS and runs the command; shows what it printed only if it fails.
set -uo pipefail
mkdir -p build
echo "$1 …"
shift
log=$(mktemp build/log.XXXXXX)
if "$@" >"$log" 2>&1; then
    rm -f "$log"
else
    code=$?
    tail -n 40 "$log" >&2
    echo "Failed: $* (all of it in $log)" >&2
    exit "$code"
fi
