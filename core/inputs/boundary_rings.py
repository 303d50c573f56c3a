"""Boundary points to polygons: where a ring ends, and whether it is a hole or a further part.

The format numbers rings, 1 for the outer one and 2 and more for holes, but software writes further parts so too, closes
rings or leaves them open, and errs in the ring number of the closing row. So coordinates decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from .repair import polygon_parts, repair

_FEWEST = 3  # points that enclose ground
_SAME_AREA = 1e-9


@dataclass
class Ring:
    """A ring: its number in the file, the first of its rows (index into the plot's points), its coordinates (n, 2)
    without the closing point or points given twice in a row, and whether the file closes it."""

    number: int
    first: int
    xy: np.ndarray
    closed: bool


def rings_of(numbers: np.ndarray, xy: np.ndarray) -> list[Ring]:
    """The rings of points in the order of the file. numbers: (n,) ring numbers; xy: (n, 2)."""
    starts = [*np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]), len(numbers)]
    runs = [list(range(start, stop)) for start, stop in pairwise(starts)]
    _move_closing_rows(runs, xy)
    rings: list[Ring] = []
    for run in runs:
        rows = [row for place, row in enumerate(run) if not place or (xy[row] != xy[run[place - 1]]).any()]
        while rows:
            # Back at its first point a ring is closed; what follows under the same number is another.
            end = next((place for place in range(_FEWEST, len(rows)) if (xy[rows[place]] == xy[rows[0]]).all()), None)
            closed = end is not None or (len(rows) > 1 and bool((xy[rows[-1]] == xy[rows[0]]).all()))
            own = rows[:end] if end else rows[:-1] if closed else rows
            rings.append(Ring(int(numbers[rows[0]]), rows[0], xy[own], closed))
            rows = rows[end + 1 :] if end else []
    return rings


def _move_closing_rows(runs: list[list[int]], xy: np.ndarray) -> None:
    """Put closing rows that carry the next ring's number (the id may be wrong too) where they belong."""
    for before, run in pairwise(runs):
        if len(before) < _FEWEST:
            continue
        first = xy[before[0]]
        if (xy[before[1:]] == first).all(axis=1).any() or (xy[run[0]] != first).any():
            continue
        rest_is_closed = len(run) > _FEWEST + 1 and (xy[run[1]] == xy[run[-1]]).all()
        if len(run) == 1 or rest_is_closed:
            before.append(run.pop(0))


def polygon_of(rings: list[Ring]) -> tuple[shapely.Geometry | None, list[tuple[str, dict[str, Any]]]]:
    """The polygon or multipolygon of the rings, valid, and what was wrong with them: codes and details.

    A ring most of which lies within another is a hole of it, or within a hole a further part. Self-crossing rings cover
    what they wind around an odd number of times, as `repair` has it for all layers.
    codes: 'boundary_few_points', 'boundary_no_ground' (None is returned then: part of the boundary is missing),
    'boundary_ring_twice' (left out), 'boundary_crosses' (ring, x and y as in the file), 'boundary_rings_cross'.
    """
    for ring in rings:
        if len(ring.xy) < _FEWEST:
            return None, [("boundary_few_points", {"ring": ring.number, "point": ring.first, "count": len(ring.xy)})]
    faults: list[tuple[str, dict[str, Any]]] = []
    drawn = np.array([shapely.polygons(ring.xy) for ring in rings], dtype=object)
    valid = shapely.is_valid(drawn)
    solid = drawn.copy()
    for place in np.flatnonzero(~valid):
        solid[place] = polygon_parts(shapely.make_valid(drawn[place]))
        faults.append(("boundary_crosses", {"ring": rings[place].number, **_where(drawn[place])}))
    area = np.where(shapely.is_missing(solid), 0.0, shapely.area(solid))
    for ring, covered in zip(rings, area, strict=True):
        if covered <= 0:
            return None, [("boundary_no_ground", {"ring": ring.number, "point": ring.first})]
    kept, twice = _without_doubles(solid, area)
    faults += [("boundary_ring_twice", {"ring": rings[place].number}) for place in twice]
    polygon = _nested(drawn[kept], solid[kept], area[kept])
    if not shapely.is_valid(polygon):
        if valid.all():
            faults.append(("boundary_rings_cross", _where(polygon)))
        polygon = repair(polygon)
    return polygon, faults


def _without_doubles(solid: np.ndarray, area: np.ndarray) -> tuple[list[int], list[int]]:
    """Indices of the rings, and of those that are another once more."""
    kept: list[int] = []
    twice: list[int] = []
    by_box: dict[bytes, list[int]] = {}
    for place, box in enumerate(shapely.bounds(solid)):
        others = by_box.setdefault(box.tobytes(), [])
        double = any(
            abs(area[place] - area[other]) <= _SAME_AREA * area[other] and shapely.equals(solid[place], solid[other])
            for other in others
        )
        others.append(place)
        (twice if double else kept).append(place)
    return kept, twice


def _nested(drawn: np.ndarray, solid: np.ndarray, area: np.ndarray) -> shapely.Geometry:
    """The polygon of rings of which every other in depth is a hole."""
    if len(drawn) == 1:
        return drawn[0]
    inner, outer = _containments(solid, area)
    depth = np.bincount(inner, minlength=len(drawn))
    shell_of = np.full(len(drawn), -1)
    for ring in np.flatnonzero(depth % 2):
        around = outer[(inner == ring) & (depth[outer] % 2 == 0)]
        if len(around):  # rings that cross one another may leave none
            shell_of[ring] = around[np.argmin(area[around])]
    rings = shapely.get_exterior_ring(drawn)
    parts = [shapely.polygons(rings[shell], rings[shell_of == shell]) for shell in np.flatnonzero(shell_of < 0)]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _containments(solid: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (inner, outer): more than half of `inner` lies in `outer`, the larger one. Half, since holes that share
    an edge with their shell stick out of it by a rounding."""
    inner, outer = shapely.STRtree(solid).query(solid)
    larger = (area[outer] > area[inner]) | ((area[outer] == area[inner]) & (outer < inner))
    inner, outer = inner[larger], outer[larger]
    shapely.prepare(solid)
    within = shapely.covers(solid[outer], solid[inner])
    doubtful = np.flatnonzero(~within & shapely.intersects(solid[outer], solid[inner]))
    shared = shapely.area(shapely.intersection(solid[outer[doubtful]], solid[inner[doubtful]]))
    within[doubtful] = shared > area[inner[doubtful]] / 2
    return inner[within], outer[within]


def _where(geometry: shapely.Geometry) -> dict[str, float]:
    """Where GEOS finds a geometry invalid, as X (north) and Y (east)."""
    found = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(geometry))
    if found is None:
        first = shapely.get_coordinates(geometry)[0]
        return {"x": float(first[1]), "y": float(first[0])}
    return {"x": float(found[2]), "y": float(found[1])}
