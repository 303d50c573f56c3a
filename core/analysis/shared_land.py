"""How much land polygons share with disjoint ones: of findings the land use, without cutting what needs no cutting.

Pieces of a land use are disjoint, so a polygon whose land has all been found shares none with further pieces: they only
touch it. In a survey these are most of the pairs whose bounds meet, and cutting polygons along an edge they share is
what GEOS is slowest at. So the likeliest piece is looked at first, the next only where land is left.
"""

from __future__ import annotations

import numpy as np
import shapely

from .apart import vertex_sums
from .area import AreaMeasure
from .parallel import Workers, shareable
from .pieces import Cutter
from .robust import Overlay

_MANY = 24  # pieces whose bounds meet a polygon's: with more it is prepared, and only what crosses its edge is cut
_NOTHING_M2, _NOTHING = 1e-5, 1e-10  # land left that is rounding


def shared_land(
    geometry: np.ndarray, town: np.ndarray, pieces: np.ndarray, piece_town: np.ndarray, piece_m2: np.ndarray,
    measure: AreaMeasure, overlay: Overlay, workers: Workers,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Pairs of a polygon and a piece of the same town that share land.

    :param geometry: shape (k,), valid polygons in the overlay CRS, none of them empty; ``town``: of each.
    :param pieces: shape (n,), disjoint, or None; ``piece_town``, ``piece_m2``: town and measured area of each.
    :returns: ``row`` of the polygon, ``piece`` and the measured area they share, of one length.
    """
    row, piece = shapely.STRtree(pieces).query(geometry)
    same = town[row] == piece_town[piece]
    row, piece = row[same], piece[same]
    many = np.bincount(row, minlength=len(geometry)) > _MANY
    found = [_by_cutting(np.flatnonzero(many), geometry, town, pieces, piece_town, piece_m2, measure, overlay, workers)]
    row, piece = row[~many[row]], piece[~many[row]]
    equal = _equal(geometry, row, pieces, piece)
    found.append((row[equal], piece[equal], piece_m2[piece[equal]]))
    left = np.ones(len(geometry), dtype=bool)
    left[row[equal]] = False
    row, piece = row[left[row]], piece[left[row]]
    found += _one_after_another(row, piece, geometry, pieces, measure, overlay, workers)
    return tuple(np.concatenate(column) for column in zip(*found, strict=True))


def _by_cutting(
    rows: np.ndarray, geometry: np.ndarray, town: np.ndarray, pieces: np.ndarray, piece_town: np.ndarray,
    piece_m2: np.ndarray, measure: AreaMeasure, overlay: Overlay, workers: Workers,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """As towns are cut out of a layer: each of ``rows`` is prepared, and pieces inside it are taken as they are."""
    near = np.where(np.isin(piece_town, town[rows]), pieces, None)
    piece, of, part, whole = Cutter(shareable(geometry[rows]), overlay, workers).cut(shareable(near))
    row = rows[of]
    same = piece_town[piece] == town[row]
    row, piece, part, whole = row[same], piece[same], part[same], whole[same]
    area = piece_m2[piece].copy()
    area[~whole] = measure.of_parts(part[~whole])
    return row, piece, area


def _equal(geometry: np.ndarray, row: np.ndarray, pieces: np.ndarray, piece: np.ndarray) -> np.ndarray:
    """Which pairs are the same polygon, whatever vertex it starts at: the same vertices, bounds and area."""
    maybe = np.flatnonzero((shapely.bounds(geometry)[row] == shapely.bounds(pieces)[piece]).all(axis=1))
    equal = np.zeros(len(row), dtype=bool)
    if len(maybe):
        one, other = geometry[row[maybe]], pieces[piece[maybe]]
        area = shapely.area(one)
        same = (vertex_sums(one) == vertex_sums(other)) & (np.abs(shapely.area(other) - area) <= 1e-12 * area)
        equal[maybe] = same
    return equal


def _one_after_another(
    row: np.ndarray, piece: np.ndarray, geometry: np.ndarray, pieces: np.ndarray, measure: AreaMeasure,
    overlay: Overlay, workers: Workers,
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:  # fmt: skip
    """The piece whose bounds have most in common with a polygon's first, until all of its land is found."""
    mine, other = shapely.bounds(geometry)[row], shapely.bounds(pieces)[piece]
    common = np.minimum(mine[:, 2:], other[:, 2:]) - np.maximum(mine[:, :2], other[:, :2])
    common = common.prod(axis=1) * (common > 0).all(axis=1)
    order = np.lexsort((-common, row))
    row, piece = row[order], piece[order]
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]][: len(row)])
    place = np.arange(len(row)) - np.repeat(starts, np.diff(np.r_[starts, len(row)]))
    rest = shapely.area(geometry)
    nothing = np.maximum(_NOTHING_M2, _NOTHING * rest)
    found = []
    for turn in range(_MANY):
        now = np.flatnonzero((place == turn) & (rest[row] > nothing[row]))
        if not len(now):
            break
        mine, others = shareable(geometry[row[now]]), shareable(pieces[piece[now]])
        part = workers.map(overlay.intersection, mine, others, step=500)
        planar = shapely.area(part)
        rest[row[now]] -= planar
        land = np.flatnonzero(planar > 0)
        found.append((row[now[land]], piece[now[land]], measure.of_parts(part[land])))
    return found
