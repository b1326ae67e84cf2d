"""Nothing asks another host: no lock file names one, and no page of ours refers to one or carries inline code."""

import json
import re

import pytest

from tests.house.sources import ROOT, files, name_of

HOST = re.compile(r"https?://|\bwww\.")
# What the strict content security policy would block, or what would tell another host who visits.
UNLAWFUL = {
    "another host": re.compile(
        r"""(?:src|href|action|srcset|poster|data|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", re.IGNORECASE
    ),
    # A sheet of ours that the page carries itself has the policy's own word for it.
    "inline style": re.compile(r"""(?i)<style\b(?! nonce="\{\{ CSP_NONCE \}\}">\{% style )|\sstyle\s*="""),
    "inline script": re.compile(r"""(?i)<script\b(?![^>]*\b(?:src\s*=|type\s*=\s*["']application/json))"""),
    "event handler": re.compile(r"""(?i)<[^>{%]*\son[a-z]+\s*=\s*["']"""),
    "script address": re.compile(r"""(?i)javascript:"""),
    "import": re.compile(r"""(?i)@import|\bimport\s*\(?\s*["'](?:https?:)?//"""),
}


@pytest.mark.parametrize("name", ["base", "dev", "node", "spark"])
def test_no_python_lock_file_names_a_host(name: str):
    text = (ROOT / f"requirements/{name}.txt").read_text()

    assert HOST.findall(text) == []
    assert "--hash=sha256:" in text


def test_the_npm_lock_file_names_no_host_and_pins_every_package():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}

    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []


@pytest.mark.parametrize("unlawful", UNLAWFUL)
def test_no_page_style_sheet_or_script_is_unlawful(unlawful: str):
    ours = [path for path in files(".html", ".css", ".js", ".svg") if {"templates", "static"} & set(path.parts)]

    assert [name_of(path) for path in ours if UNLAWFUL[unlawful].search(path.read_text())] == []


@pytest.mark.parametrize(
    ("unlawful", "line"),
    [
        ("another host", '<script src="https://cdn.example/x.js"></script>'),
        ("another host", "<img src=//cdn.example/x.png>"),
        ("another host", "body { background: url(https://cdn.example/x.png) }"),
        ("inline style", '<p style="color: red">'),
        ("inline style", "<style>p { color: red }</style>"),
        ("inline script", "<script>alert(1)</script>"),
        ("event handler", '<button onclick="go()">'),
        ("script address", '<a href="javascript:go()">'),
        ("import", '@import "x.css"'),
    ],
)
def test_what_is_unlawful_is_found(unlawful: str, line: str):
    assert UNLAWFUL[unlawful].search(line)
