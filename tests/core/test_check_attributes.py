"""Check of layers: codes, declared areas, texts."""

import geopandas
import numpy as np
import pytest
import shapely
from checking import PROFILE, check, kinds, line_layer, only, town_layer
from hypothesis import given
from hypothesis import strategies as st
from support import GAUSS_KRUGER, MemorySource, square
from tilings import tiling

from redline_review.core.analysis.area import AreaMeasure
from redline_review.core.inputs.checks.area_checks import FIELDS, UNITS
from redline_review.core.inputs.checks.layer import LAND_USE, LINE, OTHER, CheckedLayer
from redline_review.core.inputs.checks.text_checks import is_lost, reread
from redline_review.core.inputs.files import FileSource

BSM = [f"2201020000000000{n:02}" for n in range(20)]
PLACES = [square(-10, -10, 600, 2000), square(590, -10, 600, 2000)]
NAMES = [
    "南关区",
    "宽城区",
    "净月高新技术产业开发区",
    "生态保护红线",
    "长春市",
    "三道镇",
    "永久基本农田",
    "上海市",
    "联通",
]


def attributes(role=LINE, towns=None, system=None, geometry=PLACES, **columns):
    """What is found in a layer with these columns, beside what its geometry would give."""
    layer = CheckedLayer(MemorySource("layer", geometry, columns), role, "farmland", system=system)
    found = check(layer, towns=towns)
    return kinds(found, "layer"), found


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ({"BSM": BSM[:2]}, {}),
        ({"BSM": [BSM[0], BSM[0]]}, {"check_code_twice": 1}),
        ({"BSM": [BSM[0], None]}, {"check_code_missing": 1}),
        ({"BSM": [BSM[0], "  "]}, {"check_code_missing": 1}),
        ({"bsm": ["22010200000000001", BSM[1]]}, {"check_bsm_length": 1}),
        ({"XZQDM": ["220102", "220102001003"]}, {}),
        ({"XZQDM": ["220102", "2201.02"]}, {"check_district_code": 1}),
        ({"XZQDM": [220102, 220103001]}, {}),
        ({"XZQDM": [220102.0, None]}, {"check_code_missing": 1}),
        ({"XZQDM": ["22010", "２２０１０２"]}, {"check_district_code": 2}),
        ({"DLBM": ["0103", "0508"]}, {}),
        ({"DLBM": ["0103", "05H1"], "DLMC": ["旱地", "物流"]}, {}),
        ({"DLBM": ["05H1", "9999"]}, {"check_class_code": 1}),
        ({"DLBM": ["0101", "0103"]}, {}),  # of either system
        ({"DLBM": ["05H1", None]}, {"check_code_missing": 1}),
        ({"OTHER": [None, None]}, {}),
    ],
)
def test_codes(columns, wanted):
    assert attributes(**columns)[0] == wanted


def test_a_code_that_stands_twice_names_its_features():
    _, found = attributes(BSM=[BSM[0]] * 2)
    (issue,) = only(found, "check_code_twice")
    assert issue.details == {"field": "BSM", "value": BSM[0], "count": 2, "features": "0, 1"}
    assert issue.geometry is not None


def test_land_classes_against_the_system_that_was_chosen():
    systems = {system.id: system for system in PROFILE.class_systems}
    patches = {"DLBM": ["1301", "1401"]}
    assert attributes(LAND_USE, system=systems["yongdi"], **patches)[0] == {}
    wrong, found = attributes(LAND_USE, system=systems["sandiao"], **patches)
    assert wrong == {"codes_do_not_fit": 1}
    assert only(found, "codes_do_not_fit")[0].severity == "error"
    assert attributes(LAND_USE, DLBM=["0103", "0701"])[0] == {"class_system_unclear": 1}


def test_ids_of_towns_must_be_there_and_unique():
    towns = town_layer(square(0, 0, 100), square(500, 0, 100), square(900, 0, 100), code=["T1", "T1", None])
    towns.id_field = "code"
    found = check(towns=towns)
    assert kinds(found) == {"check_code_twice": 1, "check_code_missing": 1}
    assert {issue.severity for issue in found.issues} == {"error"}


