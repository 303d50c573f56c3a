"""Land cover of the towns from a raster of classes: areas by class and by grade of land use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..errors import Issue, RedlineError
from ..inputs.crs import MAX_EDGE, Transformation, same_crs
from ..intensity_rules import BUILT_GRADE, GRADES, Legend
from .area import ELLIPSOID, PLANAR, AreaMeasure
from .indicators import degree, share
from .parallel import Workers
from .pixels import PixelAreas, covered_fractions, edges_of
from .towns import Towns

if TYPE_CHECKING:
    from ..inputs.rasters import RasterSource, Window

_BAND = 131_072  # pixels worked on at a time: what is computed of them stays in cache
_TABLE = 65_536  # values that lie no farther apart are numbered by a table
_SPARSE = 4  # times the box of a town's parts may be larger than the parts' boxes are together
_LISTED = 20
_LEAST_KNOWN = 0.5
_COLUMNS = ("town", "value", "pixels", "area_m2")


@dataclass
class LandCover:
    """Of all towns (m,), m² balanced to the official area; NaN in towns the raster does not reach.

    ``grade_m2``: shape (m, 4), by grade of `GRADES`. ``covered_m2``: land of a known class; nodata, values that say
    nothing, unknown ones and what is beyond the raster are not. ``covered_pct``: its share of the town, 0 where the
    raster does not reach, NaN without geometry. ``construction_m2``: of the built-up grade. ``degree``: land-use degree
    index 100 · Σ grade · share of the covered land, 100 to 400, NaN without any. ``unknown``: columns value, area_m2;
    classes the legend does not know, the largest first.
    """

    grade_m2: np.ndarray
    covered_m2: np.ndarray
    covered_pct: np.ndarray
    construction_m2: np.ndarray
    degree: np.ndarray
    unknown: pd.DataFrame


def land_cover(
    towns: Towns, overlay: pyproj.CRS, raster: RasterSource, legend: Legend, method: str, workers: Workers,
    issues: list[Issue], *, towns_layer: str, max_edge: float = MAX_EDGE,
    area: tuple[float, float, float, float] | None = None, allow_ballpark: bool = False,
) -> LandCover:  # fmt: skip
    """What the raster says of each town.

    Pixels are measured where they are, in the raster's CRS, by the share that lies in the town. Planar areas are those
    in the overlay CRS: of a raster in another, pixels are measured on the ellipsoid and balanced to the planar area.

    :param overlay: CRS of ``towns.overlay``.
    :param issues: what is found is added: ``cover_classes_unknown``, ``cover_not_reaching``.
    :param max_edge, area, allow_ballpark: as for `Transformation`.
    :raises RedlineError: ``no_crs``, ``ballpark_transformation``, ``no_transformation``, ``raster_meets_no_town``,
        ``legend_does_not_fit``, and what the raster raises when read.
    """
    if raster.crs is None:
        raise RedlineError("no_crs", layer=raster.name)
    to_raster = Transformation(
        overlay, raster.crs, allow_ballpark=allow_ballpark, max_edge=max_edge, area=area, layer=raster.name
    )
    geometry = _transformed(towns.overlay, to_raster)
    if not (method == PLANAR and same_crs(overlay, raster.crs)):
        method = ELLIPSOID
    reached = _reached(geometry, raster)
    there = ~(shapely.is_missing(towns.overlay) | shapely.is_empty(towns.overlay))
    if not reached.any():
        raise RedlineError("raster_meets_no_town", layer=raster.name, towns=towns_layer)
    if (there & ~reached).any():
        names = ", ".join(str(name) for name in towns.name[there & ~reached][:_LISTED])
        details = {"count": int((there & ~reached).sum()), "towns": names}
        issues.append(Issue("cover_not_reaching", "notice", raster.name, details=details))
    measured = AreaMeasure(raster.crs, method).of_parts(geometry)
    classes = class_areas(np.where(reached, geometry, None), raster, method, workers)
    with np.errstate(divide="ignore", invalid="ignore"):
        balance = np.where(measured > 0, towns.official_m2 / measured, 1.0)
    classes["area_m2"] *= balance[classes["town"]]
    unknown = _unknown(classes, legend, raster.name)
    if len(unknown):
        details = {"classes": _listed(unknown)}
        issues.append(Issue("cover_classes_unknown", "warning", raster.name, details=details))
    return _graded(classes, legend, towns.official_m2, there, reached, unknown)


def _graded(
    classes: pd.DataFrame, legend: Legend, official: np.ndarray, there: np.ndarray, reached: np.ndarray,
    unknown: pd.DataFrame,
) -> LandCover:  # fmt: skip
    grade = classes["value"].map(dict(legend.grades)).to_numpy(dtype=float)
    town, size = classes["town"].to_numpy(), classes["area_m2"].to_numpy()
    grade_m2 = np.column_stack([np.bincount(town, np.where(grade == g, size, 0.0), len(official)) for g in GRADES])
    grade_m2[~reached] = np.nan
    covered = grade_m2.sum(axis=1)
    pct = np.where(reached, np.minimum(share(covered, official), 100.0), np.where(there, 0.0, np.nan))
    return LandCover(grade_m2, covered, pct, grade_m2[:, GRADES.index(BUILT_GRADE)], degree(grade_m2), unknown)


def _unknown(classes: pd.DataFrame, legend: Legend, layer: str) -> pd.DataFrame:
    """:raises RedlineError: ``legend_does_not_fit`` where it knows less than half of the land that has a class."""
    told = classes[~classes["value"].isin(list(legend.no_data))]
    known = told["value"].isin(list(legend.grades))
    unknown = told[~known].groupby("value", as_index=False)["area_m2"].sum()
    unknown = unknown.sort_values(["area_m2", "value"], ascending=[False, True], ignore_index=True)
    if told.loc[known, "area_m2"].sum() < _LEAST_KNOWN * told["area_m2"].sum():
        raise RedlineError("legend_does_not_fit", layer=layer, legend=legend.name, classes=_listed(unknown))
    return unknown


def _listed(unknown: pd.DataFrame) -> str:
    rows = unknown.head(_LISTED)
    return ", ".join(f"{value} ({m2 / 1e4:.2f} ha)" for value, m2 in zip(rows["value"], rows["area_m2"], strict=True))


def _transformed(overlay: np.ndarray, to_raster: Transformation) -> np.ndarray:
    """The towns in the raster's CRS; None where one has no geometry or cannot be taken there."""
    geometry = np.full(len(overlay), None, dtype=object)
    there = ~(shapely.is_missing(overlay) | shapely.is_empty(overlay))
    geometry[there] = to_raster(overlay[there])
    geometry[~np.isfinite(shapely.bounds(geometry)).all(axis=1)] = None
    return geometry


