"""The tablet's own arithmetic (static/js/kiosk_rules.js, kiosk_hours.js) does as the server does."""

import json
import random
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright._impl._driver import compute_driver_executable

from attribution.hours import Hours
from surveys.definition import AnswersRefused, BadDefinition, Definition, Question, parse
from surveys.kiosk.given import given_questions

SCRIPTS = Path(__file__).parents[2] / "static/js"
NODE = compute_driver_executable()[0]
DEFINITIONS, SETS = 60, 25
ASK = """
const { asked, shownOrder, validate } = rules;
const said = input.map(({ questions, sets, seed }) => ({
  orders: Object.fromEntries(questions.filter((one) => one.options).map((one) => [one.key, shownOrder(one, seed)])),
  sets: sets.map((set) => {
    const answers = new Map(Object.entries(set));
    const [clean, errors] = validate(questions, answers);
    return { asked: asked(questions, answers).map((one) => one.key),
             clean: errors.size ? null : Object.fromEntries(clean), errors: Object.fromEntries(errors) };
  }),
}));
"""
TYPED = [
    "", " ", "\t tea\u3000\n ", "茶 🍵", "a\r\n\r\n\r\n\r\nb \x00c", "e\u0301", "\u2028x\u0085y", "\ufeffa\u200b",
    "\ud800", "مرحبا", "x" * 500, "🍵" * 501, "y" * 2001, "12", "１２", "٣", "-3", "+1,234.50", "1,23", "0.1",
    "12.3400", "1e3", "7.0", "999999999999999", "2026-02-29", "2024-02-29", "2024年2月9日", " 2026/3/2 ", "0000-01-01",
    "1899-12-31", "2100-13-01",
]  # fmt: skip


