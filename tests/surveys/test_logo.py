"""The logo on posters: a picture that is drawn anew, and nothing else."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from PIL import Image, PngImagePlugin

from surveys.actions.branding import logo, remove_logo, save_logo
from surveys.logos import BadLogo, LogoTooLarge, drawn_anew
from surveys.models import Brand

GREEN = (11, 110, 95)


def picture(form: str = "PNG", size: tuple[int, int] = (60, 20), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, GREEN).save(out, form, **how)
    return out.getvalue()


def kept(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(drawn_anew(io.BytesIO(content))))


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_drawn_anew_as_png(form: str) -> None:
    found = kept(picture(form))

    assert (found.format, found.size) == ("PNG", (60, 20))
    assert all(abs(one - other) < 3 for one, other in zip(found.convert("RGB").getpixel((5, 5)), GREEN, strict=True))  # type: ignore[arg-type]


def test_what_the_file_held_besides_the_picture_is_left_behind() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("comment", "taken at home")
    content = picture(pnginfo=words) + b"<script>alert(1)</script>"

    drawn = drawn_anew(io.BytesIO(content))

    assert b"taken at home" in content
    assert b"taken at home" not in drawn
    assert b"<script>" not in drawn


def test_a_picture_that_was_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°

    found = kept(picture("JPEG", exif=exif))

    assert found.size == (20, 60)
    assert not found.getexif()


def test_a_large_picture_becomes_as_large_as_paper_needs() -> None:
    assert kept(picture(size=(3200, 800))).size == (1600, 400)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"not a picture", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture("GIF"), picture("BMP"), picture()[:60],
    ],
    ids=["empty", "words", "svg", "gif", "bmp", "half"],
)  # fmt: skip
def test_what_is_neither_png_nor_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(BadLogo):
        drawn_anew(io.BytesIO(content))


def test_a_picture_of_too_many_bytes_or_points_is_refused_before_it_is_drawn() -> None:
    for content in (b"\0" * 2_000_001, picture(size=(6000, 4000), compress_level=9)):
        with pytest.raises(LogoTooLarge):
            drawn_anew(io.BytesIO(content))


@pytest.mark.django_db
def test_the_uploaded_logo_comes_before_the_setting_and_leaves_no_file_behind(settings: Any, tmp_path: Any) -> None:
    settings.BUSINESS_LOGO = tmp_path / "of-the-setting.png"
    assert logo() == settings.BUSINESS_LOGO
    with TestCase.captureOnCommitCallbacks(execute=True):
        first = save_logo(file=io.BytesIO(picture())).logo.name
        save_logo(file=io.BytesIO(picture(size=(90, 30))))

    found = logo()
    assert found is not None
    with Image.open(found) as shown:
        assert shown.size == (90, 30)
    assert not default_storage.exists(first)
    with TestCase.captureOnCommitCallbacks(execute=True):
        remove_logo()
    assert logo() == settings.BUSINESS_LOGO
    assert not found.exists()


@pytest.mark.django_db
def test_a_manager_uploads_a_logo_and_posters_have_it(manager: Client, marketer: Client, placement: Any) -> None:
    plain = marketer.post(f"/surveys/{placement.survey_id}/placements/posters/", {"form": "a6"}).content
    page = manager.post("/surveys/logo/", {"logo": SimpleUploadedFile("logo.png", picture())}, follow=True)

    assert "data:image/png;base64," in page.text
    printed = marketer.post(f"/surveys/{placement.survey_id}/placements/posters/", {"form": "a6"}).content
    assert b"/Subtype /Image" not in plain
    assert b"/Subtype /Image" in printed
    manager.post("/surveys/logo/", {"remove": "yes"})
    assert not Brand.objects.exists()


@pytest.mark.django_db
def test_a_refused_logo_is_told_in_words_and_the_old_one_stays(manager: Client) -> None:
    save_logo(file=io.BytesIO(picture()))

    page = manager.post("/surveys/logo/", {"logo": SimpleUploadedFile("logo.svg", b"<svg/>")})

    assert "Save it as PNG or JPEG" in page.text
    assert Brand.objects.count() == 1


@pytest.mark.django_db
def test_only_managers_choose_the_logo(marketer: Client, clerk: Client) -> None:
    assert [one.get("/surveys/logo/").status_code for one in (marketer, clerk)] == [403, 403]
