"""Boundary-point files as they come: every variation gives the plot that is meant, and says what was amiss."""

import json

import pyproj
import pytest
import shapely
from boundaries import EAST, HEADER, NORTH, PLOT, SQUARE, imported, rows, text

from redline_review.core.analysis.area import AreaMeasure
from redline_review.core.inputs.gauss_kruger import CGCS2000, Zone, zone_at, zone_of
from redline_review.core.report.texts import Texts

HECTARE = shapely.box(EAST + 1000, NORTH + 100, EAST + 1100, NORTH + 200)
HOLE = ((120, 1020), (160, 1020), (160, 1060), (120, 1060))  # 0.16 ha inside
APART = ((400, 2000), (400, 2050), (480, 2050), (480, 2000))  # 0.4 ha


@pytest.fixture
def read(tmp_path):
    """Import one file made of a text or bytes."""

    def read(content, written="utf-8", **options):
        path = tmp_path / "勘测 定界.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(written))
        return imported(path, **options)

    return read


def one(result):
    """The only plot, about which there is nothing to say."""
    assert result.said == []
    assert len(result.plots) == 1
    return result.plots.iloc[0]


def same_land(geometry, other):
    return shapely.area(shapely.symmetric_difference(geometry, other)) < 1e-6


@pytest.mark.parametrize("number", range(1, 13))
def test_reference_files(shared_data, number):
    folder = shared_data / "boundary_txt"
    (path,) = folder.glob(f"{number:02}_*.txt")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[path.name]
    result = imported(path)
    assert len(result.plots) == expected["plots"]
    assert shapely.area(result.plots.geometry.to_numpy()).tolist() == pytest.approx(expected["area_m2"], abs=1e-6)
    assert shapely.is_valid(result.plots.geometry.to_numpy()).all()
    assert result.epsg == expected["epsg"]
    told = {
        10: ["boundary_points_differ", "boundary_area_differs"],
        11: ["boundary_crosses"],
        12: ["boundary_old_datum"],
    }
    assert result.codes == told.get(number, [])
    assert result.plots.DKMC.notna().all() and not result.plots.DKMC.str.contains("\ufffd").any()


def test_all_that_the_file_says_is_in_the_layer(read):
    extra = "5,1.0000,DK001,地块一,面,K52G001,耕地,0103,水田,15,@"
    content = "[项目信息]\r\n项目名称=清河路\r\n" + text(extra, rows(), header=(*HEADER, "中央子午线=126"))
    plot = one(read(content))
    assert plot.drop("geometry").to_dict() == {
        "DKBH": "DK001", "DKMC": "地块一", "DKYT": "耕地", "DLBM": "0103", "TFH": "K52G001", "TXSX": "面",
        "DKQT": "水田,15", "JZDS": 5, "DKMJ": 1.0, "area_m2": pytest.approx(10_000, abs=0.01), "planar_m2": 10_000.0,
        "points": 5, "rings": 1, "remark": None, "GSBBH": "1.01版本", "SJCSDW": "清河县测绘队", "SJCSRQ": "2025-06-15",
        "ZBX": "2000国家大地坐标系", "JDFD": "3", "TYLX": "高斯克吕格", "JLDW": "米", "DH": "42", "JD": "0.001",
        "ZHCS": ",,,,,,", "ZYZWX": "126", "QTXX": "项目名称=清河路", "src_file": "勘测 定界.txt", "src_line": 16,
    }  # fmt: skip
    assert plot.geometry.equals(HECTARE)


def test_every_field_fits_a_shapefile_and_has_its_name_in_both_languages(read):
    fields = [field.name for field in read(text()).fields]
    assert all(len(name.encode()) <= 10 for name in fields) and len(set(fields)) == len(fields)
    for language in ("en", "zh_CN"):
        texts = Texts(language)
        assert all(name in {**texts.words("table_field"), **texts.words("field")} for name in fields)


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", "\r\n"), ("utf-8-sig", "\n"), ("gbk", "\r\n"), ("gb18030", "\r"), ("utf-16", "\n"), ("gbk", "\r\r\n")],
)  # fmt: skip
def test_encodings_and_line_ends(read, encoding, end):
    plot = one(read(text(end=end), encoding))
    assert (plot.DKMC, plot.SJCSDW) == ("地块一", "清河县测绘队") and plot.geometry.equals(HECTARE)


