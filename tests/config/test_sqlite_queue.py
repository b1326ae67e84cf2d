"""Those who write to SQLite stand in line: in one process and among several, and nobody's death holds up the others."""

import fcntl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from config.env import database
from config.sqlite import base
from config.sqlite.base import Turn

HOLD = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True); time.sleep(60)"


def is_free(path: Path) -> bool:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_the_second_waits_until_the_first_gives_its_turn_back(tmp_path: Path) -> None:
    path, order = tmp_path / "turn", []
    first, second = Turn(str(path)), Turn(str(path))
    first.take()

    def wait() -> None:
        second.take()
        order.append("second")
        second.give_back()

    waiting = threading.Thread(target=wait)
    waiting.start()
    order.append("first")
    first.give_back()
    waiting.join(10)

    assert order == ["first", "second"]
    assert is_free(path)


def test_a_process_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    path = tmp_path / "turn"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    assert not is_free(path)

    holder.kill()
    holder.communicate()
    turn = Turn(str(path))
    turn.take()

    assert not is_free(path)
    turn.give_back()


def test_whoever_has_waited_long_enough_leaves_it_to_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.01)
    path = tmp_path / "turn"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        turn = Turn(str(path))
        turn.take()
        turn.give_back()  # and it can be taken again
        turn.take()
        turn.give_back()

    assert is_free(path)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connection to a database of SQLite's, whatever the tests run with."""
    settings = connections["default"].settings_dict | database("NO_SUCH_SETTING", tmp_path)
    monkeypatch.setitem(connections.databases, "own", settings)
    connections["own"].connect()
    yield connections["own"]
    connections["own"].close()
    del connections["own"]


@pytest.mark.django_db
def test_a_transaction_keeps_its_turn_to_its_end_however_it_ends(own: Any, tmp_path: Path) -> None:
    path = tmp_path / "wanamaker.sqlite3-turn"

    with transaction.atomic("own"):
        assert not is_free(path)
        with transaction.atomic("own"):
            pass
        assert not is_free(path)
    assert is_free(path)

    with pytest.raises(ZeroDivisionError), transaction.atomic("own"):
        raise ZeroDivisionError
    assert is_free(path)
    with transaction.atomic("own"):
        own.close()
    assert is_free(path)
