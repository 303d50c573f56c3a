"""What the analysis asks of an input layer, whichever way it is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pyproj
import shapely

from ..errors import RedlineError

# Curves are replaced by chords of this step in every reader (GDAL's own default is 4): the area between an arc and
# its chords is then below 1e-4 of the segment. Readers other than GDAL's drivers: ogr.Geometry.GetLinearGeometry(1.0).
ARC_STEP_DEGREES = 1.0

BATCH_FEATURES = 8192
BATCH_VERTICES = 500_000

FIELD_TYPES = ("integer", "real", "text", "boolean", "date", "datetime")

_KINDS = (("polygon", "polygon"), ("surface", "polygon"), ("line", "line"), ("curve", "line"), ("point", "point"))


@dataclass(frozen=True)
class Field:
    """A column of a layer; `type` is one of FIELD_TYPES."""

    name: str
    type: str


@dataclass
class Batch:
    """Some features of a layer, row by row in every array.

    geometry: object array (n,) of shapely geometries in the source's CRS, x (east) first, 2-D and without curves, a
        multipolygon of one polygon as that polygon; None where a feature has no geometry or one that cannot be read.
    fields: one object array (n,) per column asked for, of Python values; None for null.
        A datetime is the wall clock as stored, without its offset.
    fid: int64 array (n,), for messages only: a layer's copy may number its features otherwise.
    """

    geometry: np.ndarray
    fields: dict[str, np.ndarray]
    fid: np.ndarray

    def __len__(self) -> int:
        return len(self.fid)


class Source(ABC):
    """One input layer.

    name: the layer's name, for messages.
    crs: None where the layer has none.
    fields: its columns.
    count: number of features, None where only reading tells.
    geometry_kind: 'polygon', 'line', 'point', 'none' (a plain table), or 'unknown' (mixed or not declared).
    about: which data it is, as far as its metadata say: 'title', 'number' (approval number, version), 'date'.
    shapefile: the path of a Shapefile and the encoding its texts are read in; None for all else.
    """

    about: Mapping[str, str] = MappingProxyType({})
    shapefile: tuple[str, str] | None = None
    name: str
    crs: pyproj.CRS | None
    fields: list[Field]
    count: int | None
    geometry_kind: str

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float, float, float] | None:
        """The layer's extent in its own CRS; None for a layer without geometry."""

    @abstractmethod
    def fingerprint(self) -> dict[str, Any]:
        """What tells a changed source from an unchanged one, for the run's manifest. Holds no secrets."""

    def pipeline(self, target: pyproj.CRS) -> str | None:
        """The PROJ pipeline (x first) the project prescribes from this layer's CRS to `target`, or None."""
        return None

    @abstractmethod
    def batches(
        self,
        columns: Sequence[str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        size: int = BATCH_FEATURES,
    ) -> Iterator[Batch]:
        """The features, at most `size` and about BATCH_VERTICES vertices at a time.

        `bbox` (source CRS) leaves out features away from it; those without geometry go with them.
        Raises RedlineError where the layer cannot be read.
        """

    def values(self, column: str) -> np.ndarray:
        """One column of all features, an object array (n,) of Python values in the order of the layer."""
        parts = [batch.fields[column] for batch in self.batches(columns=[column])]
        return np.concatenate(parts) if parts else np.array([], dtype=object)

    def require_polygons(self) -> None:
        """Raises RedlineError 'not_polygons' for a layer of points, lines or without geometry."""
        if self.geometry_kind not in ("polygon", "unknown"):
            raise RedlineError("not_polygons", layer=self.name, kind=self.geometry_kind)


def geometry_kind(ogr_type: str | None) -> str:
    """The kind behind OGR's name of a geometry type ('3D MultiPolygon', 'CurvePolygon', 'Unknown', None …)."""
    name = (ogr_type or "none").lower()
    if name == "none":
        return "none"
    return next((kind for word, kind in _KINDS if word in name), "unknown")


def unwrapped(geometry: np.ndarray) -> np.ndarray:
    """Multipolygons of one polygon as that polygon, so that it need not be taken out again at every step."""
    multi = shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOLYGON
    single = np.flatnonzero(multi & (shapely.get_num_geometries(geometry) == 1))
    if len(single):
        geometry = geometry.copy()
        geometry[single] = shapely.get_geometry(geometry[single], 0)
    return geometry


def as_texts(values: np.ndarray) -> np.ndarray:
    """Attribute values as texts, ``""`` for null; whole numbers without a decimal point."""
    texts = np.empty(len(values), dtype=object)
    texts[:] = [v.strip() if type(v) is str else _text(v) for v in values]
    return texts


def _text(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return "" if value is None else str(int(value) if whole else value).strip()


def cuts(weights: np.ndarray, size: int, limit: float) -> Iterator[slice]:
    """Consecutive slices of at most `size` rows and a total weight of at most `limit`, a heavier row alone."""
    total = np.concatenate([[0], np.cumsum(weights)])
    start, n = 0, len(weights)
    while start < n:
        fitting = int(np.searchsorted(total, total[start] + limit, side="right")) - 1
        stop = min(max(start + 1, fitting), start + size, n)
        yield slice(start, stop)
        start = stop
