"""The pages on which a survey is begun, edited, looked over and published, by people and by two at once."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from surveys.definition import serialise
from surveys.models import ChoiceChannel, Draft, Placement, Response, Survey
from tests.conftest import person

pytestmark = pytest.mark.django_db


class Builder:
    """Edits a survey by its plain form, as a browser without scripts does: all fields of the page go with a button."""

    def __init__(self, client: Client, survey: Survey) -> None:
        self.client, self.survey = client, survey
        self.path = f"/surveys/{survey.pk}/edit/"
        self.open()

    def open(self, question: str = "") -> Any:
        self.page = self.client.get(self.path, {"q": question} if question else {})
        return self.desk

    @property
    def desk(self) -> Any:
        return self.page.context["desk"]

    @property
    def keys(self) -> list[str]:
        return [row["key"] for row in self.desk.content["questions"]]

    @property
    def text(self) -> str:
        return self.page.content.decode()

    def fields(self) -> dict[str, Any]:
        """Return what the page's inputs hold."""
        desk = self.desk
        fields = {"revision": desk.revision, "q": desk.key, "in": desk.language}
        if desk.row is None:
            return fields
        listed = [*desk.label, *desk.help, *desk.bounds, *(field for fields in desk.ends for field in fields)]
        for option in desk.options:
            listed += [*option.wordings, option.icon, *([option.placebo] if desk.is_channel else [])]
            flags = [name for name in ("pinned", "text", "exclusive") if option.row.get(name)]
            fields |= {f"option.{option.key}.{name}": "on" for name in flags}
            if desk.is_channel and option.can_mean:
                fields[f"option.{option.key}.channel"] = fields[f"option.{option.key}.channel-was"] = option.channel
        if desk.row.get("required"):
            fields["required"] = "on"
        fields |= {"joined": desk.joined, "rule": [str(one.at) for one in desk.conditions]}
        for one in desk.conditions:
            shown = {"question": one.question, "how": one.how, "least": one.least, "most": one.most}
            fields |= {f"rule.{one.at}.{name}": value for name, value in shown.items()}
            fields[f"rule.{one.at}.options"] = [key for key, _label, is_chosen in one.options if is_chosen]
        return fields | {field.name: field.value for field in listed} | {"kind": desk.kind.value}

    def press(self, do: str, **typed: Any) -> Any:
        typed = {name.replace("__", "."): value for name, value in typed.items()}
        self.page = self.client.post(self.path, self.fields() | typed | {"do": do}, follow=True)
        return self.page


@pytest.fixture
def builder(marketer: Client, survey: Survey) -> Builder:
    return Builder(marketer, survey)


def begin(client: Client, **fields: Any) -> Any:
    return client.post("/surveys/new/", {"name_zh_hans": "餐后", "name_en": "Meal", **fields}, follow=True)


# ── Beginning ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("start", "questions"), [("first_visit", 6), ("satisfaction", 6), ("profile", 5), ("empty", 0)]
)
def test_a_survey_begins_as_a_draft(marketer: Client, channels: Any, start: str, questions: int) -> None:
    page = begin(marketer, start=start)

    assert page.redirect_chain[-1][0] == f"/surveys/{Survey.objects.get().pk}/edit/"
    assert page.context["desk"].total == questions
    assert Survey.objects.get().latest_version() is None
    assert "draft" in marketer.get("/surveys/").content.decode()


def test_a_survey_needs_a_name(marketer: Client) -> None:
    page = marketer.post("/surveys/new/", {"start": "empty"})

    assert "Name it in at least one language." in page.content.decode()
    assert not Survey.objects.exists()


def test_an_exported_survey_can_be_imported_and_nothing_is_published(marketer: Client, survey: Survey) -> None:
    exported = marketer.get(f"/surveys/{survey.pk}/export/")
    assert json.loads(exported.content) == survey.latest_version().definition  # type: ignore[union-attr]

    page = begin(marketer, start="file", file=SimpleUploadedFile("survey.json", exported.content))

    assert page.context["desk"].content["questions"] == json.loads(exported.content)["questions"]
    assert Survey.objects.exclude(pk=survey.pk).get().latest_version() is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"questions": [{"key": "why", "kind": "text", "label": {"en": "Why?"}}]}', "questions[0].label.zh-hans"),
        (b"\xff\xfe", "This is not JSON in UTF-8."),
        (b"[" * 100_000, "This is not JSON in UTF-8."),
        (None, "Choose the file."),
    ],
)
def test_a_file_that_is_no_questionnaire_is_refused_by_place(
    marketer: Client, content: bytes | None, said: str
) -> None:
    file = {} if content is None else {"file": SimpleUploadedFile("survey.json", content)}

    assert said in begin(marketer, start="file", **file).content.decode()
    assert not Survey.objects.exists()


