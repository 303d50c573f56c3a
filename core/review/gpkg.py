"""GeoPackage by SQLite alone: tables, features in bulk, and reading what other processes may change meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
import shapely

from ..errors import RedlineError
from ..inputs.source import Field

APPLICATION_ID = 0x47504B47  # "GPKG"; GP10 and GP11 of older files are not ours
TYPES = {"integer": "INTEGER", "real": "REAL", "text": "TEXT", "boolean": "BOOLEAN", "date": "DATE"}
TYPES |= {"datetime": "DATETIME"}
PLAIN = {"integer", "real", "text"}  # types of fields that SQLite stores as they are
_PLAIN_VALUES = {"integer": (int, int), "real": (float, float), "text": (str, str), "boolean": (bool, bool)}
MARK = "Redline Review"  # description in gpkg_contents of every table a run writes: what a later run may replace

# Bytes of the envelope behind the eight of a GeoPackage geometry's header, by the envelope code in its flags.
_ENVELOPE = np.array([0, 32, 48, 48, 64, 0, 0, 0])
_WAIT_SECONDS = 10.0
# A geometry's header (GeoPackage 1.3, 2.1.3), little-endian, with an envelope; and the WKB of one ring behind it.
_WITH_ENVELOPE, _EMPTY = 0b00011, 0b10001
_HEADER = np.dtype([("start", "S2"), ("version", "u1"), ("flags", "u1"), ("crs", "<i4"), ("envelope", "<f8", 4)])
_ONE_RING = np.dtype([
    *_HEADER.descr, ("order", "u1"), ("multipolygon", "<u4"), ("polygons", "<u4"),
    ("polygon_order", "u1"), ("polygon", "<u4"), ("rings", "<u4"), ("points", "<u4"),
])  # fmt: skip
_ONE_RING_VALUES = {"order": 1, "multipolygon": 6, "polygons": 1, "polygon_order": 1, "polygon": 3, "rings": 1}
_VARIABLES = 30_000  # in a statement, where SQLite allows so many
_ROWS = 20_000  # made ready at a time, so that memory does not hold a layer twice


def statement(template: str, **names: str) -> str:
    """SQL with identifiers put in, each in double quotes. Values never go this way: they are bound."""
    return template.format(**{key: '"' + name.replace('"', '""') + '"' for key, name in names.items()})


def connect(path: Path, mode: str = "rw", wait: float = _WAIT_SECONDS, immutable: bool = False) -> sqlite3.Connection:
    """Open an existing file (``rwc`` also makes one); transactions are begun and ended by hand.

    :param wait: seconds to wait for a lock another process holds.
    """
    return sqlite3.connect(uri(path, mode, immutable), uri=True, timeout=wait, isolation_level=None)


def uri(path: Path, mode: str, immutable: bool = False) -> str:
    """The file as SQLite's URI; ``file:////server/…`` for a network path, whose host SQLite would not take."""
    place = path.absolute().as_posix()
    root = "" if place.startswith("/") else "/"
    return f"file://{root}{quote(place, safe='/:')}?mode={mode}" + ("&immutable=1" if immutable else "")


def know_geometry(connection: sqlite3.Connection) -> None:
    """Give SQLite the functions that the triggers of a layer's index name, without which no row can be changed."""

    def bound(index: int) -> Callable[[bytes | None], float | None]:
        return lambda blob: None if blob is None else float(shapely.bounds(geometries([blob])[0])[index])

    for index, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        connection.create_function(name, 1, bound(index), deterministic=True)
    empty = lambda blob: blob is None or bool(shapely.is_empty(geometries([blob])[0]))  # noqa: E731
    connection.create_function("ST_IsEmpty", 1, empty, deterministic=True)


def require_rtree() -> None:
    """:raises RedlineError: ``no_rtree`` where this Python's SQLite lacks the module GeoPackages are indexed with."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING rtree(id, minx, maxx, miny, maxy)")
    except sqlite3.OperationalError as error:
        raise RedlineError("no_rtree", version=sqlite3.sqlite_version) from error
    finally:
        connection.close()


def explain(error: Exception, path: Path) -> RedlineError:
    """The error of ours that an error of SQLite or the file system stands for."""
    codes = {
        sqlite3.SQLITE_BUSY: "package_locked", sqlite3.SQLITE_LOCKED: "package_locked",
        sqlite3.SQLITE_READONLY: "package_read_only", sqlite3.SQLITE_PERM: "package_read_only",
        sqlite3.SQLITE_FULL: "disk_full", sqlite3.SQLITE_CORRUPT: "package_damaged",
        sqlite3.SQLITE_NOTADB: "not_a_geopackage",
    }  # fmt: skip
    code = codes.get(primary_code(error), "cannot_write")
    return RedlineError(code, path=str(path), reason=str(error))


def primary_code(error: Exception) -> int:
    """SQLite's primary result code; the extended one says more than is told here."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def create_table(connection: sqlite3.Connection, name: str, fields: Sequence[Field]) -> None:
    """Make a table without geometry and register it, so that QGIS lists and opens it."""
    columns = "".join(statement(", {field} " + TYPES[field.type], field=field.name) for field in fields)
    key = "(fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"
    connection.execute(statement("CREATE TABLE {table} ", table=name) + key + columns + ")")
    register_table(connection, name)


