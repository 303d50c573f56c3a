"""Polygons written as surveyors do, and the same land when they are read again."""

from datetime import date

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from boundaries import imported
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support import GAUSS_KRUGER, ORIGIN, MemorySource, square

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.inputs.boundary_txt_writer import Style, export_boundaries

EASY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
DAY = date(2025, 6, 15)
EVERYTHING = {"name": "名称", "number": "编号", "use": "用途", "code": "编码"}


def attributes(count=1, **changes):
    plain = {"名称": [f"地块{n}" for n in range(count)], "编号": [f"DK{n:03}" for n in range(count)],
             "用途": ["耕地"] * count, "编码": ["0103"] * count}  # fmt: skip
    return {**plain, **changes}


def layer(geometry, crs=GAUSS_KRUGER, **changes):
    geometry = list(geometry)
    return MemorySource("图层", geometry, attributes(len(geometry), **changes), crs)


def export(source, target=None, folder=None, fields=EVERYTHING, **style):
    return export_boundaries(source, fields, target, folder, Style(day=DAY, **style))


def lines(path, encoding="gb18030"):
    return path.read_bytes().decode(encoding).split("\r\n")


def failed(call, *arguments, **options):
    with pytest.raises(RedlineError) as error:
        call(*arguments, **options)
    return error.value.code


@pytest.fixture
def target(tmp_path):
    return tmp_path / "报盘 1.txt"


def test_a_whole_file(target):
    """North-west corner first, outer ring clockwise, the hole numbered on and anticlockwise, rings closed."""
    shape = square(0, 0, 100, 80) - square(20, 20, 10)
    outcome = export(layer([shape]), target, unit_name="清河县测绘队")
    assert lines(target) == [
        "[属性描述]", "格式版本号=1.01版本", "数据产生单位=清河县测绘队", "数据产生日期=2025-06-15",
        "坐标系=2000国家大地坐标系", "几度分带=3",
        "投影类型=高斯克吕格", "计量单位=米", "带号=42", "精度=0.001", "转换参数=,,,,,,", "[地块坐标]",
        "10,0.7900,DK000,地块0,面,,耕地,0103,@",
        "J1,1,4850080.000,42500000.000", "J2,1,4850080.000,42500100.000", "J3,1,4850000.000,42500100.000",
        "J4,1,4850000.000,42500000.000", "J1,1,4850080.000,42500000.000",
        "J5,2,4850030.000,42500020.000", "J6,2,4850020.000,42500020.000", "J7,2,4850020.000,42500030.000",
        "J8,2,4850030.000,42500030.000", "J5,2,4850030.000,42500020.000", "",
    ]  # fmt: skip
    assert (outcome.files, outcome.plot_count, outcome.left_out, outcome.issues) == ([target], 1, 0, [])


def test_parts_and_their_holes_from_the_north_west(target):
    parts = [square(500, 0, 50), square(0, 500, 50) - square(10, 510, 5) - square(30, 540, 5), square(0, 0, 50)]
    export(layer([shapely.multipolygons([*parts[:1], parts[2], parts[1]])]), target)
    starts = [row.split(",")[1:] for row in lines(target)[13:] if row][::5]
    assert [(int(ring), float(x) - 4_850_000, float(y) - 42_500_000) for ring, x, y in starts] == [
        (1, 550, 0), (2, 545, 30), (3, 515, 10), (4, 50, 0), (5, 50, 500),
    ]  # fmt: skip


def test_north_west_corner_of_a_slanted_plot(target):
    diamond = shapely.Polygon([ORIGIN + xy for xy in ((0, 60), (50, 100), (100, 40), (50, 0))])
    export(layer([diamond]), target)
    assert lines(target)[13] == "J1,1,4850060.000,42500000.000"


