"""The import pages, for those they are for."""

from io import BytesIO

import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from attribution.customers.actions.files import look
from attribution.customers.models import ImportFile, Order
from tests.customers.conftest import counts

pytestmark = pytest.mark.django_db
GOOD = "Order number,Date,Amount\nA1,2026-03-02,18.50\n"
BAD = GOOD + "A2,never,5\nA3,2026-03-02,\n"


def upload(client, content=GOOD, name="march.csv", **chosen):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post("/imports/", {"kind": "orders", "file": file, "store": "", **chosen})


def test_a_marketer_hands_a_file_in_and_sees_what_became_of_it(marketer, store):
    response = upload(marketer, BAD)
    job = ImportFile.objects.get()
    assert response.url == f"/imports/{job.uuid}/"
    assert "The worker will take this file up" in marketer.get(response.url).text
    look()
    page = marketer.get(response.url).text
    assert "“never” is not a date" in page
    assert "Download all 2 failed rows" in page
    job.refresh_from_db()
    assert (counts(job), job.uploaded_by.username, job.options["language"]) == ((1, 0, 0, 2), "marketer", "en")
    workbook = marketer.get(f"/imports/{job.uuid}/bad-rows.xlsx")
    assert workbook["Content-Disposition"] == 'attachment; filename="march-bad.xlsx"'
    rows = pd.read_excel(BytesIO(workbook.getvalue()), dtype="str", engine="calamine")
    assert list(rows["Order number"]) == ["A2", "A3"]


def test_only_checking_says_so(marketer, store):
    response = upload(marketer, only_check="on")
    look()
    assert "nothing has been written" in marketer.get(response.url).text
    assert Order.objects.count() == 0


def test_the_chosen_store_is_the_files(marketer, store, other_store):
    upload(marketer, store=other_store.pk)
    look()
    assert Order.objects.get().store == other_store


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Date,Amount\n2026-03-02,5\n", "There is no column for Order number. The file has: Date, Amount."),
        ("Order number,Date,Amount\n", ""),
        (b"\x89PNG\r\n\x1a\n", "neither CSV nor an Excel workbook"),
        ("", "The submitted file is empty."),
    ],
)
def test_what_cannot_be_imported_is_refused_at_once_and_by_name(marketer, store, content, message):
    response = upload(marketer, content)
    if message:
        assert response.status_code == 400
        assert message in response.text
        assert ImportFile.objects.count() == 0
    else:
        look()
        assert "The file has column headings but no rows." in marketer.get(response.url).text


def test_a_file_without_a_store_asks_for_one_if_there_are_several(marketer, store, other_store):
    assert "Choose the store that it belongs to." in upload(marketer).text


def test_a_file_too_large_is_refused_with_the_limit(marketer, store, settings):
    settings.IMPORT_MAX_BYTES = 10
    response = upload(marketer)
    assert response.status_code == 400
    assert "The file is too large" in response.text


def test_the_empty_page_says_what_to_do_and_a_running_file_is_watched(marketer, store):
    empty = marketer.get("/imports/")
    assert "Nothing imported yet" in empty.text
    assert "hx-get" not in empty.text
    upload(marketer)
    part = marketer.get("/imports/", headers={"hx-request": "true"}).text
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part
    job = ImportFile.objects.get()
    part = marketer.get(f"/imports/{job.uuid}/", headers={"hx-request": "true"}).text
    assert 'hx-trigger="every 1s"' in part
    look()
    part = marketer.get(f"/imports/{job.uuid}/", headers={"hx-request": "true"}).text
    assert "hx-trigger" not in part
    assert "<html" not in part


def test_there_is_no_workbook_where_no_row_failed(marketer, store):
    upload(marketer)
    look()
    assert marketer.get(f"/imports/{ImportFile.objects.get().uuid}/bad-rows.xlsx").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_the_template_of_orders_can_be_handed_in_as_it_is(marketer, store, extension, language):
    with translation.override(language):
        response = marketer.get(f"/imports/template/orders.{extension}", headers={"accept-language": language})
    assert response.status_code == 200
    upload(marketer, response.content, name=f"t.{extension}")
    look()
    assert counts(ImportFile.objects.get()) == (3, 0, 0, 0)
    assert dict(Order.objects.values_list("number", "amount_minor")) == {"A-0001": 6200, "A-0002": 1800}


def test_there_are_templates_of_every_kind_and_no_other(marketer):
    assert marketer.get("/imports/template/spend.xlsx").status_code == 200
    assert marketer.get("/imports/template/orders.pdf").status_code == 404
    assert marketer.get("/imports/template/secrets.csv").status_code == 404


def test_imports_are_for_marketers_and_managers(marketer, manager, clerk, outsider, store):
    upload(marketer, BAD)
    look()
    job = ImportFile.objects.get()
    urls = [
        reverse("imports:list"),
        reverse("imports:detail", args=[job.uuid]),
        reverse("imports:bad_rows", args=[job.uuid]),
        reverse("imports:template", args=["orders", "csv"]),
    ]
    for url in urls:
        for client in (marketer, manager):
            response = client.get(url)
            assert (response.status_code, bool(response.getvalue())) == (200, True)  # read, and so closed
        assert (clerk.get(url).status_code, outsider.get(url).status_code) == (403, 302)
    assert (upload(clerk).status_code, upload(outsider).status_code) == (403, 302)
    assert ImportFile.objects.count() == 1