def in_browser(code: str, given: Any) -> Any:
    """Return what ``said`` is after the code has run in a JavaScript engine with ``rules``, ``hours`` and ``input``."""
    modules = "".join(
        f"const {name} = await import({json.dumps((SCRIPTS / f'kiosk_{name}.js').as_uri())});\n"
        for name in ("rules", "hours")
    )
    read = 'import { readFileSync } from "node:fs";\nconst input = JSON.parse(readFileSync(0, "utf8"));\n'
    script = f"{read}{modules}{code}\nconsole.log(JSON.stringify(said));"
    quiet = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
    done = subprocess.run(
        [NODE, quiet, "--input-type=module", "--eval", script],
        input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ── Any questionnaire ───────────────────────────────────────────────────────────────────────────────────────────────


def words(text: str) -> dict[str, str]:
    return {"zh-hans": text, "en": text}


def a_rule(draw: random.Random, earlier: list[dict[str, Any]], depth: int = 0) -> dict[str, Any]:
    if depth < 2 and draw.random() < 0.4:
        inner = [a_rule(draw, earlier, depth + 1) for _ in range(draw.randint(1, 3))]
        return draw.choice([{"all": inner}, {"any": inner}, {"not": inner[0]}])
    question = draw.choice(earlier)
    if question.get("options") and draw.random() < 0.7:
        keys = [option["key"] for option in question["options"]]
        return {"question": question["key"], "options": draw.sample(keys, draw.randint(1, min(2, len(keys))))}
    if question["kind"] in {"scale", "nps", "stars", "number"} and draw.random() < 0.7:
        return {"question": question["key"]} | draw.choice(
            [{"at_least": 3}, {"at_most": 3}, {"at_least": 2, "at_most": 4}]
        )
    return {"question": question["key"], "answered": True}


def an_option(draw: random.Random, number: int, kind: str) -> dict[str, Any]:
    option: dict[str, Any] = {"key": draw.choice(["o", "__proto__", "constructor"]) + (str(number) if number else "")}
    option["label"] = words(f"Option {number}")
    if draw.random() < 0.2:
        option["pinned"] = True
    if draw.random() < 0.2:
        option["text"] = True
    if kind == "multiple" and draw.random() < 0.2:
        option["exclusive"] = True
    if kind == "channel" and number > 1 and draw.random() < 0.5:
        option["placebo"] = draw.choice([0.1, 0.5])
    return option


def a_question(draw: random.Random, number: int, kind: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    row: dict[str, Any] = {"key": f"q{number}" if number else "__proto__", "kind": kind, "label": words("?")}
    if kind not in {"statement", "phone"} and draw.random() < 0.4:
        row["required"] = True
    if kind in {"channel", "choice", "multiple"}:
        row["options"] = [an_option(draw, place, kind) for place in range(4)]
    if kind == "multiple" and draw.random() < 0.5:
        row |= {"least": 1, "most": 2}
    if kind == "scale":
        row |= {"least": -2, "most": 5, "least_label": words("no"), "most_label": words("yes")}
    if kind == "number" and draw.random() < 0.7:
        row |= {"least": -5, "most": 2000, "decimals": draw.choice([0, 2])}
    if kind == "date" and draw.random() < 0.5:
        row |= {"earliest": "2020-01-01", "latest": "2026-12-31"}
    leaning = [one for one in earlier if one["kind"] not in {"statement", "phone"}]
    if leaning and draw.random() < 0.6:
        row["asked_if"] = a_rule(draw, leaning)
    return row


def a_definition(draw: random.Random) -> Definition:
    """Return a questionnaire that can be published; not everything that is drawn can."""
    while True:
        with suppress(BadDefinition):
            return parse(a_drawing(draw))


def a_drawing(draw: random.Random) -> dict[str, Any]:
    kinds = [
        "channel",
        "nps",
        *draw.choices(["choice", "multiple", "scale", "stars", "number", "text", "longtext", "date", "statement"], k=7),
    ]
    draw.shuffle(kinds)
    rows: list[dict[str, Any]] = []
    for number, kind in enumerate([*kinds, "phone"]):
        rows.append(a_question(draw, number, kind, rows))
    return {"questions": rows}


def an_answer(draw: random.Random, question: Question) -> object:
    keys = [option.key for option in question.options]
    wild = [None, [], 3, 3.5, "nonsense", ["nonsense"], *draw.sample(TYPED, 3)]
    if draw.random() < 0.06:
        return draw.choice(wild)
    if question.kind == "multiple":
        return draw.sample(keys, draw.randint(0, 3))
    if keys:
        return draw.choice(keys)
    if question.points:
        return draw.choice([*question.points, *map(str, question.points)])
    return draw.choice(TYPED) if question.kind not in {"statement", "phone"} else None


def answers_to(draw: random.Random, definition: Definition) -> dict[str, object]:
    """Return answers to some questions: mostly fit ones to those that are asked, now and then to others."""
    said: dict[str, object] = {}
    for question in definition.questions:
        if question in definition.asked(said) or draw.random() < 0.05:
            if question.is_required or draw.random() < 0.8:
                said[question.key] = an_answer(draw, question)
            if question.options and draw.random() < 0.3:
                said[f"{question.key}.text"] = draw.choice([*TYPED, 7])
    return said | ({"nowhere": 1} if draw.random() < 0.03 else {})


def by_the_server(definition: Definition, answers: dict[str, object]) -> dict[str, Any]:
    asked = [question.key for question in definition.asked(answers)]
    try:
        return {"asked": asked, "clean": definition.validate(answers), "errors": {}}
    except AnswersRefused as refused:
        return {"asked": asked, "clean": None, "errors": refused.errors}


def test_the_tablet_asks_orders_and_checks_as_the_server_does():
    draw = random.Random(4)
    definitions = [a_definition(draw) for _ in range(DEFINITIONS)]
    cases: list[dict[str, Any]] = [
        {
            "questions": given_questions(one),
            "seed": f"seed-{number}",
            "sets": [answers_to(draw, one) for _ in range(SETS)],
        }
        for number, one in enumerate(definitions)
    ]

    there = in_browser(ASK, cases)

    here: list[dict[str, Any]] = [
        {"orders": one.shown_order(case["seed"]), "sets": [by_the_server(one, answers) for answers in case["sets"]]}
        for one, case in zip(definitions, cases, strict=True)
    ]
    for case, mine, theirs in zip(cases, here, there, strict=True):
        assert theirs["orders"] == mine["orders"]
        for answers, own, other in zip(case["sets"], mine["sets"], theirs["sets"], strict=True):
            assert other == own, answers
    outcomes = [row["clean"] is None for case in here for row in case["sets"]]
    assert 0.1 < sum(outcomes) / len(outcomes) < 0.9  # both good and bad answers were tried


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("kind", ["text", "longtext", "number", "date"])
def test_what_is_typed_is_cleaned_alike(kind: str, typed: str, cleaned_there: dict[str, Any]):
    definition = parse({"questions": [{"key": "q", "kind": kind, "label": words("?")}]})

    assert cleaned_there[f"{kind} {TYPED.index(typed)}"] == by_the_server(definition, {"q": typed})


@pytest.fixture(scope="module")
def cleaned_there() -> dict[str, Any]:
    """What the tablet makes of each text as each kind of answer, by ``kind number``."""
    kinds = ["text", "longtext", "number", "date"]
    cases = [
        {
            "questions": given_questions(parse({"questions": [{"key": "q", "kind": kind, "label": words("?")}]})),
            "seed": "", "sets": [{"q": typed} for typed in TYPED],
        }
        for kind in kinds
    ]  # fmt: skip
    said = in_browser(ASK, cases)
    return {f"{kind} {n}": row for kind, one in zip(kinds, said, strict=True) for n, row in enumerate(one["sets"])}


def test_the_tablet_is_awake_when_the_server_says_it_is_open():
    week = [[[600, 840], [1020, 1560]], [], [[0, 1440]], [[540, 1080]], [[1020, 1620]], [], [[480, 720]]]
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 3, 26, tzinfo=zone)  # the clocks go forward on the 29th
    moments = [first + timedelta(minutes=47 * step) for step in range(250)]
    code = """
    const { clockOf, isOpenAt, opensAfter } = hours;
    const said = input.moments.map((moment) => {
      const clock = clockOf(input.zone, moment);
      const next = opensAfter(input.week, clock);
      return [isOpenAt(input.week, clock), next.opens];
    });
    """

    there = in_browser(
        code, {"week": week, "zone": zone.key, "moments": [moment.timestamp() * 1000 for moment in moments]}
    )

    days = Hours.read(week)
    local = [datetime.fromtimestamp(moment.timestamp(), zone) for moment in moments]
    here = [[days.is_open_at(moment), minute_of(days.opens_after(moment))] for moment in local]
    assert there == here


def minute_of(moment: datetime | None) -> int:
    assert moment
    return moment.hour * 60 + moment.minute