def test_a_character_that_only_gb18030_has(read):
    plot = PLOT.replace("地块一", "㐀𠀀地块")
    assert one(read(text(plot, rows()), "gb18030")).DKMC == "㐀𠀀地块"


def test_the_encoding_asked_for(read):
    assert one(read(text(), "gbk", encoding="gb18030")).DKMC == "地块一"
    wrong = read(text(), "gbk", encoding="utf-8-sig")
    assert wrong.plots is None and "is not written in UTF-8" in wrong.said[0]


def test_a_name_cut_within_a_character(read):
    content = text().encode("gbk").replace("地块一".encode("gbk"), "地块一".encode("gbk")[:-1])
    result = read(content)
    assert result.codes == ["boundary_damaged_text"] and result.plots.remark[0] == "damaged text"
    assert result.plots.geometry[0].equals(HECTARE)


FORMS = {
    "left open": text("4,1.0000,DK001,地块一,面,,,,@", rows(closed=False)),
    "count with the closing point, ring open": text(PLOT, rows(closed=False)),
    "count without the closing point, ring closed": text("4,1.0000,DK001,地块一,面,,,,@", rows()),
    "ids without J": text(PLOT, rows(id="{n}")),
    "leading blanks": text("  \t" + PLOT, rows(row="   {id},{ring},{x:.3f}, {y:.3f}")),
    "leading dashes": text("- " + PLOT, rows(row="  - {id},{ring},{x:.3f},{y:.3f}")),
    "a dash for itself": text(PLOT, rows(row="-,{id},{ring},{x:.3f},{y:.3f}")),
    "long dashes": text(PLOT, rows(row="— {id},{ring},{x:.3f},{y:.3f}")),
    "wrong id on the closing row": text(PLOT, [*rows()[:-1], "J5,1,4850100.000,42501000.000"]),
    "wrong ring on the closing row": text(PLOT, [*rows()[:-1], "J1,3,4850100.000,42501000.000"]),
    "points given twice in a row": text("6,1.0000,DK001,地块一,面,,,,@", [rows()[0], *rows()]),
    "trailing commas": text(PLOT + ",,,", rows(row="{id},{ring},{x:.3f},{y:.3f},,")),
    "full-width commas": text(PLOT.replace(",", "，"), rows(row="{id}，{ring}，{x:.3f}，{y:.3f}")),
    "full-width digits": text(PLOT, [line.translate(str.maketrans("J1245", "Ｊ１２４５")) for line in rows()]),
    "semicolons": text(PLOT.replace(",", ";"), rows(row="{id};{ring};{x:.3f};{y:.3f}")),
    "tabs": text(PLOT.replace(",", "\t"), rows(row="{id}\t{ring}\t{x:.3f}\t{y:.3f}")),
    "blanks between": text(PLOT, rows(row="{id} {ring} {x:.3f}  {y:.3f}")),
    "empty lines": text("", PLOT, "", *rows(), "", "   ", ",,,,"),
    "no ring numbers": text(PLOT, rows(row="{id},,{x:.3f},{y:.3f}")),
    "ring numbers from 0": text(PLOT, rows(ring=0)),
    "ring numbers as decimals": text(PLOT, rows(ring="1.0")),
    "heights": text(PLOT, rows(row="{id},{ring},{x:.3f},{y:.3f},203.5")),
    "no class code": text("5,1.0000,DK001,地块一,面,K52G001,耕地,@", rows()),
    "nothing behind 面": text("5,1.0000,DK001,地块一,面,@", rows()),
    "@ without a comma": text("5,1.0000,DK001,地块一,面,K52G001,耕地,0103@", rows()),
    "full-width @": text("5,1.0000,DK001,地块一,面,K52G001,耕地,0103,＠", rows()),
    "@ with blanks": text("5,1.0000,DK001,地块一,面,K52G001,耕地,0103, @ ", rows()),
    "@ on a line of its own": text("5,1.0000,DK001,地块一,面,K52G001,耕地,0103", "@", rows()),
    "no @": text("5,1.0000,DK001,地块一,面,K52G001,耕地,0103", rows()),
    "no 面": text("5,1.0000,DK001,地块一,,,,,@", rows()),
    "neither count nor area": text(",,DK001,地块一,面,,,,@", rows()),
    "count and area 0": text("0,0,DK001,地块一,面,,,,@", rows()),
    "a comma in the name": text("5,1.0000,DK001,地块一,北,面,K52G001,耕地,0103,@", rows()),
    "no number": text("5,1.0000,地块一,面,K52G001,耕地,0103,@", rows()),
    "area with its unit": text(PLOT.replace("1.0000", "1.0000公顷"), rows()),
    "area in mu with its unit": text(PLOT.replace("1.0000", "15亩"), rows()),
    "official area": text(PLOT.replace("1.0000", "1.0000"), rows()),
    "a row that explains the format": text("界址点数,地块面积,地块编号,地块名称,记录图形属性,@", PLOT, rows()),
    "remarks between": text(PLOT, rows(), "以上为地块一"),
    "header without its title": text().removeprefix("[属性描述]\r\n"),
    "full-width brackets": text().replace("[", "【").replace("]", "】"),
    "blanks around the header": text(header=[f"  {line.replace('=', ' = ')} " for line in HEADER]),
    "end-of-file mark of old programs": text() + "\x1a",
    "padded with zeros": text() + "\0" * 40,
    "clockwise": text(PLOT, rows(SQUARE[::-1])),
    "no section of coordinates": text().replace("[地块坐标]\r\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_forms_seen_in_the_wild(read, form):
    for encoding in ("utf-8", "gbk"):
        plot = one(read(FORMS[form], encoding))
        assert same_land(plot.geometry, HECTARE)
        assert plot.DKMC in ("地块一", "地块一,北") and plot.DKBH in ("DK001", None)
        assert plot.DKMJ in (1.0, None) and plot.JZDS in (4, 5, 6, None)
        assert (plot.DKYT, plot.DLBM) in (("耕地", "0103"), ("耕地", None), (None, None))


def test_missing_header_lines(read):
    for missing in ("格式版本号", "几度分带", "带号", "精度", "转换参数", "投影类型"):
        result = read(text(header=[line for line in HEADER if not line.startswith(missing)]))
        assert one(result).geometry.equals(HECTARE) and result.epsg == 4530
    bare = read(text(header=()))
    assert bare.codes == ["boundary_datum_assumed"] and bare.epsg == 4530
    assert "CGCS2000 is assumed" in bare.said[0] and "勘测 定界.txt, line 2, plot DK001 地块一" in bare.said[0]


def test_points_without_a_plot_row(read):
    result = read(text(rows()))
    assert result.codes == ["boundary_row_missing"] and result.plots.geometry[0].equals(HECTARE)
    assert result.plots.DKBH[0] is None and result.plots.remark[0] == "no plot row"


@pytest.mark.parametrize(
    ("header", "east", "epsg", "codes"),
    [
        ({}, EAST, 4530, []),
        ({}, 500_000, 4551, []),
        ({"带号": "21", "几度分带": "6"}, 21_500_000, 4499, []),
        ({"带号": "21", "几度分带": "6"}, 500_000, 4510, []),
        ({"带号": "42带", "几度分带": "三度带"}, 500_000, 4551, []),
        ({"带号": "", "几度分带": "", "中央子午线": "126°"}, 500_000, 4551, []),
        ({"带号": "", "几度分带": "6", "中央子午线": "123"}, 500_000, 4510, []),
        ({"带号": "126"}, 500_000, 4551, []),  # the meridian where the number should stand
        ({"带号": "38"}, EAST, 4530, ["boundary_zone_differs"]),
        ({"几度分带": "6"}, EAST, 4530, ["boundary_zone_differs"]),
        ({"带号": "42"}, 21_500_000, 4499, ["boundary_zone_differs"]),
        ({"带号": "21"}, 500_000, 4510, ["boundary_zone_differs"]),  # no 3° zone of China has this number
        ({"坐标系": "CGCS 2000"}, EAST, 4530, []),
        ({"坐标系": "国家2000大地坐标系"}, EAST, 4530, []),
        ({"坐标系": "西安80"}, EAST, 2366, ["boundary_old_datum"]),
        ({"坐标系": "1980西安坐标系"}, 500_000, 2387, ["boundary_old_datum"]),
        ({"坐标系": "80国家大地坐标系", "几度分带": "6", "带号": "21"}, 21_500_000, 2335, ["boundary_old_datum"]),
        ({"坐标系": "1954年北京坐标系"}, EAST, 2418, ["boundary_old_datum"]),
        ({"坐标系": "北京54", "几度分带": "6", "带号": "21"}, 500_000, 21461, ["boundary_old_datum"]),
        ({"坐标系": ""}, EAST, 4530, ["boundary_datum_assumed"]),
    ],
)  # fmt: skip
def test_crs_from_header_and_eastings(read, header, east, epsg, codes):
    facts = dict(line.split("=", 1) for line in HEADER) | header
    result = read(text(PLOT, rows(east=east), header=[f"{key}={value}" for key, value in facts.items()]))
    assert result.epsg == epsg and result.codes == codes
    assert shapely.bounds(result.plots.geometry[0]).tolist() == [east + 1000, NORTH + 100, east + 1100, NORTH + 200]


def test_a_contradiction_names_both_sides(read):
    facts = [line.replace("带号=42", "带号=38") for line in HEADER]
    assert "“几度分带=3, 带号=38”, the coordinates are of the 3° zone 42" in read(text(header=facts)).said[0]
    assert "以坐标为准" in read(text(header=facts), language="zh_CN").said[0]


def test_a_warning_on_the_whole_file_is_given_once(read):
    facts = [line.replace("带号=42", "带号=38") for line in HEADER]
    plots = [part for n in range(5) for part in (PLOT.replace("DK001", f"DK{n}"), rows())]
    result = read(text(*plots, header=facts))
    assert len(result.plots) == 5 and result.codes == ["boundary_zone_differs"]
    assert set(result.plots.remark) == {"zone differs from the header"}


def test_x_and_y_in_the_wrong_order(read):
    for east, epsg in ((EAST, 4530), (500_000, 4551)):
        swapped = rows(east=east, row="{id},{ring},{y:.3f},{x:.3f}")
        result = read(text(PLOT, swapped))
        assert result.codes == ["boundary_swapped"] and result.epsg == epsg
        assert result.plots.geometry[0].bounds == (east + 1000, NORTH + 100, east + 1100, NORTH + 200)


def test_degrees(read):
    corners = [(43.80012, 125.30034), (43.80012, 125.30134), (43.80112, 125.30134), (43.80112, 125.30034)]
    for order in ("{id},{ring},{x:.9f},{y:.9f}", "{id},{ring},{y:.9f},{x:.9f}"):
        points = [order.format(id=f"J{n}", ring=1, x=lat, y=lon) for n, (lat, lon) in enumerate(corners, 1)]
        square = shapely.box(125.30034, 43.80012, 125.30134, 43.80112)
        m2 = abs(pyproj.Geod(ellps="GRS80").geometry_area_perimeter(square)[0])
        result = read(text(f"4,{m2 / 10_000:.4f},DK1,一,面,,,,@", points))
        assert result.epsg == 4490 and result.codes == ([] if "{x:.9f},{y" in order else ["boundary_swapped"])
        assert result.plots.geometry[0].equals(square)
        assert result.plots.area_m2[0] == pytest.approx(m2, rel=1e-4) and result.plots.planar_m2.isna().all()


def test_metres_of_a_local_system_are_no_degrees(read):
    points = ["J1,1,45.200,120.100", "J2,1,45.200,130.100", "J3,1,52.200,130.100"]
    result = read(text("3,,DK1,一,面,,,,@", points))
    assert result.plots is None and result.codes == ["boundary_out_of_place"]


def test_crs_of_files_that_do_not_tell(read):
    facts = [line for line in HEADER if not line.startswith("带号")]
    content = text(PLOT, rows(east=500_000), header=facts)
    silent = read(content)
    assert silent.plots is None and silent.codes == ["boundary_no_zone"] and "Choose the CRS" in silent.said[0]
    given = Zone(CGCS2000, 3, 43, False).crs
    assert read(content, given=given).epsg == 4552
    # What the file does tell goes first.
    assert read(text(), given=given).epsg == 4530
    unknown = [line.replace("2000国家大地坐标系", "清河县独立坐标系") for line in HEADER]
    local = text(PLOT, rows(east=10_000), header=unknown)
    assert read(local).codes == ["boundary_out_of_place"]
    own = pyproj.CRS.from_proj4("+proj=tmerc +lon_0=126.5 +x_0=10000 +ellps=GRS80 +units=m")
    result = read(local, given=own)
    assert result.outcome.crs.equals(own) and result.plots.geometry[0].bounds[0] == 11_000
    named = read(text(header=unknown))
    assert named.codes == ["boundary_datum_unknown"] and "清河县独立坐标系" in named.said[0]
    assert read(text(header=unknown), given=given).epsg == 4530  # its datum, the zone of the coordinates


@pytest.mark.parametrize(
    ("first", "ring", "closed"),
    [(5, 2, True), (1, 2, True), (5, 2, False), (1, 2, False), (5, 1, True), (1, 1, True), (5, 7, True)],
)
def test_holes_by_containment(read, first, ring, closed):
    result = read(text("10,0.8400,DK2,带洞,面,,,,@", rows(closed=closed), rows(HOLE, ring, first, closed)))
    plot = one(result)
    assert plot.geometry.area == pytest.approx(8400) and len(plot.geometry.interiors) == 1 and plot.rings == 2


def test_parts_islands_and_rings_in_any_order(read):
    island = ((130, 1030), (130, 1050), (150, 1050), (150, 1030))
    shapes = [(SQUARE, 1), (HOLE, 2), (island, 3), (APART, 4)]
    for order in (shapes, shapes[::-1], [shapes[n] for n in (1, 3, 0, 2)]):
        body = [line for corners, ring in order for line in rows(corners, ring)]
        plot = one(read(text("20,1.2800,DK3,多部件,面,,,,@", body)))
        assert plot.geometry.geom_type == "MultiPolygon" and len(plot.geometry.geoms) == 3
        assert plot.geometry.area == pytest.approx(10_000 - 1600 + 400 + 4000)


def test_ring_numbers_that_begin_anew_for_each_part(read):
    hole_of_second = ((410, 2010), (410, 2020), (420, 2020), (420, 2010))
    body = [*rows(), *rows(HOLE, 2), *rows(APART, 1), *rows(hole_of_second, 2)]
    assert one(read(text("20,1.2300,DK3,多部件,面,,,,@", body))).geometry.area == pytest.approx(8400 + 3900)


def test_closing_row_of_the_first_ring_carries_the_second_ones_number(read):
    for hole in (2, 3):
        body = [*rows(closed=False), "J1,2,4850100.000,42501000.000", *rows(HOLE, hole, 5)]
        assert one(read(text("10,0.8400,DK2,带洞,面,,,,@", body))).geometry.area == pytest.approx(8400)


def test_a_hole_that_begins_at_the_first_point_of_an_open_ring_keeps_it(read):
    touching = ((100, 1000), (130, 1010), (130, 1030))
    body = [*rows(closed=False), *rows(touching, 2, 5)]
    result = read(text("8,0.9700,DK2,带洞,面,,,,@", body))
    assert one(result).geometry.area == pytest.approx(10_000 - 300)


def test_a_hole_that_leaves_its_shell_by_a_rounding_is_taken_out(read):
    over = ((99.999, 1020), (160, 1020), (160, 1060), (99.999, 1060))
    result = read(text(",,DK2,带洞,面,,,,@", rows(), rows(over, 2)))
    assert result.codes == ["boundary_rings_cross"] and result.plots.geometry[0].is_valid
    assert result.plots.geometry[0].area == pytest.approx(10_000 - 60 * 40, abs=0.1)


def test_a_ring_given_twice_counts_once(read):
    result = read(text(",,DK2,双,面,,,,@", rows(), rows(SQUARE[::-1], 2)))
    assert result.codes == ["boundary_ring_twice"] and result.plots.geometry[0].area == pytest.approx(10_000)


def test_parts_that_overlap_are_united(read):
    other = tuple((x + 50, y) for x, y in SQUARE)
    tall = tuple((x, y + 80) for x, y in SQUARE)
    result = read(text(",,DK2,叠,面,,,,@", rows(), rows(tall, 2)))
    assert result.codes == ["boundary_rings_cross"] and result.plots.geometry[0].area == pytest.approx(18_000)
    assert "X 4850200" in result.said[0] or "X 4850100" in result.said[0]
    half = read(text(",,DK2,叠,面,,,,@", rows(), rows(other, 2)))
    assert half.plots.geometry[0].is_valid and half.codes == ["boundary_rings_cross"]


def test_a_self_crossing_ring_is_told_where_and_repaired_in_the_layer(read):
    bow_tie = ((0, 0), (100, 100), (100, 0), (0, 100))
    result = read(text("5,0.5000,DK1,自相交,面,,,,@", rows(bow_tie)))
    assert result.said == [
        "勘测 定界.txt, line 13, plot DK1 自相交: ring 1 crosses or touches itself at X 4850050, Y 42500050. "
        "It is repaired in the layer; correct the order of the points in the file."
    ]
    assert result.plots.geometry[0].is_valid and result.plots.geometry[0].area == pytest.approx(5000)
    assert result.plots.remark[0] == "crosses itself, repaired"


@pytest.mark.parametrize(
    ("count", "told"), [("5", False), ("4", False), ("", False), ("0", False), ("6", True), ("3", True), ("50", True)]
)
def test_declared_point_counts(read, count, told):
    result = read(text(PLOT.replace("5,", f"{count},", 1), rows()))
    assert result.codes == ["boundary_points_differ"] * told
    if told:
        assert f"{count} points are declared, the file has 5" in result.said[0]


@pytest.mark.parametrize(
    ("area", "ha", "code"),
    [
        ("1.0000", 1.0, None), ("1", 1.0, None), ("1.0001", 1.0001, None), ("0.9999", 0.9999, None),
        ("", None, None), ("0", None, None), ("0.0000", None, None), ("1.0000 公顷", 1.0, None),
        ("10000平方米", 1.0, None), ("15亩", 1.0, None), ("1.000000ha", 1.0, None),
        ("1.001", 1.001, None),  # within its last digit
        ("1.0010", 1.0010, "boundary_area_differs"), ("1.2345", 1.2345, "boundary_area_differs"),
        ("1.2345公顷", 1.2345, "boundary_area_differs"), ("10000平方公里", None, "boundary_not_a_figure"),
        ("10000.00", 1.0, "boundary_area_unit"), ("15.00", 1.0, "boundary_area_unit"),
        ("约一公顷", None, "boundary_not_a_figure"),
    ],
)  # fmt: skip
def test_declared_areas(read, area, ha, code):
    result = read(text(PLOT.replace("1.0000", area), rows()))
    assert result.codes == [code] * bool(code)
    assert result.plots.DKMJ[0] == (pytest.approx(ha) if ha else None)


def test_an_area_may_be_planar_or_official(read):
    """160 km from the central meridian a plane area is 0.06 % too large; surveyors declare the one or the other."""
    corners = [(x * 10, y * 10 + 150_000) for x, y in SQUARE]
    for area, told in (("100.0000", []), ("99.9367", []), ("99.9600", ["boundary_area_differs"])):
        result = read(text(PLOT.replace("1.0000", area), rows(corners)))
        assert result.codes == told, result.said
    assert result.plots.planar_m2[0] == 1_000_000 and result.plots.area_m2[0] == pytest.approx(999_367, abs=1)


def test_lines_and_points_are_no_plots(read):
    result = read(
        text("3,,1,管线,线,,,,@", rows(SQUARE[:3], closed=False), "1,,2,井,点,,,,@", rows()[:1], PLOT, rows())
    )
    assert result.codes == ["boundary_not_area", "boundary_not_area"] and result.outcome.left_out == 2
    assert "“线”" in result.said[0] and one_name(result) == ["地块一"]
    assert one(read(text(PLOT.replace("面", "线"), rows()))).TXSX == "线"  # closed: it is a boundary


def one_name(result):
    return result.plots.DKMC.tolist()


def test_two_files_joined_to_one_keep_their_headers(read):
    second = text(
        PLOT.replace("DK001", "DK9"), rows(east=500_000), header=[*HEADER[:1], "数据产生单位=乙", *HEADER[2:]]
    )
    result = read(text() + second)
    assert result.plots.SJCSDW.tolist() == ["清河县测绘队", "乙"] and result.plots.src_line.tolist() == [13, 31]
    assert result.plots.geometry[1].equals(HECTARE) and result.codes == ["boundary_transformed"]


def test_files_of_several_zones(tmp_path):
    """In the CRS of the first plot, moved point by point; official areas do not change by it."""
    files = [tmp_path / f"{name}.txt" for name in "abc"]
    files[0].write_text(text(), encoding="utf-8")
    files[1].write_text(text(PLOT, rows(east=500_000)), encoding="utf-8")
    neighbour = [(x * 10, y * 10 - 130_000) for x, y in SQUARE]
    zone43 = text("5,100,DK3,邻带,面,,,,@", rows(neighbour, east=43_500_000), header=[])
    files[2].write_text(zone43, encoding="utf-8")
    result = imported(*files)
    assert result.epsg == 4530 and result.plots.src_file.tolist() == ["a.txt", "b.txt", "c.txt"]
    assert result.plots.geometry[1].equals(HECTARE)  # the same zone: shifted, not computed
    moved, alone = result.plots.iloc[2], imported(files[2]).plots.iloc[0]
    assert len(moved.geometry.exterior.coords) == 5
    assert moved.area_m2 == pytest.approx(alone.area_m2, rel=1e-12)
    again = AreaMeasure(result.outcome.crs).of(result.plots.geometry.to_numpy())
    assert again.tolist() == pytest.approx(result.plots.area_m2.tolist(), rel=1e-9)
    assert result.codes.count("boundary_transformed") == 2


def test_another_datum_is_left_out_rather_than_put_in_the_wrong_place(tmp_path):
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(
        text(header=[line.replace("2000国家大地坐标系", "1980西安坐标系") for line in HEADER]), encoding="utf-8"
    )
    new.write_text(text(), encoding="utf-8")
    result = imported(new, old)
    assert result.plots.src_file.tolist() == ["new.txt"] and result.outcome.left_out == 1
    assert "old.txt: nothing reliable leads from Xian 1980" in result.said[0] and result.issues[0].severity == "error"
    assert imported(old, new).plots.src_file.tolist() == ["old.txt"]
    assert imported(old).epsg == 2366


def test_zones_and_their_epsg_entries():
    for epsg, meridian in ((4513, 75), (4533, 135), (4534, 75), (4554, 135), (4491, 75), (4501, 135), (4502, 75),
                           (2366, 126), (2387, 126), (2327, 75), (2348, 135), (2401, 75), (2442, 135), (21413, 75),
                           (21463, 135)):  # fmt: skip
        zone = zone_of(pyproj.CRS.from_epsg(epsg))
        assert zone.epsg == epsg and zone.meridian == meridian
        conversion = {param.name: param.value for param in zone.crs.coordinate_operation.params}
        assert conversion["Longitude of natural origin"] == meridian
        assert conversion["False easting"] == 500_000 + zone.prefixed * zone.number * 1_000_000
    assert zone_of(pyproj.CRS.from_epsg(4490)) is None and zone_of(pyproj.CRS.from_epsg(32652)) is None
    assert zone_at(125.3).epsg == 4530 and zone_at(127.6).epsg == 4531 and zone_at(9.5) is None