def test_a_copy_begins_with_what_is_asked_and_what_choices_mean(builder: Builder, channels: Any) -> None:
    builder.press("save", option__friends__channel="metro")
    page = builder.client.post(
        f"/surveys/{builder.survey.pk}/copy/", {"name_zh_hans": "", "name_en": "Again"}, follow=True
    )

    desk = page.context["desk"]
    assert [row["key"] for row in desk.content["questions"]] == builder.keys
    assert (desk.means("friends"), desk.means("douyin")) == ("metro", "douyin")


# ── Editing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_looking_at_a_survey_begins_no_draft(builder: Builder) -> None:
    builder.press("go:nps")

    assert builder.desk.key == "nps"
    assert Draft.objects.filter(is_changed=True).count() == 0
    assert builder.desk.revision == 0


def test_what_is_typed_is_kept_by_every_button(builder: Builder) -> None:
    builder.press("go:nps", label__en="How did you hear of us?")

    assert builder.desk.key == "nps"
    assert builder.open("first_heard").row["label"]["en"] == "How did you hear of us?"
    assert builder.desk.revision == 1
    assert "draft" in builder.text


def test_words_that_are_missing_are_counted_and_shown_at_their_field(builder: Builder) -> None:
    builder.press("save", **{"label__en": "", "option.douyin.en": ""})

    assert builder.desk.missing == [("English", 2)]
    assert 'aria-describedby="f-option-douyin-en-error"' in builder.text
    assert builder.text.count("Words are missing here.") == 2


def test_questions_can_be_added_reordered_duplicated_and_deleted(builder: Builder) -> None:
    before = builder.keys
    builder.open("nps")
    builder.press("add", add="stars")
    new = builder.desk.key
    assert builder.keys == [*before[:-1], new, "phone"]

    builder.press("up")
    builder.press("copy")
    builder.press("delete")
    assert builder.keys == [*before[:-2], new, "nps", "phone"]


def test_channels_that_are_no_choice_yet_are_added_by_one_click(builder: Builder) -> None:
    from attribution.evidence.models import Channel

    Channel.objects.create(slug="tv", name_en="TV", kind="other")
    Channel.objects.create(slug="old", name_en="Old", kind="other", is_active=False)
    builder.open("first_heard")
    assert "1 channel is no choice yet:" in builder.text

    builder.press("channels_add")

    assert "tv" in [option.key for option in builder.desk.options]
    assert builder.desk.offered == []
    assert builder.desk.means("tv") == "tv"


def test_undo_and_redo_go_through_the_last_fifty_changes_and_survive_a_reload(builder: Builder) -> None:
    for number in range(55):
        builder.press("save", label__en=f"Question {number}")
    assert Draft.objects.get().steps.count() == 51

    builder.open("first_heard")
    for _ in range(50):
        builder.press("undo")
    assert builder.desk.row["label"]["en"] == "Question 4"
    assert not builder.desk.can_undo
    builder.press("undo")
    assert builder.desk.row["label"]["en"] == "Question 4"

    builder.press("redo")
    assert builder.desk.row["label"]["en"] == "Question 5"
    builder.press("save", label__en="Another way")
    assert not builder.desk.can_redo


def test_of_two_who_edit_at_once_the_second_is_told_and_loses_nothing(builder: Builder, survey: Survey) -> None:
    other = Builder(person("lin", "manager"), survey)
    builder.press("save", label__en="Mine")

    other.press("save", label__en="Theirs", help__en="And more")

    assert other.page.status_code == 409
    assert "This survey was changed elsewhere while you had it open." in other.text
    assert "Last saved by marketer" in other.text
    assert "“Mine” became “Theirs”" in other.text
    assert other.desk.row["label"]["en"] == "Theirs"
    assert builder.open().row["label"]["en"] == "Mine"

    other.press("save")
    assert builder.open().row["label"]["en"] == "Theirs"
    builder.press("undo")
    assert builder.desk.row["label"]["en"] == "Mine"


def test_an_act_on_a_page_that_is_out_of_date_is_not_done(builder: Builder, survey: Survey) -> None:
    other = Builder(person("lin", "manager"), survey)
    builder.press("delete")

    other.press("copy")

    assert other.page.status_code == 409
    assert "What you did besides typing was not done" in other.text
    assert len(builder.open().content["questions"]) == 5


def test_the_preview_is_the_guests_page_in_a_frame_of_ours_alone(builder: Builder) -> None:
    builder.press("save", label__en="How come <you> here?")
    page = builder.client.get(f"/surveys/{builder.survey.pk}/preview/", {"q": "first_heard", "in": "en"})

    assert "How come &lt;you&gt; here?" in page.content.decode()
    assert "<script" not in page.content.decode()
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert "frame-src 'self'" in builder.page["Content-Security-Policy"]
    assert not Response.objects.exists()

    chinese = builder.client.get(f"/surveys/{builder.survey.pk}/preview/", {"q": "first_heard", "in": "zh-hans"})
    assert "您第一次是从哪里知道我们的？" in chinese.content.decode()