@pytest.mark.parametrize(
    ("crs", "prefix", "easting", "zone", "width"),
    [
        (4530, None, "42500000.000", "42", "3"), (4530, True, "42500000.000", "42", "3"),
        (4530, False, "500000.000", "42", "3"), (4551, None, "500000.000", "42", "3"),
        (4551, True, "42500000.000", "42", "3"), (4499, None, "21500000.000", "21", "6"),
        (4510, True, "21500000.000", "21", "6"), (4510, None, "500000.000", "21", "6"),
    ],
)  # fmt: skip
def test_zone_numbers(target, crs, prefix, easting, zone, width):
    crs = pyproj.CRS.from_epsg(crs)
    east = crs.coordinate_operation.params[3].value  # false easting
    shape = shapely.box(east, 4_850_000, east + 100, 4_850_100)
    outcome = export(layer([shape], crs), target, prefix=prefix)
    written = lines(target)
    assert written[13].split(",")[-1] == easting and outcome.issues == []
    assert written[8] == f"带号={zone}" and written[5] == f"几度分带={width}"
    assert imported(target).plots.geometry[0].area == 10_000


def test_a_layer_elsewhere_goes_to_the_zone_of_its_centre(target):
    """Point by point: no boundary points come in along the edges."""
    there = pyproj.Transformer.from_crs(4530, 4490, always_xy=True)

    def to_degrees(xy):
        return np.column_stack(there.transform(*xy.T))

    shape = shapely.box(125.30, 43.80, 125.33, 43.82)
    for crs in (4490, 4326):
        outcome = export(layer([shape], pyproj.CRS.from_epsg(crs)), target)
        assert [issue.code for issue in outcome.issues] == ["boundary_reprojected"]
        assert len(lines(target)) == 12 + 1 + 5 + 1 and lines(target)[8] == "带号=42"
        plot = imported(target).plots.iloc[0]
        back = shapely.transform(plot.geometry, to_degrees)
        assert shapely.hausdorff_distance(back, shape) < 1e-8
        assert plot.area_m2 == pytest.approx(plot.DKMJ * 10_000, abs=1)


def test_what_leads_to_no_zone_is_refused(target):
    shape = square(0, 0, 100)
    assert failed(export, layer([shape], None), target) == "no_crs"
    assert failed(export, layer([shape], pyproj.CRS.from_epsg(2366)), target) == "ballpark_transformation"
    europe = shapely.box(9.5, 47.1, 9.51, 47.11)
    assert failed(export, layer([europe], pyproj.CRS.from_epsg(4326)), target) == "boundary_no_zone_here"
    assert not target.exists()


def test_areas_by_either_method_are_those_of_the_points_written(target):
    shape = square(150_000, 0, 1000)
    for method, ha in (("planar", "100.0000"), ("ellipsoid", "99.9443")):
        export(layer([shape]), target, area_method=method)
        assert lines(target)[12].split(",")[1] == ha
        assert imported(target).codes == []
    whole_metres = square(0.4, 0.4, 99.7)  # rounds to 100 m
    export(layer([whole_metres]), target, area_method="planar", decimals=0)
    assert lines(target)[9] == "精度=1" and lines(target)[12].split(",")[1] == "1.0000"
    assert lines(target)[13] == "J1,1,4850100,42500000"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_texts_survive_in_either_encoding(target, encoding):
    names = ["㐀𠀀地块", "甲,乙@丙\n丁@", "  前后  ", None, "面", "带 空格", "=;；[x]"]
    source = layer(
        [square(n * 200, 0, 100) for n in range(7)], 名称=names, 编号=["一", "A-1", None, "0", "点", "线", "7"]
    )
    outcome = export(source, target, encoding=encoding)
    result = imported(target)
    assert result.plots.DKMC.tolist() == ["㐀𠀀地块", "甲，乙＠丙 丁＠", "前后", "地块4", "面", "带 空格", "=;；[x]"]
    assert result.plots.DKBH.tolist() == ["一", "A-1", "3", "0", "点", "线", "7"]
    assert result.codes == [] and result.plots.DKYT.tolist() == ["耕地"] * 7
    assert [(issue.code, issue.details) for issue in outcome.issues] == [("boundary_text_changed", {"count": 1})]


def test_without_fields_plots_are_counted(target):
    export(layer([square(n * 200, 0, 100) for n in range(2)]), target, fields={})
    rows = [row for row in lines(target) if row.endswith("@")]
    assert rows == ["5,1.0000,1,地块1,面,,,,@", "5,1.0000,2,地块2,面,,,,@"]


