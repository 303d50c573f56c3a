"""Layers of files: every format and both readers give the same features."""

import datetime
import math
import sqlite3
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redline_review.core.errors import RedlineError
from redline_review.core.inputs import pyogrio_reader
from redline_review.core.inputs.files import FileSource
from redline_review.core.inputs.source import ARC_STEP_DEGREES, Field, cuts

gdal = pytest.importorskip("osgeo.gdal")
ogr = pytest.importorskip("osgeo.ogr")
osr = pytest.importorskip("osgeo.osr")
pytest.importorskip("fiona")

ENGINES = ("pyogrio", "fiona")
SUFFIXES = {"GPKG": ".gpkg", "GeoJSON": ".geojson", "ESRI Shapefile": ".shp", "OpenFileGDB": ".gdb"}
LONG_ID = 2**60 + 7  # not a float

PLAIN = [
    "POLYGON ((0 0,1 0,1 1,0 0))",
    "MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
    None,
    "POLYGON ((100 100,110 100,110 110,100 110,100 100),(102 102,104 102,104 104,102 102))",
]
HEIGHTS = ["POLYGON Z ((0 0 5,1 0 5,1 1 5,0 0 5))", "POLYGON ZM ((0 0 5 6,1 0 5 6,1 1 5 6,0 0 5 6))"]
OTHERS = [
    "POLYGON M ((0 0 5,1 0 5,1 1 5,0 0 5))",
    "GEOMETRYCOLLECTION (POINT (0 0),POLYGON ((0 0,1 0,1 1,0 0)))",
    "POINT (3 3)",
]
CURVES = [
    "CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (0 0,5 5,10 0),(10 0,0 0)))",
    "MULTISURFACE (CURVEPOLYGON (CIRCULARSTRING (0 0,5 5,10 0,5 -5,0 0)),((20 0,30 0,30 10,20 0)))",
]
COLUMNS = {
    "DJ": (ogr.OFTInteger, ogr.OFSTNone, "integer", 5, 5),
    "BSM": (ogr.OFTInteger64, ogr.OFSTNone, "integer", LONG_ID, LONG_ID),
    "MJ": (ogr.OFTReal, ogr.OFSTNone, "real", 1.25, 1.25),
    "MC": (ogr.OFTString, ogr.OFSTNone, "text", "永久基本农田", "永久基本农田"),
    "YES": (ogr.OFTInteger, ogr.OFSTBoolean, "boolean", 1, True),
    "RQ": (ogr.OFTDate, ogr.OFSTNone, "date", "2024/02/29", datetime.date(2024, 2, 29)),
    "SJ": (
        ogr.OFTDateTime,
        ogr.OFSTNone,
        "datetime",
        "2024/02/29 12:30:15",
        datetime.datetime(2024, 2, 29, 12, 30, 15),
    ),
}


def write(path, shapes, driver="GPKG", columns=COLUMNS, epsg=4530, kind=ogr.wkbUnknown, name="图层", options=()):
    """A layer of `shapes` (WKT or None); every second feature has all its fields null."""
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    crs = None
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
    layer = dataset.CreateLayer(name, crs, kind, list(options))
    for field, (ogr_type, subtype, *_) in columns.items():
        definition = ogr.FieldDefn(field, ogr_type)
        definition.SetSubType(subtype)
        layer.CreateField(definition)
    for row, shape in enumerate(shapes):
        feature = ogr.Feature(layer.GetLayerDefn())
        for field, (*_, value, _expected) in columns.items() if row % 2 == 0 else ():
            feature.SetField(field, value)
        if shape:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(shape))
        layer.CreateFeature(feature)
    del layer, dataset
    return path


def features(source, columns=None, **options):
    """(fid, geometry, values…) of every feature, by fid."""
    columns = [field.name for field in source.fields] if columns is None else columns
    rows = []
    for batch in source.batches(columns, **options):
        assert batch.geometry.dtype == object and all(column.dtype == object for column in batch.fields.values())
        rows += zip(batch.fid.tolist(), batch.geometry, *(batch.fields[name] for name in columns), strict=True)
    return sorted(rows, key=lambda row: row[0])


def assert_equal_features(one, other):
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        assert left[0] == right[0]
        assert (left[1] is None) == (right[1] is None)
        assert left[1] is None or shapely.equals_exact(left[1], right[1], tolerance=0)
        assert left[2:] == right[2:]
        assert [type(value) for value in left[2:]] == [type(value) for value in right[2:]]


