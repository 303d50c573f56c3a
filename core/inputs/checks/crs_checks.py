"""Whether coordinates fit the CRS they are said to be in, and how well they come into that of the towns."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pyproj
from pyproj.exceptions import ProjError

from ...errors import Issue, RedlineError
from ..crs import Transformation, horizontal
from ..gauss_kruger import CGCS2000, GEOGRAPHIC, PREFIX_STEP, Zone, width_of, zone_of
from ..source import Source

Box = tuple[float, float, float, float]

_LATITUDES, _LONGITUDES = (15.0, 55.0), (70.0, 140.0)  # China's
_NORTHINGS, _EASTINGS = (1_600_000.0, 6_200_000.0), (100_000.0, 900_000.0)  # m, without the zone's number
_SLACK = 0.2  # degrees beyond the area of use: a county is not cut at a zone's edge
_FAR = 1.5  # degrees beyond it: half a zone, where lengths are off by more than any survey


def crs_issues(layer: str, crs: pyproj.CRS | None, box: Box | None) -> list[Issue]:
    """What is doubtful about the CRS of a layer with these bounds (in that CRS); None for a layer without geometry.

    Of severity error: the CRS cannot be the right one, and what is compared with other layers would be wrong.
    """
    crs = horizontal(crs) if crs is not None else None
    if crs is not None and not (crs.is_geographic or crs.is_projected):
        return [Issue("check_crs_local", "error", layer, details={"crs": spoken(crs)})]
    if box is None or not np.isfinite(box).all():
        return [] if crs is not None else [Issue("check_no_crs", "error", layer)]
    if crs is None:
        likely = _likely(box)
        if likely is None:
            return [Issue("check_no_crs", "error", layer)]
        return [Issue("check_no_crs_likely", "error", layer, details={"likely": spoken(likely)})]
    found = _contradiction(layer, crs, box)
    return [found] if found else list(_outside(layer, crs, box))


def spoken(crs: pyproj.CRS) -> str:
    """A CRS as messages name it."""
    code = crs.to_epsg()
    return f"{crs.name} (EPSG:{code})" if code else crs.name


def relation_issues(
    source: Source, target: pyproj.CRS, area: Box | None, allow_ballpark: bool
) -> tuple[list[Issue], Transformation | None]:
    """How good the way from a layer's CRS to that of the towns is, and the operation, None where there is none.

    area: of the towns, west, south, east, north in degrees. Edges are not split: neighbours keep their common vertices.
    """
    layer, names = source.name, {"source": horizontal(source.crs).name, "target": horizontal(target).name}
    try:
        way = Transformation(
            source.crs, target, source.pipeline(target), True, max_edge=math.inf, area=area, layer=layer
        )
    except RedlineError as error:
        return [Issue("check_no_way", "error", layer, details={**names, **_reason(error)})], None
    details = {**names, "operation": way.description, "accuracy": way.accuracy or 0.0}
    if way.identity or (way.accuracy == 0 and not way.ballpark):
        return [], way
    if way.ballpark:
        return [Issue("check_datum_rough", "warning" if allow_ballpark else "error", layer, details=details)], way
    if not way.best_available:
        return [Issue("check_datum_grid", "warning", layer, details=details)], way
    if way.accuracy is None:
        return [Issue("check_datum_unknown", "notice", layer, details=details)], way
    return [Issue("check_datum_other", "notice", layer, details=details)], way


def _contradiction(layer: str, crs: pyproj.CRS, box: Box) -> Issue | None:
    """Coordinates that cannot be in this CRS, by their size alone."""
    said = {"crs": spoken(crs), "x": (box[0] + box[2]) / 2, "y": (box[1] + box[3]) / 2}
    largest = np.abs(box)

    def issue(code: str, likely: pyproj.CRS | None = None) -> Issue:
        details = said | ({"likely": spoken(likely)} if likely else {})
        return Issue(code, "error", layer, details=details)

    if crs.is_geographic:
        if max(largest[0], largest[2]) > 361 or max(largest[1], largest[3]) > 90.01:
            if _lies(box, _LATITUDES, _LONGITUDES):
                return issue("check_axes_swapped")
            likely = _likely(box)
            return issue("check_metres_as_degrees_likely" if likely else "check_metres_as_degrees", likely)
        return None
    if (largest <= 180).all() and max(largest) > 0:
        return issue("check_degrees_as_metres")
    zone = zone_of(crs)
    if zone is None:
        return None
    first, last = (math.floor(x / PREFIX_STEP) for x in (box[0], box[2]))
    if _lies(box, _NORTHINGS, _EASTINGS) or (
        _within(box[0], box[2], _NORTHINGS) and 12 < box[1] // PREFIX_STEP == box[3] // PREFIX_STEP
    ):
        return issue("check_axes_swapped")
    if first != last:
        return None
    if zone.prefixed and first <= 0:
        return issue("check_prefix_missing", zone.with_prefix(False).crs)
    width = width_of(first)
    if zone.prefixed and first != zone.number and width:
        return issue("check_zone_differs", Zone(zone.datum, width, first, True).crs)
    if not zone.prefixed and width:
        return issue("check_prefix_unexpected", Zone(zone.datum, width, first, True).crs)
    return None


def _outside(layer: str, crs: pyproj.CRS, box: Box) -> Iterator[Issue]:
    """Coordinates outside the CRS's area of use."""
    use = crs.area_of_use
    lies = degrees(crs, box)
    if use is None:
        return
    if lies is None:
        yield Issue("check_outside_use", "error", layer, details={"crs": spoken(crs), "use": _degrees(use.bounds)})
        return
    west, south, east, north = use.bounds
    if east < west:  # across the date line
        return
    beyond = max(west - lies[0], lies[2] - east, south - lies[1], lies[3] - north)
    apart = max(west - lies[2], lies[0] - east, south - lies[3], lies[1] - north)
    details = {"crs": spoken(crs), "use": _degrees(use.bounds), "lies": _degrees(lies)}
    if apart > _FAR:
        yield Issue("check_elsewhere", "error", layer, details=details)
    elif apart > 0:
        yield Issue("check_elsewhere", "warning", layer, details=details)
    elif beyond > _SLACK:
        yield Issue("check_beyond_use", "notice", layer, details=details)


