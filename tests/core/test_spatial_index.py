"""Layers that SQLite writes and indexes in bulk: as sound as GDAL's own, whatever they hold and wherever they go."""

import sqlite3
from contextlib import closing

import fiona
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from packages import CRS, EAST, NORTH, box

from redline_review.core.inputs.source import Field
from redline_review.core.review import replace, spatial_index
from redline_review.core.review.gpkg import blobs, statement
from redline_review.core.review.layers import FileWriter

FIELDS = [Field("town_id", "text"), Field("名称", "text"), Field("findings", "integer"), Field("area_m2", "real")]
LAYER = '红线 "x"'
# A node holds 51 cells: none, one, a full root, two nodes, three levels, and more rows than SQLite takes at once.
COUNTS = [0, 1, 51, 52, 2700, 6001]


def shapes(count, seed=1):
    """Of all kinds, some empty and some none, some far away from the others and of all sizes."""
    rng = np.random.default_rng(seed)
    made = np.full(count, None, dtype=object)
    for i in range(count):
        (x, y), size = rng.uniform(0, 60_000, 2), 10 ** rng.uniform(-2, 3)
        if i < 2:  # the first are the outermost
            x, y = (-9_000, -9_000) if i else (80_000, 80_000)
        one, other = box(x, y, size, size / 3), box(x + 2 * size, y, size)
        made[i] = {
            3: shapely.Polygon(one.exterior, [shapely.box(*one.buffer(-size / 9).bounds).exterior]),
            4: shapely.MultiPolygon([one, other]),
            5: shapely.MultiPolygon([one]),
            6: one.reverse(),
            7: None,
            8: shapely.Polygon(),
            9: shapely.MultiPolygon(),
        }.get(i % 11, shapely.Point(EAST + x, NORTH + y).buffer(size, quad_segs=1 + i % 5))
    return made


def frame(geometry):
    ids = range(len(geometry))
    texts = ["", "北山镇", 'o\'neil "q"', "𠀀🌲", "行\n二", None]
    return pd.DataFrame({
        "town_id": [f"{i}" for i in ids],
        "名称": [texts[i % 6] for i in ids],
        "findings": [None if i % 5 == 1 else (-1) ** i * 2 ** (i % 63) for i in ids],
        "area_m2": [np.nan if i % 4 == 2 else (i - 7) / 3 for i in ids],
        "geometry": pd.Series(geometry, index=ids, dtype=object),
    })  # fmt: skip


def write(path, rows, layer=LAYER):
    """In parts of several sizes."""
    writer = FileWriter(path, layer)
    writer.open(FIELDS, CRS)
    start = 0
    for size in (0, 1, 7, 300, len(rows)):
        writer.write(rows[start : start + size])
        start += size
    writer.close()


def multi(geometry):
    """Libraries differ in whether a multipolygon of an empty polygon has a part."""
    parts = [None if one is None or one.is_empty else [*shapely.get_parts(one)] for one in geometry]
    made = [one if one is None else shapely.MultiPolygon(some) for one, some in zip(geometry, parts, strict=True)]
    return np.array(made, dtype=object)


def append_by_gdal(path, rows, layer=LAYER):
    geometry = multi(rows["geometry"])
    columns = [rows[name].to_numpy() for name in ("town_id", "名称", "findings", "area_m2")]
    null = [np.array([value is None for value in column]) for column in columns[:2]] + [rows["findings"].isna(), None]
    columns[2] = np.where(null[2], 0, columns[2]).astype(np.int64)
    names = np.array([field.name for field in FIELDS], dtype=object)
    pyogrio.raw.write(
        path, shapely.to_wkb(geometry), columns, names,
        [None if mask is None else np.array(mask) for mask in null], layer=layer, driver="GPKG",
        geometry_type="MultiPolygon", crs=CRS.to_wkt(), append=path.exists(),
    )  # fmt: skip


def has_index(geometry):
    return ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))


def ask(path, command, *values, **names):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement(command, **names), values).fetchall()


def check_sound(path, rows, layer=LAYER):
    """The index, the counts and the extent are right, and GDAL finds by them what is there."""
    geometry = rows["geometry"].to_numpy(object)
    index = f"rtree_{layer}_geom"
    assert ask(path, "SELECT rtreecheck(?)", index) == [("ok",)]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", layer) == [(len(rows),)]
    extent = ask(path, "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", layer)[0]
    there = has_index(geometry)
    assert extent == (pytest.approx(shapely.total_bounds(geometry).tolist()) if there.any() else (None,) * 4)

    # Every box holds its feature, and is no larger than single precision makes it.
    found = np.array(ask(path, "SELECT * FROM {index} ORDER BY id", index=index)).reshape(-1, 5)
    assert found[:, 0].tolist() == (np.flatnonzero(there) + 1).tolist()
    exact = shapely.bounds(geometry[there])[:, [0, 2, 1, 3]]
    over = (found[:, 1:] - exact) * [-1, 1, -1, 1]
    assert (over >= 0).all()
    assert (over <= 2 * np.spacing(exact.astype("f4"))).all()

    for bbox in boxes(geometry):
        fid, _ = pyogrio.raw.read(path, layer=layer, bbox=bbox, return_fids=True)[1:3]
        assert sorted(fid) == (np.flatnonzero(shapely.intersects(geometry, shapely.box(*bbox))) + 1).tolist()


