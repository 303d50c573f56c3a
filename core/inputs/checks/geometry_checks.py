"""Geometry that is missing, broken, thin or spiked."""

from __future__ import annotations

import re

import numpy as np
import shapely

from ...errors import Issue
from ...threads import map_chunks
from ..repair import polygon_parts, repair, star_shaped
from .listing import Listing

SLIVER_WIDTH_M, SLIVER_AREA_M2 = 0.2, 1.0  # thinner or smaller than any patch of a survey
SPIKE_DEGREES, SPIKE_LENGTH_M = 1.0, 0.5
_PLACE = re.compile(r"^(.*?)\[(\S+) (\S+)\]$")
# What GEOS calls a fault, in the words of the catalogue; whatever else it says is 'check_invalid'.
_FAULTS = {
    "Self-intersection": "check_self_crossing",
    "Ring Self-intersection": "check_self_touching",
    "Interior is disconnected": "check_self_touching",
    "Hole lies outside shell": "check_hole_outside",
    "Holes are nested": "check_rings_nested",
    "Nested shells": "check_rings_nested",
    "Duplicate Rings": "check_rings_nested",
}


def checked_polygons(geometry: np.ndarray, fid: np.ndarray, layer: str, metric: bool, listing: Listing) -> np.ndarray:
    """The valid polygons of a batch, those that are not being repaired, None for what covers nothing; faults listed.

    geometry: (n,) as delivered, in the CRS the check works in; metric: whether that is metres, which thin and spiked
    features are told by.
    """
    polygons = geometry.copy()
    missing, empty = shapely.is_missing(geometry), shapely.is_empty(geometry)
    listing.add_rows("check_null", "warning", layer, fid[missing])
    listing.add_rows("check_empty", "warning", layer, fid[empty])
    kind = shapely.get_type_id(geometry)
    other = np.flatnonzero(~missing & ~empty & (kind != 3) & (kind != 6))
    for row in other:
        polygons[row] = polygon_parts(geometry[row])
    listing.add_rows("check_not_polygon", "warning", layer, fid[other], geometry=geometry[other])
    polygons[missing | empty] = None
    doubtful = np.flatnonzero(~star_shaped(polygons) & ~shapely.is_missing(polygons))
    for row in doubtful[~map_chunks(shapely.is_valid, polygons[doubtful])]:
        polygons[row] = _broken(polygons[row], str(fid[row]), layer, listing)
    if metric:
        _slivers(polygons, fid, layer, listing)
        _spikes(polygons, fid, layer, listing)
    return polygons


def _broken(polygon: shapely.Geometry, feature: str, layer: str, listing: Listing) -> shapely.Geometry | None:
    """List what is wrong and where; the polygon repaired as the review does, None where it cannot be."""
    if not np.isfinite(shapely.get_coordinates(polygon)).all():
        listing.add(Issue("check_bad_coordinates", "error", layer, feature))
        return None
    reason = shapely.is_valid_reason(polygon)
    parsed = _PLACE.match(reason)
    fault = _FAULTS.get(parsed[1] if parsed else reason, "check_invalid")
    place = shapely.Point(float(parsed[2]), float(parsed[3])) if parsed else shapely.centroid(polygon)
    details = {"reason": parsed[1] if parsed else reason} if fault == "check_invalid" else {}
    try:
        mended = repair(polygon)
    except shapely.errors.GEOSException:
        mended = None
    severity = "error" if mended is None else "warning"
    listing.add(Issue(fault, severity, layer, feature, details, None if shapely.is_empty(place) else place))
    return mended


def _slivers(polygons: np.ndarray, fid: np.ndarray, layer: str, listing: Listing) -> None:
    area, length = shapely.area(polygons), shapely.length(polygons)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = 2 * area / length
        rows = np.flatnonzero((area > 0) & ((width < SLIVER_WIDTH_M) | (area < SLIVER_AREA_M2)))
    listing.add_rows(
        "check_sliver", "notice", layer, fid[rows],
        lambda row: {"width": float(width[rows[row]]), "area_m2": float(area[rows[row]])}, polygons[rows],
    )  # fmt: skip


def _spikes(polygons: np.ndarray, fid: np.ndarray, layer: str, listing: Listing) -> None:
    """The sharpest vertex of each feature that has one under the limit between two edges of some length."""
    rings, owner = _rings(polygons)
    if not len(rings):
        return
    xy = shapely.get_coordinates(rings)
    # From each vertex to the next; from a ring's last, which is its first again, on to its second.
    ends = np.cumsum(shapely.get_num_coordinates(rings))
    starts, last = np.r_[0, ends[:-1]], ends - 1
    step = np.empty_like(xy)
    step[:-1] = xy[1:] - xy[:-1]
    step[last] = step[starts]
    x, y = step.T
    with np.errstate(over="ignore", invalid="ignore"):
        sharp = 1 + np.flatnonzero(x[:-1] * x[1:] + y[:-1] * y[1:] < 0)
        sharp = np.setdiff1d(sharp, starts, assume_unique=True)
        back, on = -step[sharp - 1], step[sharp]
        dot, cross = np.einsum("ij,ij->i", back, on), back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0]
        length = np.minimum(np.hypot(*back.T), np.hypot(*on.T))
        kept = (np.abs(cross) < np.tan(np.radians(SPIKE_DEGREES)) * dot) & (length > SPIKE_LENGTH_M)
    sharp, length, angle = sharp[kept], length[kept], np.degrees(np.arctan2(np.abs(cross[kept]), dot[kept]))
    rows = owner[np.searchsorted(ends, sharp, side="right")]
    order = np.lexsort((angle, rows))
    _, of_row = np.unique(rows[order], return_index=True)
    kept = order[of_row]
    listing.add_rows(
        "check_spike", "notice", layer, fid[rows[kept]],
        lambda row: {"angle": float(angle[kept[row]]), "length": float(length[kept[row]])},
        xy[sharp[kept]],
    )  # fmt: skip


def _rings(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All rings, and the row of each. A polygon of one ring stands for it: to take that out would copy it."""
    plain = (shapely.get_type_id(polygons) == 3) & (shapely.get_num_interior_rings(polygons) == 0)
    parts, row = shapely.get_parts(polygons[~plain], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)[row[part]]])
    return np.concatenate([polygons[plain], rings]), owner
