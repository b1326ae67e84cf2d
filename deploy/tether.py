"""Runs one command and sees that all of it ends: when it is told to, and when its supervisor is gone, however it went.

``deploy/serve.py`` holds a lock on ``$DATA_DIR/serve.lock`` for as long as it lives. Getting that lock here means that
it was killed without a chance to stop its processes; they would hold the port and keep on working unseen.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

# An idle worker looks up every two seconds. Below serve.py's KILL_WAIT: killed ourselves, we could not end the command.
GRACE_SECONDS = 8


def end(command: subprocess.Popen[bytes]) -> None:
    """Ask the command to finish what it is doing, then end whatever is left of it.

    Only its main process is asked: a worker whose children are told as well takes them for crashed and starts new ones.
    """
    command.terminate()
    try:
        command.wait(timeout=GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(command.pid, signal.SIGKILL)


def end_with_supervisor(lock: Path, command: subprocess.Popen[bytes]) -> None:
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # shared: all tethers get it at once
        end(command)


def main() -> int:
    command = subprocess.Popen(sys.argv[1:], start_new_session=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=end, args=[command]).start())
    lock = Path(os.environ.get("DATA_DIR", "var")) / "serve.lock"
    if lock.exists():
        threading.Thread(target=end_with_supervisor, args=[lock, command], daemon=True).start()
    code = command.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(command.pid, signal.SIGKILL)  # children that outlived their parent
    return code


if __name__ == "__main__":
    sys.exit(main())
