"""Settings: read from the environment, refused by name when they make no sense."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

ALLOWED = {"zh-hans", "en"}


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda: env.text("X", "shop"), "", "shop"),
        (lambda: env.text("X", "shop"), " 春水堂 ", "春水堂"),
        (lambda: env.flag("X"), "Yes", True),
        (lambda: env.flag("X", True), "0", False),
        (lambda: env.number("X", 5, least=1, most=9), "9", 9),
        (lambda: env.share("X", 0.5), "0.65", 0.65),
        (lambda: env.choices("X", "en", allowed=ALLOWED), "en, zh-hans", ["en", "zh-hans"]),
        (lambda: env.zone("X", "UTC").key, "Asia/Tokyo", "Asia/Tokyo"),
        (lambda: env.currency("X", "CNY"), "jpy", "JPY"),
        (lambda: env.region("X", "CN"), "sg", "SG"),
        (lambda: env.day("X", "2020-01-01"), "2024-02-29", date(2024, 2, 29)),
        (lambda: env.warehouse("X"), " ", ""),
        (lambda: env.dotted("X"), "surveys.messaging.Mail", "surveys.messaging.Mail"),
        (lambda: env.mail("X"), "", ("localhost", 25, "", "", False, False)),
        (lambda: env.mail("X"), "smtps://me:p%40ss@mail.example", ("mail.example", 465, "me", "p@ss", False, True)),
        (lambda: env.mail("X"), "smtp+starttls://mail.example:2525", ("mail.example", 2525, "", "", True, False)),
    ],
)
def test_a_setting_is_read(monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, expected: Any) -> None:
    monkeypatch.setenv("X", value)
    assert read() == expected


@pytest.mark.parametrize(
    ("read", "value", "told"),
    [
        (lambda: env.text("X", most=5), "too long", "X: at most 5 characters"),
        (lambda: env.dotted("X"), "nowhere.Mail", "X: 'nowhere.Mail' is no class"),
        (lambda: env.dotted("X"), "nowhere.at.all.Mail", "X: 'nowhere.at.all.Mail' is no class"),
        (lambda: env.dotted("X"), "Mail", "X: 'Mail' is no class"),
        (lambda: env.mail("X"), "imap://mail.example", "X: write smtps://"),
        (lambda: env.mail("X"), "smtp://mail.example:many", "X: write smtps://"),
        (lambda: env.text("X"), "two\nlines", "X: at most"),
        (lambda: env.flag("X"), "maybe", "X: 'maybe' is neither yes nor no"),
        (lambda: env.number("X", 5, least=1, most=9), "10", "X: '10' is not a whole number from 1 to 9"),
        (lambda: env.number("X", 5, least=1, most=9), "3.5", "X: '3.5' is not a whole number"),
        (lambda: env.share("X", 0.5), "65", "X: '65' is not a share from 0 to 1"),
        (lambda: env.share("X", 0.5), "nan", "X: 'nan' is not a share"),
        (lambda: env.share("X", 0.5), "much", "X: 'much' is not a share"),
        (lambda: env.choices("X", "en", allowed=ALLOWED), "en,fr", "X: 'en,fr'; choose from en, zh-hans"),
        (lambda: env.choices("X", "en", allowed=ALLOWED), "en,en", "X: 'en,en'"),
        (lambda: env.choices("X", "en", allowed=ALLOWED), ",", "X: ''"),
        (lambda: env.zone("X", "UTC"), "Shanghai", "X: 'Shanghai' is no time zone"),
        (lambda: env.zone("X", "UTC"), "../etc/passwd", "X: '../etc/passwd' is no time zone"),
        (lambda: env.currency("X", "CNY"), "RMB", "X: 'RMB' is no currency"),
        (lambda: env.region("X", "CN"), "China", "X: 'CHINA' is no country"),
        (lambda: env.day("X", "2020-01-01"), "2026-02-30", "X: '2026-02-30' is no day"),
        (lambda: env.day("X", "2020-01-01"), "1970-01-01", "X: 1970-01-01 lies outside"),
        (lambda: env.warehouse("X"), "duckdb", "X: 'duckdb' names no cluster; write spark://host:port"),
        (lambda: env.secret("X", Path("/nowhere")), "short", "X: too short"),
        (lambda: env.database("X", Path("/nowhere")), "mysql://host/shop", "X: write postgresql://"),
        (lambda: env.database("X", Path("/nowhere")), "postgresql://host", "X: write postgresql://"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str, told: str
) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ImproperlyConfigured) as error:
        read()
    assert str(error.value).startswith(told)


def test_a_database_is_sqlite_unless_a_url_names_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("X", raising=False)
    assert env.database("X", tmp_path)["NAME"] == tmp_path / "wanamaker.sqlite3"
    monkeypatch.setenv("X", "postgresql://ann:p%40ss@db:6543/shop")
    words = env.database("X", tmp_path)
    assert [words[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == ["shop", "ann", "p@ss", "db", 6543]


def test_a_secret_is_made_once_and_is_its_owners_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("X", raising=False)
    with ThreadPoolExecutor(8) as together:
        made = list(together.map(lambda _: env.secret("X", tmp_path / "keys"), range(8)))
    assert len(set(made)) == 1
    assert len(made[0]) >= 43  # 256 bits and more
    files = list((tmp_path / "keys").iterdir())
    assert [file.name for file in files] == ["x.key"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_secret_of_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", "x" * 32)
    assert env.secret("X", tmp_path) == "x" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_picture_is_a_file_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("X", raising=False)
    assert env.picture("X") is None
    logo = tmp_path / "logo.PNG"
    monkeypatch.setenv("X", str(logo))
    with pytest.raises(ImproperlyConfigured, match=r"X: .* is no file that ends in"):
        env.picture("X")
    logo.touch()
    assert env.picture("X") == logo
