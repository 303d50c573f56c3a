"""Land cover of towns: reference figures, true areas, balancing, what counts as covered, and rasters that do not do."""

import geopandas
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from redline_review.core.analysis.area import AreaMeasure
from redline_review.core.analysis.land_cover import class_areas, land_cover
from redline_review.core.analysis.parallel import workers
from redline_review.core.analysis.towns import Towns
from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.inputs import rasters
from redline_review.core.inputs.crs import Transformation
from redline_review.core.inputs.rasters import LARGEST_WINDOW, RasterSource
from redline_review.core.intensity_rules import Legend

PLANE = pyproj.CRS.from_epsg(4549)  # Gauss-Krüger, 126° E, no zone before the easting
WEST, NORTH = 500_000.0, 4_850_000.0
LEGEND = Legend("test", "Test", {10: 2, 40: 3, 50: 4, 60: 1}, no_data=(0, 99))


def write(path, values, transform=(30.0, 0, WEST, 0, -30.0, NORTH), crs=4549, **options):
    bands = np.atleast_3d(np.moveaxis(values, 0, -1)) if values.ndim == 3 else values[:, :, None]
    profile = {"driver": "GTiff", "height": bands.shape[0], "width": bands.shape[1], "count": bands.shape[2],
               "dtype": values.dtype, "transform": rasterio.Affine(*transform)}  # fmt: skip
    profile |= {"crs": f"EPSG:{crs}"} if crs else {}
    with rasterio.open(path, "w", **profile | options) as file:
        file.write(np.moveaxis(bands, -1, 0))
    return path


def codes(seed, shape=(200, 240), choice=(10, 40, 50, 60)):
    return np.random.default_rng(seed).choice(np.array(choice, dtype=np.uint8), shape)


def blob(x, y, radius, corners=60, seed=0):
    """A town's outline around a place in metres south-east of the raster's corner."""
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = radius * (1 + 0.3 * np.sin(3 * angle + seed) + 0.1 * np.sin(11 * angle))
    return shapely.Polygon(np.column_stack([WEST + x + reach * np.cos(angle), NORTH - y + reach * np.sin(angle)]))


TOWNS = [blob(2500, 2500, 1200), blob(4500, 3000, 900, seed=1), blob(3500, 4200, 700, seed=2),
         shapely.union_all([blob(1200, 4700, 500), blob(6000, 1000, 400)]),
         blob(2500, 1500, 900).difference(blob(2500, 1500, 300))]  # fmt: skip


def towns_of(geometry, method="ellipsoid", crs=PLANE):
    geometry = np.array(geometry, dtype=object)
    measure, n = AreaMeasure(crs, method), len(geometry)
    official = np.where(shapely.is_missing(geometry), np.nan, measure.of(geometry))
    names = np.array([f"T{row}" for row in range(n)], dtype=object)
    none, nan = np.full(n, None, dtype=object), np.full(n, np.nan)
    return Towns(names, names, geometry, geometry, official, measure.of_parts(geometry), none, nan)


def cover(towns, raster, method="ellipsoid", legend=LEGEND, threads=2, **options):
    towns, issues = towns if isinstance(towns, Towns) else towns_of(towns, method), []
    with workers(threads=threads) as pool:
        found = land_cover(towns, PLANE, raster, legend, method, pool, issues, towns_layer="towns", **options)
    return found, issues


def areas(geometry, raster, method="ellipsoid", threads=2):
    with workers(threads=threads) as pool:
        return class_areas(np.array(geometry, dtype=object), raster, method, pool)


def same(one, other):
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-9)


def code_of(call, *arguments, **options):
    with pytest.raises(RedlineError) as error:
        call(*arguments, **options)
    return error.value


def test_reference_of_a_park(shared_data):
    folder = shared_data / "land_cover"
    # The park is in the raster's UTM zone, with a datum that PROJ does not know.
    park = geopandas.read_file(folder / "zion.gpkg", engine="pyogrio").geometry.to_numpy()
    found = areas(park, RasterSource(folder / "nlcd.tif")).set_index("value")
    reference = pd.read_csv(folder / "reference_exactextract.csv").set_index("class").sort_index()
    assert found.index.tolist() == reference.index.tolist()
    assert found.pixels.to_numpy() == pytest.approx(reference.pixels.to_numpy(), abs=1e-3, rel=1e-6)
    shares = found.pixels / found.pixels.sum()
    assert shares.to_numpy() == pytest.approx(reference.frac.to_numpy(), abs=1e-6)


