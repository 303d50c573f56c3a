"""Reading layers with fiona, where pyogrio is not shipped: slower, and equal to it feature by feature."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import Any

import fiona
import fiona.errors
import numpy as np
import shapely
import shapely.geometry
from fiona._err import CPLE_BaseError

from ..errors import RedlineError
from .source import ARC_STEP_DEGREES, BATCH_VERTICES, Batch, Field, cuts, unwrapped

_TYPES = {"int": "integer", "int32": "integer", "int64": "integer", "float": "real", "str": "text", "time": "text"}
_TYPES |= {"bool": "boolean", "date": "date", "datetime": "datetime"}
_FEATURES_LOOKED_AT = 100
_FEATURES_AT_ONCE = 1024


class Layer:
    """A layer opened by fiona; the arguments and errors are FileSource's."""

    def __init__(self, path: str, layer: str | None, encoding: str | None):
        self._path, self._layer, self._encoding = path, layer, encoding
        self.name = layer or path
        with self._open() as collection:
            self.name = collection.name
            self.crs = collection.crs_wkt
            self.geometry_type = collection.schema["geometry"]
            self.count = _count(collection)
            columns = {name: kind.split(":")[0] for name, kind in collection.schema["properties"].items()}
            flags = _flags(collection)
        types = {name: "boolean" if name in flags else _TYPES.get(kind) for name, kind in columns.items()}
        self.fields = [Field(name, kind) for name, kind in types.items() if kind]

    def bounds(self) -> tuple[float, float, float, float] | None:
        with self._open() as collection:
            try:
                bounds = collection.bounds
            except fiona.errors.DriverError:  # a layer without features has none
                return None
        return tuple(float(value) for value in bounds) if np.isfinite(bounds).all() else None

    def batches(self, fields: Sequence[Field], bbox: Sequence[float] | None, size: int) -> Iterator[Batch]:
        with self._open([field.name for field in fields]) as collection:
            features = iter(collection.filter(bbox=tuple(bbox) if bbox is not None else None))
            while chunk := self._next(features, min(size, _FEATURES_AT_ONCE)):
                geometry = _column([_shape(feature.geometry) for feature in chunk])
                geometry = unwrapped(shapely.force_2d(geometry))
                fid = np.array([int(feature.id) for feature in chunk], dtype=np.int64)
                values = {field.name: _values([row.properties[field.name] for row in chunk], field) for field in fields}
                for part in cuts(shapely.get_num_coordinates(geometry), size, BATCH_VERTICES):
                    yield Batch(geometry[part], {name: column[part] for name, column in values.items()}, fid[part])

    def column(self, field: Field) -> np.ndarray:
        """One column of all features."""
        parts = [batch.fields[field.name] for batch in self.batches([field], None, 8192)]
        return np.concatenate(parts) if parts else np.array([], dtype=object)

    def _next(self, features: Iterator, count: int) -> list:
        with self._explained(), fiona.Env(OGR_ARC_STEPSIZE=str(ARC_STEP_DEGREES)):
            return list(islice(features, count))

    @contextmanager
    def _open(self, columns: list[str] | None = None) -> Iterator[Any]:
        """The open layer, with `columns` alone where its driver can leave out the others."""
        options = {"layer": self._layer, "encoding": self._encoding}
        with self._explained():
            try:
                collection = fiona.open(self._path, include_fields=columns, **options)
            except fiona.errors.DriverError as error:
                if "ignore_fields" not in str(error):
                    raise
                collection = fiona.open(self._path, **options)
            with collection:
                yield collection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (UnicodeError, LookupError) as error:
            raise RedlineError("wrong_encoding", layer=self.name, encoding=self._encoding or "") from error
        except (fiona.errors.FionaError, CPLE_BaseError, ValueError, OSError) as error:
            code = "no_such_layer" if str(error).startswith("Null layer") else "cannot_read"
            raise RedlineError(code, layer=self.name, path=self._path, reason=str(error)) from error


def _count(collection) -> int | None:
    try:
        return len(collection)
    except TypeError:  # the driver does not count
        return None


def _flags(collection) -> set[str]:
    """The boolean fields: the schema calls them integers, only their values tell."""
    with fiona.Env():
        seen = [feature.properties for feature in islice(iter(collection), _FEATURES_LOOKED_AT)]
    return {name for properties in seen for name, value in properties.items() if isinstance(value, bool)}


def _shape(geometry) -> Any:
    """A shapely geometry; None where there is none or its rings have too few points to be one."""
    if geometry is None:
        return None
    try:
        return shapely.geometry.shape(geometry)
    except (ValueError, shapely.errors.ShapelyError):
        return None


def _values(column: list, field: Field) -> np.ndarray:
    convert = _CONVERSIONS[field.type]
    return _column([None if item is None else convert(item) for item in column])


def _column(values: list) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    # fiona unpacks fields that are declared as JSON
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _real(value: float) -> float | None:
    return None if value != value else float(value)


def _datetime(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=None)


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "boolean": bool,
    "real": _real,
    "text": _text,
    "date": _date,
    "datetime": _datetime,
}
