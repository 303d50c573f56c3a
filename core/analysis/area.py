"""The official ellipsoid area (图斑椭球面积), vectorised.

The formula of 国土调查办发〔2008〕32号 joins vertices by straight lines in the Lambert cylindrical equal-area
projection on the same ellipsoid: its series is the shoelace area there, to 2e-12 relative. So the coordinates are
transformed once and measured as planar rings. `docs/area.md` has the derivation and the checks.
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

ELLIPSOID, PLANAR = "ellipsoid", "planar"
_CHUNK = 500_000  # vertices; large enough to drown the call, small enough to stay in cache and feed every core


class AreaMeasure:
    """Areas in m² of polygons given in one CRS, by one method.

    :param crs: CRS of the polygons, geographic (degrees) or projected.
    :param method: ``ellipsoid``, the official area on the ellipsoid of ``crs``; or ``planar``, the area in the plane
        of ``crs``, which must then be projected in metres (the caller sees to it).
    """

    def __init__(self, crs: pyproj.CRS, method: str = ELLIPSOID, threads: int = 2):
        self.method = method
        self._threads = threads
        self._wkt = crs.to_wkt()

    def of(self, geometry: np.ndarray) -> np.ndarray:
        """Area in m² of each polygon or multipolygon; holes taken off, 0 for None, empty and non-polygons.

        :param geometry: shape (n,), shapely geometries in the CRS of this measure; rings may turn either way.
        :returns: float64, shape (n,).
        """
        geometry = np.asarray(geometry, dtype=object)
        if self.method == PLANAR:
            return np.where(shapely.is_missing(geometry), 0.0, shapely.area(geometry))
        ends = np.cumsum(shapely.get_num_coordinates(geometry))
        if not len(ends) or not ends[-1]:
            return np.zeros(len(geometry))
        cuts = np.unique(np.searchsorted(ends, np.arange(_CHUNK, ends[-1], _CHUNK), side="left") + 1)
        chunks = np.split(geometry, cuts[cuts < len(geometry)])
        if len(chunks) == 1 or self._threads == 1:
            return np.concatenate([self._chunk(chunk) for chunk in chunks])
        with ThreadPoolExecutor(self._threads) as pool:
            return np.concatenate(list(pool.map(self._chunk, chunks)))

    def _chunk(self, geometry: np.ndarray) -> np.ndarray:
        return _measure(geometry, _to_equal_area(self._wkt))


@lru_cache(maxsize=32)
def _equal_area_definition(wkt: str) -> tuple[pyproj.CRS, pyproj.CRS]:
    crs = pyproj.CRS.from_wkt(wkt)
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound:
        crs = crs.source_crs
    # The same datum on both sides: no datum shift can slip in.
    return crs, ProjectedCRS(LambertCylindricalEqualAreaConversion(), geodetic_crs=crs.geodetic_crs)


def _to_equal_area(wkt: str) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    source, target = _equal_area_definition(wkt)
    # Made anew for each chunk: a pyproj Transformer must not be shared between threads.
    return pyproj.Transformer.from_crs(source, target, always_xy=True).transform


def _measure(geometry: np.ndarray, transform: Callable) -> np.ndarray:
    parts, owner = shapely.get_parts(geometry, return_index=True)
    polygons = shapely.get_type_id(parts) == 3
    parts, owner = parts[polygons], owner[polygons]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(geometry))
    xy = shapely.get_coordinates(rings)
    x, y = transform(xy[:, 0], xy[:, 1])
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))[:-1]])
    area = np.abs(_shoelace(np.asarray(x), np.asarray(y), starts))
    exterior = np.r_[True, part[1:] != part[:-1]]
    return np.bincount(owner[part], weights=np.where(exterior, area, -area), minlength=len(geometry))


def _shoelace(x: np.ndarray, y: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Signed areas of closed rings laid end to end; each is shifted to its own first vertex, so that a small
    patch far from the origin loses nothing to cancellation."""
    length = np.diff(np.r_[starts, len(x)])
    x = x - np.repeat(x[starts], length)
    y = y - np.repeat(y[starts], length)
    cross = np.empty_like(x)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[starts[1:] - 1] = 0.0  # the step from one ring to the next
    cross[-1] = 0.0
    return np.add.reduceat(cross, starts) / 2