def test_reference_of_municipalities(shared_data):
    folder = shared_data / "land_cover"
    municipalities = geopandas.read_file(folder / "concelhos.gpkg", engine="pyogrio")
    found = areas(municipalities.geometry.to_numpy(), RasterSource(folder / "clc2018_v2020_20u1.tif"))
    found["name"] = municipalities.name.to_numpy()[found.town]
    found["frac"] = found.pixels / found.groupby("town").pixels.transform("sum")
    reference = pd.read_csv(folder / "reference_exactextract_class_fraction.csv")
    both = reference.merge(found, left_on=["name", "clc_index"], right_on=["name", "value"], how="outer")
    assert len(both) == len(reference) == len(found)
    assert both.pixels.to_numpy() == pytest.approx(both.pixel_count.to_numpy(), abs=1e-6)
    assert both.frac_y.to_numpy() == pytest.approx(both.frac_x.to_numpy(), abs=1e-6)
    fine = shapely.segmentize(municipalities.geometry.to_numpy(), 1e-4)  # straight in degrees
    measured = AreaMeasure(pyproj.CRS.from_epsg(4326)).of(fine)
    assert found.groupby("town").area_m2.sum().to_numpy() == pytest.approx(measured, rel=1e-9)


GRIDS = {
    "projected": (4549, (30.0, 0, WEST, 0, -30.0, NORTH)),
    "not square": (4549, (29.0, 0, WEST, 0, -31.0, NORTH)),
    "south up": (4549, (30.0, 0, WEST, 0, 30.0, NORTH - 6000)),
    "rotated": (4549, (39.0, 22.0, WEST + 3300 - 120 * 39 - 100 * 22, 22.0, -39.0, NORTH - 3000 - 120 * 22 + 100 * 39)),
    "geographic": (4490, (0.0004, 0, 125.985, 0, -0.0003, 43.80)),
    "another zone": (4550, None),
}


def grid(name):
    """CRS and transform of a raster that lies under all towns."""
    code, transform = GRIDS[name]
    if code in (4490, 4550):
        crs = pyproj.CRS.from_epsg(code)
        bounds = shapely.total_bounds(Transformation(PLANE, crs)(np.array(TOWNS)))
        size = (bounds[2:] - bounds[:2]) * 1.02 / (240, 200)
        corner = (bounds[:2] + bounds[2:]) / 2 + size * (-120, 100)
        transform = (size[0], 0, corner[0], 0, -size[1], corner[1])
    return code, transform


@pytest.mark.parametrize("name", GRIDS)
def test_each_class_has_its_true_area(tmp_path, name):
    """Against the official area of the town cut by each pixel's outline."""
    code, transform = grid(name)
    raster = RasterSource(write(tmp_path / "r.tif", codes(1), transform, code))
    a, b, c, d, e, f = transform
    found = areas(Transformation(PLANE, raster.crs)(np.array(TOWNS)), raster)
    x, y = np.meshgrid(np.arange(240), np.arange(200))
    x, y = (np.stack([v, v + p, v + q, v + r]) for v, p, q, r in ((x, 1, 1, 0), (y, 0, 1, 1)))
    pixels = shapely.polygons(np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1).transpose(1, 2, 0, 3))
    values, measure = codes(1), AreaMeasure(raster.crs)
    for row, town in enumerate(Transformation(PLANE, raster.crs)(np.array(TOWNS))):
        for value in (10, 50):
            parts = shapely.intersection(pixels[values == value], town)
            of = found[(found.town == row) & (found.value == value)].iloc[0]
            assert of.area_m2 == pytest.approx(measure.of_parts(parts).sum(), rel=1e-8)
            assert of.pixels == pytest.approx(shapely.area(parts).sum() / abs(a * e - b * d), rel=1e-8)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("method", ["ellipsoid", "planar"])