def register_table(connection: sqlite3.Connection, name: str) -> None:
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES (?, 'attributes', ?, ?)",
        (name, name, MARK),
    )


def insert(connection: sqlite3.Connection, name: str, fields: Sequence[Field], frame: pd.DataFrame) -> None:
    """Add the rows of ``frame``; NaN, NaT and None become NULL."""
    columns = [_plain(frame[field.name], field.type) for field in fields]
    insert_rows(connection, name, [field.name for field in fields], columns)


def insert_rows(
    connection: sqlite3.Connection, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]],
    or_ignore: bool = False,
) -> None:  # fmt: skip
    """Add rows given column by column, many to a statement: SQLite takes and gives back the interpreter's lock for
    each statement, and other threads would keep this one waiting every time.

    :param or_ignore: leave out rows that a constraint of the table forbids.
    """
    listed = ", ".join(statement("{name}", name=name) for name in names)
    insert = "INSERT OR IGNORE INTO" if or_ignore else "INSERT INTO"
    into = statement(insert + " {table} ", table=table) + f"({listed}) VALUES "
    row = f"({', '.join('?' * len(names))})"
    allowed = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    most = max(1, min(_VARIABLES, allowed) // len(names))
    count = len(columns[0])
    for start in range(0, count, most):
        size = min(most, count - start)
        values = zip(*(column[start : start + size] for column in columns), strict=True)
        connection.execute(into + ", ".join([row] * size), list(chain.from_iterable(values)))


def use_large_pages(path: Path) -> None:
    """Give a new, empty file pages that hold a dozen features: a quarter smaller and faster than GDAL's of 4096."""
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("VACUUM")


def append_features(path: Path, layer: str, fields: Sequence[Field], frame: pd.DataFrame) -> np.ndarray:
    """Add features to a layer of a file that is being built; `index_features` makes its index when all are there.

    :param fields: of texts and numbers (`PLAIN`). :param frame: their columns, and ``geometry``.
    :returns: bounds of each, shape (n, 4), NaN where there is nothing.
    :raises sqlite3.Error: also for a full disk, which GDAL would not tell.
    """
    with closing(_building(path)) as connection:
        column, crs_id = _geometry_column(connection, layer)
        # They would index and count row by row, by functions that only GDAL has.
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (layer,)
        ).fetchall()
        for name, _ in triggers:
            connection.execute(statement("DROP TRIGGER {name}", name=name))
        names = [column, *(field.name for field in fields)]
        for start in range(0, len(frame), _ROWS):
            some = frame.iloc[start : start + _ROWS]
            values = [_plain(some[field.name], field.type) for field in fields]
            insert_rows(connection, layer, names, [blobs(some["geometry"].to_numpy(object), crs_id), *values])
        for _, definition in triggers:
            connection.execute(definition)
        connection.execute(
            "UPDATE gpkg_ogr_contents SET feature_count = coalesce(feature_count, 0) + ? WHERE table_name = ?",
            (len(frame), layer),
        )
        bounds = shapely.bounds(frame["geometry"].to_numpy(object))
        there = bounds[~np.isnan(bounds[:, 0])]
        if len(there):
            xmin, ymin, xmax, ymax = *there[:, :2].min(axis=0).tolist(), *there[:, 2:].max(axis=0).tolist()
            connection.execute(
                "UPDATE gpkg_contents SET min_x = min(coalesce(min_x, ?1), ?1), min_y = min(coalesce(min_y, ?2), ?2), "
                "max_x = max(coalesce(max_x, ?3), ?3), max_y = max(coalesce(max_y, ?4), ?4) WHERE table_name = ?5",
                (xmin, ymin, xmax, ymax, layer),
            )
        connection.execute("COMMIT")
    return bounds


