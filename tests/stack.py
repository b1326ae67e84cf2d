"""A whole Wanamaker of its own for one test: real web server, real worker, own database, files and queue."""

import atexit
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stack:
    """``with Stack(folder) as stack:`` then ``stack.url``; kill and start its processes as the test needs."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = os.environ | own_servers(data_dir) | {"LOOK_EVERY_SECONDS": "1", "JOB_LEASE_SECONDS": "5"}
        self.environment |= {"RUN_REST": "0"}  # nobody is to wait for a busy machine's long runs five times over
        self.environment |= {"DATA_DIR": str(data_dir), "PORT": str(self.port), "HOST": "127.0.0.1", "DEMO": "0"}
        self.environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"} | settings

    def __enter__(self) -> "Stack":
        copy_prepared_folder(self.data_dir)
        self.start("web")
        self.start("worker")
        self.start("beat")
        self.wait_until_it_answers()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
            sys.stdout.write(f"{name} said: {self.log(name)[-4000:]}\n")  # pytest shows it when the test has failed
        if "_shell" in vars(self):
            self._shell.communicate()
        drop_database(self.environment.get("DATABASE_URL", ""))

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run ``python ARGUMENTS`` on this stack's data and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=self.environment, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def script(self, code: str) -> str:
        """Run Python code with Django set up on this stack's data; return what it printed."""
        shell = self._shell
        assert shell.stdin
        assert shell.stdout
        shell.stdin.write(json.dumps(code) + "\n")
        shell.stdin.flush()
        answer = json.loads(shell.stdout.readline() or '{"error": "it ended"}')
        assert not answer["error"], f"{code}\n{answer['error']}"
        return str(answer["said"])

    @cached_property
    def _shell(self) -> "subprocess.Popen[str]":
        """One Python for all scripts: see tests.shell."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.shell"],
            cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def json(self, code: str) -> Any:
        """Run Python code like ``script``, and return the JSON that it printed last."""
        return json.loads(self.script(code).splitlines()[-1])

    @property
    def is_sqlite(self) -> bool:
        return not self.environment.get("DATABASE_URL")

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query on this stack's database, in a moment and beside whatever else is going on."""
        with self.database() as connection:
            return list(connection.execute(sql).fetchall())

    @contextlib.contextmanager
    def database(self) -> Iterator[Any]:
        """A plain connection, closed at the end; what it has not committed is undone."""
        if url := self.environment.get("DATABASE_URL"):
            import psycopg

            connection: Any = psycopg.connect(url)
        else:
            connection = sqlite3.connect(self.data_dir / "wanamaker.sqlite3", timeout=20, isolation_level=None)
        with contextlib.closing(connection):
            yield connection

    def start(self, name: str) -> None:
        """Start ``web``, ``worker`` or ``beat`` as deploy/Procfile says, untethered; its output goes to NAME.log."""
        tether = "exec (?:nice -n 5 )?python deploy/tether.py "
        command = re.search(rf"^{name}: {tether}(.*)$", (ROOT / "deploy/Procfile").read_text(), re.MULTILINE)
        assert command, f"deploy/Procfile has no {name}"
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                f"exec {command[1]}",
                shell=True,
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Send the signal to the main process, and after its end, or 10 s, SIGKILL to what is left of its children."""
        process = self.processes.pop(name)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.send_signal(how)
            process.wait(timeout=10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        return (self.data_dir / f"{name}.log").read_text()

    def wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.processes["web"].poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the site does not answer:\n{self.log('web')}")


@cache
def prepared_folder() -> Path:
    """Return a data folder with tables and static files, made once in each test process."""
    folder = Path(os.environ["DATA_DIR"]) / "prepared"
    own = {"DATA_DIR": str(folder), "DEMO": "0", "DATABASE_URL": "", "BROKER_URL": "", "CACHE_URL": ""}
    subprocess.run([sys.executable, "deploy/prepare.py"], cwd=ROOT, env=os.environ | own, check=True)
    return folder


def copy_prepared_folder(to: Path) -> None:
    """Copy what takes five seconds to make; the keys are not copied, for each shop has its own."""
    shutil.copytree(prepared_folder(), to, ignore=shutil.ignore_patterns("keys"), dirs_exist_ok=True)


def own_servers(data_dir: Path) -> dict[str, str]:
    """Return settings for a database, queue and cache that only this stack uses, on the servers the tests run with."""
    settings = {}
    if url := os.environ.get("DATABASE_URL"):
        name = re.sub(r"\W", "_", f"stack_{os.getpid()}_{data_dir.name}_{time.monotonic_ns()}").lower()
        execute(f'CREATE DATABASE "{name}" TEMPLATE "{prepared_database()}"')
        settings["DATABASE_URL"] = named(url, name)
    for key in ("BROKER_URL", "CACHE_URL"):
        if (url := os.environ.get(key, "")).startswith("redis://"):
            address, number = url.rsplit("/", 1)
            settings[key] = f"{address}/{int(number) + 2}"
            empty_redis(settings[key])
    return settings


def named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@cache
def prepared_database() -> str:
    """Return the name of a database with tables, made once in each test process for others to be copied from."""
    name = f"prepared_{os.getpid()}"
    execute(f'CREATE DATABASE "{name}"')
    own = {"DATA_DIR": str(prepared_folder()), "DEMO": "0", "DATABASE_URL": named(os.environ["DATABASE_URL"], name)}
    subprocess.run([sys.executable, "deploy/prepare.py"], cwd=ROOT, env=os.environ | own, check=True)
    atexit.register(drop_database, own["DATABASE_URL"])
    return name


def drop_database(url: str) -> None:
    if url:
        execute(f'DROP DATABASE "{urlsplit(url).path.strip("/")}" WITH (FORCE)')


def execute(statement: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement.encode())


def empty_redis(url: str) -> None:
    import redis

    with redis.Redis.from_url(url) as client:
        client.flushdb()
