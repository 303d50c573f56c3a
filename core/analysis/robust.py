"""Overlay operations that do not give up: floating precision first, then a grid of 0.001 m, then of 0.01 m."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import shapely

GRIDS = (0.001, 0.01)  # metres; topology checks in practice work at 0.001 m


class Overlay:
    """Vectorised intersection, difference and union; ``snapped`` counts the pairs that needed each grid (m)."""

    def __init__(self) -> None:
        self.snapped: Counter[float] = Counter()

    def intersection(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return self._pairwise(shapely.intersection, a, b)

    def difference(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return self._pairwise(shapely.difference, a, b)

    def union(self, geometry: np.ndarray) -> shapely.Geometry:
        """One polygonal geometry covering all of ``geometry``, shape (n,)."""
        area = shapely.area(geometry)
        least, most = area.max() * (1 - 1e-9), area.sum() * (1 + 1e-9)

        def unite(grid: float | None) -> shapely.Geometry:
            with np.errstate(invalid="ignore"):
                union = polygons_only(shapely.union_all(geometry, grid_size=grid))
            # In rare cases floating precision gives a wrong result without a word: land twice, or a polygon left out.
            sound = grid or (
                shapely.is_valid(union) and least <= shapely.area(union) <= most and _holds(union, geometry)
            )
            if not sound:
                raise shapely.errors.GEOSException("wrong union")
            return union

        return self._attempt(unite)

    def _pairwise(self, operation: Callable, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        try:
            with np.errstate(invalid="ignore"):  # GEOS leaves the processor's flag behind, not a wrong result
                return polygons_only(operation(a, b))
        except shapely.errors.GEOSException:
            pass  # one pair of the whole array failed: only the failing pairs are snapped to a grid
        pairs = zip(*np.broadcast_arrays(np.atleast_1d(a), np.atleast_1d(b)), strict=True)
        results = [self._attempt(lambda grid, p=pair: operation(*p, grid_size=grid)) for pair in pairs]
        return polygons_only(np.array(results, dtype=object))

    def _attempt(self, operation: Callable[[float | None], shapely.Geometry]) -> shapely.Geometry:
        for grid in (None, *GRIDS[:-1]):
            try:
                result = operation(grid)
            except shapely.errors.GEOSException:
                continue
            if grid:
                self.snapped[grid] += 1
            return result
        self.snapped[GRIDS[-1]] += 1
        return operation(GRIDS[-1])


def _holds(union: shapely.Geometry, geometry: np.ndarray) -> bool:
    """Whether a point inside each polygon wider than the finest grid lies in the union."""
    wide = 2 * shapely.area(geometry) > GRIDS[0] * shapely.length(geometry)
    inside = shapely.point_on_surface(geometry[wide])
    shapely.prepare(union)
    holds = bool(shapely.intersects(union, inside).all())
    shapely.destroy_prepared(union)  # prepared geometries must not be shared by threads
    return holds


def polygons_only(geometry: np.ndarray) -> np.ndarray:
    """The polygon parts of each geometry; an empty polygon where there are none. None stays None."""
    single = np.ndim(geometry) == 0
    geometry = np.atleast_1d(np.asarray(geometry, dtype=object))
    kinds = shapely.get_type_id(geometry)
    collections = np.flatnonzero(kinds == 7)
    other = (kinds >= 0) & (kinds != 3) & (kinds != 6) & (kinds != 7)
    if len(collections) or other.any():
        geometry = geometry.copy()
        geometry[other] = shapely.Polygon()
        for i in collections:  # rare: a touch and an overlap in the same pair
            parts = shapely.get_parts(geometry[i])
            parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
            geometry[i] = collect(parts)
    return geometry[0] if single else geometry


def collect(parts: np.ndarray) -> shapely.Geometry:
    """Polygons as one polygon or multipolygon; they must not overlap."""
    if len(parts) == 1:
        return parts[0]
    return shapely.multipolygons(parts) if len(parts) else shapely.Polygon()
