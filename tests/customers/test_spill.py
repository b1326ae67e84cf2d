"""Rows on disk: all of them come back once, in whole groups, in the order in which groups first appear."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as some

from attribution.customers.imports.spill import Spill


def spilled(folder, groups, late, size, piece=3):
    """Spill rows in pieces and return the chunks as lists of (row, group)."""
    index = pd.Index(range(2, len(groups) + 2))
    frame = pd.DataFrame({"A": [f"a{row}" for row in index]}, index=index, dtype="str")
    group, waits = pd.Series(groups, index=index, dtype="str"), pd.Series(late, index=index)
    with Spill(folder, ["A"]) as spill:
        for start in range(0, len(groups), piece):
            part = slice(start, start + piece)
            broken = pd.Series(index=index[part], dtype="str")
            spill.add(frame.iloc[part], group.iloc[part], waits.iloc[part], broken)
        assert spill.rows == len(groups)
        return [list(zip(chunk.index, chunk["grp"].fillna("-"), strict=True)) for chunk in spill.chunks(size)]


rows_of_groups = some.lists(
    some.tuples(some.sampled_from(["x", "y", "z", None]), some.booleans()), min_size=1, max_size=25
)


@settings(max_examples=40)
@given(rows=rows_of_groups, size=some.integers(1, 10))
def test_every_row_comes_once_and_no_group_is_cut(tmp_path_factory, rows, size):
    groups, late = [group for group, _ in rows], [is_late for _, is_late in rows]
    chunks = spilled(tmp_path_factory.mktemp("spill"), groups, late, size)
    seen = [row for chunk in chunks for row, _ in chunk]
    assert sorted(seen) == list(range(2, len(rows) + 2))
    for name in {"x", "y", "z"} & set(groups):
        assert sum(any(group == name for _, group in chunk) for chunk in chunks) == 1
    assert all(len(chunk) >= size for chunk in chunks[:-1])


def test_groups_stand_where_their_first_row_stood_and_waiting_ones_come_last(tmp_path):
    chunks = spilled(tmp_path, ["r", "a", "b", "a", None, "r"], [True, False, False, False, False, False], 3)
    assert chunks == [[(3, "a"), (5, "a"), (4, "b")], [(6, "-"), (2, "r"), (7, "r")]]


def test_rejected_rows_come_back_once_in_the_files_order_with_what_stood_there(tmp_path):
    frame = pd.DataFrame({"A": ["one", "two"], "B": ["x", None]}, index=[2, 3], dtype="str")
    with Spill(tmp_path, ["A", "B"]) as spill:
        spill.add(frame, None, None, pd.Series(index=[2, 3], dtype="str"))
        spill.reject({})
        spill.reject({3: "late", 2: "early"})
        spill.reject({3: "late"})
        assert list(spill.rejected()) == [(2, "early", ["one", "x"]), (3, "late", ["two", None])]
