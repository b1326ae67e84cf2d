"""What is said in the sources against what is said in Chinese. Run as a module, it lists what is missing."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from tests.house.sources import ROOMS, ROOT, files

CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Key = tuple[str, str]


def key(entry: polib.POEntry) -> Key:
    return entry.msgctxt or "", entry.msgid


def extract(into: Path) -> polib.POFile:
    """Return the messages of the sources, as makemessages finds them in a copy: the tree itself stays as it is."""
    for path in files(".py", ".html", ".txt"):
        name = path.relative_to(ROOT)
        if name.parts[0] in {*ROOMS, "templates"}:
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, into / name)
    (into / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "zh_Hans", "--keep-pot", "--verbosity", "0"]
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=into, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return polib.pofile(str(into / "locale/django.pot"))


def translations_of(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def wrong_placeholders(entry: polib.POEntry) -> bool:
    """A placeholder that is lost or mistyped in the translation is a page that fails, or lies, in Chinese alone."""
    wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    return any(set(PLACEHOLDER.findall(text)) != wanted for text in translations_of(entry))


def faults(said: polib.POFile, translated: polib.POFile) -> list[str]:
    """Return one line for each message that is missing, fuzzy, empty, stale, or has other placeholders."""
    known = {key(entry): entry for entry in translated if not entry.obsolete}
    found = []
    for entry in said:
        translation = known.pop(key(entry), None)
        if translation is None:
            found.append(f"missing: {entry.msgid!r}")
        elif translation.fuzzy or not all(translations_of(translation)):
            found.append(f"not translated: {entry.msgid!r}")
        elif wrong_placeholders(translation):
            found.append(f"other placeholders: {entry.msgid!r} → {translation.msgstr!r}")
    return sorted(found + [f"no longer said: {msgid!r}" for _, msgid in known])


def chinese() -> polib.POFile:
    return polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        said = extract(Path(folder))
    found = faults(said, chinese())
    for line in found:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(said)} messages, {len(found)} to mend in {CATALOGUE.relative_to(ROOT)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
