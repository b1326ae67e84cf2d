"""Serves one shop: site, worker and beat under honcho, until Ctrl-C. What `make run` calls.

Reads PORT, HOST, DATA_DIR, DEMO and TLS; see docs/settings.md.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import honcho.manager
from honcho.environ import parse_procfile
from honcho.printer import Printer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy.certificate import certify, fingerprint, own_names  # noqa: E402  after the path

# What a killed predecessor's processes need to end (deploy/tether.py).
PATIENCE_SECONDS = 10
# What honcho leaves the processes to end by themselves once it has told them to (its own 5 s are less than a tether's).
KILL_WAIT = 10


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def lock(path: Path) -> IO[str] | None:
    """Return the locked file, or None while another instance serves this data folder. Dying gives it back."""
    file = path.open("w")
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                file.close()
                return None
            time.sleep(0.2)
        else:
            return file


def ready_message(host: str, port: int, data_dir: Path) -> str:
    """Return where the site is, and the demo's logins if the shop is the demo (load_demo leaves them in a file)."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::"} else host
    logins = data_dir / "demo" / "logins.txt"
    people = logins.read_text().splitlines() if logins.exists() else []
    if people:
        people.insert(0, "The demo's logins, with the passwords they had at first:")
    return "\n".join(["", f"Wanamaker is ready: http://{shown}:{port}/", *people, "Ctrl-C stops it.", ""])


def certificate(host: str, port: int, data_dir: Path) -> dict[str, str]:
    """Make the site's own certificate where it lacks; return what gunicorn is told of it, and what people are."""
    names = own_names(host)
    site, key, authority = certify(data_dir / "tls", names)
    said = [
        "", "Wanamaker is ready, over HTTPS with a certificate of its own making:",
        *(f"  https://{name}:{port}/" for name in names if name != "127.0.0.1"),
        f"A tablet trusts it once this file is installed on it as a certificate authority: {authority}",
        "(Android: Settings, Security, Install a certificate, CA certificate. iPad: open the file, install it,",
        "then Settings, General, About, Certificate Trust Settings.) Its SHA-256 fingerprint:",
        f"  {fingerprint(authority)}", "Keep authority.key beside it to yourselves. Ctrl-C stops the site.", "",
    ]  # fmt: skip
    return {"TLS_CERTIFICATE": str(site), "TLS_KEY": str(key), "READY_MESSAGE": "\n".join(said)}


def serve(host: str, port: int, data_dir: Path, is_tls: bool = False) -> int:
    environment = os.environ | {
        "HOST": host,
        "PORT": str(port),
        "DATA_DIR": str(data_dir),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        # In a container everything runs as root, and nothing that is unpickled comes from elsewhere.
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
    }
    prepared = subprocess.run([sys.executable, "deploy/prepare.py"], cwd=ROOT, env=environment, check=False)
    if prepared.returncode:
        return prepared.returncode
    environment["READY_MESSAGE"] = ready_message(host, port, data_dir)
    if is_tls:
        environment |= certificate(host, port, data_dir)
    # The schedule is only a memory of what rang last: without it beat rings at once, and a torn one would stop it.
    for leftover in data_dir.glob("beat.schedule*"):
        leftover.unlink()
    manager = honcho.manager.Manager(Printer(sys.stdout, time_format="%H:%M:%S"))
    for name, command in parse_procfile((ROOT / "deploy/Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=environment, cwd=str(ROOT))
    honcho.manager.KILL_WAIT = KILL_WAIT
    manager.loop()
    stopped_by_hand = {130, 143}
    return 0 if manager.returncode in stopped_by_hand else manager.returncode or 0


def main() -> int:
    is_tls = os.environ.get("TLS", "") not in {"", "0"}
    host = os.environ.get("HOST", "") or ("0.0.0.0" if is_tls else "127.0.0.1")
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        print(f"PORT: {port!r} is no port; write a number from 1 to 65535.", file=sys.stderr)
        return 1
    data_dir = Path(os.environ.get("DATA_DIR", "var")).resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    held = lock(data_dir / "serve.lock")
    if held is None:
        print(f"Another `make run` serves {data_dir}; give this one another DATA_DIR.", file=sys.stderr)
        return 1
    with held:
        if not port_is_free(host, int(port)):
            print(f"Port {port} is taken by another program; try `make run PORT={int(port) + 1}`.", file=sys.stderr)
            return 1
        return serve(host, int(port), data_dir, is_tls)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
