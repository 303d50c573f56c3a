"""The verdict tables of domain.md §1, a test for each row and each object, through the real review."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from support import MemorySource, review, square

from redline_review.core.inputs.files import FileSource
from redline_review.core.profile import load_profile

SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "qinghe.gpkg"
SITE, PLANNED, UNIT = "site", "planned_area", "administrative_unit"
TOWN = square(0, 0, 1000)
EVERYWHERE = square(-5000, -5000, 20_000)
INSIDE = {"geometry": [EVERYWHERE], "zone": ["城镇集中建设区"]}
FAR = square(9000, 9000, 100)  # keeps a layer's box over the town without touching it


def zoned(name, geometry, zone):
    field = {"urban_boundary": "GHFQMC", "eco_redline": "HXFQMC"}[name]
    return MemorySource(name, geometry, {field: zone})


def layers(eco=(), farm=(), udb=INSIDE, eco_zone=None):
    """The three lines: `eco` and `farm` as lists of geometries beside far-off ones that make the box wide."""
    corner = [FAR, square(-3000, -3000, 10)]
    zones = [eco_zone] * len(eco) + ["一般控制区"] * 2
    return {
        "eco_redline": zoned("eco_redline", [*eco, *corner], zones),
        "farmland": MemorySource("farmland", [*farm, *corner]),
        "urban_boundary": zoned("urban_boundary", udb["geometry"], udb["zone"]),
    }


def town(review_object, lines, kind=None, **options):
    """The town's summary row and the findings."""
    attributes = {"code": ["T1"], "use": [kind]}
    source = MemorySource("towns", [TOWN], attributes)
    options.setdefault("coverage", [EVERYWHERE])
    summary, findings, _ = review(source, lines, review_object=review_object, kind_field="use", **options)
    return summary.iloc[0], findings


HIT = square(100, 100, 200)


@pytest.mark.parametrize(
    ("lines", "kind", "site", "planned"),
    [
        (layers(), None, "clear", "clear"),
        (layers(eco=[HIT], eco_zone="自然保护地核心保护区"), None, "violation", "violation"),
        (layers(eco=[HIT], eco_zone=None), None, "violation", "violation"),
        (layers(eco=[HIT], eco_zone="水源涵养"), None, "violation", "violation"),
        (layers(eco=[HIT], eco_zone="核心保护区外"), None, "violation", "warning"),
        (layers(farm=[HIT]), None, "violation", "warning"),
        (layers(udb={"geometry": [square(0, 0, 900, 1000)], "zone": ["集中建设区"]}), None, "violation", "warning"),
        (layers(udb={"geometry": [square(0, 0, 900, 1000)], "zone": ["集中建设区"]}), "省级开发区", "violation",
         "warning"),
        (layers(udb={"geometry": [square(0, 0, 900, 1000)], "zone": ["集中建设区"]}), "村庄", "warning", "warning"),
        (layers(udb={"geometry": [EVERYWHERE], "zone": ["特别用途区"]}), None, "warning", "warning"),
        (layers(udb={"geometry": [EVERYWHERE], "zone": ["特别用途区"]}), "城镇住宅", "violation", "warning"),
        (layers(udb={"geometry": [EVERYWHERE], "zone": ["弹性发展区"]}), None, "warning", "warning"),
        (layers(udb={"geometry": [EVERYWHERE], "zone": ["其他"]}), None, "warning", "warning"),
        (layers(udb={"geometry": [EVERYWHERE], "zone": [None]}), None, "warning", "warning"),
    ],
    ids=[
        "集中建设区, nothing hit", "redline core zone", "redline zone missing", "redline zone unknown",
        "redline other zone", "basic farmland", "outside, not stated", "outside, concentrated", "outside, allowed kind",
        "特别用途区, not stated", "特别用途区, concentrated", "弹性发展区", "boundary zone unknown",
        "boundary zone missing",
    ],
)  # fmt: skip
def test_rows_by_object(lines, kind, site, planned):
    for review_object, expected in ((SITE, site), (PLANNED, planned)):
        row, findings = town(review_object, lines, kind)
        assert row.verdict == expected, review_object
        worst = max(findings.severity, key=["warning", "violation"].index, default="clear")
        assert worst == expected
    row, findings = town(UNIT, lines, kind)
    assert row.verdict == "not_judged"
    assert set(findings.severity) <= {"notice"}


