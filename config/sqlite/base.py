"""Django's SQLite, with a queue for those who write.

SQLite lets one write at a time. Who finds another at it sleeps, 1 ms at first and 100 ms in the end, and whoever comes
by at the right moment goes first: among many, somebody always waits long. Here a transaction first takes its turn: a
lock among the threads of the process, then a lock on a file among processes, looked at each half millisecond. It only
keeps order; what makes writing safe is SQLite's own lock, as before, also against programs that know of no queue.
"""

import fcntl
import os
import threading
import time
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base

LOOK = 0.0005  # seconds
PATIENCE = 20.0  # after which SQLite itself says that the database is locked
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


class Turn:
    """One connection's place in the line. Closing the file gives its lock back, and so does dying."""

    def __init__(self, path: str) -> None:
        self.path, self.file = path, -1

    def take(self) -> None:
        end = time.monotonic() + PATIENCE
        if self.file >= 0 or not _turns[self.path].acquire(timeout=PATIENCE):
            return
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    return
                time.sleep(LOOK)
            else:
                return

    def give_back(self) -> None:
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
            _turns[self.path].release()


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.turn: Turn | None = None

    def _start_transaction_under_autocommit(self) -> None:
        if not self.is_in_memory_db():
            self.turn = self.turn or Turn(f"{self.settings_dict['NAME']}-turn")
            self.turn.take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_back()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._give_back()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._give_back()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._give_back()

    def _give_back(self) -> None:
        if self.turn is not None:
            self.turn.give_back()