def test_grades_add_up_to_the_official_area(tmp_path, name, method):
    code, transform = grid(name)
    found, issues = cover(TOWNS, RasterSource(write(tmp_path / "r.tif", codes(2), transform, code)), method)
    official = towns_of(TOWNS, method).official_m2
    assert found.covered_m2 == pytest.approx(official, rel=1e-8) and found.covered_pct == pytest.approx(100)
    assert np.array_equal(found.grade_m2[:, 3], found.construction_m2)
    assert found.degree == pytest.approx(100 * found.grade_m2 @ [1, 2, 3, 4] / found.covered_m2)
    assert not issues and not len(found.unknown)


def test_what_is_uncovered_is_the_rest(tmp_path):
    """The raster ends within the town, holds a square of nodata, one of a no-data value and one of unknown land."""
    values = codes(3)
    values[60:80, 60:80], values[90:100, 60:80], values[90:100, 80:90] = 255, 99, 77
    raster = RasterSource(write(tmp_path / "r.tif", values[:, :100], nodata=255))
    town = blob(2500, 2500, 1500)
    found, issues = cover([town], raster)
    west, north = (lambda column: WEST + 30 * column), (lambda row: NORTH - 30 * row)
    holes = [
        shapely.box(west(60), north(80), west(80), north(60)),
        shapely.box(west(60), north(100), west(90), north(90)),
    ]
    covered = town.intersection(shapely.box(WEST, NORTH - 6000, west(100), NORTH)) - shapely.union_all(holes)
    towns = towns_of([town])
    parts = AreaMeasure(PLANE).of_parts(np.array([covered, town - covered])) * towns.balance[0]
    assert found.covered_m2[0] == pytest.approx(parts[0], rel=1e-8)
    assert towns.official_m2[0] - found.covered_m2[0] == pytest.approx(parts[1], rel=1e-7)
    assert found.covered_pct[0] == pytest.approx(100 * parts[0] / towns.official_m2[0], rel=1e-8)
    assert found.unknown.value.tolist() == [77] and found.unknown.area_m2[0] == pytest.approx(90_000, rel=1e-3)
    assert [(one.code, one.severity) for one in issues] == [("cover_classes_unknown", "warning")]
    assert issues[0].details["classes"] == f"77 ({found.unknown.area_m2[0] / 1e4:.2f} ha)"


def test_grades_and_degree(tmp_path):
    values = np.full((100, 100), 10, dtype=np.uint8)
    values[:50, :50], values[50:, :50], values[50:, 50:] = 50, 60, 40
    raster = RasterSource(write(tmp_path / "r.tif", values, (10.0, 0, WEST, 0, -10.0, NORTH)))
    found, _ = cover([shapely.box(WEST, NORTH - 1000, WEST + 1000, NORTH)], raster, "planar")
    assert found.grade_m2[0] == pytest.approx([250_000] * 4) and found.degree[0] == pytest.approx(250)


def test_towns_beyond_the_raster(tmp_path):
    raster = RasterSource(write(tmp_path / "r.tif", np.where(codes(4) == 10, np.uint8(0), codes(4)), nodata=0))
    beside = shapely.box(WEST - 1000, NORTH - 1000, WEST, NORTH)  # shares an edge with it
    found, issues = cover([TOWNS[0], blob(90_000, 0, 500), None, beside], raster)
    assert np.isfinite(found.covered_m2).tolist() == [True, False, False, False]
    assert found.covered_pct[1] == 0 and np.isnan(found.covered_pct[2]) and found.covered_pct[3] == 0
    assert np.isnan(found.degree[1:]).all() and np.isnan(found.grade_m2[1:]).all()
    assert [(one.code, one.severity, one.details) for one in issues] == [
        ("cover_not_reaching", "notice", {"count": 2, "towns": "T1, T3"})
    ]


def test_a_town_of_nodata_is_not_covered(tmp_path):
    values = codes(5)
    values[:, 120:] = 0
    found, issues = cover(
        [blob(1500, 2500, 600), blob(5500, 2500, 600)], RasterSource(write(tmp_path / "r.tif", values))
    )
    assert found.covered_pct == pytest.approx([100, 0]) and np.isnan(found.degree[1]) and not issues