def test_a_layer_without_a_zone_field_is_of_unknown_zone():
    lines = layers(farm=[])
    lines["eco_redline"] = MemorySource("eco_redline", [HIT, FAR])
    row, findings = town(PLANNED, lines)
    assert row.verdict == "violation"
    assert findings.zone.tolist() == [""] and "zone unknown" in findings.rule[0]
    lines = layers()
    lines["urban_boundary"] = MemorySource("urban_boundary", [EVERYWHERE])
    assert town(SITE, lines)[0].verdict == "warning"


def tolerant(**figures):
    profile = load_profile()
    return replace(profile, lines=tuple(replace(line, **figures) for line in profile.lines))


STRIP = square(-40, 100, 40.5, 600)  # of it 300 m², 0.5 m wide, in the town
SPECK = square(-40, 100, 40.5, 1)  # of it 0.5 m² in the town


@pytest.mark.parametrize("review_object", [SITE, PLANNED])
@pytest.mark.parametrize("line", ["farmland", "urban_boundary"])
def test_only_pieces_below_tolerance(review_object, line):
    outside = TOWN.difference(SPECK)
    lines = {
        "farmland": layers(farm=[SPECK]),
        "urban_boundary": layers(udb={"geometry": [outside], "zone": ["集中建设区"]}),
    }[line]
    row, findings = town(review_object, lines, profile=tolerant(min_area_m2=1.0))
    assert row.verdict == "clear" and row.sliver_m2 == pytest.approx(0.5) and row.findings == 0
    assert row["farm_check" if line == "farmland" else "udb_check"] == "clear"
    assert findings.severity.tolist() == ["below_tolerance"]  # reported, never dropped
    capped = tolerant(min_area_m2=1.0, max_below_tolerance_m2=0.5 - 1e-6)
    row, _ = town(review_object, lines, profile=capped)
    assert row.verdict == "warning" and row.sliver_m2 == pytest.approx(0.5)


@pytest.mark.parametrize("review_object", [SITE, PLANNED])
def test_a_narrow_piece_is_a_suspected_boundary_error(review_object):
    row, findings = town(review_object, layers(farm=[STRIP]), profile=tolerant(min_area_m2=1.0, min_width_m=1.0))
    assert row.verdict == "warning" and row.farm_check == "hit"
    assert findings.severity.tolist() == ["warning"] and "boundary error" in findings.rule[0]


def test_a_compact_piece_is_no_sliver_for_being_small():
    patch = square(-5, 100, 15, 15)  # 10 × 15 m inside
    row, findings = town(SITE, layers(farm=[patch]), profile=tolerant(min_area_m2=200.0, min_width_m=1.0))
    assert row.verdict == "violation" and findings.area_m2[0] == pytest.approx(150)


def test_a_feature_wholly_inside_is_never_a_sliver():
    speck = square(500, 500, 0.5, 1)
    row, findings = town(SITE, layers(farm=[speck]), profile=tolerant(min_area_m2=1.0, min_width_m=1.0))
    assert row.verdict == "violation" and findings.severity.tolist() == ["violation"]


def test_pieces_are_judged_by_connected_piece_not_by_feature():
    # A block cut into a hundred features is the block; strips do not average away the block beside them.
    rows = [square(-10, 100 + n, 15, 1) for n in range(100)]  # 5 m² each inside, 500 m² together
    profile = tolerant(min_area_m2=200.0)
    row, findings = town(SITE, layers(farm=rows), profile=profile)
    assert row.verdict == "violation" and set(findings.severity) == {"violation"} and row.sliver_m2 == 0
    strips = [square(0, 5 * n, 0.01, 2) for n in range(150)]
    outside = shapely.union_all([*strips, square(900, 900, 100)])
    lines = layers(udb={"geometry": [TOWN.difference(outside)], "zone": ["集中建设区"]})
    row, findings = town(SITE, lines, profile=tolerant(min_area_m2=1.0, min_width_m=0.5))
    assert row.verdict == "violation" and row.udb_n == 1
    assert sorted(findings.severity) == ["below_tolerance", "violation"]
    assert row.sliver_m2 == pytest.approx(150 * 0.02) and row.udb_out_m2 == pytest.approx(10_000 + 3)


def test_construction_inside_a_planned_area_is_judged_as_a_site():
    farm, built = square(100, 100, 200), square(250, 250, 300)
    row, findings = town(PLANNED, layers(farm=[farm]), construction=[built])
    assert row.verdict == "violation" and findings.severity.tolist() == ["violation"]
    row, _ = town(PLANNED, layers(farm=[farm]), construction=[square(600, 600, 100)])
    assert row.verdict == "warning"
    # A sliver of construction over the farmland does not make a site of it.
    row, _ = town(PLANNED, layers(farm=[farm]), construction=[square(299.9, 100, 100, 5)])
    assert row.verdict == "warning"