def degrees(crs: pyproj.CRS, box: Box) -> Box | None:
    """The box as west, south, east, north in degrees on its own datum; None where it lies nowhere."""
    geodetic = horizontal(crs).geodetic_crs
    if geodetic is None:
        return None
    try:
        to = pyproj.Transformer.from_crs(horizontal(crs), geodetic, always_xy=True)
        lies = to.transform_bounds(*box, densify_pts=21)
    except ProjError:
        return None
    return lies if np.isfinite(lies).all() else None


def _likely(box: Box) -> pyproj.CRS | None:
    """The CRS such coordinates are most likely in; None where several would do."""
    if _lies(box, _LONGITUDES, _LATITUDES):
        return pyproj.CRS.from_epsg(GEOGRAPHIC[CGCS2000])
    number = math.floor(box[0] / PREFIX_STEP) if box[0] < 1e9 else 0
    rest = box[0] - number * PREFIX_STEP, box[2] - number * PREFIX_STEP
    width = width_of(number)
    if width and _within(*rest, _EASTINGS) and _within(box[1], box[3], _NORTHINGS):
        return Zone(CGCS2000, width, number, True).crs
    return None


def _lies(box: Box, x: tuple[float, float], y: tuple[float, float]) -> bool:
    return _within(box[0], box[2], x) and _within(box[1], box[3], y)


def _within(least: float, most: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= least and most <= limits[1]


def _degrees(box: Box) -> str:
    return f"{box[0]:.2f}–{box[2]:.2f}° E, {box[1]:.2f}–{box[3]:.2f}° N"


def _reason(error: RedlineError) -> dict[str, str]:
    return {"reason": str(error.details.get("reason", error.code))}