def test_a_file_each(tmp_path):
    folder = tmp_path / "各 地块"
    numbers = ["A/1", "A/1", "a_1", "", "con", "..", "图:斑*?", "长" * 300]
    source = layer([square(n * 200, 0, 100) for n in range(8)], 编号=numbers, 名称=[""] * 8)
    outcome = export(source, None, folder)
    assert [file.name for file in outcome.files] == [
        "A_1.txt", "A_1_2.txt", "a_1_3.txt", "4.txt", "_con.txt", "6.txt", "图_斑__.txt", "长" * 60 + ".txt",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted(file.name for file in outcome.files)
    result = imported(*outcome.files)
    assert [geometry.bounds[0] - 42_500_000 for geometry in result.plots.geometry] == [n * 200 for n in range(8)]


def test_what_cannot_be_a_plot_is_listed(target):
    bow_tie = shapely.Polygon([ORIGIN + xy for xy in ((0, 0), (100, 100), (100, 0), (0, 100))])
    speck = square(5000, 0, 0.0001)
    source = layer([None, shapely.Point(ORIGIN), bow_tie, speck, square(0, 500, 100)])
    outcome = export(source, target)
    assert (outcome.plot_count, outcome.left_out) == (2, 3)
    assert sorted((issue.code, issue.feature) for issue in outcome.issues) == [
        ("boundary_too_small", "3"), ("no_geometry", "0"), ("no_polygon", "1"), ("repaired", "2"),
    ]  # fmt: skip
    assert shapely.area(imported(target).plots.geometry.to_numpy()).tolist() == pytest.approx([5000, 10_000])
    assert failed(export, layer([None]), target) == "boundary_nothing_to_write"
    assert failed(export, layer([]), target) == "empty_layer"


def test_rounding_that_makes_a_boundary_touch_itself_is_told(target):
    neck = shapely.Polygon([ORIGIN + xy for xy in ((0, 0), (50, 49.96), (100, 0), (100, 100), (50, 50.04), (0, 100))])
    fine = export(layer([neck]), target)
    assert fine.issues == []
    coarse = export(layer([neck]), target, decimals=0)
    assert [issue.code for issue in coarse.issues] == ["boundary_rounding"]


def test_nothing_half_written(tmp_path, target, monkeypatch):
    target.write_text("earlier", encoding="utf-8")
    source = layer([square(0, 0, 100)])
    with pytest.raises(Cancelled):
        export_boundaries(source, EVERYTHING, target, None, Style(), cancelled=lambda: True)
    assert target.read_text(encoding="utf-8") == "earlier"
    assert failed(export, source, target / "in a file.txt") == "cannot_write"
    export(source, target)
    assert lines(target)[0] == "[属性描述]" and [path.name for path in tmp_path.iterdir()] == [target.name]


def star(rng, centre, least, most, decimals):
    """A star-shaped ring."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(6, 25)))
    radii = rng.uniform(least, most, len(angles))
    ring = np.round(centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None], decimals)
    return ring[(ring != np.roll(ring, 1, axis=0)).any(axis=1)]  # a point twice in a row is written once


def parcel(rng, place, decimals):
    """A polygon with up to three holes, up to three such parts, an island in a hole now and then."""
    parts = []
    for part in range(rng.integers(1, 4)):
        middle = ORIGIN + place + (part * 900.0, rng.uniform(-50, 50))
        holes = [star(rng, middle + shift, 5, 40, decimals) for shift in ((0, 60), (60, -60), (-60, -60))]
        shell = shapely.Polygon(star(rng, middle, 220, 400, decimals))
        holes = [hole for hole in holes[: rng.integers(0, 4)] if shell.contains_properly(shapely.Polygon(hole))]
        parts.append(shapely.Polygon(shell.exterior.coords, holes))
        if holes and rng.random() < 0.3:
            parts.append(shapely.Polygon(star(rng, middle + np.array([0, 60]), 1, 4, decimals)))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@EASY
@given(
    seed=st.integers(0, 2**32 - 1), encoding=st.sampled_from(["gb18030", "utf-8"]), prefix=st.booleans(),
    decimals=st.integers(1, 5), prefixed_layer=st.booleans(),
)  # fmt: skip
def test_export_then_import_gives_the_same_coordinates(
    tmp_path_factory, seed, encoding, prefix, decimals, prefixed_layer
):
    rng = np.random.default_rng(seed)
    shapes = np.array([parcel(rng, (n * 4000.0, 0), decimals) for n in range(rng.integers(1, 5))], dtype=object)
    assume(shapely.is_valid(shapes).all())
    folder = tmp_path_factory.mktemp("往返")
    crs = pyproj.CRS.from_epsg(4530 if prefixed_layer else 4551)
    shift = np.array([0.0 if prefixed_layer else -42_000_000.0, 0.0])
    delivered = shapely.transform(shapes, lambda xy: xy + shift)
    for places in (decimals, 8):  # as it is written without the zone, and as it is
        assume(shapely.is_valid(shapely.transform(delivered, lambda xy, n=places: np.round(xy, n))).all())
    source = layer(delivered, crs)
    style = {"encoding": encoding, "prefix": prefix, "decimals": decimals}
    outcome = export(source, folder / "a.txt", folder / "each", **style)
    assert outcome.issues == []
    for files in ([folder / "a.txt"], outcome.files[1:]):
        result = imported(*files)
        assert result.codes == [] and result.epsg == (4530 if prefix else 4551)
        there = result.plots.geometry.to_numpy()
        there = shapely.transform(there, lambda xy: np.round(xy + (0 if prefix else (42_000_000.0, 0.0)), decimals))
        assert shapely.equals_exact(shapely.normalize(there), shapely.normalize(shapes), 1e-7).all()
        assert result.plots.DKBH.tolist() == [f"DK{n:03}" for n in range(len(shapes))]
        assert result.plots.points.tolist() == result.plots.JZDS.tolist()


@EASY
@given(seed=st.integers(0, 2**32 - 1))
def test_rings_turn_and_begin_as_surveyors_number(tmp_path_factory, seed):
    """By what the file says alone: by ring, the sense of rotation and the corner it begins at."""
    rng = np.random.default_rng(seed)
    shape = parcel(rng, (0, 0), 3)
    assume(shape.is_valid)
    target = tmp_path_factory.mktemp("编号") / "a.txt"
    export(layer([shape]), target)
    rows = [row.split(",") for row in lines(target)[13:] if row]
    exteriors = {tuple(sorted(set(part.exterior.coords))) for part in getattr(shape, "geoms", [shape])}
    expected = 0
    for ring in range(1, int(rows[-1][1]) + 1):
        own = [row for row in rows if int(row[1]) == ring]
        points = np.array([[float(row[3]), float(row[2])] for row in own])
        assert [row[0] for row in own] == [f"J{expected + n + 1}" for n in range(len(own) - 1)] + [f"J{expected + 1}"]
        assert (points[0] == points[-1]).all()
        expected += len(own) - 1
        outer = tuple(sorted({(x, y) for x, y in points.tolist()})) in exteriors
        assert shapely.is_ccw(shapely.LinearRing(points)) != outer
        corner = np.array([points[:, 0].min(), points[:, 1].max()])
        assert np.hypot(*(points - corner).T).argmin() in (0, len(points) - 1)


def test_the_sample_file_holds_four_towns_of_the_sample(root, target):
    folder = root / "resources" / "sample"
    assert (folder / "qinghe_boundary.txt").stat().st_size < 20_000
    result = imported(folder / "qinghe_boundary.txt")
    assert result.codes == [] and result.epsg == 4530
    towns = pyogrio.read_dataframe(folder / "qinghe.gpkg", layer="TSXZ_GHFW").set_index("XZBH")
    towns = towns.loc[["QH02", "QH08", "QH10", "QH12"]]
    assert result.plots.DKBH.tolist() == towns.index.tolist() and result.plots.DKMC.tolist() == towns.XZMC.tolist()
    apart = shapely.hausdorff_distance(result.plots.geometry.to_numpy(), towns.geometry.to_numpy())
    assert apart.max() < 0.001
    assert result.plots.rings.tolist() == [1, 2, 2, 1]  # a town of two parts, one with a hole
    kinds = {"名称": towns.XZMC, "编号": towns.index, "用途": towns.CYLX, "编码": [""] * 4}
    style = Style(unit_name="清河县测绘队", day=date(2026, 5, 1))
    export_boundaries(MemorySource("小镇", towns.geometry, kinds), EVERYTHING, target, None, style)
    assert target.read_bytes() == (folder / "qinghe_boundary.txt").read_bytes()  # this is how it was made
