"""What a check of layers writes: points, areas, the page; and as a step of the review its package."""

import html
import re
import sqlite3

import pyproj
import pytest
import shapely
from support import FrameWriter, MemorySource, review, square

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.inputs.checks.layer import COVERAGE, LAND_USE, LINE, OTHER, TOWNS
from redline_review.core.profile import load_profile
from redline_review.core.report.check_page import page, write_check_page
from redline_review.core.report.texts import LANGUAGES, Texts
from redline_review.core.review.checking import FIELDS, CheckOutputs, check_request, layers_of, run_check
from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
from redline_review.core.review.request import ReviewRequest

CROSSING = [square(0, 0, 200), square(150, 0, 200), None]


def request(**options):
    towns = MemorySource("towns", [square(0, 0, 100)], {"code": ["T1"], "name": ["<b>镇</b>"]})
    farm = MemorySource("farm <i>", CROSSING, {"BSM": ["1", None, None]})
    given = {"towns": towns, "lines": {"farmland": farm}, "town_id_field": "code", "town_name_field": "name"}
    return ReviewRequest(profile=load_profile(), language="en", **(given | options))


def written(tmp_path, **options):
    points, areas = FrameWriter(), FrameWriter()
    path = tmp_path / "summary.html"
    checked = run_check(request(**options), CheckOutputs(points, areas, path), threads=2)
    return checked, points, areas, path


def test_points_and_areas(tmp_path):
    checked, points, areas, _ = written(tmp_path)
    assert [field.name for field in points.fields] == ["layer", "feature", "kind", "severity", "detail", "advice"]
    found = points.frame.set_index("kind")
    assert set(found.index) == {"check_overlap", "check_null", "check_code_missing", "check_bsm_length"}
    overlap = found.loc["check_overlap"]
    assert overlap["geometry"].geom_type == "Point" and square(150, 0, 50, 200).contains(overlap["geometry"])
    assert (overlap["layer"], overlap["feature"], overlap["severity"]) == ("farm <i>", "0", "warning")
    assert "10" in overlap["detail"] and "counts that land once" in overlap["advice"]
    assert found.loc["check_null", "geometry"] is None
    assert found.loc["check_bsm_length", "geometry"].equals(square(0, 0, 200).centroid)
    placed, nowhere = found.loc["check_code_missing", "geometry"]
    assert placed.equals(square(150, 0, 200).centroid) and nowhere is None
    assert areas.frame["kind"].tolist() == ["check_overlap"]
    assert areas.frame["geometry"][0].equals(square(150, 0, 50, 200))
    assert points.crs.to_epsg() == areas.crs.to_epsg() == checked.crs.to_epsg() == 4530


def test_places_are_in_the_crs_of_the_towns(tmp_path):
    crs = pyproj.CRS.from_epsg(4490)
    to = pyproj.Transformer.from_crs(4530, crs, always_xy=True)
    there = shapely.transform(square(0, 0, 100), to.transform, interleaved=False)
    towns = MemorySource("towns", [there], {"code": ["T1"], "name": ["镇"]}, crs=crs)
    _, points, areas, _ = written(tmp_path, towns=towns)
    assert areas.crs.to_epsg() == points.crs.to_epsg() == 4490
    (x, y), *_ = areas.frame["geometry"][0].exterior.coords
    assert 125 < x < 127 and 43 < y < 45


def test_nothing_is_written_where_it_was_cancelled(tmp_path):
    points = FrameWriter()
    with pytest.raises(Cancelled):
        run_check(request(), CheckOutputs(points, None, tmp_path / "x.html"), cancelled=lambda: True)
    assert points.frame is None and not list(tmp_path.iterdir())


def test_a_late_cancel_leaves_nothing_behind(tmp_path):
    def progress(percent, code):
        if code == "placing":
            raise Cancelled

    points = FrameWriter()
    with pytest.raises(Cancelled):
        run_check(request(), CheckOutputs(points, None, tmp_path / "x.html"), progress)
    assert points.aborted and not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", LANGUAGES)
