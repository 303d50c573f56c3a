"""What is new in a package is read on another thread, and taken in without being read again."""

import shutil

import numpy as np
import pytest
from packages import box, findings, review

from redline_review.core.review.browse import browse, refreshed
from redline_review.core.review.recording import Decided, record, undo
from redline_review.core.review.renewal import renewed, take_in

F = [f"A/farmland/F{n}" for n in range(3)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "成果.gpkg"
    review(path, findings([("A", "farmland", f"F{n}", box(200 * n, 0, 100)) for n in range(3)]))
    return path


def state(found):
    """All that decisions change."""
    return (
        found.decisions.tolist(), found.undecided.tolist(), found.decided, found.values(), len(found.events),
        found.towns["reviewed_verdict"].tolist(), found.open_findings.tolist(),
    )  # fmt: skip


def test_what_was_read_is_taken_in_later_as_if_it_were_read_then(path):
    record(path, [Decided(F[0], "needs_adjustment", "张三")])
    found, at_once = browse(path), browse(path)
    before, arrays = state(found), (found.decisions.copy(), found.undecided.copy())
    record(path, [Decided(one, "false_positive", "张三", "误读") for one in F])
    record(path, [Decided(one, "verified", "李四") for one in F])
    read = renewed(found)
    assert state(found) == before
    assert np.array_equal(found.decisions, arrays[0]) and np.array_equal(found.undecided, arrays[1])
    assert sorted(take_in(found, read)) == sorted(refreshed(at_once)) == [0, 1, 2]
    assert state(found) == state(at_once) != before
    assert take_in(found) == []
    undo(path, F, "李四")
    assert sorted(take_in(found, renewed(found))) == [0, 1, 2] == sorted(refreshed(at_once))
    assert state(found) == state(at_once)


def test_what_has_been_taken_in_since_stays(path):
    found = browse(path)
    record(path, [Decided(F[0], "resolved", "张三")])
    read = renewed(found)
    record(path, [Decided(F[1], "resolved", "张三")])
    assert sorted(refreshed(found)) == [0, 1]
    assert take_in(found, read) == [] and found.decisions.tolist() == ["resolved", "resolved", "open"]


def test_what_was_read_for_one_is_not_taken_in_by_another(path, tmp_path):
    other = tmp_path / "other.gpkg"
    shutil.copy(path, other)
    found, elsewhere = browse(path), browse(other)
    record(path, [Decided(F[0], "resolved", "张三")])
    read = renewed(found)
    assert take_in(elsewhere, read) == [] and elsewhere.decisions.tolist() == ["open"] * 3


def test_another_file_at_its_place(path, tmp_path):
    before = tmp_path / "before.gpkg"
    shutil.copy(path, before)
    record(path, [Decided(F[0], "resolved", "张三")])
    found = browse(path)
    shutil.copy(before, path)
    assert take_in(found, renewed(found)) is None