# Coverage.

NORTH = square(0, 500, 1000, 500)


@pytest.mark.parametrize("line", ["eco_redline", "farmland", "urban_boundary"])
def test_an_absent_line_is_not_checked(line):
    lines = layers()
    del lines[line]
    row, _ = town(PLANNED, lines)
    assert row.verdict == "not_checked" and row.unchecked == line
    lines = layers(**({"farm": [HIT]} if line == "eco_redline" else {"eco": [HIT]}))
    del lines[line]
    row, _ = town(SITE, lines)
    assert row.verdict == "violation" and row.unchecked == line  # a violation never hides the gap


def test_part_of_the_town_covered():
    row, _ = town(SITE, layers(), coverage=[NORTH])
    assert (row.farm_check, row.verdict) == ("partly", "not_checked")
    assert row.check_pct == pytest.approx(50) and row.unchecked == "eco_redline,farmland,urban_boundary"
    row, _ = town(SITE, layers(farm=[HIT]), coverage=[NORTH])
    assert (row.farm_check, row.verdict) == ("hit", "violation") and "farmland" in row.unchecked
    row, _ = town(PLANNED, layers(farm=[HIT]), coverage=[NORTH])
    assert (row.farm_check, row.verdict) == ("hit", "not_checked")  # a warning does not hide a gap either


def test_coverage_may_name_its_line():
    coverage = MemorySource("coverage", [EVERYWHERE] * 2, {"line": ["eco_redline", "城镇开发边界"]})
    lines = layers()
    lines["farmland"] = MemorySource("farmland", [FAR])
    row, _ = town(PLANNED, lines, coverage=coverage, coverage_line_field="line")
    assert (row.eco_check, row.farm_check, row.udb_check) == ("clear", "unchecked", "clear")
    assert row.unchecked == "farmland" and row.undeclared == "farmland" and row.verdict == "not_checked"


def test_without_coverage_the_box_is_all_there_is():
    lines = layers()
    row, _ = town(PLANNED, lines, coverage=None)
    assert row.verdict == "clear" and row.undeclared == "eco_redline,farmland,urban_boundary"
    lines["farmland"] = MemorySource("farmland", [FAR])
    row, _ = town(PLANNED, lines, coverage=None)
    assert (row.farm_check, row.verdict, row.check_pct) == ("unchecked", "not_checked", 0)
    assert row.farm_m2 != row.farm_m2  # unknown, not zero
    lines["farmland"] = MemorySource("farmland", [square(500, -100, 100, 50), square(500, 5000, 5000)])
    row, _ = town(PLANNED, lines, coverage=None)
    assert (row.farm_check, row.check_pct) == ("partly", pytest.approx(50))


def test_what_was_not_checked_is_null_not_zero():
    lines = layers()
    lines["farmland"] = MemorySource("farmland", [FAR])
    row, findings = town(PLANNED, lines, coverage=None)  # of two keep-out lines one is known: nothing is said of both
    assert row.farm_n is None and row.eco_n == 0 and row.findings == 0 and row.sliver_m2 == 0
    assert np.isnan([row.farm_m2, row.farm_pct, row.shared_m2]).all() and not len(findings)
    only = {"eco_redline": MemorySource("eco_redline", [FAR])}
    row, findings = town(PLANNED, only, coverage=None)
    assert row.eco_check == "unchecked" and row.eco_n is None and row.findings is None and not len(findings)
    assert np.isnan([row.eco_m2, row.shared_m2, row.sliver_m2]).all() and row.check_pct == 0
    row, _ = town(PLANNED, {"eco_redline": layers(eco=[HIT])["eco_redline"]})
    assert row.eco_n == row.findings == 1 and row.sliver_m2 == 0 and np.isnan(row.shared_m2)


