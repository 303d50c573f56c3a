"""Call-outs: where the numbered labels of findings stand on a map page, and the leaders from them to the land.

Labels stand in columns left and right of the town, in rows above and below it, or in both, whichever gives most labels
the shortest leaders: each side's labels are as near to level with their anchors as their neighbours let them (exact, by
dynamic programming over the free places), then leaders that cross are exchanged, which shortens them each time. Columns
and rows lie about an area that is convex, so that no leader runs under a label. What finds no place there is tried
close to its anchor: outside the town first, then inside it. Last, labels whose leader is long go into bays of the town.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .leaders import Page, crossings, entangled, grown, near_places, passing, taken

MARGIN = 2.0  # mm between the frame's line and a label
GAP = 1.2  # between labels
CLEAR = 2.5  # between a label and the town, a box to avoid or another finding's anchor
DETOUR = 12.0  # rather than this much further, a label close to its anchor stands over the subject
LONG, SHORTER = 1.5, 0.6  # widths of its label: a longer leader is mended where another is shorter by this factor
SHORTEST = 3.0  # a leader in a column or row
_STEP = 0.25  # between the places along a column or row that are tried
_ROW = 1.2  # a leader to a row counts for so much longer: columns read better
_PASSING = 1.0  # a leader should not pass another's anchor closer than this
# Where a label's middle lies from the end of its leader, in halves of its size: above, below, left, right of the town.
_WAYS = np.array([[0, -1], [0, 1], [-1, 0], [1, 0]])


@dataclass(frozen=True)
class Placed:
    """Call-outs in page millimetres, in the order of their anchors; NaN where there was no place.

    ``boxes``: (n, 4) left, top, right, bottom. ``leaders``: (n, 2, 2) from the label's edge to the anchor.
    ``inside``: (n,) True where the label stands over the town, or touches it to the eye.
    """

    boxes: np.ndarray
    leaders: np.ndarray
    inside: np.ndarray


@dataclass
class _Side:
    """A column (``axis`` 1) or row (``axis`` 0) of labels.

    ``line``: where its leaders end, in the other coordinate. ``out``: the way from the town, -1 or 1.
    ``pitch``: from label to label. ``free``: places along it where a label's middle may be.
    """

    axis: int
    out: int
    line: float
    pitch: float
    free: np.ndarray

    def room(self) -> int:
        """How many labels fit."""
        count, last = 0, -np.inf
        while (i := np.searchsorted(self.free, last + self.pitch)) < len(self.free):
            count, last = count + 1, self.free[i]
        return count

    def distances(self, anchors: np.ndarray) -> np.ndarray:
        """Length of a level leader from each anchor; infinite for one that is beyond the line."""
        away = self.out * (self.line - anchors[:, 1 - self.axis])
        return np.where(away < SHORTEST, np.inf, away * (1 if self.axis else _ROW))

    def spread(self, wanted: np.ndarray) -> np.ndarray:
        """Places for labels that would like to be at ``wanted`` (ascending, no more than there is room for): the least
        sum of squared distances that keeps their order and the pitch."""
        free = self.free
        before = np.searchsorted(free, free - self.pitch + 1e-9, side="right") - 1  # the last place for the one before
        cost, steps, rows = (free - wanted[0]) ** 2, [], np.arange(len(free))
        for place in wanted[1:]:
            least = np.minimum.accumulate(cost)
            steps.append(np.maximum.accumulate(np.where(cost <= least, rows, 0))[before])
            cost = (free - place) ** 2 + np.where(before >= 0, least[before], np.inf)
        chosen = [int(np.argmin(cost))]
        for step in reversed(steps):
            chosen.append(int(step[chosen[-1]]))
        return free[chosen[::-1]]

    def points(self, along: np.ndarray) -> np.ndarray:
        """Ends of leaders on the page, shape (n, 2), for places along the side."""
        across = np.full(len(along), self.line)
        return np.column_stack([across, along] if self.axis else [along, across])


@np.errstate(invalid="ignore")  # GEOS leaves the processor's flag behind, not a wrong result
def place(anchors, sizes, frame, subject=None, avoid=(), near: bool = False) -> Placed:
    """Find places for call-outs. The same input gives the same result.

    No placed label covers another, an anchor that is not its own, or a box to avoid; no leader crosses another leader,
    a label or such a box.

    :param anchors: (n, 2), a point on each finding, the most important first: it is served first. One that is NaN or
        outside the frame gets no label. A few hundred at most: the time grows with the square.
    :param sizes: (n, 2), width and height of each label. Places are as large as the largest.
    :param frame: left, top, right, bottom of the map's frame; labels stand inside.
    :param subject: the town's outline on the page, a valid polygon or multipolygon, simplified; or None.
    :param avoid: (k, 4), boxes that neither labels nor leaders cover: north arrow, inset, scale bar.
    :param near: each close to its anchor, none in columns and rows about them all.
    """
    anchors, sizes = np.reshape(anchors, (-1, 2)).astype(float), np.reshape(sizes, (-1, 2)).astype(float)
    frame, avoid = np.asarray(frame, dtype=float), np.reshape(avoid, (-1, 4)).astype(float)
    subject = None if subject is None or subject.is_empty else subject
    placed = Placed(
        np.full((len(anchors), 4), np.nan), np.full((len(anchors), 2, 2), np.nan), np.zeros(len(anchors), dtype=bool)
    )
    rows = np.flatnonzero(((anchors >= frame[:2]) & (anchors <= frame[2:])).all(axis=1))
    if not len(rows):
        return placed
    page = Page(grown(frame, -MARGIN), subject, avoid, anchors[rows])
    ends = np.full((len(rows), 2), np.nan)
    boxes = np.full((len(rows), 4), np.nan)
    if not near:
        ends, side = _around(page, sizes[rows].max(axis=0))
        boxes = _boxes(ends, side, sizes[rows])
        boxes[entangled(page.anchors, ends, boxes, avoid)] = np.nan
    leaders = np.stack([ends, page.anchors], axis=1)
    over = np.zeros(len(rows), dtype=bool)
    near_places(page, sizes[rows], boxes, leaders, over, GAP, CLEAR, DETOUR if near else np.inf)
    _into_bays(page, sizes[rows], boxes, leaders, over)
    leaders[np.isnan(boxes[:, 0])] = np.nan
    placed.boxes[rows], placed.leaders[rows], placed.inside[rows] = boxes, leaders, over
    return placed


def _around(page: Page, slot: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of leaders, shape (n, 2), and the way their label stands from there (``_WAYS``), -1 for no place."""
    best = None
    for sides in _arrangements(page, slot):
        assigned = _assign(page.anchors, sides)
        ends = np.full(page.anchors.shape, np.nan)
        length = 0.0
        for i, side in enumerate(sides):
            rows = np.flatnonzero(assigned == i)
            if len(rows):
                rows = rows[np.argsort(page.anchors[rows, side.axis], kind="stable")]
                ends[rows] = side.points(side.spread(page.anchors[rows, side.axis]))
                length += np.hypot(*(ends[rows] - page.anchors[rows]).T).sum() * (1 if side.axis else _ROW)
        score = ((assigned >= 0).sum(), -length)
        if best is None or score > best[0]:
            best = score, sides, assigned, ends
    if best is None:
        return np.full(page.anchors.shape, np.nan), np.full(len(page.anchors), -1)
    _, sides, assigned, ends = best
    ways = np.array([2 * side.axis + (side.out > 0) for side in sides])
    way = np.where(assigned >= 0, ways[assigned], -1)
    rows = np.flatnonzero(assigned >= 0)
    order = _uncross(page.anchors[rows], ends[rows])
    ends[rows], way[rows] = ends[rows][order], way[rows][order]
    return ends, way


