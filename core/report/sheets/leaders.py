"""The geometry of call-outs on a page: which leaders cross, what they and labels cover, places close to an anchor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

TOUCH = 0.05  # mm; what is closer is one to the eye
_AWAY = np.array([5.0, 8, 12, 17, 24, 34, 48, 68])  # mm from an anchor to a label close to it
_AT_ONCE = 24  # places looked at together: most often one of the first is free
# To the right first, then to the left, then ever steeper.
_TURNS = np.radians([0, 180, *(turn for up in range(15, 90, 15) for turn in (up, -up, 180 - up, 180 + up)), 90, 270])


@dataclass
class Page:
    """What the labels have to reckon with, in page millimetres.

    ``frame``: left, top, right, bottom within which labels stand. ``subject``: polygonal, or None.
    ``avoid``: (k, 4) boxes. ``anchors``: (n, 2).
    """

    frame: np.ndarray
    subject: shapely.Geometry | None
    avoid: np.ndarray
    anchors: np.ndarray

    def bounds(self) -> np.ndarray:
        """Of the subject and all anchors."""
        points = shapely.multipoints(self.anchors)
        return shapely.total_bounds([points] if self.subject is None else [points, self.subject])

    def obstacles(self, strip: np.ndarray, clear: float) -> np.ndarray:
        """Boxes (k, 4) that cover all that a label in a strip must not, grown by ``clear``."""
        town = np.empty((0, 4))
        if self.subject is not None:
            parts = shapely.get_parts(shapely.clip_by_rect(self.subject, *grown(strip, clear)))
            town = shapely.bounds(parts[~shapely.is_empty(parts)])
        boxes = grown(np.concatenate([self.avoid, np.tile(self.anchors, 2), town]), clear)
        return boxes[_overlap(boxes, strip[None])[:, 0]]

    @cached_property
    def _town(self) -> shapely.Geometry | None:
        shapely.prepare(self.subject)
        return self.subject

    def over_subject(self, boxes: np.ndarray, clear: float) -> np.ndarray:
        """Whether each box, grown by ``clear``, covers some of the subject."""
        if self.subject is None:
            return np.zeros(len(boxes), dtype=bool)
        return shapely.intersects(self._town, shapely.box(*grown(boxes, clear).T))


def grown(boxes: np.ndarray, by: float) -> np.ndarray:
    """Boxes (…, 4) larger by so much on each side."""
    return boxes + np.array([-by, -by, by, by])


def taken(middle: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Boxes (n, 4) about their middles."""
    return np.concatenate([middle - sizes / 2, middle + sizes / 2], axis=1)


