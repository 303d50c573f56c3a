"""A package as the dock reads it: columns, boxes, decisions, and whether its sources changed since."""

import json
import os
import shutil
import sqlite3
from contextlib import closing

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from packages import box, findings, review
from support import square

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.files import FileSource
from redline_review.core.profile import load_profile
from redline_review.core.review.browse import browse, browsed_layer, extent_of, history, refreshed
from redline_review.core.review.gpkg import know_geometry
from redline_review.core.review.recording import Decided, record
from redline_review.core.review.request import ReviewRequest
from redline_review.core.review.run import run_review


def test_columns_boxes_and_decisions(tmp_path):
    path = tmp_path / "成果.gpkg"
    rows = [("A", "farmland", "F1", box(0, 0, 100)), ("B", "eco_redline", "E1", box(20_000, 0, 100, 50))]
    review(path, findings(rows))
    record(path, [Decided("A/farmland/F1", "resolved", "张三")])
    found = browse(path)
    assert found.findings.finding_id.tolist() == ["A/farmland/F1", "B/eco_redline/E1"]
    assert found.findings.area_m2.tolist() == [10_000, 5000] and "geometry" not in found.findings
    expected = shapely.bounds([row[3] for row in rows])
    assert found.boxes == pytest.approx(expected, abs=8)  # an index keeps single precision
    assert (found.boxes[:, :2] <= expected[:, :2]).all() and (found.boxes[:, 2:] >= expected[:, 2:]).all()
    assert found.decided["A/farmland/F1"].decision == "resolved" and len(found.decided) == 1
    assert found.towns.town_id.tolist() == ["A", "B"] and found.writable and found.changed == []


def test_sources_that_changed_since_the_run_are_told(tmp_path):
    files = {"towns": tmp_path / "towns.gpkg", "farm": tmp_path / "farm.shp"}
    for name, geometry in (("towns", square(0, 0, 100)), ("farm", square(50, 0, 100))):
        geopandas.GeoDataFrame(geometry=[geometry], crs="EPSG:4530").to_file(files[name])
    package = tmp_path / "review.gpkg"
    towns, farm = (FileSource(files[name]) for name in ("towns", "farm"))
    run_review(ReviewRequest(towns=towns, profile=load_profile(), lines={"farmland": farm}, package=package))
    found = browse(package)
    assert found.changed == [] and np.isfinite(found.boxes).all()
    os.utime(files["farm"].with_suffix(".dbf"), (4e9, 4e9))  # any of a Shapefile's parts
    assert browse(package).changed == ["farmland"]
    files["towns"].unlink()
    assert browse(package).changed == ["towns", "farmland"]


def set_fact(path, key, value):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM run WHERE key = ?", [key])
        connection.execute("INSERT INTO run (key, value) VALUES (?, ?)", [key, value])


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "成果.gpkg"
    review(path, findings([("A", "farmland", f"F{n}", box(200 * n, 0, 100)) for n in range(3)]))
    return path


def test_what_is_recorded_later_is_taken_in(path):
    found = browse(path)
    assert refreshed(found) == []
    record(path, [Decided("A/farmland/F2", "resolved", "张三")])
    record(path, [Decided("A/farmland/F0", "resolved", "李四")])
    assert sorted(refreshed(found)) == [0, 2] and refreshed(found) == []
    assert found.decisions.tolist() == ["resolved", "open", "resolved"]
    assert found.undecided.tolist() == [False, True, False] and found.open_findings.tolist() == [1]
    assert history(found, "A/farmland/F0")["author"].tolist() == ["李四"]


def test_another_file_at_its_place_is_seen(path, tmp_path):
    """A copy from before: what is recorded in it stands where other events stood."""
    before = tmp_path / "before.gpkg"
    shutil.copy(path, before)
    record(path, [Decided("A/farmland/F0", "resolved", "张三")])
    found = browse(path)
    shutil.copy(before, path)
    assert refreshed(found) is None
    record(path, [Decided("A/farmland/F1", "needs_adjustment", "张三")])
    assert refreshed(found) is None
    found = browse(path)
    set_fact(path, "run_id", '"another run"')
    assert refreshed(found) is None


def test_one_of_a_later_version_is_looked_at_and_refreshed(path):
    set_fact(path, "schema_version", "99")
    found = browse(path)
    assert found.newer and not found.older and not found.writable and refreshed(found) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("profile", "{not json"),
        ("profile", '{"lines": [{"id": "farmland"}]}'),
        ("profile", '{"checklist": [{"id": "plan"}]}'),
        ("profile", '{"changes": "few"}'),
        ("sources", '{"towns": {"size": 1, "modified": "x"}}'),
        ("sources", '["towns"]'),
    ],
)
def test_facts_that_are_none_are_a_damaged_package(path, key, value):
    set_fact(path, key, value)
    with pytest.raises(RedlineError) as caught:
        browse(path)
    assert caught.value.code == "package_damaged" and "成果" in str(caught.value)