def _arrangements(page: Page, slot: np.ndarray):
    """The sides to try: columns; rows; rows with columns between them, close to the town and at the frame's edges."""
    held = page.frame
    town = grown(page.bounds(), CLEAR)
    near = np.concatenate([np.maximum(town[:2], held[:2] + slot), np.minimum(town[2:], held[2:] - slot)])
    far = np.concatenate([held[:2] + slot, held[2:] - slot])

    def sides(axis: int, lines: np.ndarray, span: tuple[float, float]) -> list[_Side]:
        both = [(-1, lines[1 - axis]), (1, lines[3 - axis])]
        return [
            _Side(axis, out, line, slot[axis] + GAP, _free(page, axis, out, line, span, slot)) for out, line in both
        ]

    def ring(lines: np.ndarray) -> list[_Side]:
        above_below = sides(0, lines, held[[0, 2]])
        for side in above_below:  # their leaders stay between the columns' lines
            side.free = side.free[(side.free >= near[0]) & (side.free <= near[2])]
        return above_below + sides(1, near, lines[[1, 3]] + [GAP, -GAP])

    for arrangement in (sides(1, near, held[[1, 3]]), sides(0, near, held[[0, 2]]), ring(near), ring(far)):
        kept = [side for side in arrangement if len(side.free)]
        if kept:
            yield kept


