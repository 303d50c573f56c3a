"""The scale of areas: how many square metres on the ellipsoid lie under a square metre of the overlay plane.

It changes so slowly from place to place that over a county it is a polynomial of the coordinates, to the last digits
that coordinates in doubles can tell. With it an area takes no transformation of vertices: see `docs/area.md`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.polynomial import polynomial

_DEGREE = 6
_SAMPLES = 11  # a side
_STEP_M = 64.0  # to each side of a sample; a power of two keeps its coordinates exact
_EXACT = 3e-10  # samples scatter by 1e-10, from rounded coordinates; worse, and the polynomial is no fit
_LEAST_M = 1000.0  # half the side of the smallest region
_SMALL_M, _LARGE_M = 400.0, 10_000.0


class AreaScale:
    """Fitted to the samples of a region.

    :param transform: takes x and y of the overlay plane (metres) to an equal-area plane.
    :param bounds: xmin, ymin, xmax, ymax of the region.
    """

    def __init__(self, transform: Callable[[np.ndarray, np.ndarray], tuple], bounds: np.ndarray):
        low, high = np.reshape(bounds, (2, 2))
        self._centre = np.round((low + high) / 2)
        self._half = max(_LEAST_M, 0.55 * (high - low).max())  # a little wider
        node = np.cos(np.pi * (np.arange(_SAMPLES) + 0.5) / _SAMPLES)  # Chebyshev's: no ripples at the rim
        u, v = (axis.ravel() for axis in np.meshgrid(node, node))
        x, y = np.round(self._centre[0] + self._half * u), np.round(self._centre[1] + self._half * v)
        samples = _sampled(transform, x, y)
        u, v = (x - self._centre[0]) / self._half, (y - self._centre[1]) / self._half
        terms = polynomial.polyvander2d(u, v, [_DEGREE, _DEGREE])
        self._fits = False
        if np.isfinite(samples).all():
            flat = np.linalg.lstsq(terms, samples, rcond=None)[0]
            self._fits = bool(np.abs(terms @ flat - samples).max() < _EXACT)
            self._terms = flat.reshape(_DEGREE + 1, _DEGREE + 1)

    def knows(self, bounds: np.ndarray) -> np.ndarray:
        """Whether `areas` is good for parts with these bounds: within the region, and not too large; shape (n,)."""
        inside = np.abs(bounds - np.tile(self._centre, 2)) <= self._half * (1 + 1e-9)  # False for NaN
        return inside.all(axis=1) & (_extent(bounds) < _LARGE_M) & self._fits

    def areas(self, geometry: np.ndarray) -> np.ndarray:
        """Area in m² on the ellipsoid of polygons with edges straight in the plane, as far as `knows` says so.

        The integral of the scale over the polygon: the scale is taken as constant over `_SMALL_M` (true to 4e-10), and
        as quadratic, by the polygon's moments, over `_LARGE_M` (1e-11).
        """
        small = _extent(shapely.bounds(geometry)) < _SMALL_M
        area = np.empty(len(geometry))
        centre = shapely.centroid(geometry[small])
        area[small] = shapely.area(geometry[small]) * self._at(shapely.get_x(centre), shapely.get_y(centre))
        area[~small] = self._by_moments(geometry[~small])
        return area

    def _at(self, x: np.ndarray, y: np.ndarray, x_order: int = 0, y_order: int = 0) -> np.ndarray:
        """The scale, or a derivative of it, at points."""
        terms = polynomial.polyder(polynomial.polyder(self._terms, x_order, axis=0), y_order, axis=1)
        u, v = (x - self._centre[0]) / self._half, (y - self._centre[1]) / self._half
        return polynomial.polyval2d(u, v, terms) / self._half ** (x_order + y_order)

    def _by_moments(self, geometry: np.ndarray) -> np.ndarray:
        bounds = shapely.bounds(geometry)
        x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
        m = moments(geometry, x, y)
        at = self._at
        return (
            at(x, y) * m[0] + at(x, y, 1, 0) * m[1] + at(x, y, 0, 1) * m[2]
            + at(x, y, 2, 0) * m[3] / 2 + at(x, y, 1, 1) * m[4] + at(x, y, 0, 2) * m[5] / 2
        )  # fmt: skip


def moments(geometry: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Integrals of 1, u, v, u², uv and v² over each polygon or multipolygon, with u and v counted from (x, y).

    Green's theorem turns each into a sum over edges. :returns: shape (6, n).
    """
    parts, owner = shapely.get_parts(geometry, return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts, owner = parts[polygons], owner[polygons]
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros((6, len(geometry)))
    of = owner[part]
    count = shapely.get_num_coordinates(rings)
    starts = np.cumsum(count) - count
    xy = shapely.get_coordinates(rings)
    u, v = xy[:, 0] - np.repeat(x[of], count), xy[:, 1] - np.repeat(y[of], count)
    a, c, b, d = u[:-1], v[:-1], u[1:], v[1:]  # an edge from (a, c) to (b, d)
    edge = np.zeros_like(u)
    edge[:-1] = a * d - b * c
    edge[starts[1:] - 1] = 0.0  # the step from one ring to the next
    edge[-1] = 0.0

    def summed(term: np.ndarray | float) -> np.ndarray:
        terms = edge.copy()
        terms[:-1] *= term
        return np.add.reduceat(terms, starts)

    sums = np.stack([
        summed(1.0) / 2, summed(a + b) / 6, summed(c + d) / 6,
        summed(a * a + a * b + b * b) / 12, summed((a * d + b * c) / 2 + a * c + b * d) / 12,
        summed(c * c + c * d + d * d) / 12,
    ])  # fmt: skip
    exterior = np.r_[True, part[1:] != part[:-1]]
    sums *= np.where(exterior, 1, -1) * np.sign(sums[0])  # rings may turn either way
    return np.stack([np.bincount(of, weights=row, minlength=len(geometry)) for row in sums])


def _extent(bounds: np.ndarray) -> np.ndarray:
    return np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])


def _sampled(transform: Callable, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The scale at points, by central differences."""
    px, py = transform(np.concatenate([x + _STEP_M, x - _STEP_M, x, x]),
                       np.concatenate([y, y, y + _STEP_M, y - _STEP_M]))  # fmt: skip
    (x_east, x_west, x_north, x_south), (y_east, y_west, y_north, y_south) = px.reshape(4, -1), py.reshape(4, -1)
    scale = (x_east - x_west) * (y_north - y_south) - (x_north - x_south) * (y_east - y_west)
    return np.abs(scale) / (2 * _STEP_M) ** 2
