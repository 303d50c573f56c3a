"""Buildings, figures, land cover and town rules beside land use: what each tells, and where they disagree."""

from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from support import ORIGIN, MemorySource, land, measure, square

from redline_review.core.analysis.buildings import floors
from redline_review.core.errors import RedlineError
from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.rasters import RasterSource
from redline_review.core.intensity_rules import ClassSystem, LandClass, Legend
from redline_review.core.profile import load_profile
from redline_review.core.review.figures import FigureRequest
from redline_review.core.review.intensity_request import LandUseLayer
from redline_review.core.review.package import open_package

FOUR = [(square(0, 0, 500), "0701"), (square(500, 0, 500), "0101"), (square(0, 500, 500), "0301"),
        (square(500, 500, 500), "1206")]  # fmt: skip
COVER = {"0701": 50, "0101": 40, "0301": 10, "1206": 60}


def houses(rows, name="JZW"):
    geometry, storeys, heights = zip(*rows, strict=True)
    return MemorySource(name, geometry, {"CS": storeys, "GD": heights})


def built(town, rows, **options):
    return measure([town], buildings=houses(rows), floors_field="CS", height_field="GD", **options)


def raster(path, patches, cell=10, size=1000, values=COVER):
    """The patches as pixels, WorldCover codes, 0 outside them."""
    x, y = np.meshgrid(np.arange(0, size, cell) + cell / 2, np.arange(size, 0, -cell) - cell / 2)
    places = shapely.points(ORIGIN[0] + x.ravel(), ORIGIN[1] + y.ravel())
    cells = np.zeros(len(places), dtype=np.uint8)
    for geometry, code in patches:
        cells[shapely.contains(geometry, places)] = values[code]
    transform = rasterio.transform.from_origin(ORIGIN[0], ORIGIN[1] + size, cell, cell)
    with rasterio.open(
        path, "w", driver="GTiff", height=x.shape[0], width=x.shape[1], count=1, dtype="uint8", nodata=0,
        crs="EPSG:4530", transform=transform,
    ) as file:  # fmt: skip
        file.write(cells.reshape(x.shape), 1)
    return RasterSource(path)


def test_buildings():
    rows = [(square(10, 10, 20), "3", None), (square(50, 50, 10), None, "6.2"), (square(80, 80, 10), "1", "99")]
    row = built(square(0, 0, 100), rows).towns.loc["T0"]
    assert row.footprint_m2 == pytest.approx(600) and row.coverage_pct == pytest.approx(6)
    assert row.floor_area_m2 == pytest.approx(400 * 3 + 100 * 2 + 100) and row.far == pytest.approx(0.15)
    assert row.floors_known_pct == pytest.approx(100)


def test_a_tower_on_its_podium_counts_once_with_the_most_floors():
    rows = [(square(0, 0, 40), "3", None), (square(10, 10, 10), "20", None), (square(90, 90, 20), "5", None)]
    found = built(square(0, 0, 100), rows)
    row = found.towns.loc["T0"]
    assert row.footprint_m2 == pytest.approx(1700)
    assert row.floor_area_m2 == pytest.approx(1500 * 3 + 100 * 20 + 100 * 5)
    (issue,) = [one for one in found.outcome.issues if one.code == "buildings_overlap"]
    assert issue.details["area_m2"] == pytest.approx(100)


def test_floors_that_are_none_are_listed_and_unknown():
    rows = [(square(0, 0, 30), "0", None), (square(40, 0, 10), "-2", "abc"), (square(60, 0, 10), "六层", None),
            (square(80, 0, 10), "4", None)]  # fmt: skip
    found = built(square(0, 0, 100), rows)
    wrong = sorted((one.code, one.details["value"], one.feature) for one in found.outcome.issues)
    assert wrong == [
        ("floors_not_usable", "-2", "1"), ("floors_not_usable", "0", "0"), ("floors_not_usable", "六层", "2"),
        ("height_not_usable", "abc", "1"),
    ]  # fmt: skip
    row = found.towns.loc["T0"]
    assert row.footprint_m2 == pytest.approx(1200)
    # Only a twelfth of the footprint has floors: a sum of these would say too little.
    assert np.isnan(row.floor_area_m2) and np.isnan(row.far) and row.floors_known_pct == pytest.approx(100 / 12)
    assert "too many buildings of unknown floors: Floor area (m²)" in row.missing