def test_neither_windows_nor_order_nor_threads_matter(tmp_path, monkeypatch):
    path = write(tmp_path / "r.tif", codes(6), tiled=True, blockxsize=16, blockysize=16, compress="deflate")
    whole = areas(TOWNS, RasterSource(path), threads=1)
    order = np.array([3, 0, 4, 1, 2])
    turned = areas(np.array(TOWNS)[order], RasterSource(path))
    turned["town"] = order[turned.town]
    same(turned.sort_values(["town", "value"], ignore_index=True), whole)
    monkeypatch.setattr(rasters, "_TILES", 32)
    monkeypatch.setattr(rasters, "LARGEST_WINDOW", 1024)
    assert len(list(RasterSource(path).windows())) == 56
    for threads in (1, 4):
        same(areas(TOWNS, RasterSource(path), threads=threads), whole)
    strips = write(tmp_path / "s.tif", codes(6), blockysize=3)
    same(areas(TOWNS, RasterSource(strips)), whole)


def test_finer_pixels_of_the_same_land_change_nothing(tmp_path):
    fine = codes(7).repeat(2, axis=0).repeat(2, axis=1)
    coarse = areas(TOWNS, RasterSource(write(tmp_path / "c.tif", codes(7))))
    finer = areas(TOWNS, RasterSource(write(tmp_path / "f.tif", fine, (15.0, 0, WEST, 0, -15.0, NORTH))))
    assert finer.area_m2.to_numpy() == pytest.approx(coarse.area_m2.to_numpy(), rel=1e-9)
    assert finer.pixels.to_numpy() == pytest.approx(4 * coarse.pixels.to_numpy(), rel=1e-9)


def test_finer_pixels_come_closer(tmp_path):
    """Land of one class within a curve, as rasters of finer pixels have it."""
    land, town = blob(3000, 3000, 1300, 400, seed=5), TOWNS[0]
    true = AreaMeasure(PLANE).of_parts(np.array([town & land]))[0]
    apart = []
    for cell in (200.0, 50.0, 10.0):
        n = int(6000 / cell)
        x, y = np.meshgrid(WEST + (np.arange(n) + 0.5) * cell, NORTH - (np.arange(n) + 0.5) * cell)
        values = np.where(shapely.contains_xy(land, x, y), 50, 10).astype(np.uint8)
        raster = RasterSource(write(tmp_path / f"{n}.tif", values, (cell, 0, WEST, 0, -cell, NORTH)))
        found = areas([town], raster).set_index("value").area_m2
        apart.append(abs(found[50] / true - 1))
    assert apart[0] > apart[1] > apart[2] and apart[2] < 2e-4


def test_values_of_any_type(tmp_path):
    """Negative, large and far apart; whole numbers as floats."""
    base = codes(8, choice=(0, 1, 2, 3))
    expected = areas(TOWNS, RasterSource(write(tmp_path / "base.tif", base)))
    for name, dtype, values in (
        ("i16", "int16", [-32768, -1, 0, 32767]), ("u16", "uint16", [0, 7, 300, 65535]),
        ("small", "int16", [-9, -8, 1, 5]),
        ("i32", "int32", [-2_000_000_000, 0, 5, 2_000_000_000]), ("near", "int32", [70_000, 70_001, 70_005, 71_000]),
        ("float", "float32", [-1, 0, 20, 4000]), ("double", "float64", [1, 2, 3, 2.0**40]),
    ):  # fmt: skip
        path = write(tmp_path / f"{name}.tif", np.array(values, dtype=dtype)[base])
        found = areas(TOWNS, RasterSource(path))
        same(found.assign(value=np.searchsorted(values, found.value)), expected)
        assert found.value.dtype == np.int64


