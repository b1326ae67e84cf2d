"""Whole processes, measured from outside: start of Python included."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOOK = 0.2  # seconds between two looks at the memory of a process that has a limit


class OverLimit(Exception):
    """A process took more than it was given; the message says of what."""


@dataclass(frozen=True)
class Usage:
    """Wall seconds, processor seconds, peak memory in megabytes, and what was printed."""

    seconds: float
    processor: float
    peak_mb: int
    output: str = ""


def timed(*arguments: str) -> tuple[float, float, int]:
    """Run Python to its end; return its wall seconds, its processor seconds and its peak memory in megabytes."""
    usage = measured(sys.executable, *arguments)
    return usage.seconds, usage.processor, usage.peak_mb


def measured(*command: str, seconds: float = 0, megabytes: int = 0) -> Usage:
    """Run a command to its end, with a limit of wall seconds and of memory if they are given.

    Raises
    ------
    OverLimit : it took more, and was ended
    SystemExit : it failed
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=err)
        watch = _Watch(process.pid, seconds, megabytes)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        watch.end()
        process.returncode = os.waitstatus_to_exitcode(status)
        if watch.exceeded:
            raise OverLimit(watch.exceeded)
        if process.returncode:
            err.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {err.read()[-2_000:]}")
        out.seek(0)
        processor = round(usage.ru_utime + usage.ru_stime, 2)
        return Usage(round(wall, 2), processor, usage.ru_maxrss // 1024, out.read())


class _Watch:
    """Ends a process that takes more than it was given."""

    def __init__(self, pid: int, seconds: float, megabytes: int) -> None:
        self.exceeded = ""
        self._pid, self._seconds, self._megabytes = pid, seconds, megabytes
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        if seconds or megabytes:
            self._thread.start()

    def end(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        begun = time.monotonic()
        while not self._over.wait(LOOK):
            if self._seconds and time.monotonic() - begun > self._seconds:
                self.exceeded = f"over {self._seconds:.0f} s"
            elif self._megabytes and _resident_mb(self._pid) > self._megabytes:
                self.exceeded = f"over {self._megabytes / 1000:g} GB"
            if self.exceeded:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, 9)
                return


def _resident_mb(pid: int) -> int:
    """Return the memory of a process now; 0 if it has ended, or where the system does not tell."""
    with suppress(OSError, IndexError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
    return 0
