"""Codes: every slip of the hand is noticed, every habit of typing forgiven."""

import doctest
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.coupons import codes

CODES = st.text(codes.ALPHABET, min_size=10, max_size=10).map(lambda random: random + codes.check_character(random))


def test_the_docstrings_are_right() -> None:
    assert doctest.testmod(codes).failed == 0


def test_the_alphabet_has_a_prime_length_and_no_look_alikes() -> None:
    assert len(codes.ALPHABET) == 23
    for group in ("0OQDI1LJ", "UVW", "2Z", "5S", "6G", "8B"):
        assert len(set(group) & set(codes.ALPHABET)) <= 1, group


def test_a_new_code_has_ten_random_characters_and_a_check() -> None:
    seen = {codes.new_code() for _ in range(1000)}

    assert len(seen) == 1000
    assert all(len(code) == 11 and codes.check(code) for code in seen)
    # 1000 codes × 23 characters: each position has seen each character (the chance of a miss is below 10⁻¹⁷).
    assert all({code[i] for code in seen} == set(codes.ALPHABET) for i in range(10))


@given(CODES)
def test_every_single_wrong_character_is_noticed(code: str) -> None:
    for i, right in enumerate(code):
        for wrong in set(string.ascii_uppercase + string.digits) - {right}:
            assert not codes.check(code[:i] + wrong + code[i + 1 :])


@given(CODES)
def test_every_swap_of_two_different_characters_is_noticed(code: str) -> None:
    for i in range(11):
        for j in range(i + 1, 11):
            if code[i] != code[j]:
                swapped = list(code)
                swapped[i], swapped[j] = code[j], code[i]
                assert not codes.check("".join(swapped))


@given(CODES, st.integers(0, 10))
def test_a_lost_or_doubled_character_is_noticed(code: str, i: int) -> None:
    assert not codes.check(code[:i] + code[i + 1 :])
    assert not codes.check(code[:i] + code[i] + code[i:])


@given(CODES)
def test_a_code_survives_being_shown_and_typed(code: str) -> None:
    assert codes.normalise(codes.display(code).lower()) == code


@pytest.mark.parametrize(
    "typed",
    [
        "2222-2222-23x",
        "  2222 2222 23X\r\n",
        "２２２２－２２２２－２３Ｘ",
        "2222\u20132222\u201423X",
        "2222\u22122222\u200b23X",
        "2222\u30002222\u300023x",
    ],
)
def test_case_spaces_hyphens_and_full_width_are_forgiven(typed: str) -> None:
    assert codes.normalise(typed) == "2222222223X"


def test_the_code_worked_by_hand_holds() -> None:
    # Values 2→0, 3→1, X→21; weights 11 … 1: 1·2 + 21·1 = 23 = 0 modulo 23.
    assert codes.check("2222222223X")


def test_a_platforms_code_is_shown_as_it_is() -> None:
    assert codes.display("MT-00112233") == "MT-00112233"