LAYERS = [
    ("GPKG", PLAIN + HEIGHTS + OTHERS + CURVES),
    ("GeoJSON", PLAIN + OTHERS[1:] + HEIGHTS[:1]),
    ("ESRI Shapefile", PLAIN),
    ("ESRI Shapefile", HEIGHTS),
]


@pytest.mark.parametrize(("driver", "shapes"), LAYERS)
def test_both_readers_give_the_same(tmp_path, driver, shapes):
    # A Shapefile has neither flags nor times, and its numbers of 19 digits are floats.
    without = ("BSM", "YES", "SJ") if driver == "ESRI Shapefile" else ()
    columns = {name: column for name, column in COLUMNS.items() if name not in without}
    options = ["ENCODING=UTF-8"] if driver == "ESRI Shapefile" else []
    path = write(tmp_path / f"县 乡{SUFFIXES[driver]}", shapes, driver, columns, name="县 乡", options=options)
    by_pyogrio, by_fiona = (FileSource(path, engine=engine) for engine in ENGINES)
    assert by_pyogrio.fields == by_fiona.fields == [Field(name, column[2]) for name, column in columns.items()]
    assert by_pyogrio.name == by_fiona.name == "县 乡"
    assert by_pyogrio.count == by_fiona.count == len(shapes)
    assert by_pyogrio.bounds == by_fiona.bounds
    assert by_pyogrio.geometry_kind == by_fiona.geometry_kind
    assert by_pyogrio.crs.to_epsg() == by_fiona.crs.to_epsg() == 4530
    assert by_pyogrio.fingerprint() == by_fiona.fingerprint()

    read = features(by_pyogrio)
    assert_equal_features(read, features(by_fiona))
    assert_equal_features(read, features(by_pyogrio, size=2))
    assert_equal_features(read, features(by_fiona, size=3))
    expected = tuple(column[4] for column in columns.values())
    for row, (shape, feature) in enumerate(zip(shapes, read, strict=True)):
        assert (feature[1] is None) == (shape is None)
        assert feature[1] is None or not feature[1].has_z
        assert feature[2:] == (expected if row % 2 == 0 else (None,) * len(columns))


@pytest.mark.parametrize("engine", ENGINES)
def test_curves_become_straight_with_the_declared_step(tmp_path, engine):
    pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": 45})
    try:
        source = FileSource(write(tmp_path / "curves.gpkg", CURVES), engine=engine)
        half_disc, disc_and_triangle = (feature[1] for feature in features(source, ()))
        if engine == "pyogrio":  # the process's setting is left as it was; fiona's own Env takes it away
            assert pyogrio.get_gdal_config_option("OGR_ARC_STEPSIZE") == 45
    finally:
        pyogrio.set_gdal_config_options({"OGR_ARC_STEPSIZE": None})
    assert half_disc.area == pytest.approx(math.pi * 25 / 2, rel=1e-4)
    assert disc_and_triangle.area == pytest.approx(math.pi * 25 + 50, rel=1e-4)
    assert len(half_disc.exterior.coords) == pytest.approx(180 / ARC_STEP_DEGREES, abs=5)


def test_the_arc_step_holds_while_any_read_is_under_way():
    def option():
        return pyogrio.get_gdal_config_option("OGR_ARC_STEPSIZE")

    before = option()
    one, other = pyogrio_reader._arc_step.set(), pyogrio_reader._arc_step.set()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert float(option()) == ARC_STEP_DEGREES
    other.__exit__(None, None, None)
    assert option() == before


@pytest.mark.parametrize("engine", ENGINES)
def test_only_the_columns_asked_for(tmp_path, engine):
    source = FileSource(write(tmp_path / "a.gpkg", PLAIN), engine=engine)
    (batch,) = source.batches(["MC", "DJ"])
    assert list(batch.fields) == ["MC", "DJ"]
    assert batch.fields["MC"].tolist() == ["永久基本农田", None] * 2
    (batch,) = source.batches()
    assert batch.fields == {}
    with pytest.raises(RedlineError) as error:
        source.batches(["nowhere"])
    assert (error.value.code, error.value.details["field"]) == ("no_such_field", "nowhere")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("driver", ["GPKG", "GeoJSON"])
