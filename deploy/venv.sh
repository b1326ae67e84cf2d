#!/usr/bin/env bash
# Makes .venv with a Python of 3.11 or newer, or says what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# A checkout that was moved or copied leaves a .venv that no longer runs.
if .venv/bin/python -m pip --version >/dev/null 2>&1; then exit 0; fi

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null && "$candidate" -c "$new_enough" 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "Wanamaker needs Python 3.11 or newer, and found none (python3 is $(python3 --version 2>&1 || true))." >&2
    echo "Install one, or name it: make run PYTHON=/path/to/python3.12" >&2
    exit 1
fi

if [ -e .venv ] && [ ! -w .venv ]; then
    echo ".venv belongs to $(stat -c %U .venv) and does not run for $(id -un); remove it or use a checkout of your own." >&2
    exit 1
fi
rm -rf .venv
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian keeps the module in a package of its own.
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package …"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    else
        echo "This Python cannot make environments. Install $package first: sudo apt-get install $package" >&2
        exit 1
    fi
fi
echo "Making .venv with $("$python" --version) …"
"$python" -m venv .venv