def test_floors_by_height():
    texts = np.array(["", "2", "", ""], dtype=object), np.array(["1", "30", "10.5", ""], dtype=object)
    assert floors(*texts, 3.0).tolist()[:3] == [1, 2, 4] and np.isnan(floors(*texts, 3.0)[3])


def test_a_town_without_buildings_is_not_one_that_they_do_not_reach():
    towns = [square(0, 0, 100), square(120, 0, 100), square(9000, 0, 100)]
    rows = [(square(0, 0, 10), "1", None), (square(300, 0, 10), "1", None)]
    found = measure(towns, buildings=houses(rows), floors_field="CS").towns
    assert found.footprint_m2["T1"] == 0 and found.far["T1"] == 0
    assert np.isnan(found.footprint_m2["T2"])


def test_figures_per_construction_land():
    towns = MemorySource("towns", [square(0, 0, 1000)], {
        "code": ["A"], "RK": [5000], "JY": [2500], "CZ": ["6,000"], "SS": [300], "TZ": [9000], "TS": [4500],
    })  # fmt: skip
    fields = {"residents": "RK", "jobs": "JY", "gdp": "CZ", "tax": "SS", "investment": "TZ", "trade_investment": "TS"}
    found = measure(towns, land_use=land(FOUR), figures=FigureRequest(fields, money_unit="wan"))
    row = found.towns.loc["A"]  # 0.25 km² or 375 mu of construction land
    assert row.construction_m2_per_resident == pytest.approx(50)
    assert row.gdp_per_km2 == pytest.approx(60e6 / 0.25) and row.jobs_per_km2 == pytest.approx(10_000)
    assert row.tax_per_mu == pytest.approx(3e6 / 375) and row.investment_per_mu == pytest.approx(90e6 / 375)
    assert row.gdp_per_job == pytest.approx(24_000) and row.trade_investment_pct == pytest.approx(50)
    assert row.per_construction_of == "existing land use"
    each = found.indicators.set_index("indicator").loc["gdp_per_km2"]
    assert (each.per_m2, each.per_ha, each.per_mu) == pytest.approx((240, 2.4e6, 160_000))
    assert each.source == "existing land use" and each.covered_pct == pytest.approx(100)


def test_the_planned_land_stands_in_where_there_is_no_existing():
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "JY": [2500]})
    found = measure(towns, planned=land(FOUR), figures=FigureRequest({"jobs": "JY"})).towns.loc["A"]
    assert found.planned_construction_m2 == pytest.approx(250_000) and np.isnan(found.construction_m2)
    assert found.jobs_per_km2 == pytest.approx(10_000) and found.per_construction_of == "planned land use"


def test_vector_and_raster_of_the_same_land_agree(tmp_path):
    """Within the pixels their edges cut: none here, as the cells lie along them."""
    found = measure([square(0, 0, 1000), square(155, 203, 587, 611)], land_use=land(FOUR),
                    land_cover=raster(tmp_path / "cover.tif", FOUR)).towns  # fmt: skip
    assert found.cover_construction_m2.to_numpy() == pytest.approx(found.construction_m2.to_numpy(), rel=1e-9)
    assert found.cover_degree.to_numpy() == pytest.approx(found.land_use_degree.to_numpy(), rel=1e-9)
    assert found.construction_diff_pct.to_numpy() == pytest.approx(0, abs=1e-6)
    assert (found.disagree == "").all()


