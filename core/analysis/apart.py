"""Which polygons of a group lie over others, and the union of those that do not, told by the edges they share.

Patches of a land survey share their edges exactly, so an edge that no neighbour has the other way round is the rim of
the surveyed land, or the sign of an error. Where edges drawn an even number of times cancel, what is left bounds the
land under an odd number of polygons; if that is as large as all of them together, no land lies under two. Otherwise
what has loose edges is looked at further. A suspect may be innocent, and in rare cases a culprit is missed: the others
are tested again.
"""

from __future__ import annotations

import numpy as np
import shapely

_ROUNDS = 3  # one is mostly enough
_WEIGHT = np.uint64(2**31 - 1)  # so many bits of an edge's key that doubles add them up exactly
_PLAIN = 1e-6  # of the area: more cannot be rounding
_SPARE = 2  # bits: four times as many buckets as edges, so that few hold two keys


def disjoint_union(group: np.ndarray) -> shapely.Geometry | None:
    """The union of polygons if they are disjoint, by cancelling the edges they share; None if they are not, or not
    known to be: neighbours whose vertices do not match need a union, which takes thirty times as long.

    :param group: shape (n,), valid polygons and multipolygons.
    """
    return _Edges(group).union(np.ones(len(group), dtype=bool))


def set_aside(group: np.ndarray) -> tuple[np.ndarray, shapely.Geometry | None]:
    """Which polygons to set aside so that the others are disjoint, and the union of the others; all, and None, where
    that would be most of them.

    :param group: shape (n,), valid polygons and multipolygons.
    """
    edges = _Edges(group)
    aside = np.zeros(len(group), dtype=bool)
    for _ in range(_ROUNDS + 1):
        rest = edges.union(~aside)
        if rest is not None:
            return aside, rest
        more = edges.suspects(~aside)
        aside |= more
        if not more.any() or 2 * aside.sum() > len(group):
            break
    return np.ones(len(group), dtype=bool), None


