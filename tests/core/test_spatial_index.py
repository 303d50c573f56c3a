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
from redline_review.core.review import spatial_index
from redline_review.core.review.gpkg import statement
from redline_review.core.review.layers import FileWriter

FIELDS = [Field("town_id", "text"), Field("名称", "text"), Field("findings", "integer"), Field("area_m2", "real")]
LAYER = '红线 "x"'
# A node holds 51 cells: none, one, a full root, two nodes, three levels, and more rows than SQLite takes at once.
COUNTS = [0, 1, 51, 52, 2700, 6001]


def shapes(count, seed=1):
    """Of all kinds, some empty and some none, some far away from the others and of all sizes."""
    rng = np.random.default_rng(seed)
    made = np.full(count, None, dtype=object)
    for i, (x, y, size) in enumerate(zip(*rng.uniform(0, 60_000, (2, count)), 10 ** rng.uniform(-2, 3, count))):
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
    texts = ["", "北山镇", "o'neil \"q\"", "𠀀🌲", "行\n二", None]
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


def append_by_gdal(path, rows, layer=LAYER):
    geometry = [None if g is None else shapely.multipolygons(shapely.get_parts(g)) for g in rows["geometry"]]
    columns = [rows[name].to_numpy() for name in ("town_id", "名称", "findings", "area_m2")]
    null = [np.array([value is None for value in column]) for column in columns[:2]] + [rows["findings"].isna(), None]
    columns[2] = np.where(null[2], 0, columns[2]).astype(np.int64)
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(geometry, dtype=object)), columns, np.array([f.name for f in FIELDS], dtype=object),
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
        assert fid.tolist() == (np.flatnonzero(shapely.intersects(geometry, shapely.box(*bbox))) + 1).tolist()


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
    """Geometry to the last digit, and values with their types, by both libraries that read."""
    meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer)
    expected = [None if g is None else shapely.multipolygons(shapely.get_parts(g)) for g in rows["geometry"]]
    assert shapely.to_wkb(shapely.from_wkb(wkb)).tolist() == shapely.to_wkb(np.array(expected, dtype=object)).tolist()
    values = {field.name: [None if pd.isna(v) else v for v in rows[field.name]] for field in FIELDS}
    assert list(meta["fields"]) == list(values)
    for (name, wanted), column in zip(values.items(), columns, strict=True):
        assert [None if pd.isna(v) else v for v in column] == [v if v is None else type(v)(v) for v in wanted], name
    with fiona.open(path, layer=layer) as collection:
        features = list(collection)
    assert [shapely.to_wkb(one.geometry and shapely.geometry.shape(one.geometry)) for one in features] == [
        shapely.to_wkb(g) for g in expected
    ]
    for name, wanted in values.items():
        assert [one.properties[name] for one in features] == wanted
