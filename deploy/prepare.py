"""Makes a data folder ready to be served: the newest tables, the static files, and the demo shop if it is empty.

One process for all of it, because each start of Django costs seconds. Doing it again changes nothing.
"""

import hashlib
import os
import shlex
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# ECharts comes in fifteen builds with their maps, 50 MB; the pages use echarts.min.js.
UNUSED = [
    "echarts*.map",
    "echarts*.mjs",
    "echarts.js",
    "echarts.common*",
    "echarts.esm*",
    "echarts.simple*",
    "extension",
]


def fingerprint_of_static_files() -> str:
    from django.contrib.staticfiles import finders

    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list(UNUSED):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static_files() -> None:
    """Copy, hash and compress the static files, unless nothing has changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT) / ".fingerprint"
    fingerprint = fingerprint_of_static_files()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, ignore_patterns=UNUSED)
    stamp.write_text(fingerprint)


def say_how_to_log_in() -> None:
    from django.conf import settings
    from django.contrib.auth import get_user_model

    if not get_user_model().objects.exists():
        command = f"DATA_DIR={shlex.quote(str(settings.DATA_DIR))} .venv/bin/python manage.py createsuperuser"
        print(f"Nobody can log in yet. Make the owner's login, in another window: {command}")


def judge_anew_after_an_update() -> None:
    from attribution.runs.actions import ask_after_update

    ask_after_update()


def main() -> int:
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError, call_command, get_commands
    from django.db import OperationalError

    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        collect_static_files()
        if os.environ.get("DEMO", "1") != "0" and "load_demo" in get_commands():
            call_command("load_demo", "--if-empty")
        judge_anew_after_an_update()
        say_how_to_log_in()
    except (ImproperlyConfigured, CommandError, OperationalError) as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