def test_what_lies_on_a_line_beyond_its_coverage_is_known_what_lies_outside_is_not():
    ids = ["eco_redline", "farmland", "urban_boundary"]
    coverage = MemorySource("coverage", [EVERYWHERE, FAR, FAR], {"line": ids})
    known = {"coverage": coverage, "coverage_line_field": "line"}
    half = {"geometry": [square(0, 0, 1000, 500)], "zone": ["特别用途区"]}
    row, findings = town(PLANNED, layers(farm=[HIT], udb=half), **known)
    assert (row.eco_n, row.farm_n, row.udb_n, row.findings) == (0, 1, 1, 2)
    assert sorted(findings.kind) == ["overlap", "zone"] and row.shared_m2 == row.sliver_m2 == 0
    assert row.udb_in_m2 == pytest.approx(500_000) and np.isnan([row.udb_out_m2, row.udb_pct]).all()
    row, _ = town(PLANNED, layers(udb=INSIDE), **known)  # its land is inside, and nothing tells what lies outside
    assert row.udb_in_m2 == pytest.approx(1e6) and row.udb_n is None and row.udb_check == "unchecked"
    assert row.farm_n is None and row.findings == 0 and np.isnan(row.shared_m2)


def test_no_share_is_above_a_hundred():
    """Of the sample's land use, which covers every town in patches, the sum is above a town by the last digits."""
    patches, towns = (FileSource(SAMPLE, layer) for layer in ("DLTB", "TSXZ_GHFW"))
    summary, findings, _ = review(towns, {"farmland": patches}, area_method="ellipsoid")
    assert summary.farm_pct.between(100 - 1e-6, 100).all() and 0 < findings.share_pct.max() <= 100


def test_shared_land_of_three_lines_is_known_where_two_are():
    national = load_profile()
    three = replace(national, lines=(*national.lines, replace(national.line("farmland"), id="park", short="park")))
    lines = layers(eco=[HIT], farm=[HIT]) | {"park": MemorySource("park", [square(5000, 5000, 10)])}
    coverage = MemorySource("coverage", [EVERYWHERE] * 3, {"line": ["eco_redline", "farmland", "urban_boundary"]})
    row, _ = town(PLANNED, lines, profile=three, coverage=coverage, coverage_line_field="line")
    assert row.park_n is None and row.shared_m2 == pytest.approx(40_000)
    farm_alone = MemorySource("coverage", [EVERYWHERE], {"line": ["farmland"]})
    lines["eco_redline"] = MemorySource("eco_redline", [FAR])
    row, _ = town(PLANNED, lines, profile=three, coverage=farm_alone, coverage_line_field="line")
    assert row.eco_n is None and row.farm_n == 1 and np.isnan(row.shared_m2)


def test_development_boundary_far_from_a_covered_town_leaves_it_wholly_outside():
    lines = layers(udb={"geometry": [FAR], "zone": ["集中建设区"]})
    row, findings = town(PLANNED, lines)
    assert row.udb_out_m2 == pytest.approx(1e6) and row.udb_in_m2 == 0 and row.udb_check == "hit"
    assert findings.kind.tolist() == ["outside"] and findings.area_m2[0] == pytest.approx(1e6)
    row, findings = town(PLANNED, lines, coverage=None)
    assert (row.udb_check, row.verdict) == ("unchecked", "not_checked") and not len(findings)


def test_outside_the_boundary_is_only_judged_where_it_is_covered():
    lines = layers(udb={"geometry": [square(0, 500, 1000, 400)], "zone": ["集中建设区"]})
    row, findings = town(PLANNED, lines, coverage=[NORTH])
    assert findings.area_m2.tolist() == [pytest.approx(100_000)]
    assert row.udb_in_m2 == pytest.approx(400_000) and row.udb_out_m2 == pytest.approx(100_000)


def test_an_unusable_feature_leaves_its_place_unchecked():
    lines = layers()
    broken = shapely.Polygon([(x, y) for x, y in square(200, 200, 50).exterior.coords[:3]] + [(float("nan"), 0)] * 2)
    lines["farmland"] = MemorySource("farmland", [broken, FAR, square(-3000, -3000, 10)])
    row, _ = town(PLANNED, lines)
    assert (row.farm_check, row.verdict) == ("unchecked", "not_checked")


def test_findings_of_the_boundary_are_pieces_and_zones():
    geometry = [square(0, 200, 1000, 400), square(0, 600, 1000, 200)]
    lines = layers(udb={"geometry": geometry, "zone": ["集中建设区", "特别用途区"]})
    row, findings = town(PLANNED, lines)
    found = {(f.kind, f.zone): round(f.area_m2) for f in findings.itertuples()}
    assert sorted(findings.kind) == ["outside", "outside", "zone"] and row.udb_n == 3
    assert found[("zone", "特别用途区")] == 200_000 and findings.area_m2.sum() == pytest.approx(600_000)
    assert set(findings.number) == {"T1-边001", "T1-边002", "T1-边003"}
