"""What of a package lies at a place of the map."""

import os
import sqlite3
from contextlib import closing

import numpy as np
import pytest
import shapely
from packages import EAST, NORTH, box, findings, review

from redline_review.core.errors import RedlineError
from redline_review.core.review import pick
from redline_review.core.review.browse import browse
from redline_review.core.review.gpkg import know_geometry
from redline_review.core.review.pick import findings_at, shape_wkb

L_SHAPE = shapely.union(box(0, 0, 100, 10), box(0, 0, 10, 100))  # its box holds land that it does not


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "成果.gpkg"
    rows = [("A", "farmland", "large", box(0, 0, 500)), ("A", "farmland", "bent", L_SHAPE),
            ("B", "eco_redline", "small", box(50, 50, 20)), ("B", "eco_redline", "away", box(9000, 0, 5))]  # fmt: skip
    review(path, findings(rows))
    return path


def at(found, x, y, reach=1.0):
    return [one.rsplit("/", 1)[1] for one in found.ids(findings_at(found, EAST + x, NORTH + y, reach))]


def test_the_smallest_comes_first_and_only_what_is_there(path):
    found = browse(path)
    assert at(found, 60, 60) == ["small", "large"]
    assert at(found, 5, 5) == ["bent", "large"]
    assert at(found, 90, 90) == ["large"], "within the bent one's box, not in it"
    assert at(found, -500, 0) == []


def test_within_reach_is_near_enough(path):
    found = browse(path)
    assert at(found, 8990, 2, reach=9) == [] and at(found, 8990, 2, reach=11) == ["away"]
    assert at(found, 18, 50, reach=9) == ["bent", "large"]


def test_without_the_package_what_the_layer_says(path):
    found = browse(path)
    asked = []

    def near(fids):
        asked.extend(fids)
        return np.array([fid == found.fids[0] for fid in fids])

    rows = findings_at(found, EAST + 60, NORTH + 60, 1.0, near)
    assert found.ids(rows) == ["A/farmland/large"]
    assert sorted(asked) == sorted(int(fid) for fid in found.fids[:3])


def test_an_area_that_is_not_known_stands_last(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        know_geometry(connection)
        connection.execute("UPDATE findings SET area_m2 = NULL WHERE finding_id LIKE '%small'")
    assert at(browse(path), 60, 60) == ["large", "small"]


def test_a_package_that_is_gone_or_locked_is_said(path, monkeypatch):
    found = browse(path)
    monkeypatch.setattr(pick, "READ_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RedlineError) as caught:
            findings_at(found, EAST + 60, NORTH + 60, 1.0)
        assert caught.value.code == "package_locked"
        with pytest.raises(RedlineError, match="成果"):
            shape_wkb(path, "findings", 1)
        other.execute("ROLLBACK")
    os.unlink(path)
    with pytest.raises(RedlineError) as caught:
        findings_at(found, EAST + 60, NORTH + 60, 1.0)
    assert caught.value.code == "no_package"
    assert findings_at(found, 0, 0, 1.0) == [], "what has no finding near needs no package"


def test_the_land_of_one_feature(path):
    found = browse(path)
    for row, layer, fids in ((1, "findings", found.fids), (0, "towns", found.town_fids)):
        shape = shapely.from_wkb(shape_wkb(path, layer, int(fids[row])))
        expected = L_SHAPE if layer == "findings" else box(0, 0, 1000)
        assert shapely.equals(shape, expected)
    assert shape_wkb(path, "findings", 999) is None
