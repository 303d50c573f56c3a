"""Check of layers: CRSs that are missing or cannot be right, and ways from one datum to another."""

import warnings

import numpy as np
import pyproj
import pytest
import shapely
from checking import check, kinds, line_layer, only, town_layer
from hypothesis import given
from hypothesis import strategies as st
from support import GAUSS_KRUGER, MemorySource, square

from redline_review.core.inputs.checks.crs_checks import crs_issues
from redline_review.core.inputs.checks.layer import TOWNS, CheckedLayer

BOX_DEGREES = (125.9, 43.7, 126.1, 43.9)
BOX_42 = (42_450_000.0, 4_840_000.0, 42_500_000.0, 4_900_000.0)
BOX_PLAIN = (450_000.0, 4_840_000.0, 500_000.0, 4_900_000.0)
SWAPPED = (4_840_000.0, 42_450_000.0, 4_900_000.0, 42_500_000.0)

WAYS = ("check_datum_rough", "check_datum_grid", "check_datum_unknown", "check_datum_other", "check_no_way")


def codes(epsg, box):
    return [issue.code for issue in crs_issues("layer", pyproj.CRS.from_epsg(epsg) if epsg else None, box)]


@pytest.mark.parametrize(
    ("epsg", "box", "code"),
    [
        (None, (1.0, 2.0, 3.0, 4.0), "check_no_crs"),
        (None, None, "check_no_crs"),
        (None, BOX_42, "check_no_crs_likely"),
        (None, BOX_DEGREES, "check_no_crs_likely"),
        (5773, BOX_42, "check_crs_local"),
        (5773, None, "check_crs_local"),
        (4490, BOX_42, "check_metres_as_degrees_likely"),
        (4490, BOX_PLAIN, "check_metres_as_degrees"),
        (4490, (43.7, 125.9, 43.9, 126.1), "check_axes_swapped"),
        (4530, BOX_DEGREES, "check_degrees_as_metres"),
        (32651, BOX_DEGREES, "check_degrees_as_metres"),
        (4530, BOX_PLAIN, "check_prefix_missing"),
        (4551, BOX_42, "check_prefix_unexpected"),
        (4531, BOX_42, "check_zone_differs"),
        (4530, SWAPPED, "check_axes_swapped"),
        (4551, (4_840_000.0, 450_000.0, 4_900_000.0, 500_000.0), "check_axes_swapped"),
        (2056, (5_600_000.0, 1_200_000.0, 5_610_000.0, 1_210_000.0), "check_elsewhere"),
        (4551, (200_000.0, 4_840_000.0, 800_000.0, 4_900_000.0), "check_beyond_use"),
        (4551, (1e9, 4_840_000.0, 1.1e9, 4_900_000.0), "check_outside_use"),
        (32651, (-9e8, 4_840_000.0, -8e8, 4_900_000.0), "check_outside_use"),
    ],
)
def test_doubtful(epsg, box, code):
    assert codes(epsg, box) == [code]


@pytest.mark.parametrize(
    ("epsg", "box"),
    [
        (4490, BOX_DEGREES), (4326, (-0.2, 51.4, 0.1, 51.6)), (4530, BOX_42), (4551, BOX_PLAIN), (3857, (
            14_000_000.0, 5_400_000.0, 14_050_000.0, 5_450_000.0)), (2056, (2_755_000.0, 1_213_000.0, 2_770_000.0,
            1_237_000.0)), (4530, None), (4530, (np.nan,) * 4),
    ],
)  # fmt: skip
def test_in_order(epsg, box):
    assert codes(epsg, box) == []


@given(st.integers(25, 45), st.floats(-1.4, 1.4), st.floats(0, 1), st.booleans())
def test_every_zone_of_china_is_in_order_in_its_own_crs(number, off, north, prefixed):
    epsg = (4513 if prefixed else 4534) + number - 25
    crs = pyproj.CRS.from_epsg(epsg)
    use = crs.area_of_use
    latitude = use.south + north * (use.north - use.south)
    longitude = min(max(3 * number + off, use.west), use.east)  # the outermost zones reach beyond China
    x, y = pyproj.Transformer.from_crs(4490, crs, always_xy=True).transform(longitude, latitude)
    errors = [one.code for one in crs_issues("layer", crs, (x, y, x + 3000, y + 3000)) if one.severity == "error"]
    assert errors == []
    other = pyproj.CRS.from_epsg((4534 if prefixed else 4513) + number - 25)
    wrong = "check_prefix_unexpected" if prefixed else "check_prefix_missing"
    issues = crs_issues("layer", other, (x, y, x + 3000, y + 3000))
    assert [one.code for one in issues] == [wrong]
    assert f"EPSG:{epsg}" in issues[0].details["likely"]


def test_what_is_likely_is_named():
    likely = crs_issues("layer", pyproj.CRS.from_epsg(4551), BOX_42)[0].details["likely"]
    assert "EPSG:4530" in likely
    assert "EPSG:4490" in crs_issues("layer", None, BOX_DEGREES)[0].details["likely"]


@pytest.mark.parametrize(
    ("epsg", "code", "severity"),
    [(2366, "check_datum_rough", "error"), (4326, "check_datum_other", "notice"), (4490, None, None)],
)
def test_other_datum(epsg, code, severity):
    crs = pyproj.CRS.from_epsg(epsg)
    to = pyproj.Transformer.from_crs(GAUSS_KRUGER, pyproj.CRS.from_epsg(epsg), always_xy=True)
    there = shapely.transform(square(0, 0, 2000), lambda xy: np.column_stack(to.transform(*xy.T)))
    found = check(line_layer(there, crs=crs, name="far"))
    told = {one: count for one, count in kinds(found, "far").items() if one.startswith("check_datum")}
    assert told == ({code: 1} if code else {})
    if code:
        assert only(found, code)[0].severity == severity