def test_an_id_field_that_the_layer_does_not_have_is_not_looked_for():
    layer = line_layer(*PLACES, BSM=BSM[:2])
    layer.id_field = "NONE"
    assert kinds(check(layer), "farm") == {}


OFFICIAL = AreaMeasure(GAUSS_KRUGER).of(np.array(PLACES))


@pytest.mark.parametrize("field", FIELDS)
def test_declared_areas(field):
    """Right in the field's own unit; one that is off is found."""
    factor = UNITS[FIELDS[field].unit]
    right = (OFFICIAL / factor).tolist()
    assert attributes(**{field: right})[0] == {}
    assert attributes(**{field: [None, 0.0]})[0] == {}
    wrong, found = attributes(**{field: [right[0], right[1] * 1.01]})
    assert wrong == {"check_area_differs": 1}
    (issue,) = only(found, "check_area_differs")
    assert issue.feature == "1" and issue.details["difference_pct"] == pytest.approx(1.0)
    assert issue.details["official_m2"] == pytest.approx(OFFICIAL[1])
    smaller = attributes(**{field: [right[0], right[1] * 0.9]})[0]
    assert smaller == ({} if FIELDS[field].net else {"check_area_differs": 1})


@pytest.mark.parametrize(("unit", "factor"), UNITS.items())
def test_areas_in_another_unit(unit, factor):
    wrong, found = attributes(MJ=(OFFICIAL / factor).tolist())
    assert wrong == ({} if unit == "m²" else {"check_area_unit": 1})
    if wrong:
        assert found.issues[0].details == {"field": "MJ", "unit": unit, "expected": "m²"}


def test_rounded_areas_are_right():
    assert attributes(MJ=np.round(OFFICIAL, 2).tolist())[0] == {}
    assert attributes(QYMJ=np.round(OFFICIAL / 1e6, 3).tolist())[0] == {}
    assert attributes(MJ=np.round(OFFICIAL).astype(int).tolist())[0] == {}
    assert attributes(MJ=[f"{area:.2f}" for area in OFFICIAL])[0] == {}
    assert attributes(MJ=["约1200", str(OFFICIAL[1])])[0] == {"check_area_no_number": 1}


def test_planar_areas_of_a_zone_are_no_fault():
    assert attributes(MJ=shapely.area(np.array(PLACES)).tolist())[0] == {}


@given(st.integers(0, 2**32 - 1))
def test_a_survey_in_order(seed):
    patches = tiling(np.random.default_rng(seed), side=4)
    columns = {
        "BSM": [f"{220102000000000000 + n}" for n in range(16)], "XZQDM": ["220102"] * 16, "DLBM": ["0103", "05H1"] * 8,
        "TBMJ": np.round(AreaMeasure(GAUSS_KRUGER).of(np.array(patches)), 2).tolist(),
        "ZLDWMC": [NAMES[n % len(NAMES)] for n in range(16)],
    }  # fmt: skip
    towns = town_layer(square(100, 100, 100))
    assert attributes(towns=towns, geometry=patches, **columns)[0] == {}


def garbled():
    """Names as they come out of the wrong encoding, where it knows all their bytes."""
    for name in NAMES:
        for written, read in (("gbk", "latin-1"), ("utf-8", "latin-1"), ("gbk", "cp1252"), ("utf-8", "gb18030")):
            try:
                yield name.encode(written).decode(read), {"gbk": "GBK", "utf-8": "UTF-8"}[written], name
            except UnicodeDecodeError:
                continue


@pytest.mark.parametrize(("text", "encoding", "name"), list(garbled()))
def test_garbled_names_are_read_again(text, encoding, name):
    assert reread(text) == (encoding, name)


@pytest.mark.parametrize(
    "name",
    [*NAMES, "Köln", "Mäls", "Zürich", "Ñandú", "créée", "São Paulo", "Łódź", "Ελλάδα", "Москва", "東京", "서울", "m²",
     "50 %", "", "㐀𠮷", "№ 5", "—", "“引号”", "Åre", "naïve"],
)  # fmt: skip
def test_names_in_order_are_left_alone(name):
    assert reread(name) is None and not is_lost(name)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12))
