"""Pixels of a raster under polygons: the exact fraction of each that is covered, and its true area.

Pixel coordinates count columns and rows from the raster's corner: pixel (column, row) is the unit square from there on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyproj
import shapely
from numpy.polynomial import polynomial

from .area import ELLIPSOID, PLANAR, to_equal_area

_NOTHING = 1e-9  # a smaller fraction is what rounding leaves beside edges
_DEGREES = 2, 6  # tried in turn
_SAMPLES = 11  # a side
_STEP_M = 64.0  # to each side of a sample, about
_EXACT = 5e-10  # relative; samples scatter by 1e-10, from rounded coordinates
_NEAR_M = 50_000.0  # over less, what does not fit is the noise of the projection's inverse, which the fit evens out
_GAUSS = 1 / 12**0.5  # of a pixel, to each side of its middle: the two places whose mean is that of a cubic

_NODES = np.cos(np.pi * (np.arange(_SAMPLES) + 0.5) / _SAMPLES)  # Chebyshev's: no ripples at the rim
_TERMS = [polynomial.polyvander(_NODES, degree) for degree in _DEGREES]
_FITS = [np.linalg.pinv(terms) for terms in _TERMS]


def edges_of(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of polygons, as they come; turned so that y grows along an edge with the polygon to the east of it.

    :param polygons: shape (n,), shapely polygons.
    :returns: edges, float64 (4, k): x and y of the start, x and y of the end; and their polygon, int64 (k,), ascending.
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    if not len(rings):
        return np.empty((4, 0)), np.empty(0, dtype=np.int64)
    exterior = np.r_[True, owner[1:] != owner[:-1]]
    turned = np.where(shapely.is_ccw(rings) != exterior, rings, shapely.reverse(rings))
    xy, ring = shapely.get_coordinates(turned, return_index=True)
    edge = ring[1:] == ring[:-1]
    return np.vstack([xy[:-1][edge].T, xy[1:][edge].T]), owner[ring[1:][edge]]


def covered_fractions(edges: np.ndarray, column: int, row: int, width: int, height: int) -> np.ndarray:
    """The fraction of each pixel of a window within the polygons whose edges these are.

    Edges are cut where they cross the lines between pixels. By Green's theorem a piece covers, of the pixels in its
    row, what is east of it: of its own a trapezium, of those to the east its full height.

    :param edges: shape (4, k), as `edges_of` has them; those away from the window may be there or not.
    :param column, row: of the window's first pixel.
    :returns: float64 (height, width), within [0, 1].
    """
    x0, y0, x1, y1 = edges
    near = (np.minimum(y0, y1) < row + height) & (np.maximum(y0, y1) > row) & (np.minimum(x0, x1) < column + width)
    near &= y0 != y1
    x0, y0, x1, y1 = x0[near] - column, y0[near] - row, x1[near] - column, y1[near] - row
    y0, x0, y1, x1 = _cut(y0, x0, y1, x1, height)
    line = np.floor((y0 + y1) / 2)
    inside = (line >= 0) & (line < height)
    x0, y0, x1, y1, line = x0[inside], y0[inside], x1[inside], y1[inside], line[inside].astype(np.int64)
    x0, y0, x1, y1, line = _cut(x0, y0, x1, y1, width, line)
    # What is west of the window covers its rows from the first column on.
    middle = np.maximum((x0 + x1) / 2, 0.0)
    place = np.minimum(middle, width).astype(np.int64)
    rise = y1 - y0
    rest = rise * np.minimum(middle - place, 1.0)  # for the next pixel
    place += line * (width + 2)
    size = height * (width + 2)
    fractions = np.bincount(np.concatenate([place, place + 1]), np.concatenate([rise - rest, rest]), size)
    fractions = np.cumsum(fractions.reshape(height, width + 2)[:, :width], axis=1, dtype=float)
    fractions[fractions < _NOTHING] = 0.0
    return np.minimum(fractions, 1.0, out=fractions)


def _cut(a0: np.ndarray, b0: np.ndarray, a1: np.ndarray, b1: np.ndarray, end: int, *carried: np.ndarray) -> tuple:
    """Edges from (a0, b0) to (a1, b1) cut at whole numbers of a from 0 to ``end``, in order; each piece with what its
    edge carries."""
    first = np.maximum(np.floor(np.minimum(a0, a1)) + 1, 0)
    last = np.minimum(np.ceil(np.maximum(a0, a1)) - 1, end)
    count = np.maximum(last - first + 1, 0).astype(np.int64)
    if not count.any():
        return a0, b0, a1, b1, *carried
    edge = np.repeat(np.arange(len(a0)), count)
    nth = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    a = np.where((a1 > a0)[edge], first[edge] + nth, last[edge] - nth)
    b = b0[edge] + (a - a0[edge]) * ((b1 - b0) / np.where(a1 == a0, 1.0, a1 - a0))[edge]
    stop = np.cumsum(count + 1)
    starts, ends = np.ones((2, stop[-1]), dtype=bool)  # where an edge itself starts and ends
    cut = np.arange(len(edge)) + edge
    starts[cut + 1] = False
    ends[cut] = False

    def placed(at: np.ndarray, own: np.ndarray, lines: np.ndarray) -> np.ndarray:
        pieces = np.empty(len(at))
        pieces[at], pieces[~at] = own, lines
        return pieces

    pieces = placed(starts, a0, a), placed(starts, b0, b), placed(ends, a1, a), placed(ends, b1, b)
    return *pieces, *(np.repeat(one, count + 1) for one in carried)


class PixelAreas:
    """True areas of the pixels of a raster, in m².

    :param crs: of the raster. ``ellipsoid``: the area on the ellipsoid of ``crs``; ``planar``: the area in its plane,
        which must be projected.
    :param transform: (a, b, c, d, e, f) with x = a·column + b·row + c and y = d·column + e·row + f.
    """

    def __init__(self, crs: pyproj.CRS, transform: tuple[float, ...], method: str = ELLIPSOID):
        self._transform = tuple(float(value) for value in transform[:6])
        a, b, _, d, e, _ = self._transform
        self._plane = to_equal_area(crs.to_wkt()) if method == ELLIPSOID else None
        unit = crs.axis_info[0].unit_conversion_factor if method == PLANAR else np.nan
        self._constant = abs(a * e - b * d) * unit**2

    def of(self, column: int, row: int, width: int, height: int) -> Callable[[int, int], np.ndarray]:
        """Areas of a window, worked out when asked for: a function of its rows, ``first`` and ``last`` + 1 counted
        from the window's, that returns float64 (last − first, width).

        The area on the ellipsoid changes so slowly from pixel to pixel that it is a polynomial of column and row. It
        is fitted to samples at Chebyshev nodes; where it fits badly, as over a continent, to halves of the window.
        """
        if self._plane is None:
            return lambda first, last: np.full((last - first, width), self._constant)
        terms, fits = self._fitted(column, row, width, height)
        if fits or max(width, height) == 1:
            east, south = _averaged(width, len(terms)), _averaged(height, len(terms))
            by_column = terms @ east.T
            return lambda first, last: south[first:last] @ by_column
        half = max(width, height) // 2
        if width >= height:
            west, rest = self.of(column, row, half, height), self.of(column + half, row, width - half, height)
            return lambda first, last: np.hstack([west(first, last), rest(first, last)])
        north, rest = self.of(column, row, width, half), self.of(column, row + half, width, height - half)

        def stacked(first: int, last: int) -> np.ndarray:
            upper = north(min(first, half), min(last, half))
            return np.vstack([upper, rest(max(first - half, 0), max(last - half, 0))])

        return stacked

    def _fitted(self, column: int, row: int, width: int, height: int) -> tuple[np.ndarray, bool]:
        """Terms of the polynomial (row, column), each from -1 to 1 over the window, and whether it is good enough."""
        x = np.tile(column + width * (1 + _NODES) / 2, (_SAMPLES, 1))
        y = np.tile(row + height * (1 + _NODES[:, None]) / 2, _SAMPLES)
        side = float(self._sampled(np.array([column + width / 2]), np.array([row + height / 2]), 0.5)[0]) ** 0.5
        samples = self._sampled(x, y, _STEP_M / side if 0 < side < np.inf else 0.5)
        for at_nodes, fit in zip(_TERMS, _FITS, strict=True):
            terms = fit @ samples @ fit.T
            if (np.abs(at_nodes @ terms @ at_nodes.T - samples) <= _EXACT * samples).all():
                return terms, True
        return terms, not max(width, height) * side > _NEAR_M  # nor halve where there are no areas

    def _sampled(self, x: np.ndarray, y: np.ndarray, step: float) -> np.ndarray:
        """m² to a unit of pixel coordinates at places, by central differences."""
        column = np.stack([x + step, x - step, x, x])
        row = np.stack([y, y, y + step, y - step])
        a, b, c, d, e, f = self._transform
        px, py = self._plane(a * column + b * row + c, d * column + e * row + f)
        with np.errstate(invalid="ignore"):
            scale = (px[0] - px[1]) * (py[2] - py[3]) - (px[2] - px[3]) * (py[0] - py[1])
        return np.abs(scale) / (2 * step) ** 2


def _averaged(count: int, powers: int) -> np.ndarray:
    """Powers of the place of ``count`` pixels between -1 and 1, each averaged over its pixel: (count, powers)."""
    middle = np.arange(count) + 0.5
    low, high = ((middle + off) * 2 / count - 1 for off in (-_GAUSS, _GAUSS))
    return (polynomial.polyvander(low, powers - 1) + polynomial.polyvander(high, powers - 1)) / 2