def _free(page: Page, axis: int, out: int, line: float, span: tuple[float, float], slot: np.ndarray) -> np.ndarray:
    """The places along a side where a label's slot covers nothing."""
    half, across = slot[axis] / 2, slot[1 - axis]
    places = np.arange(span[0] + half, span[1] - half + 1e-9, _STEP)
    if not len(places):
        return places
    strip = np.empty(4)
    strip[[axis, axis + 2]] = span
    strip[[1 - axis, 3 - axis]] = sorted((line, line + out * across))
    blocked = page.obstacles(strip, CLEAR)[:, [axis, axis + 2]]
    covered = (places[:, None] + half > blocked[:, 0]) & (places[:, None] - half < blocked[:, 1])
    return places[~covered.any(axis=1)]


def _assign(anchors: np.ndarray, sides: list[_Side]) -> np.ndarray:
    """The side of each anchor, -1 for none: the nearest with room; who would lose most by another goes first."""
    room = np.array([side.room() for side in sides])
    distance = np.column_stack([side.distances(anchors) for side in sides])
    assigned = np.full(len(anchors), -1)
    # One that is beyond a side would have its leader run between that side's labels.
    served = np.flatnonzero(np.isfinite(distance).all(axis=1))[: room.sum()]
    first = np.sort(distance[served], axis=1)
    regret = first[:, 1] - first[:, 0] if len(sides) > 1 else np.zeros(len(served))
    for row in served[np.argsort(-regret, kind="stable")]:
        side = int(np.argmin(np.where(room > 0, distance[row], np.inf)))
        assigned[row] = side
        room[side] -= 1
    return assigned


def _uncross(anchors: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which end each anchor's leader should have, a permutation: leaders that cross, or pass an anchor closely,
    exchange ends where that makes them shorter together. It ends, since the sum of lengths falls each time."""
    order = np.arange(len(anchors))
    length = np.hypot(*(anchors[:, None] - ends[None]).transpose(2, 0, 1))
    while len(anchors) > 1:
        now = ends[order]
        tangled = crossings(anchors, now) | passing(anchors, now, _PASSING)
        i, j = np.nonzero(np.triu(tangled | tangled.T, 1))
        saved = length[i, order[i]] + length[j, order[j]] - length[i, order[j]] - length[j, order[i]]
        exchanged: set[int] = set()
        for k in np.argsort(-saved, kind="stable"):
            if saved[k] > 1e-9 and not exchanged & {i[k], j[k]}:
                exchanged |= {i[k], j[k]}
                order[[i[k], j[k]]] = order[[j[k], i[k]]]
        if not exchanged:
            break
    return order


def _into_bays(page: Page, sizes: np.ndarray, boxes: np.ndarray, leaders: np.ndarray, over: np.ndarray) -> None:
    """Labels with a long leader into a bay of the town, where one is close to their anchor; the longest first."""
    length = np.hypot(*(leaders[:, 0] - leaders[:, 1]).T)
    far = np.flatnonzero((length > LONG * sizes[:, 0]) & ~np.isnan(boxes[:, 0]))
    for row in far[np.argsort(-length[far], kind="stable")]:
        before = boxes[row].copy(), leaders[row].copy(), over[row]
        boxes[row] = np.nan
        near_places(page, sizes, boxes, leaders, over, GAP, CLEAR, rows=[row])
        off = not np.isnan(boxes[row, 0]) and not over[row]
        if not off or np.hypot(*(leaders[row, 0] - leaders[row, 1])) > SHORTER * length[row]:
            boxes[row], leaders[row], over[row] = before


def _boxes(ends: np.ndarray, way: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Labels (n, 4) at the ends of their leaders."""
    middle = ends + np.where(way[:, None] >= 0, _WAYS[way], 0) * sizes / 2
    return taken(middle, sizes)