def test_a_finer_raster_comes_nearer(tmp_path):
    patches = [(shapely.Point(ORIGIN + 500).buffer(300), "0701")]
    errors = []
    for cell in (50, 20, 5):
        cover = raster(tmp_path / f"{cell}.tif", [(square(0, 0, 1000), "0101"), *patches], cell)
        found = measure([square(0, 0, 1000)], land_use=land(patches), land_cover=cover).towns.loc["T0"]
        errors.append(abs(found.cover_construction_m2 - found.construction_m2))
    assert errors[0] > errors[1] > errors[2] and errors[2] < 0.002 * patches[0][0].area


def test_sources_that_disagree_are_flagged(tmp_path):
    other = [(square(0, 0, 1000), "0701")]
    found = measure([square(0, 0, 1000)], land_use=land(FOUR), land_cover=raster(tmp_path / "cover.tif", other))
    row = found.towns.loc["T0"]
    assert row.construction_diff_pct == pytest.approx(75) and row.degree_diff_pct == pytest.approx(50)
    assert row.disagree == "Construction land (m²); Land-use degree index"
    both = found.indicators.set_index("indicator").loc[["construction_m2", "cover_construction_m2"]]
    assert both.flagged.tolist() == [1, 1] and both.other_value.tolist() == pytest.approx([1e6, 25e4])
    row = built(square(0, 0, 1000), [(square(0, 0, 900), "1", None)], land_use=land(FOUR)).towns.loc["T0"]
    assert row.disagree == "Building footprint (m²)"


def test_a_legend_of_ones_own_and_one_that_is_not_there(tmp_path):
    cover = raster(tmp_path / "cover.tif", FOUR, values={"0701": 1, "0101": 2, "0301": 3, "1206": 4})
    own = Legend("own", "own", {1: 4, 2: 3, 3: 2, 4: 1})
    profile = load_profile()
    with pytest.raises(RedlineError, match="own"):
        measure([square(0, 0, 1000)], land_cover=cover, legend="own")
    found = measure([square(0, 0, 1000)], land_cover=cover, legend="own",
                    profile=replace(profile, legends=(*profile.legends, own)))  # fmt: skip
    assert found.towns.cover_degree["T0"] == pytest.approx(250)


def test_town_rules_stand_beside_the_verdict(tmp_path):
    """A town that keeps every line and breaks rules stays clear."""
    town = square(0, 0, 2000)
    planned = [
        (square(0, 0, 2000, 200), "0701"),
        (square(0, 200, 2000, 300), "1001"),
        (square(0, 500, 2000, 1500), "0101"),
    ]
    towns = MemorySource("towns", [town], {"code": ["A"], "LHL": [20.0]})
    lines = {"eco_redline": [square(5000, 0, 9)], "farmland": [square(5000, 0, 9)]}
    zones = MemorySource("boundary", [town], {"GHFQMC": ["集中建设区"]})
    found = measure(
        towns, tmp_path, {**lines, "urban_boundary": zones}, coverage=MemorySource("all", [square(-9000, -9000, 2e4)]),
        planned=land(planned, "yongdi", "GHYD"), figures=FigureRequest({"green_pct": "LHL"}),
    )  # fmt: skip
    rules = found.town_rules.set_index("rule")
    assert rules.result["planned_area"] == "meets" and rules.figure["planned_area"] == pytest.approx(4)
    assert rules.result["construction_land"] == "meets" and rules.figure["construction_land"] == pytest.approx(1)
    share = rules.loc["residential_share"]
    assert (share.result, share.figure, share.threshold) == ("watch", pytest.approx(40), "≤ 30")
    assert "real-estate drift" in share.remark and share.source == "planned land use" and "1383" in share.clause
    assert rules.result["green_cover"] == "watch" and rules.result["investment"] == "no_data"
    assert rules.result["provincial_list"] == "no_data"
    row = found.towns.loc["A"]
    assert row.town_rules == "watch" and row.list_status == "no_data"
    assert row.watch == "Housing share of construction land; Green cover"
    with open_package(found.package) as package:
        reviewed = package.towns().iloc[0]
        assert (reviewed.verdict, reviewed.town_rules) == ("clear", "watch")
        assert package.table("intensity").planned_residential_pct[0] == pytest.approx(40)
        assert len(package.table("town_rules")) == len(found.town_rules)
        assert package.manifest()["intensity"]["class_systems"] == {"planned_land_use": "yongdi"}


