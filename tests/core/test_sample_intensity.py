"""What the README says of land-use intensity in the sample county: of the layers with plain shapely, then of a run."""

import csv
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely

from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.rasters import RasterSource
from redline_review.core.inputs.tables import CsvSource
from redline_review.core.profile import load_profile
from redline_review.core.review.figures import FigureRequest, read_figures
from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
from redline_review.core.review.package import open_package
from redline_review.core.review.request import ReviewRequest
from redline_review.core.review.run import run_review

# GEOS 3.11 raises the processor's "invalid" flag on sound input; numpy reports it.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
NUMBERS = [f"QH{k:02d}" for k in range(1, 13)]
DRIFTING, ENCOURAGED_EXCEEDED, SMALL = {"QH08"}, {"QH02", "QH04", "QH09", "QH12"}, {"QH03"}
NEW_HA = {"QH02": 1.9, "QH06": 4.4, "QH09": 2.8}
ABSENT = {"QH04", "QH06"}  # from the list
MEETS, NO_DATA = {"QH02"}, {"QH07", "QH10"}
CONSTRUCTION = "07|08|09|1[0-4]"  # 用地用海
BUILT = "05|06|07|08|09|100[1-5]"  # 三调


def layer(name):
    return pyogrio.read_dataframe(SAMPLE / "qinghe.gpkg", layer=name)


def town_shapes():
    return layer("TSXZ_GHFW").set_index("XZBH").geometry


