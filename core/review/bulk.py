"""Features written in bulk by pyogrio, or by fiona where pyogrio is not shipped."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..errors import RedlineError
from ..inputs.source import Field
from .gpkg import PLAIN, append_features, as_multi, connect, index_features, statement, use_large_pages
from .spatial_index import outward

MULTI_POLYGON, POINT, ANY, TABLE = "MultiPolygon", "Point", "Unknown", None

# Drivers that take more features later without reading what is there; the others get all of them at once.
APPENDING = {"GPKG", "ESRI Shapefile"}
# Files that hold several layers: one that is there already would lose the others.
CONTAINERS = {"OpenFileGDB", "SQLite", "FileGDB"}
_UTF8 = {"ESRI Shapefile", "MapInfo File"}  # the others have no choice of encoding


class LayerFile:
    """One layer of a new file, or a new layer of a GeoPackage that is being built.

    ``geometry_type`` is `MULTI_POLYGON`, `POINT`, `ANY`, or `TABLE` for none. ``engine`` as for `FileSource`. Errors
    are those of the library used: callers turn them into RedlineError, see `layers.cannot_write`.
    """

    def __init__(
        self, path: Path, layer: str, fields: Sequence[Field], crs: pyproj.CRS | None,
        geometry_type: str | None = MULTI_POLYGON, engine: str | None = None,
    ):  # fmt: skip
        self._path, self._layer, self._fields, self._crs = path, layer, list(fields), crs
        self._geometry_type = geometry_type
        self._pyogrio = (engine or ("pyogrio" if importlib.util.find_spec("pyogrio") else "fiona")) == "pyogrio"
        self.driver = driver_of(path, self._pyogrio)
        # GDAL is asked for what it knows better: how dates and flags are written.
        plain = all(field.type in PLAIN for field in self._fields)
        self._by_sqlite = self.driver == "GPKG" and plain and geometry_type is not TABLE
        names = [field.name for field in self._fields]
        self._boxes: list[np.ndarray] = []  # of what was appended: reading them back would be reading the file
        self._names = dbf_names(names) if self.driver == "ESRI Shapefile" else names

    def create(self) -> None:
        """Make the layer with its fields and no feature."""
        new = not self._path.exists()
        self._write(self.no_rows(), append=False)
        if new and self.driver == "GPKG":
            use_large_pages(self._path)

    def append(self, frame: pd.DataFrame) -> None:
        """Add features: columns of the fields, and ``geometry``, whose polygons become multipolygons."""
        if not len(frame):
            return
        if self._by_sqlite:
            self._boxes.append(outward(append_features(self._path, self._layer, self._fields, frame)))
        else:
            self._write(frame, append=True)

    def finish(self) -> None:
        """What is left to do when all features of an appending driver are there."""
        if self._by_sqlite:
            index_features(self._path, self._layer, np.concatenate([outward(np.empty((0, 4))), *self._boxes]))
            self._boxes = []

    def replace(self, frame: pd.DataFrame) -> None:
        """Make the layer with these features, for a driver that does not append."""
        self._write(frame, append=False)

    def no_rows(self) -> pd.DataFrame:
        return pd.DataFrame({name: [] for name in [*(field.name for field in self._fields), "geometry"]}, dtype=object)

    def count(self) -> int:
        """Features that can be read back."""
        if self.driver == "GPKG":
            with closing(connect(self._path, "ro")) as connection:
                return connection.execute(statement("SELECT count(*) FROM {layer}", layer=self._layer)).fetchone()[0]
        if self._pyogrio:
            import pyogrio

            layer = self._layer if self.driver in CONTAINERS else None
            return pyogrio.read_info(self._path, layer=layer, force_feature_count=True)["features"]
        import fiona

        with fiona.open(self._path) as collection:
            return sum(1 for _ in collection)

    def _write(self, frame: pd.DataFrame, append: bool) -> None:
        geometry = None if self._geometry_type is TABLE else frame["geometry"].to_numpy(object)
        if self._geometry_type == MULTI_POLYGON:
            geometry = as_multi(geometry)
        if (
            self.driver == "FlatGeobuf" and geometry is not None and shapely.is_missing(geometry).any()
        ):  # it would leave them out in silence
            raise RedlineError("needs_geometry", path=str(self._path), count=int(shapely.is_missing(geometry).sum()))
        (self._write_pyogrio if self._pyogrio else self._write_fiona)(frame, geometry, append)

    def _write_pyogrio(self, frame: pd.DataFrame, geometry: np.ndarray, append: bool) -> None:
        from pyogrio import raw

        columns = [_typed(frame[field.name], field.type) for field in self._fields]
        raw.write(
            self._path, None if geometry is None else shapely.to_wkb(geometry), [values for values, _ in columns],
            np.array(self._names, dtype=object), [null for _, null in columns],
            layer=self._layer, driver=self.driver, geometry_type=self._geometry_type,
            crs=self._crs.to_wkt() if self._crs else None,
            encoding="UTF-8" if self.driver in _UTF8 else None, append=append,
        )  # fmt: skip

    def _write_fiona(self, frame: pd.DataFrame, geometry: np.ndarray, append: bool) -> None:
        import fiona

        kinds = {"integer": "int64", "real": "float", "text": "str", "boolean": "bool"}
        if self.driver == "ESRI Shapefile":
            kinds["boolean"] = "int32:1"  # dBASE knows no other
        types = (kinds.get(field.type, field.type) for field in self._fields)
        properties = dict(zip(self._names, types, strict=True))
        options: dict[str, Any] = {
            "driver": self.driver, "crs_wkt": self._crs.to_wkt() if self._crs else None,
            "schema": {"geometry": self._geometry_type or "None", "properties": properties},
        }  # fmt: skip
        if self.driver in _UTF8:
            options["encoding"] = "utf-8"
        if self.driver == "GPKG":
            options["layer"] = self._layer
        columns = [[_python(value, field.type) for value in frame[field.name].tolist()] for field in self._fields]
        rows = zip(*columns, strict=True) if columns else ([()] * len(frame))
        with fiona.open(self._path, "a" if append else "w", **options) as collection:
            shapes = [None] * len(frame) if geometry is None else geometry
            collection.writerecords(
                {
                    "geometry": None if shape is None else shapely.geometry.mapping(shape),
                    "properties": dict(zip(properties, row, strict=True)),
                }
                for shape, row in zip(shapes, rows, strict=True)
            )


def driver_of(path: Path, by_pyogrio: bool) -> str:
    """:raises RedlineError: ``unknown_format`` for a suffix no driver writes."""
    if path.suffix.lower() == ".gpkg":  # known without a library
        return "GPKG"
    try:
        if by_pyogrio:
            from pyogrio.core import detect_write_driver

            return detect_write_driver(str(path))
        from fiona.drvsupport import driver_from_extension

        return driver_from_extension(str(path))
    except ValueError as error:
        raise RedlineError("unknown_format", path=str(path), suffix=path.suffix) from error


def dbf_names(names: Sequence[str]) -> list[str]:
    """The names as a Shapefile can hold them: ten bytes, all different, cut between characters.

    GDAL would cut a Chinese name within a character, which no program reads then. Where two become one the later
    keeps it: a result's own fields stand last.
    """
    taken: set[str] = set()
    short = []
    for name in reversed(names):
        kept, count = _cut(name, 10), 0
        while kept.casefold() in taken:
            count += 1
            kept = _cut(name, 10 - len(f"_{count}")) + f"_{count}"
        taken.add(kept.casefold())
        short.append(kept)
    return short[::-1]


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _typed(column: pd.Series, kind: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Values of the type pyogrio writes a field of this kind from, and which are null (None where that shows)."""
    null = column.isna().to_numpy()
    values = column.to_numpy(object, copy=True)
    if kind in ("date", "datetime"):
        unit = "datetime64[D]" if kind == "date" else "datetime64[ms]"
        return np.array([_python(value, kind) for value in values], dtype=unit), None
    if kind == "real":
        values[null] = np.nan
        return values.astype(np.float64), None
    if kind in ("integer", "boolean"):
        values[null] = 0
        return values.astype(np.int64 if kind == "integer" else bool), null
    values[:] = [None if missing else str(value) for value, missing in zip(values, null, strict=True)]
    return values, None


def _python(value: Any, kind: str) -> Any:
    """Python's own value of a field; None for null."""
    if value is None or pd.isna(value):
        return None
    if kind == "date" and isinstance(value, datetime):
        return value.date()
    if kind == "datetime" and isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    convert = {"integer": int, "real": float, "boolean": bool, "text": str}.get(kind)
    return convert(value) if convert else value