def index_features(path: Path, layer: str, boxes: np.ndarray) -> None:
    """Make the spatial index of a layer filled by `append_features`.

    :param boxes: `spatial_index.outward` of what that returned, one after the other.
    """
    from .spatial_index import fill_index  # it builds on this module

    with closing(_building(path)) as connection:
        column, _ = _geometry_column(connection, layer)
        fill_index(connection, layer, column, boxes)
        connection.execute(
            "UPDATE gpkg_ogr_contents SET feature_count = coalesce(feature_count, 0) WHERE table_name = ?", (layer,)
        )
        connection.execute("COMMIT")


def _building(path: Path) -> sqlite3.Connection:
    """A transaction on a file that nobody else looks at yet, and that a failure throws away."""
    connection = connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("BEGIN")
    return connection


def _geometry_column(connection: sqlite3.Connection, layer: str) -> tuple[str, int]:
    """Geometry column and CRS id of a layer."""
    return connection.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()


def blobs(geometry: np.ndarray, crs_id: int) -> list[bytes | None]:
    """GeoPackage geometries (1.3, 2.1.3): a header with the envelope, then WKB; polygons become multipolygons of one.

    Polygons of one ring, which most are, are put together from their coordinates: `shapely.to_wkb` takes five times as
    long and holds the interpreter's lock meanwhile.
    """
    packed = np.full(len(geometry), None, dtype=object)
    plain = (shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(geometry)
    plain &= shapely.get_num_interior_rings(geometry) == 0
    rows = np.flatnonzero(plain)
    count = shapely.get_num_coordinates(geometry[rows])
    head = _header(geometry[rows], crs_id, _ONE_RING)
    for name, value in _ONE_RING_VALUES.items():
        head[name] = value
    head["points"] = count
    heads, size = head.tobytes(), head.dtype.itemsize
    xy, ends = shapely.get_coordinates(geometry[rows]).astype("<f8", copy=False).tobytes(), 16 * np.cumsum(count)
    spans = zip(range(0, len(heads), size), (ends - 16 * count).tolist(), ends.tolist(), strict=True)
    packed[rows] = [heads[i : i + size] + xy[start:end] for i, start, end in spans]

    rows = np.flatnonzero(~plain & ~shapely.is_missing(geometry))
    heads, size = _header(geometry[rows], crs_id, _HEADER).tobytes(), _HEADER.itemsize
    wkb = shapely.to_wkb(as_multi(geometry[rows]), byte_order=1)
    for k, (row, empty) in enumerate(zip(rows, shapely.is_empty(geometry[rows]), strict=True)):
        head = heads[k * size : (k + 1) * size]
        packed[row] = (head[:3] + bytes([_EMPTY]) + head[4:8] if empty else head) + wkb[k]
    return packed.tolist()


def _header(geometry: np.ndarray, crs_id: int, kind: np.dtype) -> np.ndarray:
    head = np.zeros(len(geometry), dtype=kind)
    head["start"], head["flags"], head["crs"] = b"GP", _WITH_ENVELOPE, crs_id
    head["envelope"] = shapely.bounds(geometry)[:, [0, 2, 1, 3]]
    return head


def as_multi(geometry: np.ndarray) -> np.ndarray:
    """The same with every polygon made a multipolygon of one; None and all else as it is."""
    single = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    if not single.any():
        return geometry
    geometry = geometry.copy()
    rows = np.flatnonzero(single)
    geometry[rows] = shapely.multipolygons(geometry[rows], indices=np.arange(len(rows)))
    return geometry


def _plain(column: pd.Series, kind: str) -> list[Any]:
    """Python's own values: SQLite would store a number of numpy's as bytes."""
    values, missing = column.tolist(), column.isna()
    if missing.any():
        values = [None if null else value for value, null in zip(values, missing.tolist(), strict=True)]
    plain, convert = _PLAIN_VALUES.get(kind, (object, None))
    if convert is None:
        return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    return [value if value is None or type(value) is plain else convert(value) for value in values]


def select(connection: sqlite3.Connection, command: str, values: Sequence[Any] = ()) -> pd.DataFrame:
    """All rows of a query at once, so that no lock outlives the call; columns hold Python objects."""
    cursor = connection.execute(command, values)
    names = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    return pd.DataFrame(rows, columns=names, dtype=object)


def sound(text: str) -> str:
    """The text with half characters, of an emoji cut in two, replaced: SQLite takes none."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def geometries(blobs: Sequence[bytes | None]) -> np.ndarray:
    """Shapely geometries of GeoPackage blobs, shape (n,); None where there is none.

    The header (GeoPackage 1.3, 2.1.3) is ``GP``, version, flags, CRS id and an envelope, then comes plain WKB.
    """
    wkb = np.empty(len(blobs), dtype=object)
    wkb[:] = [None if blob is None else blob[8 + _ENVELOPE[blob[3] >> 1 & 7] :] for blob in blobs]
    return shapely.from_wkb(wkb)
