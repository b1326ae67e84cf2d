#!/usr/bin/env bash
# All checks that need no test run. Every one runs, so that one round shows all that is wrong.
set -uo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
DATA_DIR=$(mktemp -d "${TMPDIR:-/tmp}/wanamaker-check.XXXXXX")
export DATA_DIR
trap 'rm -rf "$DATA_DIR"' EXIT
failed=()

say() {
    if [ "$2" = 0 ]; then
        echo "ok      $1"
    else
        printf '%s\nFAILED  %s\n' "$3" "$1"
        failed+=("$1")
    fi
}

run() {
    local name=$1
    shift
    output=$("$@" 2>&1)
    say "$name" $? "$output"
}

# The longest check, beside all others.
mypy >"$DATA_DIR/types" 2>&1 &
types=$!
run "style" ruff check
run "format" ruff format --check
run "imports" lint-imports
run "migrations" python manage.py makemigrations --check --dry-run
run "deployment" env SITE_URL=https://shop.example HTTPS=1 DEBUG=0 ALLOWED_HOSTS=shop.example \
    python manage.py check --deploy --fail-level WARNING
run "API schema" python manage.py spectacular --validate --fail-on-warn --file "$DATA_DIR/schema.yaml"
run "translations" python -m tests.house.translations
wait "$types"
say "types" $? "$(cat "$DATA_DIR/types")"
if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}"
    exit 1
fi