def test_chinese_comes_back_from_utf8_read_as_latin1(name):
    assert reread(name.encode().decode("latin-1")) == ("UTF-8", name)


def test_a_garbled_column_is_told_once_with_its_encoding():
    wrong = [name.encode("gbk").decode("latin-1") for name in ("南关区", "宽城区")]
    codes, found = attributes(XZQMC=wrong, MC=["南关区", "宽城区"])
    assert codes == {"check_garbled": 1}
    details = found.issues[0].details
    assert (details["field"], details["count"], details["encoding"]) == ("XZQMC", 2, "GBK")
    assert details["reads"] in ("南关区", "宽城区")


def test_a_garbled_column_of_many_names_is_told_too():
    wrong = [f"第{n}宽城区".encode("gbk").decode("latin-1") for n in range(4000)]
    codes, found = attributes(OTHER, geometry=[square(20 * n, 0, 10) for n in range(4000)], XZQMC=wrong)
    assert codes == {"check_garbled": 1} and found.issues[0].details["count"] == 4000


class TestFileInGbkReadAsUtf8:
    """What QGIS makes of a Shapefile in GBK where it takes it for UTF-8."""

    NAMES = ("南关区", "宽城区", None, "abc")

    @pytest.fixture
    def path(self, tmp_path):
        geometry = [square(20 * n, 0, 10) for n in range(4)]
        columns = {"BSM": ["1", "1", "2", None], "MC": self.NAMES}
        frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs=GAUSS_KRUGER)
        frame.to_file(tmp_path / "farm.shp", engine="pyogrio", encoding="GBK")
        return tmp_path / "farm.shp"

    def garbled(self, source):
        found = check(CheckedLayer(source))
        return kinds(found, "farm"), [one.details for one in only(found, "check_garbled")]

    def test_the_right_encoding_is_named_and_all_else_is_checked(self, path):
        codes, (details,) = self.garbled(FileSource(path, encoding="UTF-8", engine="pyogrio"))
        assert codes == {"check_garbled": 1, "check_code_twice": 1, "check_code_missing": 1, "check_bsm_length": 3}
        assert (details["field"], details["count"], details["encoding"]) == ("MC", 2, "GBK")
        assert "\ufffd" in details["text"] and details["reads"] == "南关区"
        assert "check_garbled" not in self.garbled(FileSource(path, encoding="GBK"))[0]

    def test_where_the_values_come_with_lost_characters(self, path):
        """As QGIS itself hands them over."""
        shown = [name and name.encode("gbk").decode("utf-8", "replace") for name in self.NAMES]
        source = MemorySource("farm", [square(20 * n, 0, 10) for n in range(4)], {"BSM": [None] * 4, "MC": shown})
        source.shapefile = (str(path), "UTF-8")
        codes, (details,) = self.garbled(source)
        assert "check_text_lost" not in codes
        assert (details["encoding"], details["reads"], details["count"]) == ("GBK", "南关区", 2)

    def test_characters_that_the_file_itself_has_lost(self, path):
        shown = ["\ufffd\ufffd\ufffd关区", None, None, None]
        source = MemorySource("farm", [square(20 * n, 0, 10) for n in range(4)], {"BSM": [None] * 4, "MC": shown})
        for shapefile in ((str(path), "UTF-8"), (str(path.with_name("nowhere.shp")), "UTF-8"), None):
            source.shapefile = shapefile
            codes, _ = self.garbled(source)
            assert codes.get("check_text_lost") == 1 and "check_garbled" not in codes


def test_garbled_field_names():
    codes, found = attributes(**{"县".encode("gbk").decode("latin-1"): ["南关区", "宽城区"], "CODE": ["1", "2"]})
    assert codes == {"check_garbled_fields": 1}
    assert found.issues[0].details["reads"] == "县"


@pytest.mark.parametrize("lost", ["\ufffd\ufffd关区", "???", "?? (12)"])
def test_lost_characters(lost):
    assert attributes(XZQMC=[lost, "宽城区"])[0] == {"check_text_lost": 1}


@pytest.mark.parametrize("text", ["what?", "?", "Why? Really?", "2 ?"])
def test_questions_are_no_loss(text):
    assert attributes(BZ=[text, "宽城区"])[0] == {}
