"""Boundary points in the order surveyors number them."""

from __future__ import annotations

import numpy as np
import shapely

_FEWEST = 3


def numbered_rings(geometry: shapely.Geometry, decimals: int) -> list[np.ndarray]:
    """The rings of a polygon or multipolygon, each (n, 2) without its closing point, rounded to the decimals.

    A part's outer ring comes first, clockwise, then its holes, anticlockwise; each begins at its north-west corner, the
    vertex nearest to that corner of its box. Parts, and holes, are in the order of these corners from the north-west
    corner of what they belong to. What rounding leaves less than a triangle of is left out; empty where that is all.
    """
    parts = []
    for part in shapely.get_parts(geometry):
        shell = _ring(shapely.get_exterior_ring(part), decimals, clockwise=True)
        if shell is None:
            continue
        holes = [_ring(ring, decimals, clockwise=False) for ring in shapely.get_rings(part)[1:]]
        parts.append([shell, *_from_north_west([[hole] for hole in holes if hole is not None], shell)])
    if not parts:
        return []
    return _from_north_west(parts, np.concatenate([part[0] for part in parts]))


def polygon_of_rings(rings: list[np.ndarray]) -> shapely.Geometry:
    """The polygon or multipolygon of rings as `numbered_rings` gives them: what the file says."""
    parts: list[tuple[np.ndarray, list[np.ndarray]]] = []
    for ring in rings:
        if not _is_anticlockwise(ring):
            parts.append((ring, []))
        else:
            parts[-1][1].append(ring)
    polygons = [
        shapely.polygons(shell, [shapely.linearrings(hole) for hole in holes] or None) for shell, holes in parts
    ]
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def _ring(ring: shapely.LinearRing, decimals: int, clockwise: bool) -> np.ndarray | None:
    # In units of the last digit: whole numbers are equal, or on one line, or they are not.
    steps = np.rint(shapely.get_coordinates(ring)[:-1] * 10.0**decimals).astype(np.int64)
    steps = steps[(steps != np.roll(steps, 1, axis=0)).any(axis=1)]
    if len(steps) < _FEWEST or not _signed_area(steps):
        return None
    if _is_anticlockwise(steps) == clockwise:
        steps = steps[::-1]
    return np.roll(steps, -_north_west(steps, steps), axis=0) / 10.0**decimals


def _north_west(points: np.ndarray, whole: np.ndarray) -> int:
    """The index of the point nearest to the north-west corner of the box of `whole`; of equals the northernmost."""
    corner = np.array([whole[:, 0].min(), whole[:, 1].max()])
    distance = ((points - corner).astype(np.float64) ** 2).sum(axis=1)
    return int(np.lexsort((-points[:, 1], distance))[0])


def _from_north_west(groups: list[list[np.ndarray]], whole: np.ndarray) -> list[np.ndarray]:
    """The rings of groups, the groups in the order of their first points from the north-west corner of `whole`."""
    corner = np.array([whole[:, 0].min(), whole[:, 1].max()])
    ordered = sorted(groups, key=lambda group: float(((group[0][0] - corner) ** 2).sum()))
    return [ring for group in ordered for ring in group]


def _is_anticlockwise(xy: np.ndarray) -> bool:
    return _signed_area(xy) > 0


def _signed_area(xy: np.ndarray) -> float:
    x, y = (xy - xy[0]).astype(np.float64).T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)
