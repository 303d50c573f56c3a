"""Reading layers in bulk with pyogrio."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely

from ..errors import RedlineError
from ..threads import ahead
from .source import ARC_STEP_DEGREES, BATCH_VERTICES, Batch, Field, cuts

# Drivers that open in milliseconds and fetch a feature by its id. Measured on 150,000 polygons of 60 vertices, 8192
# at a time: by ids 0.3 s (FlatGeobuf 0.5), by a filter on the id 3 to 5 s; but GeoPackage, whose ids are a table's
# key, 1.1 s by ids and 0.3 by a filter. Everything else (GeoJSON, GML, archives) would be parsed anew for every batch:
# it is read at once, as the compact WKB, and unpacked batch by batch.
_RANDOM_ACCESS = {"ESRI Shapefile", "FlatGeobuf", "GPKG", "OpenFileGDB"}
_COMPRESSED = ("/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/")

_FIRST_READ = 256
_BYTES_PER_VERTEX = 16
_EXACT_IN_DOUBLE = 2.0**53
_ONE_POLYGON = bytes([1, 6, 0, 0, 0, 1, 0, 0, 0])  # how the WKB of a multipolygon of one begins, little-endian
_ARC_OPTION = "OGR_ARC_STEPSIZE"

# Rings left open are closed where shapely can do it (2.1); without, the feature counts as unreadable.
_ON_INVALID = "fix" if tuple(int(part) for part in shapely.__version__.split(".")[:2]) >= (2, 1) else "ignore"


class Layer:
    """A layer opened by pyogrio; the arguments and errors are FileSource's."""

    def __init__(self, path: str, layer: str | None, encoding: str | None):
        self._path, self._encoding = path, encoding
        self.name = layer or path
        with _explained(self.name, path, encoding):
            # By number where no name is given: pyogrio warns when it has to pick one itself.
            info = pyogrio.read_info(path, layer=0 if layer is None else layer, encoding=encoding)
        self.name = self._name = layer or info["layer_name"]
        self.crs = info["crs"]
        self.geometry_type = info["geometry_type"]
        self.count = info["features"] if info["features"] >= 0 else None
        ogr_types = info.get("ogr_types") or [None] * len(info["fields"])
        types = [_field_type(str(dtype), ogr) for dtype, ogr in zip(info["dtypes"], ogr_types, strict=True)]
        # Lists and binary values have no place in a table of a Shapefile or a report.
        self.fields = [Field(name, kind) for name, kind in zip(info["fields"], types, strict=True) if kind]
        key = info["fid_column"] if info["driver"] == "GPKG" else ""
        # The key in double quotes where ranges of it may be asked for.
        self._key = '"' + key.replace('"', '""') + '"' if key and _is_rowid(path, self._name, key) else ""
        self._by_id = (
            info["driver"] in _RANDOM_ACCESS
            and info["capabilities"]["random_read"]
            # A view without a key: its ids are only counted, and each would be searched from the start.
            and not (info["driver"] == "GPKG" and not key)
            and not path.startswith(_COMPRESSED)
            and not path.lower().endswith((".zip", ".gz", ".tar", ".tgz"))
        )

    def bounds(self) -> tuple[float, float, float, float] | None:
        with _explained(self.name, self._path, self._encoding):
            info = pyogrio.read_info(self._path, layer=self._name, encoding=self._encoding, force_total_bounds=True)
        bounds = info["total_bounds"]
        return None if bounds is None or not np.isfinite(bounds).all() else tuple(float(value) for value in bounds)

    def batches(self, fields: Sequence[Field], bbox: Sequence[float] | None, size: int) -> Iterator[Batch]:
        return ahead(self._batches(fields, bbox, size))

    def _batches(self, fields: Sequence[Field], bbox: Sequence[float] | None, size: int) -> Iterator[Batch]:
        for fid, wkb, values in self._reads(fields, bbox, size):
            lengths = np.fromiter((len(item) if item is not None else 0 for item in wkb), np.int64, len(wkb))
            for part in cuts(lengths, size, BATCH_VERTICES * _BYTES_PER_VERTEX):
                geometry = shapely.from_wkb(_unwrapped(wkb[part]), on_invalid=_ON_INVALID)
                yield Batch(geometry, {name: column[part] for name, column in values.items()}, fid[part])

    def column(self, field: Field) -> np.ndarray:
        """One column of all features, without reading their geometry."""
        _, fid, _, data = self._raw([field.name], read_geometry=False)
        return self._values(data[0], field, np.asarray(fid, dtype=np.int64))

    def _reads(self, fields, bbox, size) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]]:
        """(fid, WKB, columns) of as many features at a time as memory should hold."""
        if not self._by_id:
            yield self._read(fields, bbox=bbox)
            return
        everything = np.sort(self._raw([], read_geometry=False, bbox=bbox)[1])
        start, step = 0, min(size, _FIRST_READ)
        while start < len(everything):
            read = self._these(fields, everything[start : start + step], bbox)
            yield read
            start += step
            # The next read is sized by the last one's vertices: patches have tens, redline polygons 100,000.
            weight = sum(len(item) for item in read[1] if item is not None) / max(1, len(read[0]))
            step = int(min(size, 4 * step, max(1, BATCH_VERTICES * _BYTES_PER_VERTEX / max(weight, 1))))

    def _these(self, fields, fids, bbox) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        """These features, which follow one another among those in ``bbox``."""
        if not self._key:
            return self._read(fields, fids=fids)
        fid, wkb, values = self._read(fields, where=f"{self._key} BETWEEN {fids[0]:d} AND {fids[-1]:d}", bbox=bbox)
        order = np.argsort(fid, kind="stable")  # the spatial index gives them in an order of its own
        return fid[order], wkb[order], {name: column[order] for name, column in values.items()}

    def _read(self, fields: Sequence[Field], **subset: Any) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
        meta, fid, wkb, data = self._raw([field.name for field in fields], force_2d=True, **subset)
        columns = dict(zip(meta["fields"], data, strict=True))
        if wkb is None:
            wkb = np.full(len(fid), None, dtype=object)
        values = {field.name: self._values(columns[field.name], field, fid) for field in fields}
        return np.asarray(fid, dtype=np.int64), wkb, values

    def _raw(self, columns: list[str], **subset: Any):
        with _explained(self.name, self._path, self._encoding), _arc_step.set():
            return pyogrio.raw.read(
                self._path, layer=self._name, encoding=self._encoding, columns=columns, return_fids=True, **subset
            )

    def _values(self, column: np.ndarray, field: Field, fid: np.ndarray) -> np.ndarray:
        """The column as Python values; pyogrio has integers and flags with nulls among them as floats."""
        if field.type not in ("integer", "boolean", "real"):
            values = column.astype(object)
            if field.type == "text":  # also times of day
                values[:] = [item if item is None or isinstance(item, str) else str(item) for item in values]
            return values
        values = np.full(len(column), None, dtype=object)
        known = np.full(len(column), True) if column.dtype.kind != "f" else ~np.isnan(column)
        numbers = column[known]
        if field.type == "integer" and column.dtype.kind == "f" and (np.abs(numbers) >= _EXACT_IN_DOUBLE).any():
            # Identifiers of 17 and more digits do not survive as floats: without the nulls they come as integers.
            numbers = self._raw([field.name], read_geometry=False, fids=fid[known])[3][0]
        kind = {"integer": np.int64, "boolean": bool, "real": np.float64}[field.type]
        values[known] = numbers.astype(kind).astype(object)
        return values


