"""What a run says, also one that was made before the program knew as much as it does now."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from attribution import facts
from attribution.runs import actions
from attribution.runs.models import Run
from attribution.runs.results import RunResults
from attribution.warehouse import snapshot

KNOWN = {
    "sales": pa.schema([("id", pa.int64()), ("at", pa.timestamp("us")), ("note", pa.string())]),
    "visits": pa.schema([("id", pa.int64())]),
}


def test_a_folder_that_is_too_old_for_a_column_or_a_table_has_them_empty(tmp_path: Path):
    pq.write_table(pa.table({"id": [1, 2], "gone": ["a", "b"]}), tmp_path / "sales.parquet")

    con = snapshot(tmp_path, known=KNOWN)

    assert con.sql('SELECT id, note, "at", gone FROM sales ORDER BY id').fetchall() == [
        (1, None, None, "a"),
        (2, None, None, "b"),
    ]
    assert con.sql("SELECT count(*) FROM visits").fetchall() == [(0,)]


def test_a_table_in_parts_that_is_too_old_is_completed_too(tmp_path: Path):
    (tmp_path / "sales").mkdir()
    for part in (1, 2):
        pq.write_table(pa.table({"id": [part]}), tmp_path / "sales" / f"{part}.parquet")

    con = snapshot(tmp_path, known=KNOWN)

    assert con.sql("SELECT id, note FROM sales ORDER BY id").fetchall() == [(1, None), (2, None)]


def test_a_folder_that_has_everything_is_read_as_it_is(tmp_path: Path):
    pq.write_table(KNOWN["visits"].empty_table(), tmp_path / "visits.parquet")

    assert "empty_visits" not in {name for (name,) in snapshot(tmp_path, known=KNOWN).sql("SHOW TABLES").fetchall()}


@pytest.mark.django_db(transaction=True)
def test_a_run_that_knows_less_than_the_facts_is_read_all_the_same():
    run = actions.execute(_claimed())
    old = run.folder / "facts" / "channels.parquet"
    pq.write_table(pq.read_table(old).drop_columns(["is_paid"]), old)
    (run.folder / "facts" / "visits.parquet").unlink(missing_ok=True)
    for part in (run.folder / "facts").glob("visits/*.parquet"):
        part.unlink()

    con = RunResults(run).facts()

    assert {"is_paid", "slug"} <= set(con.table("channels").columns)
    assert con.table("visits").columns == facts.REGISTRY["visits"].schema.names


@pytest.mark.django_db(transaction=True)
def test_after_an_update_everything_is_judged_anew_once():
    assert actions.ask_after_update() is None  # nothing was ever judged
    run = actions.execute(_claimed())
    assert actions.ask_after_update() is None  # by this very program
    Run.objects.filter(pk=run.pk).update(code_version="older")

    first, second = actions.ask_after_update(), actions.ask_after_update()

    assert first is not None
    assert first == second


def _claimed() -> Run:
    actions.ask(now=True)
    run = Run.objects.claim_next()
    assert isinstance(run, Run)
    return run
