"""What staff read about a questionnaire that is being written: its questions, conditions and mistakes, in words."""

import re
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from attribution.names import listed
from surveys.definition import BadDefinition, Kind, parse
from surveys.definition.piping import plain
from surveys.drafts import Content, Row, alone, conditions_of, is_simple, missing_in, option_of, row_of, without_gaps

KINDS = {
    Kind.CHANNEL: _("Channel: what brought you here"),
    Kind.CHOICE: _("One of several"),
    Kind.MULTIPLE: _("Several of several"),
    Kind.STARS: _("Stars (CSAT)"),
    Kind.NPS: _("Recommendation (NPS)"),
    Kind.SCALE: _("Scale"),
    Kind.NUMBER: _("Number"),
    Kind.TEXT: _("Short text"),
    Kind.LONGTEXT: _("Long text"),
    Kind.DATE: _("Date"),
    Kind.PHONE: _("Phone number"),
    Kind.EMAIL: _("E-mail address"),
    Kind.STATEMENT: _("Words only"),
}
UNNAMED = _("(no words yet)")
GONE = _("(a question that is gone)")
# In place of what the definition's reader says about JSON.
IN_A_FORM = {
    "asked_if.options": _("Choose at least one answer."),
    "asked_if": _("Write at least one bound."),
    "asked_if.question": _("Choose a question that comes before this one."),
    "options": _("Write at least two choices, not counting placebos, and at most 40."),
    "icon": _("Write one emoji, or nothing."),
    "placebo": _("Write a share of guests above 0 % and up to 100 %."),
    "definition": _("Add at least one question."),
}
PART = re.compile(r"questions\[(\d+)\]\.?(.*)")


def words_of(wording: dict[str, str] | None) -> str:
    """Return a wording in the reader's language, the other where that is empty."""
    both = wording or {}
    chinese, english = both.get("zh-hans", ""), both.get("en", "")
    first, second = (chinese, english) if (get_language() or "zh-hans").startswith("zh") else (english, chinese)
    return plain(first.strip() or second.strip()) or str(UNNAMED)


def question_words(content: Content, key: str) -> str:
    row = row_of(content, key)
    return words_of(row["label"]) if row else str(GONE)


# ── Conditions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rule_words(content: Content, rule: Row) -> str:
    """Return a rule as a clause: “How was it?” is at most 3, or “Which one?” is any of Tea · Cake."""
    if "all" in rule:
        return gettext(" and ").join(rule_words(content, one) for one in rule["all"])
    if "any" in rule:
        return gettext(" or ").join(rule_words(content, one) for one in rule["any"])
    turned = "not" in rule
    about = rule["not"] if turned else rule
    if "question" not in about:
        return gettext("not (%(rule)s)") % {"rule": rule_words(content, about)}
    row = row_of(content, about["question"])
    values: dict[str, Any] = {"question": question_words(content, about["question"])}
    if "options" in about:
        labels = [words_of((option_of(row or {}, key) or {}).get("label")) for key in about["options"]]
        values["options"] = listed(f"“{label}”" for label in labels) or "…"
        return (gettext("“%(question)s” is none of %(options)s") if turned
                else gettext("“%(question)s” is any of %(options)s")) % values  # fmt: skip
    if "answered" in about:
        return (gettext("“%(question)s” was left out") if turned else gettext("“%(question)s” was answered")) % values
    return _bounds_words(about, values, turned)


def _bounds_words(rule: Row, values: dict[str, Any], turned: bool) -> str:
    values |= {"least": rule.get("at_least"), "most": rule.get("at_most")}
    if values["most"] is None:
        words = gettext("“%(question)s” is at least %(least)s")
    elif values["least"] is None:
        words = gettext("“%(question)s” is at most %(most)s")
    else:
        words = gettext("“%(question)s” is %(least)s to %(most)s")
    said = words % values
    return gettext("not (%(rule)s)") % {"rule": said} if turned else said


def condition_words(content: Content, row: Row) -> str:
    """Return when a question is asked, nothing for one that is asked of everybody."""
    if "asked_if" not in row:
        return ""
    if not is_simple(row):
        return gettext("Only if %(rule)s") % {"rule": rule_words(content, row["asked_if"])}
    name, rules = conditions_of(row)
    joined = gettext(" or ") if name == "any" else gettext(" and ")
    return gettext("Only if %(rule)s") % {"rule": joined.join(rule_words(content, rule) for rule in rules)}


# ── Mistakes ────────────────────────────────────────────────────────────────────────────────────────────────────────

Problems = dict[str, dict[str, str]]  # question key (empty: the whole) → field → what is wrong


def problems_of(content: Content) -> Problems:
    """Return what stands against publishing: all words that are missing, and the first mistake of each question.

    What is wrong about questions together is found once each of them is right by itself.
    """
    found: Problems = {}
    for row in content["questions"]:
        wrong = {f"{name}.{language}": gettext("Words are missing here.") for name, language in missing_in(row)}
        try:
            parse({"questions": [alone(row)]})
        except BadDefinition as error:
            _key, field = _place(content, error, row)
            wrong.setdefault(field, _said(content, error))
        if wrong:
            found[row["key"]] = wrong
    try:
        parse({"questions": [without_gaps(row) for row in content["questions"]]})
    except BadDefinition as error:
        key, field = _place(content, error)
        found.setdefault(key, {}).setdefault(field, _said(content, error))
    return found


def _place(content: Content, error: BadDefinition, only: Row | None = None) -> tuple[str, str]:
    """Return which question and which of the page's fields an error is about."""
    found = PART.fullmatch(error.path)
    if found is None:
        return (only["key"] if only else ""), ""
    row = only or content["questions"][int(found[1])]
    field = found[2]
    if option := re.match(r"options\[(\d+)\]\.(.*)", field):
        key = row["options"][int(option[1])]["key"]
        return row["key"], f"option.{key}.{option[2].removeprefix('label.')}"
    if field.startswith("asked_if"):
        at = re.match(r"asked_if\.(?:all|any)\[(\d+)\]", field)
        return row["key"], f"rule.{at[1] if at else 0}"
    return row["key"], field


def _said(content: Content, error: BadDefinition) -> str:
    """Return what is wrong, with the words of questions in place of their keys."""
    if instead := _in_a_form(content, error):
        return str(instead)
    rows = [option for row in content["questions"] for option in row.get("options", [])] + content["questions"]
    labels = {row["key"]: f"“{words_of(row['label'])}”" for row in rows}
    labels |= {repr(key): label for key, label in labels.items()}
    params = {name: labels.get(str(value), value) for name, value in error.params.items()}
    if "keys" in params:
        params["keys"] = " → ".join(labels.get(key, key) for key in str(params["keys"]).split(" → "))
    if params.get("kind") in list(Kind):
        params["kind"] = f"“{KINDS[Kind(str(params['kind']))]}”"
    words = gettext(error.problem) % params if params else gettext(error.problem)
    return words[:1].upper() + words[1:]


def _in_a_form(content: Content, error: BadDefinition) -> Promise | None:
    """Return what to do on the page, where the definition's reader speaks of JSON."""
    path = re.sub(r"^questions\[\d+\]\.?|\[\d+\]|\.(?:all|any|not)\b", "", error.path)
    if error.path == "questions":
        return None if content["questions"] else IN_A_FORM["definition"]
    if path == "options" and not ("list" in error.problem or "placebo" in error.problem):
        return None
    if path.startswith("options.") and "honest" not in error.problem:
        path = path.removeprefix("options.")
    return IN_A_FORM.get(path)
