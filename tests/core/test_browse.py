"""A package as the dock reads it: columns, boxes, decisions, and whether its sources changed since."""

import os

import geopandas
import numpy as np
import pytest
import shapely
from packages import box, findings, review
from support import square

from redline_review.core.inputs.files import FileSource
from redline_review.core.profile import load_profile
from redline_review.core.review.browse import browse
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