def test_lines_and_questions_are_those_of_the_run(path):
    assert [line.id for line in browse(path).lines.lines] == [line.id for line in load_profile().lines]
    line = {"id": "reserve", "short": "resv", "name": "自然保护地", "test": "keep_out"}
    asked = {"id": "plan", "question": "规划是否科学？", "group": "五有"}
    set_fact(path, "profile", json.dumps({"lines": [line], "checklist": [asked]}))
    found = browse(path)
    assert [(one.id, one.short) for one in found.lines.lines] == [("reserve", "resv")]
    assert [one.id for one in found.questions] == ["plan"]


def test_towns_of_one_id_and_findings_of_none(path):
    """The first town of an id has its findings, as everywhere."""
    with closing(sqlite3.connect(path)) as connection, connection:
        know_geometry(connection)
        for town in ("A", None, ""):
            connection.execute("INSERT INTO towns (town_id, town_name, verdict) VALUES (?, '又一', 'clear')", [town])
        connection.execute("UPDATE findings SET town_id = 'nowhere' WHERE finding_id LIKE '%F1'")
        connection.execute("UPDATE findings SET town_id = NULL WHERE finding_id LIKE '%F2'")
    found = browse(path)
    assert found.town_rows.tolist()[:2] == [0, -1]
    assert found.town_rows[2] in (-1, 2), "of no town, or of the one that has no id either"
    assert found.open_findings[:2].tolist() == [1, 0]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM towns")
    found = browse(path)
    assert found.town_rows.tolist() == [-1, -1, -1] and len(found.open_findings) == 0
    record(path, [Decided("A/farmland/F0", "resolved", "张三")])
    assert refreshed(found) == [0]


def test_what_is_not_stated_stays_none(tmp_path):
    path = tmp_path / "成果.gpkg"
    rows = [("A", "eco_redline", f"E{n}", box(200 * n, 0, 100)) for n in range(3)]
    review(path, findings(rows).assign(zone=["核心区", None, ""]))
    found = browse(path)
    assert found.findings["zone"].tolist() == ["核心区", None, ""] and found.values()["zone"] == ["核心区", None]


class TestLayer:
    """Tables as models and `qgis_process` leave them."""

    BOXES = np.array([[0.0, 0, 1, 1], [2, 2, 3, 3]])

    def layer(self, towns=None, **columns):
        frame = pd.DataFrame(columns, dtype=object)
        places = () if towns is None else (towns, np.arange(len(towns)), np.zeros((len(towns), 4)))
        return browsed_layer(frame, np.arange(len(frame)), self.BOXES[: len(frame)], "EPSG:4530", *places)

    def test_what_it_lacks_is_unknown(self):
        found = self.layer(finding_id=["f", "g"], area_m2=[1.5, None])
        assert found.findings["severity"].tolist() == [None, None] and not found.undecided.any()
        assert found.values() == {"decision": ["open"], **{name: [None] for name in found.codes}}
        assert len(found.towns) == 0 and found.town_rows.tolist() == [-1, -1] and found.searched == ["", ""]
        assert found.findings["area_m2"].tolist()[0] == 1.5 and np.isnan(found.findings["share_pct"]).all()

    def test_texts_may_be_numbers_and_numbers_texts(self):
        found = self.layer(
            finding_id=[7, 8.0], number=[12, None], town_id=[220101, 220101], town_name=["甲", "甲"], zone=[0, 3],
            area_m2=["12.5", "viel"], line=["farmland", float("nan")],
        )  # fmt: skip
        assert found.row_of("7") == 0 and found.row_of("8") == 1
        assert found.findings["number"].tolist() == ["12", None] and found.values()["zone"] == ["0", "3"]
        assert found.findings["area_m2"][0] == 12.5 and np.isnan(found.findings["area_m2"][1])
        assert found.towns["town_id"].tolist() == ["220101"] and found.town_rows.tolist() == [0, 0]
        assert found.values()["line"] == ["farmland", None]

    def test_towns_of_its_own(self):
        towns = pd.DataFrame({"town_id": [1, 2], "town_name": ["甲", None], "verdict": ["clear", "violation"]})
        found = self.layer(towns, finding_id=["f"], town_id=["2"])
        assert found.towns["reviewed_verdict"].tolist() == ["clear", "violation"] and found.town_rows.tolist() == [1]

    def test_an_empty_one(self):
        found = self.layer(finding_id=[])
        assert len(found.findings) == len(found.towns) == 0 and np.isnan(extent_of(found.boxes)).all()
