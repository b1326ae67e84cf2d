"""The embedded queue: messages are whole, or not there."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from config import broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    return tmp_path


def connect(folder: Path, transport: type) -> Connection:
    both = {"data_folder_in": str(folder / "queue"), "data_folder_out": str(folder / "queue")}
    return Connection(transport=transport, transport_options=both | {"control_folder": str(folder / "control")})


@pytest.fixture
def channel(folder: Path) -> Iterator[Any]:
    with connect(folder, broker.Transport) as connection:
        yield connection.default_channel


def test_messages_come_in_the_order_in_which_they_were_sent(channel: Any):
    for number in range(3):
        channel._put("celery", {"number": number})
        channel._put("other", {"number": 9})

    assert [channel._get("celery")["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("celery")


def test_a_message_is_not_seen_before_it_is_whole(channel: Any, folder: Path, monkeypatch: pytest.MonkeyPatch):
    seen = []
    rename = Path.rename

    def look_first(part: Path, target: Path) -> Path:
        seen.append((channel._size("celery"), part.read_text()))
        return rename(part, target)

    monkeypatch.setattr(Path, "rename", look_first)
    channel._put("celery", {"number": 1})

    assert seen == [(0, '{"number": 1}')]
    assert channel._size("celery") == 1


@pytest.mark.parametrize("torn", ["", '{"number"'])
def test_a_torn_message_stops_nobody(channel: Any, folder: Path, torn: str):
    (folder / "queue/-torn.celery.msg").write_text(torn)
    channel._put("celery", {"number": 1})

    assert channel._get("celery") == {"number": 1}
    assert list((folder / "queue").iterdir()) == []


def test_the_library_s_own_transport_dies_of_a_torn_message(folder: Path):
    (folder / "queue/-torn.celery.msg").write_text("")

    with connect(folder, filesystem.Transport) as connection, pytest.raises(ValueError, match="Expecting value"):
        connection.default_channel._get("celery")


def test_a_message_that_somebody_else_takes_meanwhile_is_theirs(channel: Any, monkeypatch: pytest.MonkeyPatch):
    channel._put("celery", {"number": 1})
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / "0_gone.celery.msg"]))

    with pytest.raises(Empty):
        channel._get("celery")


def test_an_emptied_folder_is_made_again(channel: Any, folder: Path):
    shutil.rmtree(folder / "queue")
    with pytest.raises(Empty):
        channel._get("celery")

    channel._put("celery", {"number": 1})

    assert channel._get("celery") == {"number": 1}


def test_processes_that_start_at_once_bind_one_queue(channel: Any, folder: Path, monkeypatch: pytest.MonkeyPatch):
    link = os.link

    def be_second(part: Path, file: Path) -> None:
        link(part, file)
        link(part, file)  # the other process has been here

    monkeypatch.setattr(os, "link", be_second)

    for _ in range(2):
        channel._queue_bind("celery", "celery", "", "celery")

    assert [tuple(row) for row in channel.get_table("celery")] == [("celery", "", "celery")]
    assert [file.name for file in (folder / "control").iterdir()] == ["celery.exchange"]


def test_the_worker_s_queue_in_files_is_this_one():
    from config.celery import app

    with app.connection_for_write("filesystem://localhost") as connection:
        assert isinstance(connection.transport, broker.Transport)