def test_one_column_of_all_features(tmp_path, driver, engine):
    source = FileSource(write(tmp_path / f"a{SUFFIXES[driver]}", PLAIN, driver), engine=engine)
    for field in source.fields:
        expected = np.concatenate([batch.fields[field.name] for batch in source.batches([field.name])])
        assert source.values(field.name).tolist() == expected.tolist()
    with pytest.raises(RedlineError, match="XYZ"):
        source.values("XYZ")


@pytest.mark.parametrize("driver", list(SUFFIXES))
def test_a_box_leaves_out_what_is_away(tmp_path, driver):
    shapes = [f"POLYGON (({x} 0,{x + 1} 0,{x + 1} 1,{x} 0))" for x in range(0, 100, 10)]
    path = write(tmp_path / f"a{SUFFIXES[driver]}", shapes, driver, {}, name="a", kind=ogr.wkbPolygon)
    for engine in ENGINES:
        found = features(FileSource(path, engine=engine), (), bbox=(15, -5, 45, 5))
        assert [feature[1].bounds[0] for feature in found] == [20, 30, 40]


@pytest.mark.parametrize("driver", list(SUFFIXES))
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_every_feature_comes_once_whatever_the_batch(tmp_path, driver, size):
    shapes = [f"POLYGON (({x} 0,{x + 1} 0,{x + 1} 1,{x} 0))" for x in range(30)]
    path = write(tmp_path / f"a{SUFFIXES[driver]}", shapes, driver, {}, name="a", kind=ogr.wkbPolygon)
    for engine in ENGINES:
        source = FileSource(path, engine=engine)
        assert sorted(feature[1].bounds[0] for feature in features(source, (), size=size)) == list(range(30))
        assert max(len(batch) for batch in source.batches(size=size)) <= size


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile", "OpenFileGDB"])
def test_memory_does_not_grow_with_the_layer(tmp_path, driver, monkeypatch):
    """No read of geometry may be for more features than the vertices allow: here 100 of 1,000 vertices each."""
    monkeypatch.setattr(pyogrio_reader, "BATCH_VERTICES", 10_000)
    discs = [shapely.Point(x, 0).buffer(0.4, quad_segs=250).wkt for x in range(100)]
    path = write(tmp_path / f"a{SUFFIXES[driver]}", discs, driver, {}, name="a", kind=ogr.wkbPolygon)
    asked = []
    read = pyogrio.raw.read

    def spy(*arguments, **options):
        found = read(*arguments, **options)
        if options.get("read_geometry", True):
            asked.append(len(found[1]))
        return found

    source = FileSource(path, engine="pyogrio")
    monkeypatch.setattr(pyogrio_reader, "_FIRST_READ", 4)
    monkeypatch.setattr(pyogrio.raw, "read", spy)
    batches = list(source.batches())
    assert sum(asked) == sum(map(len, batches)) == 100
    assert max(asked) <= 10
    assert max(shapely.get_num_coordinates(batch.geometry).sum() for batch in batches) <= 10_000


@given(
    st.lists(st.integers(0, 50), max_size=60),
    st.integers(1, 10),
    st.integers(1, 100),
)
def test_cuts_hold_both_limits_and_leave_nothing_out(weights, size, limit):
    weights = np.array(weights, dtype=np.int64)
    rows = []
    for part in cuts(weights, size, limit):
        chunk = list(range(part.start, part.stop))
        assert 1 <= len(chunk) <= size
        assert len(chunk) == 1 or weights[part].sum() <= limit
        rows += chunk
    assert rows == list(range(len(weights)))


@pytest.mark.parametrize("engine", ENGINES)
def test_gbk_without_cpg(tmp_path, engine):
    columns = {"名称": (ogr.OFTString, ogr.OFSTNone, "text", "南关区", "南关区")}
    path = write(tmp_path / "a.shp", PLAIN[:1], "ESRI Shapefile", columns, name="a", options=["ENCODING=GBK"])
    path.with_suffix(".cpg").unlink()
    source = FileSource(path, encoding="GBK", engine=engine)
    assert [field.name for field in source.fields] == ["名称"]
    assert features(source)[0][2:] == ("南关区",)
    for wrong in ("UTF-8", "no such encoding"):
        with pytest.raises(RedlineError) as error:
            features(FileSource(path, encoding=wrong, engine=engine))
        assert (error.value.code, error.value.details["encoding"]) == ("wrong_encoding", wrong)


