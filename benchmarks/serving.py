"""A whole Wanamaker of its own, served as `make run` serves it, for as long as a benchmark lasts."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120


@dataclass(frozen=True)
class Site:
    port: int
    environment: dict[str, str]

    def script(self, code: str) -> str:
        """Run Python code with Django set up on this site's data; return what it printed."""
        arguments = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
        done = subprocess.run(arguments, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True


@contextmanager
def serving() -> Iterator[Site]:
    """Serve an empty shop from a temporary folder, on a free port; stop and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="wanamaker-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        environment = os.environ | {
            "DATA_DIR": folder, "PORT": str(port), "HOST": "127.0.0.1", "DEMO": "0", "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        with (Path(folder) / "serve.log").open("w") as log:
            command = [sys.executable, "deploy/serve.py"]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        site = Site(port, environment)
        try:
            _wait(site, process, Path(folder) / "serve.log")
            yield site
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _wait(site: Site, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not site.answers():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the site does not answer:\n{log.read_text()}")
        time.sleep(0.2)
