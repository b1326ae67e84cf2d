"""The embedded queue's transport: kombu's files in a folder, each of which appears whole or not at all.

Kombu's own opens a message's file under its final name and then writes to it. A worker that looks in between reads an
empty message and dies of it; on a busy machine that is a matter of minutes. So a message gets its name when it is
written, and is taken by renaming it, which succeeds for one only. One that is torn all the same (the machine lost its
power) is left out: the rows in the database are the queue, and beat has them looked at anyway.
"""

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.monotonic_ns():020}_{uuid.uuid4()}.{queue}.msg"
        _beside(path, dumps(payload)).rename(path)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ():
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            mine = folder / f".{name}.taken"
            try:
                (folder / name).rename(mine)
            except FileNotFoundError:  # somebody else was first
                continue
            text = mine.read_text(encoding="utf-8")
            mine.unlink()
            try:
                return loads(text)
            except ValueError:
                continue
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str) -> None:
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # the stubs are older
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            part = _beside(file, "[]")
            try:
                os.link(part, file)
            except FileExistsError:  # of several processes that start at once, one was first
                pass
            finally:
                part.unlink()
        super()._queue_bind(exchange, routing_key or "", pattern, queue)


class Transport(filesystem.Transport):
    Channel = Channel


def _beside(path: Path, text: str) -> Path:
    """Write the text to a file beside ``path`` that no reader of messages looks at; return it."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    part.write_text(text, encoding="utf-8")
    return part
