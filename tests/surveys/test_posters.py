"""Posters: drawn, and read again as a phone and a print shop would."""

import io
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from attribution.customers.models import Store
from surveys import tasks
from surveys.actions import printing
from surveys.models import Placement, PosterFile
from surveys.posters import FORMATS, Poster, write_posters

MILLIMETRE = 72 / 25.4  # points
TYPED = {"form": "a4", "caption_zh_hans": "扫一扫", "caption_en": "Scan me"}
TEA = Poster("https://tea.example/s/abc", "阿明茶铺", "扫一扫\n告诉我们", "Scan to tell us", "徐汇店 Xuhui · 桌 4")


def drawn(poster: Poster, form: str) -> Any:
    out = io.BytesIO()
    write_posters([poster], form, out)
    return pypdfium2.PdfDocument(out.getvalue())


def codes(document: Any, page: int = 0) -> list[tuple[str, int]]:
    """Return what a camera reads on a sheet, and how far each code is turned."""
    found = zxingcpp.read_barcodes(document[page].render(scale=2.0).to_pil())
    return sorted((code.text, abs(code.orientation)) for code in found)


def words(document: Any, page: int = 0) -> str:
    return str(document[page].get_textpage().get_text_bounded())


@pytest.mark.parametrize(
    ("form", "size", "turned"), [("a4", (210, 297), [0]), ("a6", (105, 148), [0]), ("tent", (210, 297), [0, 180])]
)
def test_every_format_has_its_size_and_a_code_on_each_side(form: str, size: tuple[int, int], turned: list[int]) -> None:
    sheet = drawn(TEA, form)

    assert tuple(round(points / MILLIMETRE) for points in sheet[0].get_size()) == size
    assert codes(sheet) == [("https://tea.example/s/abc", angle) for angle in turned]


@pytest.mark.parametrize("form", FORMATS)
def test_all_words_are_text_in_a_font_that_the_file_carries(form: str) -> None:
    out = io.BytesIO()
    write_posters([TEA], form, out)

    text = words(pypdfium2.PdfDocument(out.getvalue()))
    assert all(each in text for each in ("阿明茶铺", "扫一扫", "告诉我们", "Scan to tell us", "徐汇店 Xuhui · 桌 4"))
    assert b"/FontFile3" in out.getvalue()
    assert len(out.getvalue()) < 40_000  # a subset


def test_what_the_font_lacks_is_left_out_and_nothing_typed_is_nothing_drawn() -> None:
    sheet = drawn(Poster("https://tea.example/s/abc", "茶🍵", "", "", "🍵"), "a4")

    assert words(sheet).strip() == "茶"


def test_long_words_become_small_and_stay_on_the_sheet() -> None:
    sheet = drawn(Poster("https://tea.example/s/" + "x" * 80, "茶" * 80, "扫" * 80, "Scan it " * 10, "店" * 120), "a6")

    assert words(sheet).count("扫") == 80
    width, height = sheet[0].get_size()
    page = sheet[0].get_textpage()
    boxes = [page.get_charbox(number) for number in range(page.count_chars())]
    assert all(left >= 0 and right <= width and low >= 0 and high <= height for left, low, right, high in boxes)


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_logo_stands_in_place_of_the_name(tmp_path: Path, ending: str) -> None:
    logo = tmp_path / f"logo.{ending}"
    if ending == "png":
        Image.new("RGB", (60, 20), "#0b6e5f").save(logo)
    else:
        logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="60" height="20"'
                        ' fill="#0b6e5f"/></svg>')  # fmt: skip
    sheet = drawn(Poster(TEA.address, TEA.title, "", "", "", logo), "a4")

    picture = sheet[0].render(scale=1.0).to_pil().convert("RGB")
    found = [x for x in range(picture.width) if picture.getpixel((x, 80)) == (11, 110, 95)]
    assert words(sheet).strip() == ""
    assert abs((found[0] + found[-1]) / 2 - picture.width / 2) < 2  # in the middle