def _reached(geometry: np.ndarray, raster: RasterSource) -> np.ndarray:
    """Whether a town has land within the raster, shape (m,)."""
    frame = shapely.box(0, 0, raster.width, raster.height)
    pixels = _to_pixels(geometry, raster.transform)
    return shapely.intersects(frame, pixels) & ~shapely.touches(frame, pixels)


def _to_pixels(geometry: np.ndarray, transform: tuple[float, ...]) -> np.ndarray:
    """Geometries in pixel coordinates of a raster with this transform, as new ones."""
    a, b, c, d, e, f = transform
    inverse = np.linalg.inv([[a, b], [d, e]])
    return shapely.transform(geometry, lambda xy: (xy - (c, f)) @ inverse.T)


def class_areas(geometry: np.ndarray, raster: RasterSource, method: str, workers: Workers) -> pd.DataFrame:
    """How much of each class of a raster lies in each town.

    :param geometry: shape (m,), polygons or multipolygons of towns in the raster's CRS, or None.
    :param method: of area: ``ellipsoid`` or ``planar``.
    :returns: columns town (row of ``geometry``), value, pixels (covered fractions of valid pixels, summed) and area_m2
        (the same by the true areas of pixels, not balanced), ordered by town and value.
    :raises Cancelled: between two windows, or two towns of one.
    """
    counter = _Counter(geometry, raster, PixelAreas(raster.crs, raster.transform, method), workers)
    parts = []
    for part in workers.in_order(counter.count, counter.calls()):
        workers.check()
        parts.append(part)
    if not parts:
        return pd.DataFrame({name: np.empty(0, dtype=np.int64 if name in _COLUMNS[:2] else float) for name in _COLUMNS})
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    found = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)))
    return found.groupby(["town", "value"], as_index=False, sort=True)[["pixels", "area_m2"]].sum()


