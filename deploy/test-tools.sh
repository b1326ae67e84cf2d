#!/usr/bin/env bash
# test-tools.sh PACKAGE…: sees that the Debian packages a test run needs are there; installs them when it may.
set -euo pipefail

is_there() {
    case $1 in
        chromium) command -v chromium ;;
        fonts-noto-cjk) fc-list :lang=zh 2>/dev/null | grep . ;;
        gettext) command -v xgettext ;;
        libreoffice-calc) command -v soffice ;;
        postgresql) command -v initdb || ls /usr/lib/postgresql/*/bin/initdb ;;
        redis-server) command -v redis-server ;;
        openjdk-17-jre-headless) command -v java ;;
    esac >/dev/null 2>&1
}

missing=()
for package in "$@"; do
    if ! is_there "$package"; then missing+=("$package"); fi
done
if [ ${#missing[@]} = 0 ]; then exit 0; fi

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # Debian would start a database server on installing it; the tests start their own.
    if printf '%s\n' "${missing[@]}" | grep -qx postgresql; then
        mkdir -p /etc/postgresql-common
        if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
            echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
        fi
    fi
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The tests need these packages: ${missing[*]}" >&2
    echo "On Debian or Ubuntu: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