@pytest.mark.parametrize(
    "how", ["nodata", "nodata of a wide type", "mask", "alpha", "NaN", "float nodata", "NaN nodata"]
)
def test_what_is_not_valid_is_left_out(tmp_path, how, recwarn):
    values, hidden = codes(9), np.zeros((200, 240), dtype=bool)
    hidden[60:90, 60:120] = True
    path = tmp_path / "r.tif"
    if how == "nodata":
        write(path, np.where(hidden, np.uint8(7), values), nodata=7)
    elif how == "nodata of a wide type":
        write(path, np.where(hidden, np.int32(-9999), values.astype(np.int32)), nodata=-9999)
    elif how == "mask":
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(write(path, values), "r+") as file:
            file.write_mask(~hidden)
    elif how == "alpha":
        write(path, np.stack([values, np.where(hidden, 0, 255).astype(np.uint8)]), ALPHA="YES")
    elif how == "float nodata":
        write(path, np.where(hidden, -3.4e38, values).astype(np.float32), nodata=-3.4e38)
    else:
        options = {"nodata": np.nan} if how == "NaN nodata" else {}
        write(path, np.where(hidden, np.nan, values).astype(np.float32), **options)
    raster = RasterSource(path)
    found, valid = raster.read(next(raster.windows()))
    assert np.array_equal(valid, ~hidden) and np.array_equal(found[valid], values[~hidden])
    assert found.dtype.kind in "iu" and found.shape == valid.shape == (200, 240)
    clear = areas([TOWNS[0]], RasterSource(write(tmp_path / "clear.tif", np.where(hidden, np.uint8(200), values))))
    same(areas([TOWNS[0]], raster), clear[clear.value != 200].reset_index(drop=True))


def test_nodata_that_the_type_cannot_hold(tmp_path):
    path = write(tmp_path / "r.vrt.tif", codes(10))
    vrt = tmp_path / "r.vrt"
    vrt.write_text(
        f"""<VRTDataset rasterXSize="240" rasterYSize="200"><GeoTransform>0, 1, 0, 0, 0, -1</GeoTransform>
        <VRTRasterBand dataType="Byte" band="1">
        <NoDataValue>-9999</NoDataValue><SimpleSource><SourceFilename>{path}</SourceFilename><SourceBand>1</SourceBand>
        </SimpleSource></VRTRasterBand></VRTDataset>"""
    )
    raster = RasterSource(vrt)
    assert raster.read(next(raster.windows()))[1].all()


@pytest.mark.parametrize("layout", [
    {}, {"tiled": True, "blockxsize": 256, "blockysize": 256}, {"tiled": True, "blockxsize": 4096, "blockysize": 4096},
    {"blockysize": 1000}, {"tiled": True, "blockxsize": 512, "blockysize": 512, "dtype": "float64"},
])  # fmt: skip
def test_windows_are_bounded_and_tile_the_raster(tmp_path, layout):
    width, height = 30_000, 21_000
    profile = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": "uint8", "SPARSE_OK": True,
               "transform": rasterio.Affine(10, 0, WEST, 0, -10, NORTH)}  # fmt: skip
    with rasterio.open(tmp_path / "r.tif", "w", **profile | layout):
        pass
    windows = np.array(list(RasterSource(tmp_path / "r.tif").windows()))
    assert (windows[:, 2] * windows[:, 3]).max() <= LARGEST_WINDOW
    assert (windows[:, 2] * windows[:, 3]).sum() == width * height and len(windows) < 1000
    assert (windows[:, :2] + windows[:, 2:] <= (width, height)).all()
    assert len(np.unique(windows[:, :2], axis=0)) == len(windows)


def test_a_large_raster_is_read_in_parts_and_only_where_towns_are(tmp_path):
    profile = {"driver": "GTiff", "width": 40_000, "height": 40_000, "count": 1, "dtype": "uint8", "crs": "EPSG:4549",
               "transform": rasterio.Affine(10, 0, WEST, 0, -10, NORTH), "tiled": True, "blockxsize": 512,
               "blockysize": 512, "SPARSE_OK": True}  # fmt: skip
    with rasterio.open(tmp_path / "r.tif", "w", **profile):
        pass
    raster, sizes = RasterSource(tmp_path / "r.tif"), []
    read = raster.read

    def watched(window):
        sizes.append(window[2] * window[3])
        return read(window)

    raster.read = watched
    large = shapely.box(WEST + 5, NORTH - 60_005, WEST + 40_005, NORTH - 5)
    scattered = shapely.union_all([blob(300_000, 100_000, 2000), blob(5000, 300_000, 500)])
    found = areas([large, scattered], raster, "planar")
    assert found.pixels[0] == pytest.approx(24e6) and found.area_m2[1] == pytest.approx(scattered.area)
    assert max(sizes) <= LARGEST_WINDOW and sum(sizes) < 25e6


