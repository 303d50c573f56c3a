"""Polygons the analysis can use: repaired on a copy, and whatever could not be used listed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from ..errors import Issue
from ..threads import map_chunks

FLAGGED_CHANGE_PCT = 0.1

Bounds = tuple[float, float, float, float]

_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7


def usable_polygons(
    geoms: np.ndarray, fid: Sequence[int] | np.ndarray, layer: str
) -> tuple[np.ndarray, list[Issue], list[Bounds]]:
    """The polygon parts of `geoms`, valid.

    geoms: (n,) in the overlay CRS, metres; fid: (n,) how messages name the features; layer: its name in messages.

    Returns (polygons, issues, unusable). polygons: (n,) polygons and multipolygons, None for what cannot be used;
    valid polygons are the very objects given. issues: codes 'no_geometry', 'no_polygon', 'parts_dropped', 'repaired'
    (details: planar before_m2 and after_m2, change_pct), 'bad_coordinates', 'not_repairable', located by boxes.
    unusable: the bounds, where known, of features that do cover ground but could not be used: what lies there is not
    checked.
    """
    polygons = geoms.copy()
    issues: list[Issue] = []
    unusable: list[Bounds] = []
    kind = shapely.get_type_id(geoms)

    missing = shapely.is_missing(geoms) | shapely.is_empty(geoms)
    for row in np.flatnonzero(missing):
        issues.append(Issue("no_geometry", "warning", layer, str(fid[row])))
    polygons[missing] = None

    mixed = ~missing & (kind != _POLYGON) & (kind != _MULTIPOLYGON)
    for row in np.flatnonzero(mixed):
        polygons[row] = polygon_parts(geoms[row])
        code = "no_polygon" if polygons[row] is None else "parts_dropped"
        issues.append(Issue(code, "warning" if code == "no_polygon" else "notice", layer, str(fid[row])))

    # GEOS calls infinite and NaN coordinates invalid too, so only invalid features are looked at one by one.
    doubtful = np.flatnonzero(~star_shaped(polygons) & ~shapely.is_missing(polygons))
    invalid = doubtful[~map_chunks(shapely.is_valid, polygons[doubtful])]
    for row in invalid:
        polygons[row], issue = _repaired(polygons[row], str(fid[row]), layer)
        issues.append(issue)
        if polygons[row] is None and issue.geometry is not None:
            unusable.append(tuple(float(value) for value in shapely.bounds(issue.geometry)))
    return polygons, issues, unusable


def star_shaped(geoms: np.ndarray) -> np.ndarray:
    """Polygons of one ring, all of which is seen from the middle of their bounds: these are valid. bool, shape (n,).

    Seen from there each edge turns the same way (by more than rounding can hide), and all together once around. Most
    patches of a survey are so, and this takes a seventh of the time of GEOS's test, which looks for edges that cross.
    """
    rows = np.flatnonzero(shapely.get_type_id(geoms) == _POLYGON)
    rows = rows[(shapely.get_num_interior_rings(geoms[rows]) == 0) & ~shapely.is_empty(geoms[rows])]
    star = np.zeros(len(geoms), dtype=bool)
    if not len(rows):
        return star
    bounds, count = shapely.bounds(geoms[rows]), shapely.get_num_coordinates(geoms[rows])
    last = np.cumsum(count) - 1
    first = last + 1 - count
    with np.errstate(invalid="ignore", over="ignore"):  # infinite coordinates are for GEOS
        middle, reach = (bounds[:, :2] + bounds[:, 2:]) / 2, (bounds[:, 2:] - bounds[:, :2]).max(axis=1)
        x, y = (shapely.get_coordinates(geoms[rows]) - np.repeat(middle, count, axis=0)).T.copy()
        turn = np.empty_like(x)
        turn[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
        turn[last] = turn[last - 1]  # no edge starts at a ring's last vertex
        least, most = np.minimum.reduceat(turn, first), np.maximum.reduceat(turn, first)
        one_way = np.where(least > 0, least, -most) > 1e-12 * reach**2
        above = y >= 0
        crossings = np.zeros(len(y), dtype=np.int64)
        crossings[:-1] = above[:-1] != above[1:]
        crossings[last] = 0
        star[rows] = one_way & (np.add.reduceat(crossings, first) == 2)
    return star


def polygon_parts(geom: shapely.Geometry) -> shapely.Geometry | None:
    """The polygons in `geom` as one polygon or multipolygon; None where it has none that cover ground."""
    parts = np.array([geom], dtype=object)
    while (shapely.get_type_id(parts) > _POLYGON).any():  # collections may hold collections
        parts = shapely.get_parts(parts)
    parts = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    if not len(parts):
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def repair(geom: shapely.Geometry) -> shapely.Geometry | None:
    """A valid polygon or multipolygon that covers what `geom` means to cover; None where that is nothing.

    Every ring covers what it winds around an odd number of times, as maps fill it; holes are taken out of their
    shell; parts are united. GEOS's other ways differ where a feature is worse than self-touching (there all give the
    same areas): "linework" over a whole feature cuts a hole where two of its parts overlap and adds ground where a
    hole leaves its shell, and buffer(0), which "structure" uses on rings, drops lobes or keeps them depending on the
    sense of rotation. This one never loses ground that the source draws twice.
    """
    parts = shapely.get_parts(geom)
    if len(parts) == 1:
        return polygon_parts(_mended_part(parts[0]))
    return polygon_parts(shapely.union_all([_mended_part(part) for part in parts]))


def _mended_part(polygon: shapely.Polygon) -> shapely.Geometry:
    if shapely.is_valid(polygon):
        return polygon
    rings = shapely.make_valid(shapely.polygons(shapely.get_rings(polygon)))
    shell, holes = polygon_parts(rings[0]), np.array([None, *map(polygon_parts, rings[1:])], dtype=object)[1:]
    # A "hole" wholly outside is a further part that was written with the wrong sense of rotation.
    shapely.prepare(shell)
    apart = shapely.disjoint(shell, holes)
    return shapely.difference(shapely.union_all([shell, *holes[apart]]), shapely.union_all(holes[~apart]))


def _repaired(geom: shapely.Geometry, feature: str, layer: str) -> tuple[shapely.Geometry | None, Issue]:
    xy = shapely.get_coordinates(geom)
    finite = np.isfinite(xy).all(axis=1)
    if not finite.all():
        where = shapely.box(*xy[finite].min(axis=0), *xy[finite].max(axis=0)) if finite.any() else None
        return None, Issue("bad_coordinates", "error", layer, feature, geometry=where)
    where = shapely.box(*shapely.bounds(geom))
    try:
        mended = repair(geom)
    except shapely.errors.GEOSException as error:
        return None, Issue("not_repairable", "error", layer, feature, {"reason": str(error)}, where)
    if mended is None:  # a line or a point drawn as a polygon covers nothing
        return None, Issue("no_polygon", "warning", layer, feature)
    before, after = float(shapely.area(geom)), float(shapely.area(mended))
    change = 100.0 * abs(after - before) / before if before > 0 else 100.0
    details = {"before_m2": before, "after_m2": after, "change_pct": change}
    severity = "warning" if change > FLAGGED_CHANGE_PCT else "notice"
    return mended, Issue("repaired", severity, layer, feature, details, where)
