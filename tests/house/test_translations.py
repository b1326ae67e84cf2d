"""Everything that is said, is said in Chinese too."""

import re
from pathlib import Path

import polib
import pytest

from tests.house.sources import name_of, python_files
from tests.house.translations import chinese, extract, faults


def catalogue(*entries: polib.POEntry) -> polib.POFile:
    file = polib.POFile()
    file.extend(entries)
    return file


def test_every_message_is_translated_and_none_is_stale(tmp_path: Path):
    said = extract(tmp_path)

    assert len(said) > 100
    assert faults(said, chinese()) == []


SAID = polib.POEntry(msgid="%(n)s orders")


@pytest.mark.parametrize(
    ("translation", "fault"),
    [
        ([], "missing: '%(n)s orders'"),
        ([polib.POEntry(msgid="%(n)s orders")], "not translated: '%(n)s orders'"),
        ([polib.POEntry(msgid="%(n)s orders", msgstr="%(n)s 单", flags=["fuzzy"])], "not translated: '%(n)s orders'"),
        ([polib.POEntry(msgid="%(n)s orders", msgstr="若干单")], "other placeholders: '%(n)s orders' → '若干单'"),
    ],
)
def test_a_message_that_is_not_rightly_translated_is_found(translation: list[polib.POEntry], fault: str):
    assert faults(catalogue(SAID), catalogue(*translation)) == [fault]


def test_a_right_translation_passes_and_a_stale_one_is_found():
    right = polib.POEntry(msgid="%(n)s orders", msgstr="%(n)s 单")
    stale = polib.POEntry(msgid="%(n)s coupons", msgstr="%(n)s 张券")

    assert faults(catalogue(SAID), catalogue(right)) == []
    assert faults(catalogue(SAID), catalogue(right, stale)) == ["no longer said: '%(n)s coupons'"]


def test_messages_of_one_text_in_two_contexts_are_two():
    noun = polib.POEntry(msgid="Order", msgctxt="noun", msgstr="订单")
    verb = polib.POEntry(msgid="Order", msgctxt="verb")

    assert faults(catalogue(noun, verb), catalogue(noun)) == ["missing: 'Order'"]


def test_texts_are_marked_by_names_that_are_searched_for():
    renamed = re.compile(r"gettext\w* as (?!_$)\w+", re.MULTILINE)

    assert [name_of(path) for path in python_files() if renamed.search(path.read_text())] == []
