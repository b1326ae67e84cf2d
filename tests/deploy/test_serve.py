"""`make run`: one command, the whole shop; Ctrl-C, and nothing of it is left."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.serve import ready_message
from tests.stack import ROOT, copy_prepared_folder, free_port, own_servers

Serve = Callable[..., subprocess.Popen[str]]
pytestmark = pytest.mark.browser


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start deploy/serve.py in a process group of its own, as a terminal would; kill what a failed test leaves."""
    started = []
    servers: dict[str, dict[str, str]] = {}

    def start(data_dir: str = "shop", port: int = 0) -> subprocess.Popen[str]:
        if data_dir not in servers:
            copy_prepared_folder(tmp_path / data_dir)
            servers[data_dir] = own_servers(tmp_path / data_dir)
        environment = os.environ | servers[data_dir] | {"DATA_DIR": str(tmp_path / data_dir), "DEMO": "0"}
        environment["PORT"] = str(port or free_port())
        process = subprocess.Popen(
            [sys.executable, "deploy/serve.py"], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout
        process.stdout.close()
    for pid in processes_of(tmp_path):
        os.kill(pid, signal.SIGKILL)


def output_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"never said {words!r}:\n{seen}")


def processes_of(folder: Path) -> list[int]:
    """Return all processes that were started with a DATA_DIR in the folder."""
    mark = f"DATA_DIR={folder}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in environment.read_bytes():
                found.append(int(environment.parent.name))
        except (OSError, ValueError):  # it has just ended
            continue
    return found


def wait_until_none_is_left(folder: Path) -> list[int]:
    end = time.monotonic() + 20
    while (left := processes_of(folder)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def test_ctrl_c_ends_every_process_and_is_no_failure(serve: Serve, tmp_path: Path) -> None:
    shop = serve()
    output_until(shop, "Ctrl-C stops it.")

    os.killpg(shop.pid, signal.SIGINT)

    assert shop.wait(timeout=20) == 0
    assert wait_until_none_is_left(tmp_path) == []


def test_a_shop_without_people_says_how_its_owner_gets_in(serve: Serve, tmp_path: Path) -> None:
    said = output_until(serve(), "Ctrl-C stops it.")

    assert f"DATA_DIR={tmp_path / 'shop'} .venv/bin/python manage.py createsuperuser" in said


def test_the_demos_logins_are_shown_as_they_were_at_first(tmp_path: Path) -> None:
    assert "logins" not in ready_message("127.0.0.1", 8000, tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/logins.txt").write_text("clerk     abcd\n")

    said = ready_message("127.0.0.1", 8000, tmp_path)

    assert "with the passwords they had at first:\nclerk     abcd\n" in said


def test_processes_of_a_killed_supervisor_end_and_the_next_start_succeeds(serve: Serve, tmp_path: Path) -> None:
    port = free_port()
    output_until(serve(port=port), "Ctrl-C stops it.")

    for pid in [pid for pid in processes_of(tmp_path) if b"serve.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]:
        os.kill(pid, signal.SIGKILL)

    output_until(serve(port=port), "Ctrl-C stops it.")


def test_a_taken_port_is_told_before_anything_starts(serve: Serve) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said = serve(port=port).communicate(timeout=20)[0]

    assert said == f"Port {port} is taken by another program; try `make run PORT={port + 1}`.\n"


def test_two_shops_run_side_by_side_and_one_folder_is_served_once(serve: Serve, tmp_path: Path) -> None:
    output_until(serve("one"), "Ctrl-C stops it.")
    output_until(serve("two"), "Ctrl-C stops it.")

    again = serve("one")

    assert again.communicate(timeout=30)[0] == (
        f"Another `make run` serves {tmp_path / 'one'}; give this one another DATA_DIR.\n"
    )