def _is_rowid(path: str, layer: str, key: str) -> bool:
    """Whether a GeoPackage's layer is a table with this whole number as its only key: neither null nor twice there. A
    view or another kind of key may hold anything."""
    kind = "SELECT type FROM sqlite_master WHERE lower(name) = lower(?)"
    keys = "SELECT name, upper(type) FROM pragma_table_info(?) WHERE pk"
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            table = connection.execute(kind, (layer,)).fetchone() == ("table",)
            return table and connection.execute(keys, (layer,)).fetchall() == [(key, "INTEGER")]
    except (sqlite3.Error, ValueError):
        return False


def _unwrapped(wkb: np.ndarray) -> np.ndarray:
    """As `source.unwrapped`, before shapely makes geometries of it."""
    polygons = np.empty(len(wkb), dtype=object)
    size = len(_ONE_POLYGON)
    polygons[:] = [item[size:] if item is not None and item.startswith(_ONE_POLYGON) else item for item in wkb]
    return polygons


def _field_type(dtype: str, ogr_type: str | None) -> str | None:
    if ogr_type == "OFTBinary" or dtype.startswith("list"):
        return None
    if dtype == "bool":
        return "boolean"
    if dtype.startswith("datetime64"):
        return "date" if dtype == "datetime64[D]" else "datetime"
    return {"i": "integer", "u": "integer", "f": "real"}.get(dtype[0], "text")


class _ArcStep:
    """GDAL's arc step while a read is under way. The setting is the whole process's, and reads may overlap (a
    cancelled run's last one and the next run's first): the first sets it, the last puts back what was there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reads = 0
        self._before: str | None = None

    @contextmanager
    def set(self) -> Iterator[None]:
        with self._lock:
            if not self._reads:
                self._before = pyogrio.get_gdal_config_option(_ARC_OPTION)
                pyogrio.set_gdal_config_options({_ARC_OPTION: ARC_STEP_DEGREES})
            self._reads += 1
        try:
            yield
        finally:
            with self._lock:
                self._reads -= 1
                if not self._reads:
                    pyogrio.set_gdal_config_options({_ARC_OPTION: self._before})


_arc_step = _ArcStep()


@contextmanager
def _explained(name: str, path: str, encoding: str | None) -> Iterator[None]:
    try:
        yield
    except (UnicodeError, LookupError) as error:
        raise RedlineError("wrong_encoding", layer=name, encoding=encoding or "") from error
    except pyogrio.errors.DataLayerError as error:
        raise RedlineError("no_such_layer", path=path, layer=name) from error
    except (RuntimeError, ValueError, OSError) as error:
        raise RedlineError("cannot_read", layer=name, path=path, reason=str(error)) from error