def test_a_question_that_is_not_whole_has_no_preview_yet(builder: Builder) -> None:
    builder.open("nps")
    builder.press("add", add="choice")
    builder.press(f"option_delete:{builder.desk.options[0].key}")

    page = builder.client.get(f"/surveys/{builder.survey.pk}/preview/", {"q": builder.desk.key})
    assert "Nothing to show yet" in page.content.decode()


# ── Publishing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def publish(builder: Builder) -> Any:
    page = builder.client.get(f"/surveys/{builder.survey.pk}/publish/")
    revision = page.context["desk"].revision
    return builder.client.post(f"/surveys/{builder.survey.pk}/publish/", {"revision": revision}, follow=True)


def test_publishing_makes_the_next_version_of_what_was_looked_over(builder: Builder) -> None:
    builder.press("save", **{"option.douyin.en": "TikTok", "option.friends.channel": "metro"})
    page = builder.press("publish")
    assert page.redirect_chain[-1][0] == f"/surveys/{builder.survey.pk}/publish/"
    text = page.content.decode()
    assert "“Douyin” became “TikTok”" in text
    assert "Choice “Friends” counts for: Metro posters, in answers already given too." in text
    assert "These choices count for no channel: Something else" in text

    publish(builder)

    version = builder.survey.latest_version()
    assert version is not None
    assert version.number == 2
    assert version.questionnaire.questions[0].option("douyin").label.en == "TikTok"  # type: ignore[union-attr]
    assert ChoiceChannel.objects.get(option_key="friends").channel.slug == "metro"
    assert "Nothing differs from what is published." in publish(builder).content.decode()
    assert builder.survey.versions.count() == 2


def test_what_somebody_changed_after_the_look_is_not_published(builder: Builder) -> None:
    builder.press("save", label__en="Once")
    page = builder.client.get(f"/surveys/{builder.survey.pk}/publish/")
    builder.press("save", label__en="Twice")

    said = builder.client.post(
        f"/surveys/{builder.survey.pk}/publish/", {"revision": page.context["desk"].revision}, follow=True
    )

    assert "This survey was changed elsewhere" in said.content.decode()
    assert builder.survey.versions.count() == 1


def test_what_is_not_whole_cannot_be_published(builder: Builder) -> None:
    builder.press("save", label__en="")

    assert "It cannot be published yet" in builder.press("publish").content.decode()
    assert "cannot be published" in publish(builder).content.decode()
    assert builder.survey.versions.count() == 1


def test_a_guest_with_an_open_page_answers_the_version_that_it_shows(
    builder: Builder, pages: Any, placement: Placement
) -> None:
    pages.open()
    builder.open("nps")
    builder.press("delete")
    publish(builder)

    pages.send(answer="douyin")
    pages.send(answer="阿明")
    assert pages.question == "nps"
    pages.send(answer="9")
    pages.send(finish="without")

    response = Response.objects.get()
    assert (response.version.number, response.answers["nps"]) == (1, 9)


def test_an_archived_survey_takes_no_answers_until_it_is_brought_back(builder: Builder, pages: Any) -> None:
    page = builder.client.post(f"/surveys/{builder.survey.pk}/archive/", follow=True)
    assert "archived" in page.content.decode()
    assert pages.open().status_code == 410

    builder.client.post(f"/surveys/{builder.survey.pk}/restore/")
    assert pages.open().status_code == 200


def test_a_survey_can_be_renamed(builder: Builder) -> None:
    builder.client.post(f"/surveys/{builder.survey.pk}/rename/", {"name_zh_hans": "新", "name_en": "New"})

    assert str(Survey.objects.get()) == "New"


def test_every_kind_of_question_can_be_edited_and_comes_out_as_it_was(marketer: Client, channels: Any) -> None:
    from pathlib import Path

    file = (Path(__file__).parent / "every_kind.json").read_bytes()
    begin(marketer, start="file", file=SimpleUploadedFile("every.json", file))
    builder = Builder(marketer, Survey.objects.get())
    before = builder.desk.content["questions"]
    for key in builder.keys:
        builder.press(f"go:{key}")
        assert builder.page.status_code == 200

    assert builder.desk.content["questions"] == before
    assert (builder.desk.revision, builder.desk.wrong) == (0, 0)


# ── Access ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", ["edit", "preview", "publish", "copy", "rename", "export"])
def test_a_clerk_edits_nothing(clerk: Client, survey: Survey, page: str) -> None:
    assert clerk.get(f"/surveys/{survey.pk}/{page}/").status_code == 403
    assert clerk.get("/surveys/new/").status_code == 403


def test_the_usual_questionnaire_is_as_it_is_published(survey: Survey, definition: Any) -> None:
    assert survey.latest_version().definition == serialise(definition)  # type: ignore[union-attr]