# ── The page ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
def test_a_place_is_printed_at_once(marketer: Client, placement: Placement, settings: Any) -> None:
    settings.SITE_URL = "https://tea.example"
    page = marketer.get(f"/surveys/{placement.survey_id}/placements/posters/?place={placement.pk}")
    assert page.context["form"]["place"].value() == str(placement.pk)

    answer = marketer.post(f"/surveys/{placement.survey_id}/placements/posters/", TYPED | {"place": placement.pk})

    sheet = pypdfium2.PdfDocument(answer.content)
    assert codes(sheet) == [(f"https://tea.example/s/{placement.token}", 0)]
    assert "徐汇店 Xuhui · counter" in words(sheet)
    assert (answer["Content-Type"], len(sheet)) == ("application/pdf", 1)


@pytest.mark.django_db
def test_all_places_are_those_that_guests_find_by_a_poster(
    marketer: Client, placement: Placement, kiosk: Placement, other_store: Store
) -> None:
    closed = Placement.objects.create(survey=placement.survey, store=other_store, is_open=False)
    Placement.objects.create(survey=placement.survey, store=other_store, spot="桌 4", is_signed=True)

    path = f"/surveys/{placement.survey_id}/placements/posters/"
    sheets = pypdfium2.PdfDocument(marketer.post(path, TYPED).content)

    assert len(sheets) == 2
    assert "静安店 Jing'an · 桌 4" in words(sheets, 0)
    assert "?sig=" in codes(sheets, 0)[0][0]
    refused = marketer.post(path, TYPED | {"place": closed.pk})
    assert refused.context["form"].errors["place"]


@pytest.mark.django_db
def test_many_are_drawn_by_the_worker_and_kept_for_a_week(
    marketer: Client, placement: Placement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "AT_ONCE", 1)
    monkeypatch.setattr("surveys.views.posters.AT_ONCE", 1)
    Placement.objects.create(survey=placement.survey, store=placement.store, spot="door")
    page = marketer.post(f"/surveys/{placement.survey_id}/placements/posters/", TYPED, follow=True)
    address = page.redirect_chain[-1][0]
    assert "Your posters are being drawn." in page.content.decode()
    assert marketer.get(f"{address}download/").status_code == 404

    tasks.look()

    assert "Save the PDF" in marketer.get(address, headers={"hx-request": "true"}).content.decode()
    saved = b"".join(marketer.get(f"{address}download/").streaming_content)
    assert [codes(pypdfium2.PdfDocument(saved), number)[0][0] for number in range(2)] == [
        f"http://testserver/s/{one.token}" for one in Placement.objects.order_by("pk")
    ]
    row = PosterFile.objects.get()
    PosterFile.objects.update(requested_at=row.requested_at - PosterFile.KEPT)
    tasks.look()
    assert not PosterFile.objects.exists()
    assert not row.file.storage.exists(row.file.name)


@pytest.mark.django_db
def test_posters_that_cannot_be_drawn_are_said_to_have_failed(marketer: Client, placement: Placement) -> None:
    row = PosterFile.objects.create(survey=placement.survey, form="a0", site="")

    with pytest.raises(KeyError):
        tasks.look()
    assert "The posters could not be made." in marketer.get(f"/surveys/posters/{row.uuid}/").content.decode()


@pytest.mark.django_db
def test_a_survey_without_an_open_place_has_nothing_to_print(marketer: Client, kiosk: Placement) -> None:
    assert "Nothing to print" in marketer.get(f"/surveys/{kiosk.survey_id}/placements/posters/").content.decode()


@pytest.mark.django_db
def test_posters_are_for_marketers_and_managers(
    marketer: Client, manager: Client, clerk: Client, outsider: Client, placement: Placement
) -> None:
    row = PosterFile.objects.create(survey=placement.survey, form="a4", site="")
    for path in (f"/surveys/{placement.survey_id}/placements/posters/", f"/surveys/posters/{row.uuid}/"):
        statuses = [client.get(path).status_code for client in (marketer, manager, clerk, outsider)]
        assert statuses == [200, 200, 403, 302], path