@pytest.mark.parametrize("engine", ENGINES)
def test_counties_of_jilin(shared_data, engine):
    source = FileSource(shared_data / "jilin_gbk" / "jilin_gbk_nocpg.shp", encoding="GBK", engine=engine)
    rows = features(source, ["XZQDM", "省", "市", "县"])
    assert len(rows) == 60
    assert ("220102", "吉林省", "长春市", "南关区") in [row[2:] for row in rows]
    assert source.crs.to_epsg() == 4551


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        (ogr.wkbPoint, "POINT (0 0)", "point"),
        (ogr.wkbMultiLineString25D, "MULTILINESTRING Z ((0 0 1,1 1 1))", "line"),
        (ogr.wkbNone, None, "none"),
        (ogr.wkbMultiPolygon, PLAIN[1], "polygon"),
        (ogr.wkbCurvePolygon, CURVES[0], "polygon"),
        (ogr.wkbUnknown, PLAIN[0], "unknown"),
    ],
)
def test_geometry_kind(tmp_path, engine, kind, shape, expected):
    source = FileSource(write(tmp_path / "a.gpkg", [shape], kind=kind), engine=engine)
    assert source.geometry_kind == expected
    if expected in ("polygon", "unknown"):
        source.require_polygons()
        return
    with pytest.raises(RedlineError) as error:
        source.require_polygons()
    assert error.value.code == "not_polygons"
    assert error.value.details == {"layer": "图层", "kind": expected}


@pytest.mark.parametrize("engine", ENGINES)
def test_layers_of_a_file_and_no_crs(tmp_path, engine):
    path = write(tmp_path / "a.gpkg", PLAIN, name="first")
    dataset = ogr.Open(str(path), 1)
    dataset.CreateLayer("second", None, ogr.wkbPolygon)
    del dataset
    assert FileSource(path, engine=engine).name == "first"
    second = FileSource(path, "second", engine=engine)
    assert (second.name, second.crs, second.count, second.bounds) == ("second", None, 0, None)
    assert list(second.batches()) == []
    shapefile = write(tmp_path / "b.shp", PLAIN, "ESRI Shapefile", {}, epsg=None, name="b")
    assert FileSource(shapefile, engine=engine).crs is None


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_read(tmp_path, engine):
    path = write(tmp_path / "a.gpkg", PLAIN)
    (tmp_path / "broken.gpkg").write_bytes(b"not a GeoPackage")
    for arguments, code in [
        ((tmp_path / "absent.gpkg",), "cannot_read"),
        ((tmp_path / "broken.gpkg",), "cannot_read"),
        ((path, "absent"), "no_such_layer"),
    ]:
        with pytest.raises(RedlineError) as error:
            FileSource(*arguments, engine=engine)
        assert error.value.code == code
        assert str(arguments[-1]) in str(error.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_archives_and_views_are_read_too(tmp_path, engine):
    shapefile = write(tmp_path / "a.shp", PLAIN, "ESRI Shapefile", {}, name="a")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    zipped = FileSource(f"/vsizip/{tmp_path}/a.zip/a.shp", engine=engine)
    assert_equal_features(features(zipped), features(FileSource(shapefile, engine=engine)))
    assert zipped.fingerprint()["size"] == (tmp_path / "a.zip").stat().st_size

    path = write(tmp_path / "v.gpkg", PLAIN, columns={}, name="t")
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIEW v AS SELECT geom FROM t WHERE fid > 1")
        database.execute("INSERT INTO gpkg_contents (table_name, data_type, srs_id) VALUES ('v', 'features', 4530)")
        database.execute(
            "INSERT INTO gpkg_geometry_columns SELECT 'v', column_name, geometry_type_name, srs_id, z, m"
            " FROM gpkg_geometry_columns WHERE table_name = 't'"
        )
    view = [feature[1] for feature in features(FileSource(path, "v", engine=engine), ())]
    assert [shape and shape.area for shape in view] == [1.0, None, 98.0]


@pytest.mark.parametrize("driver", list(SUFFIXES))
def test_a_fingerprint_tells_a_changed_source(tmp_path, driver):
    path = tmp_path / f"a{SUFFIXES[driver]}"
    write(path, PLAIN, driver, {}, name="a", kind=ogr.wkbMultiPolygon)
    before = FileSource(path).fingerprint()
    assert before == FileSource(path).fingerprint()
    assert before["location"] == str(path)
    dataset = ogr.Open(str(path), 1)
    dataset.GetLayer(0).DeleteFeature(dataset.GetLayer(0).GetNextFeature().GetFID())
    del dataset
    assert FileSource(path).fingerprint() != before
