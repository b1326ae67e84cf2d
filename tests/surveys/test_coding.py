"""What guests typed and what it means: rules, spellings, suggestions."""

import pytest

from surveys.coding import Match, Rule, code, spell, suggest

WORDS = {
    "xiaohongshu": ["小红书", "Xiaohongshu"],
    "friends": ["朋友推荐", "Friends"],
    "metro": ["地铁海报", "Metro posters"],
}


@pytest.mark.parametrize(
    "text", ["小红书", "小紅書", "xiaohongshu", "XIAO HONG SHU", "小hong书", "在小红书上看到的！", "小鸿书"]
)  # fmt: skip
def test_what_sounds_the_same_is_the_same(text: str):
    assert Rule(Match.SOUNDS, "小红书", "x").hits(text)


@pytest.mark.parametrize(
    ("pattern", "text"), [("西安", "先生"), ("先", "西安"), ("an", "先"), ("小红书", "小红花"), ("x", "")]
)
def test_syllables_are_not_cut_in_two(pattern: str, text: str):
    assert not Rule(Match.SOUNDS, pattern, "x").hits(text)


def test_letters_may_be_any_syllables():
    assert Rule(Match.SOUNDS, "西安", "x").hits("xian")
    assert Rule(Match.SOUNDS, "xian", "x").hits("西安")


@pytest.mark.parametrize(
    ("match", "hit", "missed"),
    [
        (Match.EQUALS, "  抖 音。", "在抖音"),
        (Match.CONTAINS, "在抖音看的", "douyin"),
        (Match.NEAR, "抖应", "抖"),
    ],
)
def test_each_way_of_matching(match: Match, hit: str, missed: str):
    rule = Rule(match, "抖音", "douyin")

    assert rule.hits(hit)
    assert not rule.hits(missed)


def test_what_is_near_is_so_by_letters_too_but_not_to_short_words():
    assert Rule(Match.NEAR, "tiktok", "douyin").hits("saw it on ticktok")
    assert not Rule(Match.NEAR, "tv", "tv").hits("tb")


def test_a_rule_of_punctuation_alone_hits_nothing():
    assert not any(Rule(match, "…！", "x").hits("…！ 在抖音") for match in Match)


def test_the_first_rule_that_hits_decides():
    first, second = Rule(Match.CONTAINS, "红", "a"), Rule(Match.CONTAINS, "小红书", "b")

    assert code([first, second], "小红书") is first
    assert code([second, first], "小红书") is second
    assert code([first, second], "电梯") is None


def test_spelling_drops_what_does_not_count():
    assert spell("Ｄou-yin ① 重庆").plain == "douyin1重庆"
    assert spell("Ｄou-yin ① 重庆").sound == "douyin1chongqing"
    assert spell("𠮷").sound == "𠮷"  # no reading is known


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("xiaohonshu", "xiaohongshu"),
        ("朋友介绍的", "friends"),
        ("ditie", None),
        ("地铁里的海报", "metro"),
        ("！", None),
    ],
)
def test_the_likely_option_is_suggested(text: str, option: str | None):
    assert suggest(text, WORDS) == option


def test_nothing_is_suggested_where_there_is_no_option():
    assert suggest("小红书", {}) is None
    assert suggest("小红书", {"other": []}) is None