def test_cancel(tmp_path):
    raster = RasterSource(write(tmp_path / "r.tif", codes(11)))
    asked = []

    def cancelled():
        asked.append(None)
        return len(asked) > 3

    with pytest.raises(Cancelled), workers(cancelled) as pool:
        class_areas(np.array(TOWNS), raster, "ellipsoid", pool)


def test_facts_of_a_raster(tmp_path):
    path = write(tmp_path / "土地覆盖 2020.tif", codes(12), nodata=255, tiled=True, blockxsize=64, blockysize=64)
    raster = RasterSource(path)
    assert (raster.name, raster.width, raster.height, raster.nodata) == ("土地覆盖 2020", 240, 200, 255)
    assert raster.crs.to_epsg() == 4549 and raster.dtype == np.uint8
    assert raster.transform == (30.0, 0, WEST, 0, -30.0, NORTH)
    facts = raster.fingerprint()
    assert facts["location"] == str(path) and facts["size"] == path.stat().st_size and facts["modified"]
    (tmp_path / "土地覆盖 2020.tif.aux.xml").write_text("<PAMDataset/>")
    assert RasterSource(path).fingerprint() == facts
    assert RasterSource(path, name="cover").name == "cover"


def test_rasters_that_do_not_do(tmp_path):
    (tmp_path / "text.tif").write_text("no raster")
    for path, band in (("missing.tif", 1), ("text.tif", 1), (write(tmp_path / "one.tif", codes(0)).name, 2)):
        error = code_of(RasterSource, tmp_path / path, band)
        assert error.code == "cannot_read" and error.details["path"] == str(tmp_path / path)
        assert error.details["layer"] and error.details["reason"]
    for bands in (3, 4):
        path = write(tmp_path / f"{bands}.tif", np.stack([codes(0)] * bands), photometric="RGB")
        error = code_of(RasterSource, path)
        assert (error.code, error.details["bands"]) == ("raster_is_picture", bands)
    assert RasterSource(write(tmp_path / "years.tif", np.stack([codes(0)] * 3), photometric="MINISBLACK"), 2).band == 2
    error = code_of(RasterSource, write(tmp_path / "complex.tif", codes(0).astype(np.complex64)))
    assert (error.code, error.details["value"]) == ("raster_not_classes", "complex64")
    heights = RasterSource(write(tmp_path / "heights.tif", np.float32(codes(0)) + np.float32(0.25)))
    error = code_of(cover, TOWNS, heights)
    assert error.code == "raster_not_classes" and error.details["value"].endswith(".25")
    cut = write(tmp_path / "cut.tif", codes(0), compress="deflate")
    cut.write_bytes(cut.read_bytes()[:-9000])
    assert code_of(lambda: cover(TOWNS, RasterSource(cut))).code == "cannot_read"


def test_runs_that_cannot_be(tmp_path):
    error = code_of(cover, TOWNS, RasterSource(write(tmp_path / "nowhere.tif", codes(0), crs=None)))
    assert (error.code, error.details) == ("no_crs", {"layer": "nowhere"})
    raster = RasterSource(write(tmp_path / "r.tif", codes(0)))
    error = code_of(cover, [blob(90_000, 0, 500), None], raster)
    assert (error.code, error.details) == ("raster_meets_no_town", {"layer": "r", "towns": "towns"})
    other = RasterSource(write(tmp_path / "other.tif", codes(0, choice=(10, 1, 2))))
    error = code_of(cover, TOWNS, other)
    assert error.code == "legend_does_not_fit" and error.details["layer"] == "other"
    assert error.details["legend"] == "Test" and error.details["classes"].count("ha") == 2
    clouds = RasterSource(write(tmp_path / "clouds.tif", codes(0, choice=(99, 0))))
    found, issues = cover(TOWNS, clouds)
    assert (found.covered_pct == 0).all() and np.isnan(found.degree).all() and not issues


def test_unknown_classes_are_listed_largest_first(tmp_path):
    values = codes(1)
    for n in range(30):
        values[80 : 81 + n, 60 + n] = 100 + n
    found, issues = cover([blob(2500, 2500, 2400)], RasterSource(write(tmp_path / "r.tif", values)))
    assert found.unknown.value.tolist() == list(range(129, 99, -1))
    listed = issues[0].details["classes"].split(", ")
    assert len(listed) == 20 and listed[0].startswith("129 (")