def test_a_share_of_a_patchy_plan_is_no_figure():
    planned = [(square(0, 0, 2000, 900), "0701"), (square(0, 900, 2000, 300), "0101")]
    rules = measure([square(0, 0, 2000)], planned=land(planned, "yongdi")).town_rules.set_index("rule")
    assert rules.result["residential_share"] == "no_data"
    assert rules.result["construction_land"] == "meets"  # there is that much at least


@pytest.mark.parametrize(
    ("status", "before", "expected"),
    [
        ("清单内", "0103", "meets"), ("除名", "0103", "watch"), ("除名", "0701", "meets"), (None, "0103", "watch"),
        (None, "0701", "meets"), (None, None, "no_data"),
    ],
)  # fmt: skip
def test_a_town_off_the_list_is_watched_where_it_builds(status, before, expected):
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "NAME": ["甲镇"]})
    rows = [["乙镇", "清单内"], *([["甲镇", status]] if status else [])]
    names, states = zip(*rows, strict=True)
    listed = MemorySource("清单", [None] * len(rows), {"小镇名称": names, "状态": states})
    listed.geometry_kind = "none"
    now = [(square(0, 0, 1000), "0701")]
    earlier = {"earlier": land([(square(0, 0, 1000), before)])} if before else {}
    found = measure(towns, land_use=land(now), town_list=listed, town_name_field="NAME", **earlier)
    rule = found.town_rules.set_index("rule").loc["provincial_list"]
    assert rule.result == expected
    assert found.towns.list_status["A"] == {"清单内": "listed", "除名": "removed", None: "not_listed"}[status]


def listing(**columns):
    table = MemorySource("清单", [None] * len(next(iter(columns.values()))), columns)
    table.geometry_kind = "none"
    return table


def test_none_is_proven_where_the_earlier_land_use_does_not_reach():
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"]})
    for reach in (square(5000, 0, 1000), square(0, 0, 1000, 10)):
        found = measure(
            towns, land_use=land([(square(0, 0, 1000), "0601")]), earlier=land([(reach, "0602")]),
            town_list=listing(小镇编号=["B"], 状态=["清单内"]),
        )  # fmt: skip
        assert np.isnan(found.towns.new_construction_m2["A"])
        rule = found.town_rules.set_index("rule").loc["provincial_list"]
        assert rule.result == "no_data"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("未动工", "meets"), ("拟开工", "meets"), ("尚未开工", "meets"), ("2099年", "meets"), ("1998", "meets"),
        ("否", "meets"), ("待定", "no_data"), ("/", "no_data"), ("", "no_data"), ("2023-05-01", "watch"),
        ("2022年8月", "watch"), ("是", "watch"), ("在建", "watch"),
    ],
)  # fmt: skip
def test_what_a_declared_start_proves(text, expected):
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "KG": [text]})
    figures = FigureRequest({"start": "KG"})
    found = measure(towns, figures=figures, town_list=listing(小镇编号=["B"], 状态=["清单内"]))
    assert found.town_rules.set_index("rule").result["provincial_list"] == expected
    unread = [one.details["value"] for one in found.outcome.issues if one.code == "start_not_read"]
    assert unread == ([text] if expected == "no_data" and text else [])


