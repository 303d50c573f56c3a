"""Which polygons of a group lie over others: a quick look that names suspects, to be confirmed by geometry.

Patches of a land survey share their edges exactly, so an edge that no neighbour has the other way round is the rim of
the surveyed land, or the sign of an error. Only what has such loose edges is looked at further. A suspect may be
innocent, and in rare cases a culprit is missed: `set_aside` tests the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

_ROUNDS = 3  # one is mostly enough


def disjoint_union(group: np.ndarray) -> shapely.Geometry | None:
    """The union of polygons if they are disjoint, by cancelling the edges they share; None if they are not, or not
    known to be.

    What is left when edges drawn an even number of times cancel bounds the land under an odd number of polygons. If
    it is a valid polygon, and of the area of all of them together, no land lies under two. This takes a fifteenth of
    the time of a union; neighbours whose vertices do not match need that.

    :param group: shape (n,), valid polygons and multipolygons.
    """
    parts = group if (shapely.get_type_id(group) == shapely.GeometryType.POLYGON).all() else shapely.get_parts(group)
    try:
        with np.errstate(invalid="ignore"):  # GEOS leaves the processor's flag behind, not a wrong result
            union = shapely.coverage_union_all(parts)
    except shapely.errors.GEOSException:
        return None
    total = shapely.area(parts).sum()
    return union if shapely.is_valid(union) and abs(shapely.area(union) - total) <= 1e-12 * total else None


def set_aside(group: np.ndarray) -> tuple[np.ndarray, shapely.Geometry | None]:
    """Which polygons to set aside so that the others are disjoint, and the union of the others; all, and None, where
    that would be most of them.

    :param group: shape (n,), valid polygons and multipolygons.
    """
    aside = np.zeros(len(group), dtype=bool)
    for _ in range(_ROUNDS):
        more = suspects(group[~aside])
        aside[np.flatnonzero(~aside)[more]] = True
        if 2 * aside.sum() > len(group):
            break
        rest = disjoint_union(group[~aside])
        if rest is not None:
            return aside, rest
        if not more.any():
            break
    return np.ones(len(group), dtype=bool), None


def suspects(group: np.ndarray) -> np.ndarray:
    """Polygons without which the others are likely to be disjoint: of polygons drawn twice the later one, of two that
    cross or hold one another the one that does so with more.

    :param group: shape (n,), valid polygons and multipolygons.
    :returns: bool, shape (n,).
    """
    edges = _Edges.of(group)
    repeated, loose = edges.repeated_and_loose(len(group))
    found = repeated.copy()
    chains, owner, inside = edges.chains(loose & ~repeated[edges.owner])
    a, b = shapely.STRtree(chains).query(chains, predicate="intersects")
    a, b = a[a < b], b[a < b]
    cross = shapely.relate_pattern(chains[a], chains[b], "T********")
    point, holder = shapely.STRtree(group).query(inside, predicate="within")
    a = np.concatenate([owner[a[cross]], owner[point]])
    b = np.concatenate([owner[b[cross]], holder])
    a, b = a[a != b], b[a != b]
    # Of two the one with more loose edges, then the one that meets more others.
    blame = np.bincount(edges.owner, loose, len(group)) / np.bincount(edges.owner, minlength=len(group))
    blame += np.bincount(np.concatenate([a, b]), minlength=len(group)) / (1000 + len(a))
    found[np.where(blame[a] > blame[b], a, np.where(blame[a] < blame[b], b, np.maximum(a, b)))] = True
    return found


@dataclass
class _Edges:
    """Edges of polygons, each from vertex ``start`` to the next, of polygon ``owner``. ``key``: equal for equal edges,
    whichever way they run; ``forward``: which of the two ways, with the polygon on the left. ``xy``: all vertices."""

    xy: np.ndarray
    start: np.ndarray
    owner: np.ndarray
    key: np.ndarray
    forward: np.ndarray

    @classmethod
    def of(cls, group: np.ndarray) -> _Edges:
        parts, owner = shapely.get_parts(group, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        count = shapely.get_num_coordinates(rings)
        ends = np.cumsum(count)
        xy = shapely.get_coordinates(rings)
        ring = np.repeat(np.arange(len(rings)), count)
        vertex = _hash(xy)
        start = np.flatnonzero(ring[1:] == ring[:-1])
        start = start[vertex[start] != vertex[start + 1]]
        one, other = vertex[start], vertex[start + 1]
        exterior = np.r_[True, part[1:] != part[:-1]]
        left = (_turns_left(xy, ends - count) == exterior)[ring[start]]
        return cls(xy, start, owner[part[ring[start]]], one + other, (one < other) == left)

    def repeated_and_loose(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Which of ``count`` polygons draw an edge that an earlier one has drawn the same way; and which edges nobody
        draws the other way."""
        order = np.argsort(self.key, kind="stable")
        key, forward, owner = self.key[order], self.forward[order], self.owner[order]
        run = np.cumsum(np.r_[True, key[1:] != key[:-1]]) - 1
        ways = np.bincount(run, forward), np.bincount(run, ~forward)
        repeated = np.zeros(count, dtype=bool)
        again = np.flatnonzero(np.maximum(*ways)[run] > 1)
        again = again[np.lexsort((owner[again], forward[again], run[again]))]
        same = (np.diff(run[again]) == 0) & (forward[again][1:] == forward[again][:-1])
        repeated[owner[again[1:][same]]] = True
        loose = np.empty(len(key), dtype=bool)
        loose[order] = (np.minimum(*ways) == 0)[run]
        return repeated, loose

    def chains(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The wanted edges of each polygon that has any, as one multilinestring; that polygon's row; and a point of it
        in the middle of a chain."""
        start, owner = self.start[wanted], self.owner[wanted]
        last = np.r_[np.diff(start) != 1, True][: len(start)]
        chain = np.cumsum(last) - last
        vertex, chain = np.concatenate([start, start[last] + 1]), np.concatenate([chain, chain[last]])
        order = np.argsort(vertex)
        xy, chain = self.xy[vertex[order]], chain[order]
        lines = shapely.linestrings(xy, indices=chain)
        row, index = np.unique(owner[last], return_inverse=True)
        first, length = np.unique(chain, return_index=True, return_counts=True)[1:]
        inside = np.zeros(len(row), dtype=np.int64)
        inside[index] = first + length // 2
        return shapely.multilinestrings(lines, indices=index), row, shapely.points(xy[inside])


def vertex_sums(group: np.ndarray) -> np.ndarray:
    """64 bits of the vertices of each polygon: equal for polygons of equal vertices, whichever they start at and
    whichever way they turn; shape (n,)."""
    parts, owner = shapely.get_parts(group, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    count = shapely.get_num_coordinates(rings)
    vertex = _hash(shapely.get_coordinates(rings))
    vertex[np.cumsum(count) - 1] = 0  # a ring's last vertex is its first
    sums = np.zeros(len(group), dtype=np.uint64)
    np.add.at(sums, np.repeat(owner[part], count), vertex)
    return sums


def _hash(xy: np.ndarray) -> np.ndarray:
    """64 bits of each vertex, well mixed (the constants are odd, without pattern)."""
    x, y = (xy + 0.0).view(np.uint64).T  # -0.0 is 0.0
    mixed = x * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed += y
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return mixed * np.uint64(0xD6E8FEB86659FD93)


def _turns_left(xy: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Whether each ring runs counter-clockwise."""
    x, y = (xy - np.repeat(xy[starts], np.diff(np.r_[starts, len(xy)]), axis=0)).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y  # from a ring's end (0, 0) to the next: nothing
    return np.add.reduceat(cross, starts) > 0
