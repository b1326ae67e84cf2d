"""What a customer is recognised by: one way of writing it, found by a keyed digest, sealed."""

import pytest

from attribution.customers.identities import BadEmail, BadIdentity, BadPhone, digest, normalise, open_sealed, seal


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("phone", " 138 0013-8000 ", "+8613800138000"),
        ("phone", "+86 13800138000", "+8613800138000"),
        ("phone", "１３８００１３８０００", "+8613800138000"),
        ("phone", "+44 20 7946 0958", "+442079460958"),
        ("member", " vip-0012 ", "VIP-0012"),
        ("openid", "oAbC_1-x", "oAbC_1-x"),
        ("email", " Li.Lei@Example.COM ", "li.lei@example.com"),
        ("device", "kG9_-Tz", "kG9_-Tz"),
    ],
)
def test_an_identity_has_one_way_of_writing_and_keeps_it(kind, typed, kept):
    assert normalise(kind, typed) == kept
    assert normalise(kind, kept) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "error"),
    [
        ("phone", "", BadPhone),
        ("phone", "nobody", BadPhone),
        ("phone", "138****8000", BadPhone),
        ("phone", "12345", BadPhone),
        ("member", "  ", BadIdentity),
        ("member", "x" * 129, BadIdentity),
        ("member", "a\x00b", BadIdentity),
        ("email", "li.lei", BadEmail),
        ("email", "@example.com", BadEmail),
        ("email", "li lei@example.com", BadEmail),
        ("email", "li@localhost", BadEmail),
    ],
)
def test_what_cannot_be_an_identity_is_refused_by_name(kind, typed, error):
    with pytest.raises(error) as refusal:
        normalise(kind, typed)
    assert refusal.value.field == kind


def test_a_digest_finds_every_way_of_writing_and_tells_kinds_apart():
    assert digest("phone", "138 0013 8000") == digest("phone", "+8613800138000")
    assert digest("member", "13800138000") != digest("phone", "13800138000")
    assert len(digest("device", "abc")) == 64


def test_a_digest_cannot_be_made_without_the_key(settings):
    before = digest("phone", "13800138000")
    settings.IDENTITY_DIGEST_KEY = "another key that is long enough to be one"
    assert digest("phone", "13800138000") != before


def test_a_sealed_value_opens_again_and_never_looks_the_same_twice():
    assert open_sealed(seal("+8613800138000")) == "+8613800138000"
    assert seal("+8613800138000") != seal("+8613800138000")
    assert b"138" not in seal("+8613800138000")
