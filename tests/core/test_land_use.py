"""Land use: known answers, nothing counted twice, nothing lost, and the same whatever the order."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from support import MemorySource, land, measure, square
from tilings import disordered, tiling

from redline_review.core.analysis.class_systems import class_system, normal_code
from redline_review.core.analysis.indicators import degree, mix
from redline_review.core.errors import RedlineError
from redline_review.core.profile import load_profile
from redline_review.core.review.intensity_request import LandUseLayer
from redline_review.core.review.package import open_package

SYSTEMS = load_profile().class_systems
CODES = ["0101", "0103", "0301", "0404", "05H1", "0601", "0701", "0702", "1104", "1206"]


def test_a_town_of_known_land_use():
    town = square(0, 0, 1000)
    patches = [
        (square(0, 0, 500, 400), "0101"), (square(500, 0, 500, 400), "0301"), (square(0, 400, 300, 600), "0701"),
        (square(300, 400, 200, 600), "0601"), (square(500, 400, 500, 500), "1206"),
    ]  # fmt: skip
    found = measure([town], land_use=land(patches, KCXS=[0.1, None, None, None, None]))
    row = found.towns.loc["T0"]
    assert row.construction_m2 == pytest.approx(300_000) and row.construction_pct == pytest.approx(30)
    assert row.residential_pct == pytest.approx(60)
    assert row.cropland_m2 == pytest.approx(200_000) and row.cropland_net_m2 == pytest.approx(180_000)
    assert row.cropland_pct == pytest.approx(20)
    assert (row.agricultural_m2, row.unused_land_m2) == pytest.approx((400_000, 250_000))
    assert row.land_use_covered_pct == pytest.approx(95)
    # Of the covered 950,000 m²: grades 3, 2, 4, 4 and 1.
    assert row.land_use_degree == pytest.approx(100 * (200 * 3 + 200 * 2 + 300 * 4 + 250) / 950)
    shares = np.array([200, 200, 180, 120, 250]) / 950
    assert row.land_use_mix == pytest.approx(-(shares * np.log(shares)).sum())
    table = found.land_use[found.land_use.period == "existing"].set_index("code")
    assert table.area_m2.sum() == pytest.approx(row.area_m2)
    assert table.loc["0101", "net_m2"] == pytest.approx(180_000)
    assert table.loc["", ["class", "area_m2"]].tolist() == ["uncovered", pytest.approx(50_000)]
    assert table.loc["0701", ["class", "use", "name"]].tolist() == ["construction", "residential", "Urban housing"]


@pytest.mark.parametrize(("code", "expected"), [("1206", 100), ("0301", 200), ("0101", 300), ("0701", 400)])
def test_the_degree_index_at_its_extremes(code, expected):
    found = measure([square(0, 0, 100)], land_use=land([(square(-9, -9, 200), code)]))
    assert found.towns.land_use_degree["T0"] == pytest.approx(expected)
    assert found.towns.land_use_mix["T0"] == 0


def test_formulas():
    assert degree(np.array([[1, 0, 0, 0], [0, 0, 0, 7], [1, 1, 1, 1], [0, 0, 0, 0]])) == pytest.approx(
        [100, 400, 250, np.nan], nan_ok=True
    )
    shares = pd.Series([1.0, 1.0, 5.0], index=pd.MultiIndex.from_tuples([(0, "01"), (0, "07"), (2, "03")]))
    assert mix(shares, 3) == pytest.approx([np.log(2), 0, 0])


def test_what_cannot_be_known_is_empty_and_says_why():
    found = measure([square(0, 0, 100), square(5000, 0, 100)], land_use=land([(square(0, 0, 100), "0101")]))
    here, beyond = found.towns.loc["T0"], found.towns.loc["T1"]
    assert here.construction_m2 == 0 and np.isnan(here.residential_pct)
    assert beyond.land_use_covered_pct == 0
    assert np.isnan(beyond[["construction_m2", "construction_pct", "land_use_degree"]].astype(float)).all()
    assert "no construction land: Housing share" in here.missing
    assert "the data do not reach the town" in beyond.missing
    why = found.indicators.set_index(["town_id", "indicator"]).reason
    assert why["T0", "planned_construction_m2"] == "no such data given"
    assert why["T1", "construction_m2"] == "the data do not reach the town"
    known = found.indicators.value.notna()
    assert ((found.indicators.reason == "") == known).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_land_claimed_by_several_counts_once_for_the_first_code(seed):
    rng = np.random.default_rng(seed)
    patches = disordered(rng, tiling(rng, side=5))
    codes = rng.choice(CODES, len(patches))
    origin = shapely.total_bounds(patches)[:2]
    towns = [shapely.box(*(origin + 60), *(origin + 330)), shapely.box(*(origin + 330), *(origin + 800))]
    found = measure(towns, land_use=land(list(zip(patches, codes, strict=True)), size=int(rng.integers(1, 40))))
    for n, town in enumerate(towns):
        rows = found.land_use[found.land_use.town_id == f"T{n}"].set_index("code").area_m2
        assert rows.sum() == pytest.approx(town.area, abs=1e-3)
        taken = shapely.Polygon()
        for code in sorted(set(codes)):
            mine = [p.intersection(town) for p, c in zip(patches, codes, strict=True) if c == code]
            mine = shapely.union_all([*mine], grid_size=1e-5)
            free = shapely.difference(mine, taken, grid_size=1e-5)
            taken = shapely.union(taken, mine, grid_size=1e-5)
            assert rows.get(code, 0.0) == pytest.approx(free.area, abs=0.05)


def test_order_batches_threads_and_memory_change_nothing():
    rng = np.random.default_rng(3)
    patches = disordered(rng, tiling(rng, side=8))
    codes = rng.choice(CODES, len(patches))
    towns = [square(x, y, 270) for x in (0, 270, 540) for y in (0, 270, 540)]
    first = None
    for order, size, run in (
        (np.arange(len(patches)), 3, {}),
        (rng.permutation(len(patches)), 50, {"threads": 1}),
        (rng.permutation(len(patches)), 7, {"budget": 200}),
    ):
        pairs = [(patches[k], codes[k]) for k in order]
        table = measure(towns, land_use=land(pairs, size=size), **run).land_use
        areas = table.set_index(["town_id", "code"])[["area_m2", "net_m2"]].sort_index()
        first = areas if first is None else first
        assert areas.index.equals(first.index)
        assert areas.to_numpy(float) == pytest.approx(first.to_numpy(float), abs=1e-6)


def test_overlaps_are_listed():
    patches = [(square(0, 0, 100), "0101"), (square(50, 0, 100), "0701"), (square(0, 0, 100), "0101")]
    found = measure([square(0, 0, 150, 100)], land_use=land(patches))
    table = found.land_use.set_index("code").area_m2
    assert table["0101"] == pytest.approx(10_000) and table["0701"] == pytest.approx(5000)
    (issue,) = [one for one in found.outcome.issues if one.code == "land_use_overlaps"]
    assert issue.details["area_m2"] == pytest.approx(15_000) and issue.details["count"] == 1


def test_unknown_codes_are_listed_and_not_covered():
    patches = [(square(0, 0, 100, 50), "0101"), (square(0, 50, 100, 30), "9999"), (square(0, 80, 100, 20), None)]
    found = measure([square(0, 0, 100)], land_use=land(patches, KCXS=["0.2", "-1", "many"]))
    table = found.land_use.set_index("code")
    assert table.loc["9999", ["class", "area_m2"]].tolist() == ["unknown", pytest.approx(3000)]
    assert table.loc["", ["class", "area_m2"]].tolist() == ["unknown", pytest.approx(2000)]
    assert found.towns.land_use_covered_pct["T0"] == pytest.approx(50)
    issues = {one.code: one for one in found.outcome.issues}
    assert issues["codes_unknown"].details["codes"] == "9999 (0.30 ha), ∅ (0.20 ha)"
    wrong = [one.details["value"] for one in found.outcome.issues if one.code == "deduction_not_usable"]
    assert sorted(wrong) == ["-1", "many"]


@pytest.mark.parametrize(
    ("codes", "system", "expected"),
    [
        (["0101", "05H1", "0702"], None, "sandiao"), (["1104A", "0201K"], None, "sandiao"),
        (["0101", "070102", "1401"], None, "yongdi"), (["0703", "1001"], None, "yongdi"),
        (["0101", "0702"], "yongdi", "yongdi"), (["0101", "0702"], None, "class_system_unclear"),
        (["05H1", "1401"], None, "class_system_mixed"), (["A", "B", "0101"], "sandiao", "codes_do_not_fit"),
        (["A", "B"], None, "codes_fit_no_system"), (["0101"], "nobody", "class_system_unknown"),
        (["1401", "1402", "2301"], "sandiao", "codes_do_not_fit"),
    ],
)  # fmt: skip
def test_the_class_system_is_told_or_asked_for(codes, system, expected):
    counts = dict.fromkeys(codes, 1)
    if expected in ("sandiao", "yongdi"):
        assert class_system(SYSTEMS, system, counts, "DLTB", "DLBM").id == expected
        return
    with pytest.raises(RedlineError) as error:
        class_system(SYSTEMS, system, counts, "DLTB", "DLBM")
    assert (error.value.code == expected and "DLTB" in str(error.value)) or expected == "class_system_unknown"


@pytest.mark.parametrize(("text", "code"), [(" 05h1 ", "05H1"), ("101", "0101"), ("1104", "1104"), ("7", "07")])
def test_codes_as_layers_have_them(text, code):
    assert normal_code(text) == code


def test_classes_of_both_systems():
    third, sea = SYSTEMS
    main = {"0404": "unused", "1006": "farm", "1109": "construction", "1201": "construction", "0603": "construction",
            "1104A": "farm", "0201K": "farm", "1208": None, "05": "construction"}  # fmt: skip
    assert {code: (third.of(code).main if third.of(code) else None) for code in main} == main
    assert [sea.of(code).use for code in ("0701", "070102", "0702", "0703", "0704")] == [
        "residential", "residential", "", "residential", "",
    ]  # fmt: skip
    assert [sea.of(code).main for code in ("0601", "1701", "1703", "2303", "16")] == [
        "farm", "unused", "farm", "farm", "construction",
    ]  # fmt: skip
    assert sea.of("1801") is None  # sea use is no land


def test_a_layer_without_codes_is_refused():
    source = MemorySource("DLTB", [square(0, 0, 9)], {"NAME": ["x"]})
    with pytest.raises(RedlineError, match="DLBM"):
        measure([square(0, 0, 9)], land_use=LandUseLayer(source))
    with pytest.raises(RedlineError, match="no field CODE"):
        measure([square(0, 0, 9)], land_use=LandUseLayer(source, "CODE"))


def test_new_construction_is_what_was_none():
    town = square(0, 0, 1000)
    now = [(square(0, 0, 400, 1000), "0701"), (square(400, 0, 600, 1000), "0103")]
    before = [(square(0, 0, 300, 1000), "0702"), (square(300, 0, 300, 1000), "0103")]  # nothing east of 600
    found = measure([town], land_use=land(now), earlier=land(before, name="DLTB_2020"))
    assert found.towns.new_construction_m2["T0"] == pytest.approx(100_000)
    # The same edge drawn a metre apart, and a plot under the least area, prove nothing.
    before = [(square(0, 0, 399, 1000), "0702"), (square(399, 0, 601, 1000), "0103")]
    assert measure([town], land_use=land(now), earlier=land(before)).towns.new_construction_m2["T0"] == 0
    before = [(square(10, 10, 14), "0103"), (square(24, 10, 376, 990), "0702"), (square(400, 0, 600, 1000), "0103")]
    assert measure([town], land_use=land(now), earlier=land(before)).towns.new_construction_m2["T0"] == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_land_use_inside_findings_balances(tmp_path_factory, seed):
    """Against plain intersections of each finding with each patch; farmland features may lie over one another."""
    rng = np.random.default_rng(seed)
    patches = tiling(rng, side=6)
    codes = rng.choice(CODES, len(patches))
    origin = shapely.total_bounds(patches)[:2]
    towns = [shapely.box(*(origin + 40), *(origin + 300)), shapely.box(*(origin + 300), *(origin + 560))]
    farmland = [shapely.Point(origin + rng.uniform(0, 600, 2)).buffer(rng.uniform(20, 120)) for _ in range(6)]
    boundary = [shapely.Point(origin + rng.uniform(0, 600, 2)).buffer(rng.uniform(50, 200)) for _ in range(3)]
    missing = rng.integers(len(patches))  # land that the layer does not reach
    pairs = [(p, c) for n, (p, c) in enumerate(zip(patches, codes, strict=True)) if n != missing]
    found = measure(
        towns, tmp_path_factory.mktemp("land"), {"farmland": farmland, "urban_boundary": boundary}, land_use=land(pairs)
    )
    with open_package(found.package) as package:
        findings, table = package.findings(), package.table("land_use")
        summary = package.towns().set_index("town_id")
    sums = table[table.finding_id != ""].groupby("finding_id").area_m2.sum()
    areas = findings.set_index("finding_id").area_m2
    assert sums[areas.index].to_numpy(float) == pytest.approx(areas.to_numpy(float), abs=1e-6)
    for finding in findings.itertuples():
        rows = table[table.finding_id == finding.finding_id].set_index("code").area_m2
        for code in set(codes):
            plain = sum(p.intersection(finding.geometry).area for p, c in pairs if c == code)
            assert rows.get(code, 0.0) == pytest.approx(plain, abs=1e-3)
    whole = table[(table.line != "") & (table.finding_id == "")].groupby(["line", "town_id"]).area_m2.sum()
    for line, column in (("farmland", "farm_m2"), ("urban_boundary", "udb_out_m2")):
        for town in summary.index:
            assert whole.get((line, town), 0.0) == pytest.approx(summary.loc[town, column] or 0.0, abs=1e-3)