class _Edges:
    """Edges of a group of polygons: edge i runs from vertex i to the next, where that is of the same ring.

    Equal edges have an equal key, of 64 bits, whichever way they run; ``upward`` tells the two ways apart.
    """

    def __init__(self, group: np.ndarray):
        self._group, self._area = group, shapely.area(group)
        rings, self._owner, self._exterior = _rings(group)
        self._size = shapely.get_num_coordinates(rings)
        self._end = np.cumsum(self._size)
        self._xy = shapely.get_coordinates(rings)
        self._vertex = _hash(self._xy)
        one, other = self._vertex[:-1], self._vertex[1:]
        self._key, self._upward = one + other, one < other
        self._real = one != other
        self._real[self._end[:-1] - 1] = False  # the step from one ring to the next
        self._bits = len(self._key).bit_length() + _SPARE

    def union(self, kept: np.ndarray) -> shapely.Geometry | None:
        """The union of the ``kept`` polygons (bool, shape (n,)) if they are known to be disjoint."""
        start = self._unequal(self._of(kept), self._upward)
        start = start[np.argsort(self._key[start], kind="stable")]
        first, count = _runs(self._key[start])
        start = start[first[count % 2 == 1]]
        total = self._area[kept].sum()
        ring, which = np.unique(self._ring(start), return_inverse=True)
        left = self._left(ring)[which]
        if not len(start) or abs(self._bounded(start, left) - total) > _PLAIN * total:
            return None
        edge = np.sort(start)
        meeting, count = np.unique(self._vertex[[edge, edge + 1]], return_inverse=True, return_counts=True)[1:]
        vertex, chain = _chains(edge, count[meeting.reshape(2, -1)[1]] > 2)
        with np.errstate(invalid="ignore"):  # GEOS leaves the processor's flag behind, not a wrong result
            faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(self._xy[vertex], indices=chain)))
        land = faces[self._covered(faces, start, left)]
        if abs(shapely.area(land).sum() - total) > 1e-12 * total:
            return None
        union = land[0] if len(land) == 1 else shapely.multipolygons(land)
        return union if shapely.is_valid(union) else None

    def suspects(self, kept: np.ndarray) -> np.ndarray:
        """Polygons of the ``kept`` without which the others are likely to be disjoint: of polygons drawn twice the
        later one, of two that cross or hold one another the one that does so with more. Bool, shape (n,)."""
        count = len(self._group)
        repeated, loose = self._repeated_and_loose(self._of(kept))
        found = repeated.copy()
        owner = self._owner[self._ring(loose)]
        chains, row, inside = self._lines(loose[~repeated[owner]])
        a, b = shapely.STRtree(chains).query(chains, predicate="intersects")
        a, b = a[a < b], b[a < b]
        cross = shapely.relate_pattern(chains[a], chains[b], "T********")
        point, holder = shapely.STRtree(np.where(kept, self._group, None)).query(inside)
        point, holder = point[row[point] != holder], holder[row[point] != holder]
        held = shapely.within(inside[point], self._group[holder])
        a = np.concatenate([row[a[cross]], row[point[held]]])
        b = np.concatenate([row[b[cross]], holder[held]])
        # Of two the one with more loose edges, then the one that meets more others.
        blame = np.bincount(owner, minlength=count) / np.bincount(self._owner, self._size - 1, minlength=count)
        blame += np.bincount(np.concatenate([a, b]), minlength=count) / (1000 + len(a))
        found[np.where(blame[a] > blame[b], a, np.where(blame[a] < blame[b], b, np.maximum(a, b)))] = True
        return found

    def _of(self, kept: np.ndarray) -> np.ndarray:
        """Which edges are drawn by the ``kept`` polygons."""
        return self._real if kept.all() else self._real & np.repeat(kept[self._owner], self._size)[:-1]

    def _ring(self, edge: np.ndarray) -> np.ndarray:
        return np.searchsorted(self._end, edge, side="right")

    def _unequal(self, used: np.ndarray, forward: np.ndarray, several: bool = False) -> np.ndarray:
        """Those of the ``used`` edges that may be drawn more often one way than the other, or, where ``several``, more
        than twice: all that are, and few others. Sorting all edges to know would take five times as long.

        Edges are thrown into buckets by some bits of their key, where other bits of it add up, or subtract if the edge
        runs the other way: a bucket with nothing left holds only edges that cancel.
        """
        bucket = (self._key >> np.uint64(64 - self._bits)).astype(np.int64)
        weight = (self._key & _WEIGHT).astype(np.float64)
        np.negative(weight, out=weight, where=forward)
        weight[~used] = 0.0
        unequal = np.bincount(bucket, weight, 1 << self._bits) != 0
        if several:
            unequal |= np.bincount(bucket[used], minlength=1 << self._bits) > 2
        return np.flatnonzero(unequal[bucket] & used)

    def _bounded(self, start: np.ndarray, left: np.ndarray) -> float:
        """Area between edges (ordered or not) that have land to their ``left`` or to their right. Where polygons are
        disjoint it is theirs; of a polygon drawn twice it is missing: so most errors are known without faces."""
        (x, y), (to_x, to_y) = (self._xy[start] - self._xy[0]).T, (self._xy[start + 1] - self._xy[0]).T
        cross = x * to_y - to_x * y
        return np.where(left, cross, -cross).sum() / 2

    def _covered(self, faces: np.ndarray, start: np.ndarray, left: np.ndarray) -> np.ndarray:
        """Which faces between edges (ordered by key) lie on the side where the polygons that draw these edges lie,
        their ``left`` or right: all edges of a face say the same, its first one is asked."""
        shell = shapely.get_exterior_ring(faces)
        xy, size = shapely.get_coordinates(shell), shapely.get_num_coordinates(shell)
        first = np.cumsum(size) - size
        one, other = _hash(xy[first]), _hash(xy[first + 1])
        place = np.searchsorted(self._key[start], one + other)
        same_way = (one < other) == self._upward[start[place]]
        return same_way == (left[place] == _turns_left(xy, size))

    def _left(self, ring: np.ndarray) -> np.ndarray:
        """Whether the polygon lies to the left of the ring."""
        vertex = np.flatnonzero(np.isin(np.arange(len(self._size)), ring).repeat(self._size))
        return _turns_left(self._xy[vertex], self._size[ring]) == self._exterior[ring]

    def _repeated_and_loose(self, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which polygons draw an edge that an earlier one has drawn the same way (bool, shape (n,)); and the edges
        nobody draws the other way, in order."""
        left = _turns_left(self._xy, self._size) == self._exterior
        forward = self._upward == np.repeat(left, self._size)[:-1]
        edge = self._unequal(used, forward, several=True)
        edge = edge[np.argsort(self._key[edge], kind="stable")]
        forward, owner = forward[edge], self._owner[self._ring(edge)]
        length = _runs(self._key[edge])[1]
        run = np.repeat(np.arange(len(length)), length)
        ways = np.bincount(run, forward), np.bincount(run, ~forward)
        again = np.flatnonzero(np.maximum(*ways)[run] > 1)
        again = again[np.lexsort((owner[again], forward[again], run[again]))]
        same = (np.diff(run[again]) == 0) & (forward[again][1:] == forward[again][:-1])
        repeated = np.zeros(len(self._group), dtype=bool)
        repeated[owner[again[1:][same]]] = True
        return repeated, np.sort(edge[(np.minimum(*ways) == 0)[run]])

    def _lines(self, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges of each polygon that has any, as one multilinestring; that polygon's row; and a point of it in the
        middle of a chain."""
        vertex, chain = _chains(start)
        first, length = np.unique(chain, return_index=True, return_counts=True)[1:]
        lines = shapely.linestrings(self._xy[vertex], indices=chain)
        owner = self._owner[self._ring(vertex[first])]
        order = np.argsort(owner, kind="stable")
        row, index = np.unique(owner[order], return_inverse=True)
        middle = np.zeros(len(row), dtype=np.int64)
        middle[index] = vertex[first + length // 2][order]
        return shapely.multilinestrings(lines[order], indices=index), row, shapely.points(self._xy[middle])


def vertex_sums(group: np.ndarray) -> np.ndarray:
    """64 bits of the vertices of each polygon: equal for polygons of equal vertices, whichever they start at and
    whichever way they turn; shape (n,)."""
    rings, owner, _ = _rings(group)
    count = shapely.get_num_coordinates(rings)
    vertex = _hash(shapely.get_coordinates(rings))
    vertex[np.cumsum(count) - 1] = 0  # a ring's last vertex is its first
    sums = np.zeros(len(group), dtype=np.uint64)
    np.add.at(sums, np.repeat(owner, count), vertex)
    return sums


def _rings(group: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rings of polygons, a polygon of one ring for its ring; the row each is of; whether it is an outer one."""
    single = (shapely.get_type_id(group) == shapely.GeometryType.POLYGON) & (shapely.get_num_interior_rings(group) == 0)
    if single.all():
        return group, np.arange(len(group)), single
    parts, owner = shapely.get_parts(group[~single], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    exterior = np.r_[True, np.diff(part) != 0][: len(part)]
    alone = np.flatnonzero(single)
    return (
        np.concatenate([group[alone], rings]),
        np.concatenate([alone, np.flatnonzero(~single)[owner[part]]]),
        np.concatenate([single[alone], exterior]),
    )


def _runs(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of equal keys begins, and how long it is."""
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]][: len(key)])
    return first, np.diff(np.r_[first, len(key)])


def _chains(start: np.ndarray, ends: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of edges (ordered) that follow one another, and the number of the chain each belongs to.

    :param ends: of each edge whether a chain ends with it in any case, bool.
    """
    last = np.r_[np.diff(start) != 1, True][: len(start)]
    if ends is not None:
        last |= ends
    chain = np.cumsum(last) - last
    vertex, chain = np.concatenate([start, start[last] + 1]), np.concatenate([chain, chain[last]])
    order = np.argsort(chain, kind="stable")
    return vertex[order], chain[order]


def _hash(xy: np.ndarray) -> np.ndarray:
    """64 bits of each vertex, well mixed (the constants are odd, without pattern)."""
    x, y = (xy + 0.0).view(np.uint64).T  # -0.0 is 0.0
    mixed = x * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(32)
    mixed += y
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(32)
    return mixed * np.uint64(0xD6E8FEB86659FD93)


def _turns_left(xy: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Whether each ring, of so many vertices, runs counter-clockwise."""
    starts = np.cumsum(size) - size
    x, y = (xy - np.repeat(xy[starts], size, axis=0)).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y  # from a ring's end (0, 0) to the next: nothing
    return np.add.reduceat(cross, starts) > 0