def related(crs, town=GAUSS_KRUGER, pipeline=None, place=None):
    """What the check says of how a line in this CRS comes to the towns, who are in another; the line lies over them."""
    place = square(0, 0, 2000) if place is None else place
    to = pyproj.Transformer.from_crs(town, crs, always_xy=True)
    there = shapely.transform(place, lambda xy: np.column_stack(to.transform(*xy.T)))
    line = line_layer(there, crs=crs, name="far")
    line.source.pipeline = lambda target: pipeline
    found = check(line, towns=CheckedLayer(MemorySource("towns", [place], crs=town), TOWNS))
    ways = [issue for issue in found.issues if issue.layer == "far" and issue.code in WAYS]
    return [(issue.code, issue.severity) for issue in ways], ways


XIAN_80 = pyproj.CRS.from_epsg(2366)
BY_PARAMETERS = (  # as a bureau gives them for its county
    "+proj=pipeline +step +inv +proj=tmerc +lon_0=126 +x_0=42500000 +a=6378140 +rf=298.257 "
    "+step +proj=cart +a=6378140 +rf=298.257 +step +proj=helmert +x=12.3 +y=-4.5 +z=6.7 "
    "+step +inv +proj=cart +ellps=GRS80 +step +proj=tmerc +lon_0=126 +x_0=42500000 +ellps=GRS80"
)


class TestWays:
    """From one datum to another, as a project or PROJ has them."""

    def test_an_operation_chosen_in_the_project_is_as_good_as_nobody_knows(self):
        assert related(XIAN_80, pipeline=BY_PARAMETERS)[0] == [("check_datum_unknown", "notice")]
        assert related(XIAN_80)[0] == [("check_datum_rough", "error")]
        assert related(GAUSS_KRUGER)[0] == []

    def test_an_operation_that_does_not_work_here(self):
        """The project names a grid file of a province's that this computer does not have."""
        codes, (issue,) = related(XIAN_80, pipeline="+proj=pipeline +step +proj=hgridshift +grids=no_such_grid.gsb")
        assert codes == [("check_no_way", "error")]
        assert "no_such_grid.gsb" in issue.details["reason"] and "Xian 1980" in issue.details["source"]

    def test_a_layer_that_cannot_be_brought_to_the_towns_is_checked_by_itself(self):
        line = line_layer(square(0, 0, 500), square(0, 0, 500), crs=XIAN_80, name="far")
        line.source.pipeline = lambda target: "+proj=pipeline +step +proj=hgridshift +grids=no_such_grid.gsb"
        found = check(line)
        assert kinds(found, "far") == {"check_no_way": 1, "check_duplicate": 1}
        assert all(issue.geometry is None for issue in found.issues if issue.layer == "far")

    def test_parameters_that_stand_in_the_crs(self):
        utm, degrees = pyproj.CRS.from_epsg(32652), "+proj=longlat +ellps=krass +no_defs +type=crs"
        towgs84 = pyproj.CRS.from_user_input(degrees.replace(" +no_defs", " +towgs84=15.8,-154.4,-82.3"))
        place = shapely.box(400_000, 4_850_000, 402_000, 4_852_000)
        assert related(towgs84, utm, place=place)[0] == [("check_datum_unknown", "notice")]
        assert related(towgs84)[0] == [("check_datum_unknown", "notice")]  # CGCS2000 as well
        assert related(pyproj.CRS.from_user_input(degrees), utm, place=place)[0] == [("check_datum_rough", "error")]

    def test_a_grid_file_that_is_not_installed(self):
        """Australia's old datum comes to the new one by a grid, 0.1 m, or without it by parameters, 1 m."""
        zone, old = pyproj.CRS.from_epsg(28355), pyproj.CRS.from_epsg(4202)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            melbourne = pyproj.aoi.AreaOfInterest(144.9, -37.9, 145.0, -37.8)
            ways = pyproj.transformer.TransformerGroup(old, zone, always_xy=True, area_of_interest=melbourne)
        if ways.best_available:
            pytest.skip("PROJ's grids of Australia are installed here")
        place = shapely.box(320_000, 5_810_000, 322_000, 5_812_000)
        codes, (issue,) = related(old, zone, place=place)
        assert codes == [("check_datum_grid", "warning")] and 0.1 < issue.details["accuracy"] <= 3
        assert related(pyproj.CRS.from_epsg(4283), zone, place=place)[0] == []


def test_a_layer_whose_crs_cannot_be_right_is_not_compared_with_others():
    """Its own faults are found all the same, but nobody knows where."""
    wrong = pyproj.CRS.from_epsg(4551)
    found = check(line_layer(square(0, 0, 2000), square(0, 0, 2000), crs=wrong, name="wrong"))
    assert kinds(found, "wrong") == {"check_prefix_unexpected": 1, "check_duplicate": 1}
    assert only(found, "check_duplicate")[0].geometry is None


def test_towns_without_a_crs_leave_the_lines_to_each_other():
    towns = town_layer(square(0, 0, 1000))
    towns.source.crs = None
    over = [
        line_layer(square(0, 0, 500), name="a"),
        line_layer(square(400, 0, 500), name="b", line="eco_redline"),
    ]
    found = check(*over, towns=towns)
    assert kinds(found) == {"check_no_crs_likely": 1, "check_lines_overlap": 1}
    assert found.crs.to_epsg() == 4530


def test_no_crs_at_all():
    towns = town_layer(square(0, 0, 1000), square(500, 0, 1000))
    towns.source.crs = None
    found = check(towns=towns)
    assert kinds(found) == {"check_no_crs_likely": 1, "check_towns_overlap": 1}
    assert found.crs is None and all(issue.geometry is None for issue in found.issues)
