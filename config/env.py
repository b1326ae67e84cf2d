"""Reads settings from the environment and refuses by name what makes no sense."""

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import phonenumbers
from babel.numbers import list_currencies
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}

PICTURES = (".png", ".jpg", ".jpeg", ".svg")


def text(name: str, default: str = "", *, most: int = 200) -> str:
    value = os.environ.get(name, "").strip() or default
    if len(value) > most or any(ord(character) < 32 for character in value):
        raise ImproperlyConfigured(f"{name}: at most {most} characters on one line, please.")
    return value


def picture(name: str) -> Path | None:
    """Return the file of a picture, or None where none is named."""
    value = text(name, most=1000)
    if not value:
        return None
    path = Path(value).resolve()
    if path.suffix.lower() not in PICTURES or not path.is_file():
        raise ImproperlyConfigured(f"{name}: {value!r} is no file that ends in {', '.join(PICTURES)}.")
    return path


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}: {value!r} is neither yes nor no; write 1 or 0.")
    return value in TRUE


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    try:
        result = int(value)
    except ValueError:
        result = least - 1
    if not least <= result <= most:
        raise ImproperlyConfigured(f"{name}: {value!r} is not a whole number from {least} to {most}.")
    return result


def share(name: str, default: float) -> float:
    value = os.environ.get(name, "").strip() or str(default)
    try:
        result = float(value)
    except ValueError:
        result = -1.0
    if not 0 <= result <= 1:
        raise ImproperlyConfigured(f"{name}: {value!r} is not a share from 0 to 1, such as 0.65.")
    return result


def choices(name: str, default: str, *, allowed: set[str]) -> list[str]:
    values = [part.strip() for part in (os.environ.get(name, "").strip() or default).split(",") if part.strip()]
    wrong = sorted(set(values) - allowed)
    if wrong or not values or len(set(values)) < len(values):
        raise ImproperlyConfigured(f"{name}: {','.join(values)!r}; choose from {', '.join(sorted(allowed))}.")
    return values


def zone(name: str, default: str) -> ZoneInfo:
    value = os.environ.get(name, "").strip() or default
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name}: {value!r} is no time zone; write one such as Asia/Shanghai.") from error


def currency(name: str, default: str) -> str:
    value = (os.environ.get(name, "").strip() or default).upper()
    if value not in list_currencies():
        raise ImproperlyConfigured(f"{name}: {value!r} is no currency; write an ISO 4217 code such as CNY.")
    return value


def region(name: str, default: str) -> str:
    value = (os.environ.get(name, "").strip() or default).upper()
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ImproperlyConfigured(f"{name}: {value!r} is no country; write two letters such as CN.")
    return value


def day(name: str, default: str) -> date:
    value = os.environ.get(name, "").strip() or default
    try:
        result = date.fromisoformat(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {value!r} is no day; write it as 2026-01-31.") from error
    if not date(1990, 1, 1) <= result <= date(2100, 1, 1):
        raise ImproperlyConfigured(f"{name}: {value} lies outside 1990-01-01 to 2100-01-01.")
    return result


def warehouse(name: str) -> str:
    """Return the address of the Spark cluster that judges, or nothing: this machine does."""
    value = os.environ.get(name, "").strip()
    if value:
        # Not before it is needed: it takes long to load.
        from attribution.warehouse import WarehouseError, check_cluster

        try:
            check_cluster(value)
        except WarehouseError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from error
    return value


def dotted(name: str) -> str:
    """Return the dotted path of a class, or nothing where none is named."""
    value = text(name)
    module, _dot, attribute = value.rpartition(".")
    try:
        is_there = not value or (attribute.isidentifier() and find_spec(module) is not None)
    except (ImportError, ValueError):
        is_there = False
    if not is_there:
        raise ImproperlyConfigured(f"{name}: {value!r} is no class; write its path, such as surveys.messaging.Mail.")
    return value


def mail(name: str) -> tuple[str, int, str, str, bool, bool]:
    """Return a mail server's host, port, user and password, and whether it speaks STARTTLS or TLS from the start."""
    value = text(name, "smtp://localhost:25", most=500)
    ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
    try:
        parts = urlsplit(value)
        port = parts.port or ports[parts.scheme]
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(f"{name}: write smtps://user:password@host:465, or smtp+starttls://…") from error
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    is_starttls, is_tls = parts.scheme == "smtp+starttls", parts.scheme == "smtps"
    return parts.hostname or "localhost", port, user, password, is_starttls, is_tls


def secret(name: str, folder: Path) -> str:
    """Return the secret from the environment, or from a file that is made once and readable by its owner alone."""
    if value := os.environ.get(name, "").strip():
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name}: too short; give at least 32 random characters.")
        return value
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name.lower()}.key"
    if not path.exists():
        descriptor, new = tempfile.mkstemp(dir=folder)  # readable by its owner alone
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        # Of several processes that start at once, one links its key and all read that one.
        with suppress(FileExistsError):
            path.hardlink_to(new)
        Path(new).unlink()
    return path.read_text().strip()


def database(name: str, folder: Path) -> dict[str, object]:
    """Return Django's settings for SQLite in ``folder``, or for the PostgreSQL that the URL names."""
    url = os.environ.get(name, "").strip()
    if not url:
        return {
            "ENGINE": "config.sqlite",
            "NAME": folder / "wanamaker.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A writer takes its lock at BEGIN and waits for it, so that a read that turns into a write never
                # fails half-way with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
                " PRAGMA temp_store=MEMORY;",
            },
            "TEST": {"NAME": str(folder / "test.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name}: write postgresql://user:password@host:5432/name, or nothing for SQLite.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