@pytest.fixture(scope="module")
def planned():
    return layer("GHYD")


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Tables of a run with all inputs of the sample, and its issues."""

    def read(name):
        return FileSource(SAMPLE / "qinghe.gpkg", name)

    wanted = IntensityRequest(
        land_use=LandUseLayer(read("DLTB")),
        planned=LandUseLayer(read("GHYD")),
        earlier=LandUseLayer(read("DLTB_QQ")),
        land_cover=RasterSource(SAMPLE / "qinghe_landcover.tif"),
        buildings=read("JZW"),
        floors_field="CS",
        height_field="GD",
        figures=FigureRequest(table=CsvSource(SAMPLE / "qinghe_figures.csv")),
        town_list=CsvSource(SAMPLE / "qinghe_list.csv"),
    )
    package = tmp_path_factory.mktemp("sample") / "review.gpkg"
    lines = {"eco_redline": "STBHHX", "farmland": "YJJBNTTB", "urban_boundary": "CZKFBJ"}
    request = ReviewRequest(
        towns=read("TSXZ_GHFW"),
        profile=load_profile(),
        lines={line: read(name) for line, name in lines.items()},
        town_id_field="XZBH",
        town_name_field="XZMC",
        coverage=read("COVERAGE"),
        coverage_line_field="line",
        intensity=wanted,
        package=package,
        language="en",
    )
    outcome = run_review(request)
    with open_package(package) as opened:
        return {name: opened.table(name) for name in ("intensity", "town_rules", "indicators")} | {
            "issues": outcome.issues
        }


def by_town(tables, column):
    return tables["intensity"].set_index("town_id")[column]


@pytest.mark.parametrize("number", NUMBERS)
def test_planned_land_tiles_each_town(planned, number):
    parts, town = planned.geometry[planned["XZBH"] == number].to_numpy(), town_shapes()[number]
    union = shapely.union_all(parts)
    assert shapely.area(parts).sum() == pytest.approx(union.area, abs=0.01)
    # vertices on the town's long edges are rounded to the millimetre
    assert union.symmetric_difference(town).area < 3
    assert shapely.area(parts).min() > 100


def test_planned_land_keeps_what_is_built(planned):
    """Nine tenths at least: the class in the other system, but for homes that turn to shops in QH12."""
    now = layer("DLTB")
    same = {"05H1": "0901", "0601": "1001", "0701": "0701", "0702": "0703", "0809": "13", "0810": "14", "1004": "1207"}
    for code, wanted in same.items():
        there = now.geometry[now["DLBM"] == code].to_numpy()
        there = shapely.union_all(there).intersection(shapely.union_all(town_shapes().drop("QH12").to_numpy()))
        kept = shapely.union_all(planned.geometry[planned["YDYHFLDM"] == wanted].to_numpy())
        assert there.difference(kept).area < 0.1 * there.area, code
    assert planned["YDYHFLDM"].str.fullmatch(r"\d\d|\d{4}").all()
    assert planned.groupby("YDYHFLDM")["YDYHFLMC"].nunique().eq(1).all()


def test_planned_shares(planned):
    area = planned.geometry.area
    built = area[planned["YDYHFLDM"].str.match(CONSTRUCTION)].groupby(planned["XZBH"]).sum()
    housing = 100 * area[planned["YDYHFLDM"].isin(["0701", "0703"])].groupby(planned["XZBH"]).sum() / built
    assert set(built.index[built < 0.5e6]) == SMALL
    assert set(housing.index[housing > 30]) == DRIFTING
    assert set(housing.index[housing.between(25, 30)]) == ENCOURAGED_EXCEEDED
    assert housing.drop([*DRIFTING, *ENCOURAGED_EXCEEDED]).between(15, 23).all()


def test_earlier_land_use_differs_where_said():
    now, earlier, towns = layer("DLTB"), layer("DLTB_QQ"), town_shapes()
    built = shapely.union_all(now.geometry[now["DLBM"].str.match(BUILT)].to_numpy())
    was = shapely.union_all(earlier.geometry[~earlier["DLBM"].str.match(BUILT)].to_numpy())
    for number, town in towns.items():
        new = shapely.get_parts(built.intersection(was).intersection(town))
        assert shapely.area(new[shapely.area(new) > 100]).sum() / 1e4 == pytest.approx(NEW_HA.get(number, 0), abs=0.05)
    assert shapely.union_all(towns.to_numpy()).difference(shapely.union_all(earlier.geometry.to_numpy())).area < 0.1
    parts = earlier.geometry.to_numpy()
    assert shapely.area(parts).sum() == pytest.approx(shapely.union_all(parts).area, abs=0.1)


def test_list_in_gbk():
    data = (SAMPLE / "qinghe_list.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    rows = list(csv.DictReader(data.decode("gbk").splitlines()))
    assert list(rows[0]) == ["小镇编号", "小镇名称", "批次", "年份", "状态"]
    known = load_profile().town_list.statuses.values()
    assert {row["状态"] for row in rows} <= {text for texts in known for text in texts}
    assert {"清单内", "拟申报", "更名", "清理"} <= {row["状态"] for row in rows}
    assert set(NUMBERS) - {row["小镇编号"] for row in rows} == ABSENT


def test_figures_are_understood_and_agree_with_the_towns():
    assert (SAMPLE / "qinghe_figures.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    towns, issues = layer("TSXZ_GHFW"), []
    ids, names = (towns[name].to_numpy(dtype=object) for name in ("XZBH", "XZMC"))
    attributes = {name: towns[name].to_numpy(dtype=object) for name in towns.columns[:-1]}
    request = FigureRequest(table=CsvSource(SAMPLE / "qinghe_figures.csv"))
    found = read_figures(request, ids, names, "TSXZ_GHFW", attributes, load_profile(), issues)
    fields = {
        "residents": ("CZRK", 1), "jobs": ("JYRS", 1), "gdp": ("GDP", 1e4), "tax": ("SSSR", 1e4),
        "investment": ("LJTZ", 1e4), "trade_investment": ("TSTZ", 1e4), "green_pct": ("LHL", 1),
        "visitors": ("FKRC", 1e4),
    }  # fmt: skip
    for figure, (field, factor) in fields.items():
        value = found.numbers[figure]
        assert found.used[figure][0] == "qinghe_figures"
        unknown = {"QH07", *(["QH10"] if figure == "tax" else [])} | set(ids[towns[field].isna()])
        assert set(ids[np.isnan(value)]) == unknown
        rest = ~np.isnan(value)
        np.testing.assert_allclose(value[rest], towns[field][rest] * factor, rtol=1e-12)
    assert set(ids[~np.isnan(found.numbers["research_pct"])]) == {"QH02", "QH06", "QH11"}
    assert sorted(i.code for i in issues if i.code != "figure_found") == ["figure_not_usable", "town_without_row"]


def test_town_rules_of_a_run(tables):
    overall = by_town(tables, "town_rules")
    assert set(overall.index[overall == "meets"]) == MEETS
    assert set(overall.index[overall == "no_data"]) == NO_DATA
    rules = tables["town_rules"].pivot(index="town_id", columns="rule", values="result")
    watched = {rule: set(rules.index[rules[rule] == "watch"]) for rule in rules}
    assert watched["residential_share"] == DRIFTING and watched["construction_land"] == SMALL
    assert watched["provincial_list"] == {"QH06"} and watched["new_economy"] == {"QH11"}
    assert not watched["planned_area"] and not (rules["provincial_list"] == "no_data").any()
    assert set(rules.index[rules["tax"] == "no_data"]) == NO_DATA


def test_new_construction_and_list_of_a_run(tables):
    new, status = by_town(tables, "new_construction_m2"), by_town(tables, "list_status")
    for number in NUMBERS:
        assert new[number] / 1e4 == pytest.approx(NEW_HA.get(number, 0), abs=0.05)
    assert set(status.index[status == "not_listed"]) == ABSENT
    assert [status[one] for one in ("QH01", "QH03", "QH07", "QH12")] == ["listed", "cleared", "proposed", "renamed"]


def test_planned_land_covers_the_towns_in_a_run(tables):
    assert by_town(tables, "planned_land_use_covered_pct").min() > 99.999
    assert {issue.code for issue in tables["issues"] if issue.severity != "notice"} <= {"figure_not_usable", "repaired"}


def test_land_cover_and_land_use_differ_in_two_towns(tables):
    differs = by_town(tables, "disagree")
    assert set(differs.index[differs != ""]) == {"QH08", "QH10"}