def crossings(anchors: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which leaders cross which, (n, n); one that only touches another does not cross it."""
    return _cross(anchors, ends, anchors, ends)


def passing(anchors: np.ndarray, ends: np.ndarray, limit: float) -> np.ndarray:
    """Which leaders (rows) pass closer than a limit by which anchors; anchors that are themselves so close excepted."""
    apart = np.hypot(*(anchors[:, None] - anchors[None]).transpose(2, 0, 1)) > limit
    return (_distance(anchors, ends, anchors) < limit) & apart


def entangled(anchors: np.ndarray, ends: np.ndarray, boxes: np.ndarray, avoid: np.ndarray) -> np.ndarray:
    """Which call-outs have to go (n,) so that no leader of the others crosses a leader, label or box to avoid. Of two
    that are in each other's way the less important goes. NaN is in nobody's way."""
    gone = passing(anchors, ends, TOUCH).any(axis=1) | _through(anchors, ends, avoid).any(axis=1)
    through = _through(anchors, ends, boxes)
    np.fill_diagonal(through, False)
    clash = crossings(anchors, ends) | through | through.T
    for row in np.flatnonzero(clash.any(axis=1)):
        gone[row] |= (clash[row, :row] & ~gone[:row]).any()
    return gone


def near_places(
    page: Page, sizes: np.ndarray, boxes: np.ndarray, leaders: np.ndarray, over: np.ndarray, gap: float, clear: float,
    detour: float = np.inf, rows: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Give those whose box is NaN, or ``rows`` of them, a place close to their anchor, if there is one; fills ``boxes``
    (n, 4), ``leaders`` (n, 2, 2) and ``over`` (n,), whether the label stands over the subject or close by: only where
    no place off it is free that is less than ``detour`` mm further away."""
    shift = np.column_stack([np.cos(_TURNS), np.sin(_TURNS)])
    shift, away = np.tile(shift, (len(_AWAY), 1)), np.repeat(_AWAY, len(_TURNS))[:, None]
    kept_off = grown(np.concatenate([page.avoid, np.tile(page.anchors, 2)]), clear)
    for row in np.flatnonzero(np.isnan(boxes[:, 0])) if rows is None else rows:
        anchor, size = page.anchors[row], sizes[row]
        tried = taken(anchor + shift * (away + size / 2), size)
        inside = ((tried[:, :2] >= page.frame[:2]) & (tried[:, 2:] <= page.frame[2:])).all(axis=1)
        tried, far = tried[inside], away[inside, 0]
        there = np.flatnonzero(~np.isnan(boxes[:, 0]))
        free = ~_overlap(tried, np.concatenate([grown(boxes[there], gap), kept_off])).any(axis=1)
        tried, far = tried[free], far[free]
        covers = page.over_subject(tried, clear / 2)
        # Outside the town first, then the nearest.
        order = np.argsort(np.where(covers, far + min(detour, 1e6), far), kind="stable")
        for some in np.split(order, np.arange(_AT_ONCE, len(order), _AT_ONCE)):
            ends = _facing(tried[some], anchor)
            free = np.flatnonzero(~_in_the_way(page, anchor, tried[some], ends, boxes[there], leaders[there], gap))
            if len(free):
                best = some[free[0]]
                boxes[row], over[row], leaders[row] = tried[best], covers[best], [ends[free[0]], anchor]
                break


def _in_the_way(
    page: Page,
    anchor: np.ndarray,
    tried: np.ndarray,
    ends: np.ndarray,
    boxes: np.ndarray,
    leaders: np.ndarray,
    gap: float,
) -> np.ndarray:
    """Which of the places tried for one anchor have a leader, or are on a leader, that covers what is placed."""
    start = np.broadcast_to(anchor, ends.shape)
    others, stops = leaders[:, 1], leaders[:, 0]
    bad = _cross(start, ends, others, stops).any(axis=1)
    bad |= _through(start, ends, np.concatenate([grown(boxes, gap), page.avoid])).any(axis=1)
    bad |= _through(others, stops, grown(tried, gap / 2)).any(axis=0)
    apart, close = np.hypot(*(page.anchors - anchor).T), _distance(start, ends, page.anchors)
    for limit in (TOUCH, gap):
        bad |= ((close < limit) & (apart > limit)).any(axis=1)
    on_a_leader = _distance(others, stops, anchor[None])[:, 0] < TOUCH
    return bad | (on_a_leader & (np.hypot(*(others - anchor).T) > TOUCH)).any()


def _facing(boxes: np.ndarray, anchor: np.ndarray) -> np.ndarray:
    """Of each box the middle of an edge that faces an anchor outside it, the nearest such."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    edges = np.stack([middle] * 4, axis=1)  # left, top, right, bottom
    for edge in range(4):
        edges[:, edge, edge % 2] = boxes[:, edge]
    faces = np.column_stack([boxes[:, :2] > anchor, boxes[:, 2:] < anchor])
    distance = np.hypot(*(edges - anchor).transpose(2, 0, 1))
    return edges[np.arange(len(boxes)), np.argmin(np.where(faces, distance, np.inf), axis=1)]


def _overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which boxes share more than an edge, (m, k)."""
    one, other = (
        one.T[:, :, None],
        other.T[:, None],
    )  # coordinate by coordinate: reductions over two take five times longer
    return (one[0] < other[2]) & (other[0] < one[2]) & (one[1] < other[3]) & (other[1] < one[3])


def _cross(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Which segments a → b cross which c → d, (m, k)."""
    a, b, c, d = a.T[:, :, None], b.T[:, :, None], c.T[:, None], d.T[:, None]
    return (_turn(a, b, c) * _turn(a, b, d) < 0) & (_turn(c, d, a) * _turn(c, d, b) < 0)


def _turn(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """On which side of a → b lies c."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _distance(a: np.ndarray, b: np.ndarray, points: np.ndarray) -> np.ndarray:
    """From each segment a → b to each point, (m, k)."""
    along = (b - a).T[:, :, None]
    away = points.T[:, None] - a.T[:, :, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (away[0] * along[0] + away[1] * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = np.minimum(np.maximum(share, 0), 1)
    return np.hypot(away[0] - share * along[0], away[1] - share * along[1])


def _through(a: np.ndarray, b: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which segments a → b touch or cross which boxes, (m, k): in each coordinate they are within it for a stretch of
    their length, and the two stretches meet."""
    enter, leave = np.zeros((len(a), len(boxes))), np.ones((len(a), len(boxes)))
    for axis in (0, 1):
        start, along = a[:, axis, None], (b - a)[:, axis, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = (boxes[:, axis] - start) / along, (boxes[:, axis + 2] - start) / along
        low, high = np.minimum(one, other), np.maximum(one, other)
        level = along[:, 0] == 0
        if level.any():
            within = (boxes[:, axis] <= start[level]) & (start[level] <= boxes[:, axis + 2])
            low[level], high[level] = np.where(within, -np.inf, np.inf), np.where(within, np.inf, -np.inf)
        enter, leave = np.maximum(enter, low), np.minimum(leave, high)
    return enter <= leave