def test_the_number_of_a_feature_identifies_no_row():
    """A list is numbered, as lists are: row 1 is not the town that happens to be feature 1."""
    towns = MemorySource("towns", [square(0, 0, 9), square(20, 0, 9)], {"NAME": ["甲镇", "乙镇"]})
    listed = listing(编号=["0", "1"], 小镇名称=["远方小镇", "甲镇"], 状态=["除名", "清单内"])
    found = measure(towns, town_list=listed, town_name_field="NAME")
    assert found.towns.list_status.tolist() == ["listed", "not_listed"]


def test_a_row_whose_number_and_name_are_of_two_towns_is_nobodys():
    towns = MemorySource("towns", [square(0, 0, 9), square(20, 0, 9)], {"code": ["A", "B"], "NAME": ["甲镇", "乙镇"]})
    listed = listing(小镇编号=["A"], 小镇名称=["乙镇"], 状态=["除名"])
    found = measure(towns, town_list=listed, town_name_field="NAME")
    assert found.towns.list_status.tolist() == ["no_data", "no_data"]
    assert "row_matches_two_towns" in {one.code for one in found.outcome.issues}


def test_a_plan_is_read_by_its_own_codes_not_by_those_of_today():
    fields = {"DLBM": ["0101", "0301"], "GHDLBM": ["070102", "100101"]}
    plan = MemorySource("GHYD", [square(0, 0, 1000, 500), square(0, 500, 1000, 500)], fields)
    for system in ("yongdi", None):
        found = measure([square(0, 0, 1000)], planned=LandUseLayer(plan, None, system))
        assert found.towns.planned_construction_m2["T0"] == pytest.approx(1e6)
        assert found.towns.planned_residential_pct["T0"] == pytest.approx(50)
        (issue,) = [one for one in found.outcome.issues if one.code == "code_field_found"]
        assert issue.details == {"field": "GHDLBM", "fields": "DLBM"}


def test_codes_too_short_to_tell_housing_are_no_share():
    planned = [(square(0, 0, 2000, 1000), "07"), (square(0, 1000, 2000, 1000), "10")]
    found = measure([square(0, 0, 2000)], planned=land(planned, "yongdi"))
    assert np.isnan(found.towns.planned_residential_pct["T0"])
    assert found.town_rules.set_index("rule").result["residential_share"] == "no_data"
    assert "codes too short" in found.towns.missing["T0"]


def test_a_source_with_gaps_proves_no_figure_per_area():
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "TZ": [1e8]})
    money = FigureRequest({"investment": "TZ"}, money_unit="yuan")
    corner = land([(square(0, 0, 100), "0601")])
    found = measure(towns, land_use=corner, figures=money)
    assert found.towns.investment_per_mu["A"] == pytest.approx(1e8 / 15)
    assert found.town_rules.set_index("rule").result["investment"] == "no_data"
    found = measure(towns, land_use=corner, planned=land([(square(0, 0, 1000), "1001")], "yongdi"), figures=money)
    assert found.towns.per_construction_of["A"] == "planned land use"
    assert found.town_rules.set_index("rule").result["investment"] == "watch"


def test_the_least_there_is_proves_no_shortfall():
    found = measure([square(0, 0, 1000)], planned=land([(square(0, 0, 1000, 300), "1001")], "yongdi"))
    rule = found.town_rules.set_index("rule").loc["construction_land"]
    assert (rule.result, rule.figure) == ("no_data", pytest.approx(0.3))


def test_no_residents_are_no_lack_of_construction_land():
    towns = MemorySource("towns", [square(0, 0, 1000)], {"code": ["A"], "RK": [0]})
    found = measure(towns, land_use=land(FOUR), figures=FigureRequest({"residents": "RK"}))
    reason = found.indicators.set_index("indicator").reason["construction_m2_per_resident"]
    assert reason == "the figure is 0"