def boxes(geometry):
    rng = np.random.default_rng(0)
    yield EAST - 1, NORTH - 1, EAST + 99_999, NORTH + 99_999
    yield EAST - 9, NORTH - 9, EAST - 8, NORTH - 8
    for size in (50.0, 3_000.0, 20_000.0):
        x, y = rng.uniform((EAST, NORTH), (EAST + 60_000, NORTH + 60_000))
        yield x, y, x + size, y + size
    for bounds in shapely.bounds(geometry[has_index(geometry)])[:3]:
        yield tuple(bounds.tolist())


def check_content(path, rows, layer=LAYER):
    """Geometry to the last digit and values with their types, as SQLite has them and as both libraries read them."""
    wanted_wkb = shapely.to_wkb(multi(rows["geometry"])).tolist()
    values = {field.name: [None if pd.isna(v) else v for v in rows[field.name]] for field in FIELDS}
    meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
    assert shapely.to_wkb(multi(shapely.from_wkb(wkb))).tolist() == wanted_wkb
    assert dict(zip(meta["fields"], columns, strict=True))["名称"].tolist() == values["名称"]
    with fiona.open(path, layer=layer) as collection:
        features = list(collection)
    read = [None if one.geometry is None else shapely.geometry.shape(one.geometry) for one in features]
    assert shapely.to_wkb(multi(read)).tolist() == wanted_wkb
    for name, wanted in values.items():
        assert [one.properties[name] for one in features] == wanted
    stored = ask(path, "SELECT town_id, 名称, findings, area_m2 FROM {layer} ORDER BY fid", layer=layer)
    assert stored == list(zip(*values.values(), strict=True))


def triggers(path, layer=LAYER):
    command = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? ORDER BY name"
    return ask(path, command, layer)


def change_by_gdal(path, layer=LAYER):
    """As who edits in QGIS: two of three features deleted, every other one of the rest moved; the fids of both."""
    from osgeo import ogr

    ogr.UseExceptions()
    source = ogr.Open(str(path), update=1)
    table = source.GetLayerByName(layer)
    fids = [feature.GetFID() for feature in table]
    gone = [fid for fid in fids if fid % 3]
    away, feature = [fid for fid in fids if fid % 6 == 0], None
    source.StartTransaction()
    for fid in gone:
        table.DeleteFeature(fid)
    for fid in away:
        feature = table.GetFeature(fid)
        feature.SetGeometry(ogr.CreateGeometryFromWkt(shapely.MultiPolygon([box(200_000 + fid, 0, 1)]).wkt))
        table.SetFeature(feature)
    source.CommitTransaction()
    del feature, table, source
    return gone, away


@pytest.mark.parametrize("count", COUNTS)
def test_a_new_file(tmp_path, count):
    path, rows = tmp_path / "结果.gpkg", frame(shapes(count))
    write(path, rows)
    check_sound(path, rows)
    check_content(path, rows)
    # GDAL goes on where we ended
    append_by_gdal(tmp_path / "gdal.gpkg", frame(shapes(3)))
    assert triggers(path) == triggers(tmp_path / "gdal.gpkg") != []
    more = pd.concat([rows, frame(shapes(200, seed=2))], ignore_index=True)
    append_by_gdal(path, more[count:])
    check_sound(path, more)


@pytest.mark.parametrize("count", [1, 2, 6, 12, 51, 52, 2700])
def test_features_deleted_and_moved_by_gdal(tmp_path, count):
    path = tmp_path / "a.gpkg"
    write(path, frame(shapes(count)))
    gone, away = change_by_gdal(path)
    index = f"rtree_{LAYER}_geom"
    assert ask(path, "SELECT rtreecheck(?)", index) == [("ok",)]
    left = set(np.flatnonzero(has_index(shapes(count))) + 1) - set(gone) | set(away)
    assert {fid for (fid,) in ask(path, "SELECT id FROM {index}", index=index)} == left
    found = pyogrio.raw.read(path, layer=LAYER, bbox=(EAST + 200_000, NORTH, EAST + 299_999, NORTH), return_fids=True)
    assert sorted(found[1]) == away


