"""The official ellipsoid area (图斑椭球面积), vectorised.

The formula of 国土调查办发〔2008〕32号 joins vertices by straight lines in the Lambert cylindrical equal-area
projection on the same ellipsoid: its series is the shoelace area there, to 2e-12 relative. So the coordinates are
transformed once and measured as planar rings. `docs/area.md` has the derivation and the checks.

Parts of a town are cut in the plane of the overlay CRS, where edges are straight that are bent in the equal-area
plane: by the formula they would not add up to the town. `AreaMeasure.of_parts` measures what lies within the straight
edges, which is where splitting edges ever finer leads to; so parts add up however they are cut.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion

from ..threads import THREADS, in_task
from .scale import AreaScale

ELLIPSOID, PLANAR = "ellipsoid", "planar"
_STRAIGHT_M = 2.0  # the bend of a shorter edge holds less than 1e-7 m²
_CHUNK = 100_000  # vertices; large enough to drown the call, small enough to stay in cache and feed every core


class AreaMeasure:
    """Areas in m² of polygons given in one CRS, by one method.

    :param crs: CRS of the polygons, geographic (degrees) or projected.
    :param method: ``ellipsoid``, the official area on the ellipsoid of ``crs``; or ``planar``, the area in the plane
        of ``crs``, which must then be projected in metres (the caller sees to it).
    :param region: bounds within which `of_parts` is fast, in a projected ``crs``; results agree to 4e-10 without.
    """

    def __init__(
        self, crs: pyproj.CRS, method: str = ELLIPSOID, threads: int = THREADS, region: np.ndarray | None = None
    ):
        self.method = method
        self._threads = threads
        self._wkt = crs.to_wkt()
        fit = region is not None and method == ELLIPSOID and np.isfinite(region).all()
        self._scale = AreaScale(to_equal_area(self._wkt), region) if fit else None

    def of(self, geometry: np.ndarray) -> np.ndarray:
        """Area in m² of each polygon or multipolygon; holes taken off, 0 for None, empty and non-polygons.

        :param geometry: shape (n,), shapely geometries in the CRS of this measure; rings may turn either way.
        :returns: float64, shape (n,).
        """
        return self._area(geometry, bent=False)

    def of_parts(self, geometry: np.ndarray) -> np.ndarray:
        """As `of`, of what lies within edges straight in this CRS (projected, in metres): additive under cutting.

        Parts of the region are measured by the scale of areas there (`AreaScale`), others along their bent edges.
        """
        geometry = np.asarray(geometry, dtype=object)
        if self.method == PLANAR or self._scale is None:
            return self._area(geometry, bent=True)
        known = self._scale.knows(shapely.bounds(geometry))
        area = np.empty(len(geometry))
        area[known] = self._sliced(self._scale.areas, geometry[known])
        area[~known] = self._area(geometry[~known], bent=True)
        return area

    def _area(self, geometry: np.ndarray, bent: bool) -> np.ndarray:
        geometry = np.asarray(geometry, dtype=object)
        if self.method == PLANAR:
            return np.where(shapely.is_missing(geometry), 0.0, shapely.area(geometry))
        return self._sliced(lambda part: _measure(part, self._wkt, bent), geometry)

    def _sliced(self, function: Callable[[np.ndarray], np.ndarray], geometry: np.ndarray) -> np.ndarray:
        """``function`` of slices of about `_CHUNK` vertices, on all threads."""
        ends = np.cumsum(shapely.get_num_coordinates(geometry))
        if not len(ends) or not ends[-1]:
            return np.zeros(len(geometry))
        cuts = np.unique(np.searchsorted(ends, np.arange(_CHUNK, ends[-1], _CHUNK), side="left") + 1)
        chunks = np.split(geometry, cuts[cuts < len(geometry)])
        if len(chunks) == 1 or self._threads == 1 or in_task():
            return np.concatenate([function(chunk) for chunk in chunks])
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(function, chunks)))


@lru_cache(maxsize=32)
def to_equal_area(wkt: str) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Transforms x and y of a CRS to the equal-area plane on its ellipsoid; may be called from any thread."""
    crs = pyproj.CRS.from_wkt(wkt)
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound:
        crs = crs.source_crs
    # The same datum on both sides: no datum shift can slip in.
    plane = ProjectedCRS(LambertCylindricalEqualAreaConversion(), geodetic_crs=crs.geodetic_crs)
    operation = pyproj.Transformer.from_crs(crs, plane, always_xy=True).definition
    # A Transformer made from its definition is quick to remake itself for each thread, as pyproj does.
    return pyproj.Transformer.from_pipeline(operation).transform


def _measure(geometry: np.ndarray, wkt: str, bent: bool) -> np.ndarray:
    parts, owner = shapely.get_parts(geometry, return_index=True)
    polygons = shapely.get_type_id(parts) == 3
    parts, owner = parts[polygons], owner[polygons]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(geometry))
    xy = shapely.get_coordinates(rings)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))[:-1]])
    transform = to_equal_area(wkt)
    x, y = transform(xy[:, 0], xy[:, 1])
    cross = _cross(x, y, starts)
    if bent:
        _add_bends(cross, xy, x, y, starts, transform)
    area = np.abs(np.add.reduceat(cross, starts)) / 2
    exterior = np.r_[True, part[1:] != part[:-1]]
    return np.bincount(owner[part], weights=np.where(exterior, area, -area), minlength=len(geometry))


def _cross(x: np.ndarray, y: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Shoelace terms, twice the signed area each, of closed rings laid end to end; the term of an edge stands at its
    first vertex. Each ring is shifted to its own first vertex, so that a small patch far from the origin loses
    nothing to cancellation."""
    length = np.diff(np.r_[starts, len(x)])
    x = x - np.repeat(x[starts], length)
    y = y - np.repeat(y[starts], length)
    cross = np.empty_like(x)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[starts[1:] - 1] = 0.0  # the step from one ring to the next
    cross[-1] = 0.0
    return cross


def _add_bends(
    cross: np.ndarray, xy: np.ndarray, x: np.ndarray, y: np.ndarray, starts: np.ndarray, transform: Callable
) -> None:
    """Add to each term the area between the chord and the bent edge, by Simpson's rule through the edge's middle.

    For a 2 km edge in Gauss-Krüger it is about 100 m² and falls with the cube of the length.
    """
    step = np.diff(xy, axis=0)
    edge = np.einsum("ij,ij->i", step, step) > _STRAIGHT_M**2
    edge[starts[1:] - 1] = False
    a = np.flatnonzero(edge)
    b = a + 1
    middle = (xy[a] + xy[b]) / 2
    mx, my = transform(middle[:, 0], middle[:, 1])
    off_x, off_y = mx - (x[a] + x[b]) / 2, my - (y[a] + y[b]) / 2
    cross[a] -= 4 / 3 * ((x[b] - x[a]) * off_y - (y[b] - y[a]) * off_x)