def test_layers_that_reach_no_town_are_named():
    far = land([(square(9e4, 0, 100), "0601")])
    found = measure(
        [square(0, 0, 100), square(200, 0, 100)], land_use=far, buildings=houses([(square(0, 0, 9), "1", None)])
    )
    told = {one.code: (one.layer, one.details["count"]) for one in found.outcome.issues}
    assert told == {"layer_reaches_no_town": ("DLTB", 2), "layer_not_reaching": ("JZW", 1)}


def test_a_whole_review_lists_what_it_could_not_look_at(tmp_path):
    found = measure([square(0, 0, 100)], tmp_path, land_use=land([(square(0, 0, 100), "0601")]))
    codes = [one.code for one in found.outcome.issues]
    assert codes.count("line_not_given") == 3 and codes.count("source_not_given") == 4
    with open_package(found.package) as package:
        sums = package.table("land_classes")
        assert "line_not_given" in set(package.layer("data_issues").kind)
    assert sums.construction_m2.tolist() == [pytest.approx(1e4)] and sums.finding_id.tolist() == [""]


def test_administrative_units_have_their_own_rule():
    found = measure([square(0, 0, 1000)], land_use=land(FOUR), review_object="administrative_unit")
    assert found.town_rules.rule.tolist() == ["development_intensity"]
    assert found.town_rules.result.tolist() == ["meets"]


def test_buildings_of_liechtenstein(shared_data):
    layers = shared_data / "liechtenstein" / "layers.gpkg"
    towns = FileSource(layers, "municipalities")
    found = measure(towns, buildings=FileSource(layers, "buildings"), town_id_field="name")
    reference = pd.read_csv(shared_data / "liechtenstein" / "reference.csv").set_index("name").loc[found.towns.index]
    apart = ["Schellenberg", "Gamprin", "Eschen", "Ruggell", "Mauren", "Balzers", "Planken"]
    footprint, gross = found.towns.footprint_m2, reference.buildings_area
    assert footprint[apart].to_numpy() == pytest.approx(gross[apart].to_numpy(), rel=1e-6, abs=1)
    # The reference counts land under several buildings as often as they are there.
    (issue,) = [one for one in found.outcome.issues if one.code == "buildings_overlap"]
    assert gross.sum() - footprint.sum() == pytest.approx(issue.details["area_m2"], abs=1)
    assert issue.details["count"] == len(gross) - len(apart)


def test_land_use_of_liechtenstein(shared_data):
    """Against plain unions by GEOS, class after class. Its patches lie over one another freely."""
    layers = shared_data / "liechtenstein" / "layers.gpkg"
    grades = {"farmland": 3, "forest": 2, "grass": 2, "industrial": 4, "meadow": 2, "residential": 4, "vineyard": 3}
    system = ClassSystem("osm", "osm", tuple(LandClass(code, code, "farm", grade) for code, grade in grades.items()))
    layer = LandUseLayer(FileSource(layers, "landuse_landcover"), "landuse", "osm")
    profile = replace(load_profile(), class_systems=(system,))
    found = measure(FileSource(layers, "municipalities"), land_use=layer, profile=profile, town_id_field="name")
    table = found.land_use[found.land_use["class"] != "uncovered"].set_index(["town_id", "code"]).area_m2
    towns = geopandas.read_file(layers, layer="municipalities").set_index("name").geometry.make_valid()
    patches = geopandas.read_file(layers, layer="landuse_landcover")
    patches["code"] = patches["landuse"].fillna("").str.upper()
    taken, checked = shapely.Polygon(), 0
    for code, some in patches.groupby("code", sort=True):
        mine = shapely.union_all(shapely.make_valid(some.geometry.to_numpy()))
        free = shapely.difference(mine, taken)
        taken = shapely.union(taken, mine)
        for name, town in towns.items():
            expected = shapely.intersection(free, town).area
            assert table.get((name, code), 0.0) == pytest.approx(expected, rel=1e-6, abs=1)
            checked += expected > 1
    assert checked > 100