@pytest.mark.parametrize("count", [0, 52, 2700])
@pytest.mark.parametrize("page_size", [1024, 4096])
def test_a_table_of_an_existing_geopackage(tmp_path, count, page_size):
    """With small pages the nodes of its indexes are smaller too."""
    path, rows, mine = tmp_path / "mine.gpkg", frame(shapes(count)), frame(shapes(60, seed=3))
    append_by_gdal(path, mine, "mine")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("VACUUM")
    write(path, frame(shapes(300, seed=4)))
    write(path, rows)  # takes its place
    assert ask(path, "PRAGMA page_size") == [(page_size,)]
    node = ask(path, "SELECT length(data) FROM {node} WHERE nodeno = 1", node=f"rtree_{LAYER}_geom_node")
    assert node == [(min(page_size - 64, 4 + 51 * 24),)]
    check_sound(path, rows)
    check_content(path, rows)
    check_sound(path, mine, "mine")
    assert len(triggers(path)) == len(triggers(path, "mine")) > 0
    more = pd.concat([rows, frame(shapes(100, seed=2))], ignore_index=True)
    append_by_gdal(path, more[count:])
    check_sound(path, more)
    check_sound(path, mine, "mine")


@pytest.mark.parametrize("at_a_time", [1, 52, 1000])
def test_a_layer_that_is_sorted_in_parts(tmp_path, monkeypatch, at_a_time):
    monkeypatch.setattr(spatial_index, "_ROWS", at_a_time)
    monkeypatch.setattr("redline_review.core.review.gpkg._ROWS", 400)
    monkeypatch.setattr("redline_review.core.review.gpkg._VARIABLES", 777)
    geometry = shapes(2000)
    geometry[1000:1100] = None
    if at_a_time == 1:
        geometry[shapely.is_empty(geometry)] = None
    rows = frame(geometry)
    write(tmp_path / "a.gpkg", rows)
    check_sound(tmp_path / "a.gpkg", rows)
    check_content(tmp_path / "a.gpkg", rows)


def test_where_sqlite_guards_the_nodes_of_its_indexes(tmp_path, monkeypatch):
    """Rows then go into the index one by one."""
    for module in (spatial_index, replace):
        monkeypatch.setattr(module, "nodes_are_open", lambda *_: False)
    path, mine, rows = tmp_path / "a.gpkg", frame(shapes(60, seed=3)), frame(shapes(300))
    write(path, mine, "mine")
    write(path, rows)
    check_sound(path, rows)
    check_sound(path, mine, "mine")


@pytest.mark.parametrize("page_size, cells", [(512, 18), (1024, 39), (16_384, 51)])
def test_nodes_of_any_size(page_size, cells):
    geometry = shapes(900)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("CREATE VIRTUAL TABLE rtree_l_geom USING rtree(id, minx, maxx, miny, maxy)")
        connection.execute("CREATE TABLE l (fid INTEGER PRIMARY KEY, geom BLOB)")
        connection.executemany("INSERT INTO l VALUES (?, ?)", enumerate(blobs(geometry, 4530), start=1))
        spatial_index.fill_index(connection, "l", "geom", spatial_index.outward(shapely.bounds(geometry)))
        assert connection.execute("SELECT rtreecheck('rtree_l_geom')").fetchall() == [("ok",)]
        there = np.flatnonzero(has_index(geometry)) + 1
        assert [fid for (fid,) in connection.execute("SELECT id FROM rtree_l_geom ORDER BY id")] == there.tolist()
        leaves = connection.execute("SELECT count(DISTINCT nodeno) FROM rtree_l_geom_rowid").fetchone()[0]
        assert leaves == -(-len(there) // cells)


@pytest.mark.parametrize("nothing", [None, shapely.Polygon(), shapely.MultiPolygon()])
@pytest.mark.parametrize("count", [1, 60])
def test_features_without_a_place(tmp_path, nothing, count):
    rows = frame([nothing] * count)
    write(tmp_path / "a.gpkg", rows)
    check_sound(tmp_path / "a.gpkg", rows)
    more = pd.concat([rows, frame(shapes(60))], ignore_index=True)
    append_by_gdal(tmp_path / "a.gpkg", more[count:])
    check_sound(tmp_path / "a.gpkg", more)


def test_all_in_one_place(tmp_path):
    rows = frame([box(100, 100, 10)] * 700)
    write(tmp_path / "a.gpkg", rows)
    check_sound(tmp_path / "a.gpkg", rows)


def test_values_of_numpy_are_numbers(tmp_path):
    rows = frame([box(i, 0, 10) for i in range(3)])
    rows["findings"] = pd.Series([np.int64(2**40), None, np.int32(-3)], dtype=object)
    rows["area_m2"] = pd.Series([np.float32(0.5), None, np.float64(0.1)], dtype=object)
    rows["town_id"] = pd.Series([np.str_("镇"), None, "a"], dtype=object)
    write(tmp_path / "a.gpkg", rows)
    columns = "SELECT town_id, findings, area_m2 FROM {layer} ORDER BY fid"
    assert ask(tmp_path / "a.gpkg", columns, layer=LAYER) == [("镇", 2**40, 0.5), (None, None, None), ("a", -3, 0.1)]
