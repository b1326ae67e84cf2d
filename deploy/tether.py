"""Runs one command, and ends it when the supervisor that started it is gone, however it went.

``deploy/serve.py`` holds a lock on ``$DATA_DIR/serve.lock`` for as long as it lives. Getting that lock here means that
it was killed without a chance to stop its processes; they would hold the port and keep on working unseen.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 5


def end_with_supervisor(lock: Path) -> None:
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # shared: all tethers get it at once
        os.killpg(0, signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.killpg(0, signal.SIGKILL)


def main() -> int:
    # The whole group is told to stop, so the command hears it itself; we only wait for its end.
    command = subprocess.Popen(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lock = Path(os.environ.get("DATA_DIR", "var")) / "serve.lock"
    if lock.exists():
        threading.Thread(target=end_with_supervisor, args=[lock], daemon=True).start()
    return command.wait()


if __name__ == "__main__":
    sys.exit(main())