class _Counter:
    """Counts the pixels of one window for all towns there. Towns are kept as patches: scattered parts apart, so that
    the land between them is not looked at, others as one."""

    def __init__(self, geometry: np.ndarray, raster: RasterSource, areas: PixelAreas, workers: Workers):
        self._raster, self._areas, self._workers = raster, areas, workers
        polygons, patch, self._town = _patches(_to_pixels(geometry, raster.transform))
        edges, polygon = edges_of(polygons)
        ends = np.searchsorted(patch[polygon], np.arange(len(self._town) + 1))
        self._edges = [edges[:, start:end] for start, end in pairwise(ends)]
        low, high = np.full((2, len(self._town), 2), np.inf)
        bounds = shapely.bounds(polygons)
        np.minimum.at(low, patch, bounds[:, :2])
        high *= -1
        np.maximum.at(high, patch, bounds[:, 2:])
        size = raster.width, raster.height
        self._first = np.clip(np.floor(low), 0, size).astype(np.int64)  # column, row
        self._end = np.clip(np.ceil(high), 0, size).astype(np.int64)

    def calls(self) -> Iterator[tuple[Window, np.ndarray]]:
        """Windows cut down to where patches are, each with the rows of those."""
        windows = np.array(list(self._raster.windows()))
        start = windows[:, :2]
        boxes = shapely.box(*start.T, *(start + windows[:, 2:]).T)
        tree = shapely.STRtree(shapely.box(*self._first.T, *self._end.T))
        window, patch = tree.query(boxes)
        order = np.lexsort((patch, window))
        window, patch = window[order], patch[order]
        first, end = self._within(windows[window], patch)
        inside = (end > first).all(axis=1)
        window, patch, first, end = window[inside], patch[inside], first[inside], end[inside]
        for rows in np.split(np.arange(len(window)), np.flatnonzero(np.diff(window)) + 1):
            if len(rows):
                corner = first[rows].min(axis=0)
                yield np.concatenate([corner, end[rows].max(axis=0) - corner]), patch[rows]

    def _within(self, window: np.ndarray, patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First column and row, and the ends, of patches' boxes within windows."""
        start, size = window[..., :2], window[..., 2:]
        return np.maximum(self._first[patch], start), np.minimum(self._end[patch], start + size)

    def count(self, window: np.ndarray, patches: np.ndarray) -> tuple[np.ndarray, ...]:
        """Columns of `class_areas`, of one window."""
        self._workers.check()
        values, valid = self._raster.read(window.tolist())
        code, classes = _coded(values, valid)
        valid = None if valid.all() else valid
        found = []
        for patch, first, end in zip(patches, *self._within(window, patches), strict=True):
            self._workers.check()
            here = tuple(slice(*ends) for ends in zip(*(first - window[:2], end - window[:2]), strict=True))[::-1]
            sums = self._sums(code[here], valid if valid is None else valid[here], len(classes), patch, first)
            there = np.flatnonzero(sums[0])
            found.append((np.full(len(there), self._town[patch]), classes[there], sums[0, there], sums[1, there]))
        return tuple(np.concatenate(column) for column in zip(*found, strict=True))

    def _sums(
        self, code: np.ndarray, valid: np.ndarray | None, count: int, patch: int, first: np.ndarray
    ) -> np.ndarray:  # fmt: skip
        """Fractions and m² by code of pixels from ``first`` (column, row) on, shape (2, count)."""
        (column, row), (height, width) = first.tolist(), code.shape
        edges = self._edges[patch]
        top, bottom = np.sort(edges[[1, 3]], axis=0)
        edges = edges[:, (top < row + height) & (bottom > row)]
        areas = self._areas.of(column, row, width, height)
        step = max(1, _BAND // width)
        sums = np.zeros((2, count))
        for start in range(0, height, step):
            band = slice(start, min(start + step, height))
            codes = code[band].astype(np.intp).ravel()
            fraction = covered_fractions(edges, column, row + start, width, band.stop - start)
            if valid is not None:
                fraction *= valid[band]
            sums[0] += np.bincount(codes, fraction.ravel(), count)
            fraction *= areas(start, band.stop)
            sums[1] += np.bincount(codes, fraction.ravel(), count)
        return sums


def _patches(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Polygons (n,) of towns, the patch of each (n,) ascending, and the town of each patch."""
    polygons, town = shapely.get_parts(geometry, return_index=True)
    keep = (shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(polygons)
    polygons, town = polygons[keep], town[keep]
    box = shapely.area(shapely.box(*shapely.bounds(polygons).T))
    whole = shapely.area(shapely.box(*shapely.bounds(geometry).T))
    sparse = whole > _SPARSE * np.bincount(town, box, len(geometry))
    new = np.r_[True, town[1:] != town[:-1]] | sparse[town] if len(town) else np.empty(0, dtype=bool)
    return polygons, np.cumsum(new) - 1, town[new]


def _coded(values: np.ndarray, valid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A number from 0 for each value, any where it is not valid; and the values by number, int64."""
    if values.dtype.itemsize == 1:
        return values.view(np.uint8), np.arange(256, dtype=np.uint8).view(values.dtype).astype(np.int64)
    known = values[valid]
    if not len(known):
        return np.zeros(values.shape, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    low, high = int(known.min()), int(known.max())
    if high - low >= _TABLE:
        classes, number = np.unique(known, return_inverse=True)
        code = np.zeros(values.shape, dtype=np.uint32)
        code[valid] = number.ravel()
        return code, classes.astype(np.int64)
    place = np.where(valid, values, values.dtype.type(low)).astype(np.int64) - low
    there = np.zeros(high - low + 1, dtype=bool)
    there[place] = True
    return (np.cumsum(there) - 1).astype(np.uint16)[place], np.flatnonzero(there) + low
