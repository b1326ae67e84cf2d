#!/usr/bin/env bash
# cluster.sh COMMAND…: runs the command with a PostgreSQL, a Redis and a Spark cluster of its own, which end with it.
set -euo pipefail

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# PostgreSQL refuses to run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
    owner=nobody
    if id postgres >/dev/null 2>&1; then owner=postgres; fi
    as_user=(runuser -u "$owner" --)
fi
# Debian keeps initdb off the PATH; elsewhere it is on it, perhaps as a link.
initdb=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1 || true)
postgres_bin=$(dirname "$(readlink -f "${initdb:-$(command -v initdb)}")")
folder=$(mktemp -d "${TMPDIR:-/tmp}/wanamaker-cluster.XXXXXX")
if [ ${#as_user[@]} -gt 0 ]; then chown "$owner" "$folder"; fi

pids=()
stop() {
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    if [ -f "$folder/data/postmaster.pid" ]; then
        "${as_user[@]}" "$postgres_bin/pg_ctl" -D "$folder/data" -m immediate -s stop 2>/dev/null || true
    fi
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd /tmp
"${as_user[@]}" "$postgres_bin/initdb" -D "$folder/data" -U wanamaker -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; exit 1; }
postgres_port=$(free_port)
# The data lives as long as the tests: nothing needs to survive a power cut.
"${as_user[@]}" "$postgres_bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/data/log" start -o \
    "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=300 \
     -c fsync=off -c synchronous_commit=off -c full_page_writes=off" ||
    { cat "$folder/data/log" >&2; exit 1; }
"${as_user[@]}" "$postgres_bin/createdb" -h 127.0.0.1 -p "$postgres_port" -U wanamaker wanamaker

redis_port=$(free_port)
redis-server --port "$redis_port" --bind 127.0.0.1 --databases 64 --save "" --appendonly no --dir "$folder" \
    --logfile "" >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 50); do
    if redis-cli -p "$redis_port" ping >/dev/null 2>&1; then break; fi
    sleep 0.1
done
cd - >/dev/null

# Spark's own scripts would make daemons of them; these are started as those start them.
spark_port=$(free_port)
python=$PWD/.venv/bin/python
SPARK_HOME=$("$python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')
mkdir "$folder/spark"
# One core a worker and job: each job runs on both workers, and two jobs at once need not wait for each other.
cat >"$folder/spark/spark-defaults.conf" <<END
spark.executor.cores 1
spark.cores.max 2
spark.executor.memory 512m
spark.driver.memory 512m
spark.master.rest.enabled false
END
export SPARK_HOME SPARK_CONF_DIR="$folder/spark" SPARK_DAEMON_MEMORY=256m PYSPARK_PYTHON="$python"
# The cluster lives shorter than the compiler that makes long work fast needs to pay off.
export JDK_JAVA_OPTIONS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
export SPARK_LOCAL_IP=127.0.0.1 # else it listens on the machine's own address
spark() {
    "$SPARK_HOME/bin/spark-class" "org.apache.spark.deploy.$1" --host 127.0.0.1 --webui-port 0 "${@:2}" \
        >"$folder/spark/${#pids[@]}.log" 2>&1 &
    pids+=($!)
}
spark master.Master --port "$spark_port"
# A worker that finds no master waits long before it tries again.
for _ in $(seq 600); do
    if (: >"/dev/tcp/127.0.0.1/$spark_port") 2>/dev/null; then break; fi
    sleep 0.1
done
for number in 1 2; do
    spark worker.Worker --cores 2 --memory 1200m --work-dir "$folder/work-$number" "spark://127.0.0.1:$spark_port"
done

export TEST_WAREHOUSE="spark://127.0.0.1:$spark_port"
export DATABASE_URL="postgresql://wanamaker@127.0.0.1:$postgres_port/wanamaker"
export BROKER_URL="redis://127.0.0.1:$redis_port/0"
export CACHE_URL="redis://127.0.0.1:$redis_port/1"
"$@"