def test_page(tmp_path, language):
    """Escaped, without anything that is fetched, with every number and text."""
    checked = check_request(request(), threads=2)
    texts, path = Texts(language), tmp_path / "质检.html"
    write_check_page(checked, path, texts)
    said = path.read_text(encoding="utf-8")
    assert "<i>" not in said and "farm &lt;i&gt;" in said
    assert not re.search(r"https?://|<script|src=|url\(", said)
    assert f'lang="{"zh-CN" if language == "zh_CN" else "en"}"' in said
    plain = html.unescape(re.sub(r"<[^>]*>", "\n", said))
    for issue in checked.issues:
        assert texts.issue(issue) in plain
        assert texts.word("check_kind", issue.code) in plain and texts.word("check_advice", issue.code) in plain
    cells = re.findall(r"<td[^>]*>([^<\n]*)", said)
    assert cells[cells.index("farm &lt;i&gt;") :][:5] == ["farm &lt;i&gt;", "3", "0", "5", "0"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_of_nothing(language):
    clean = check_request(request(lines={"farmland": MemorySource("farm", [square(-10, -10, 300)])}))
    said = "".join(page(clean, Texts(language)))
    assert clean.counts == {} and Texts(language).words("check_page")["none"] in said


def test_a_page_that_cannot_be_written(tmp_path):
    with pytest.raises(RedlineError) as failed:
        write_check_page(check_request(request()), tmp_path / "none" / "x.html", Texts("en"))
    assert failed.value.code == "cannot_write"


def test_the_layers_of_a_review_and_their_parts():
    land = MemorySource("dltb", CROSSING[:1], {"DLBM": ["0103"]})
    more = {
        "construction": MemorySource("built", CROSSING[:1]),
        "coverage": MemorySource("cover", CROSSING[:1], {"line": ["永久基本农田"]}),
        "coverage_line_field": "line",
        "intensity": IntensityRequest(
            land_use=LandUseLayer(land, "DLBM", "sandiao"), buildings=MemorySource("houses", CROSSING[:1])
        ),
    }
    layers = {layer.name: layer for layer in layers_of(request(**more))}
    roles = {"towns": TOWNS, "farm <i>": LINE, "built": OTHER, "dltb": LAND_USE, "houses": OTHER, "cover": COVERAGE}
    assert {name: layer.role for name, layer in layers.items()} == roles
    assert layers["dltb"].system.id == "sandiao" and layers["cover"].speaks_of == {"永久基本农田": "farmland"}
    assert (layers["towns"].id_field, layers["towns"].name_field) == ("code", "name")
    assert layers["farm <i>"].id_field == "BSM"


def test_fields_that_are_not_there_are_no_reason_to_stop():
    checked = check_request(request(town_id_field="none", town_name_field="none", coverage_line_field="none"))
    assert checked.counts


def issues_in(path):
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT kind, layer, detail, geom FROM data_issues").fetchall()
    connection.close()
    return rows


@pytest.mark.parametrize("wanted", [True, False])
def test_a_step_of_the_review(tmp_path, wanted):
    path = tmp_path / "review.gpkg"
    _, _, outcome = review(
        [square(0, 0, 100)], {"farmland": [*CROSSING, square(20, 20, 30)]}, package=path, check_data=wanted
    )
    rows = issues_in(path)
    found = {kind for kind, *_ in rows if kind.startswith("check_")}
    assert found == ({"check_overlap", "check_null"} if wanted else set())
    assert "no_geometry" in {kind for kind, *_ in rows}  # the review's own
    counts = {code: count for (_, code, _), count in outcome.checked.counts.items()} if wanted else outcome.checked
    assert counts == ({"check_overlap": 2, "check_null": 1} if wanted else None)
    assert not any(issue.code.startswith("check_") for issue in outcome.issues)
    places = [shape for kind, _, _, shape in rows if kind == "check_overlap"]
    assert all(places)


def test_progress_of_a_review_with_a_check_goes_forward(tmp_path):
    from redline_review.core.review.run import run_review

    steps = []
    run_review(request(package=tmp_path / "p.gpkg", check_data=True), lambda percent, code: steps.append(percent))
    assert steps == sorted(steps) and steps[0] == 0 and steps[-1] == 100


def test_fields_are_texts():
    assert {field.type for field in FIELDS} == {"text"}
