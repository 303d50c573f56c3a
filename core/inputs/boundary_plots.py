"""A plot of a boundary-point file made a polygon, and what it declares compared with what its points say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyproj
import shapely

from ..errors import Issue, RedlineError
from .boundary_crs import Doubt, Placed, place
from .boundary_rings import Ring, polygon_of, rings_of
from .boundary_txt import Plot
from .gauss_kruger import BEIJING54, XIAN80

HECTARE, MU = 10_000.0, 2000 / 3  # m²
_UNITS = {"公顷": HECTARE, "ha": HECTARE, "hm2": HECTARE, "平方米": 1.0, "m2": 1.0, "亩": MU, "mu": MU}
_SQUARE_METRES, _MUS = {"en": "m²", "zh_CN": "平方米"}, {"en": "mu", "zh_CN": "亩"}
_OLD = {XIAN80: {"en": "Xian 1980", "zh_CN": "1980西安坐标系"},
        BEIJING54: {"en": "Beijing 1954", "zh_CN": "1954北京坐标系"}}  # fmt: skip
_AREA = re.compile(r"(\d+(?:\.(\d*))?)\s*(\D.*)?")
_CLOSE = 0.005  # of an area: planar and official ones differ by less
_METRES_PER_DEGREE = 111_000.0


@dataclass
class Shape:
    """A plot that can be used: its polygon in its own CRS, number of rings, and warnings on it (codes, details)."""

    plot: Plot
    polygon: shapely.Geometry
    placed: Placed
    rings: int
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(frozen=True)
class Declared:
    """An area as declared: m² by its unit (ha where none is written), m² of its last digit, whether it has a unit."""

    m2: float
    digit: float
    unit: bool


def shape_of(plot: Plot, file: str, given: pyproj.CRS | None = None) -> tuple[Shape | None, list[Issue]]:
    """The plot as a polygon, or None with the errors that keep it from being one. given: as for `place`."""
    if plot.faults:
        return None, plot.faults
    if not plot.ids:
        return None, [_error(plot, file, "boundary_no_points")]
    try:
        placed = place(np.array(plot.north), np.array(plot.east), plot.header, given)
    except RedlineError as error:
        return None, [_error(plot, file, error.code, **error.details)]
    rings = rings_of(np.array(plot.rings), placed.xy)
    if plot.kind in ("线", "点") and not all(ring.closed for ring in rings):
        return None, [_error(plot, file, "boundary_not_area", kind=plot.kind)]
    polygon, faults = polygon_of(rings)
    if polygon is None:
        return None, [_error(plot, file, code, **details) for code, details in faults]
    shape = Shape(plot, polygon, placed, len(rings), placed.doubts + faults)
    if placed.zone is not None and placed.zone.datum in _OLD:
        shape.doubts.append(("boundary_old_datum", {"datum": _OLD[placed.zone.datum]}))
    shape.doubts += _doubts_on_text(plot)
    short = _count_doubt(plot, rings, shape)
    if short and _is_cut_off(short, rings, shape):
        return None, [_error(plot, file, "boundary_cut_off", **short[1])]
    shape.doubts += [short] if short else []
    return shape, []


def declared_area(text: str) -> Declared | None:
    """The area a plot row declares; None where it has none, 0 included."""
    found = _AREA.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found is None or not float(found[1]):
        return None
    factor = _UNITS.get((found[3] or "公顷").lower())
    if factor is None:
        return None
    return Declared(float(found[1]) * factor, factor * 10.0 ** -len(found[2] or ""), bool(found[3]))


def area_doubt(shape: Shape, planar: float, official: float) -> tuple[float | None, Doubt | None]:
    """The declared area in ha, and a warning where it is neither the planar nor the official area in m².

    An area without a unit that is right in m² or mu is read so. Areas agree within their last digit, and what the last
    digit of the coordinates makes along the boundary.
    """
    declared = declared_area(shape.plot.area)
    if declared is None:
        return None, None
    metres = _METRES_PER_DEGREE if shape.placed.crs.is_geographic else 1.0
    slack = shapely.length(shape.polygon) * metres * metres * 10.0**-shape.plot.decimals

    def fits(factor: float) -> bool:
        m2, digit = declared.m2 * factor, declared.digit * factor
        return any(abs(m2 - found) <= digit + slack for found in (planar, official) if found == found)

    if fits(1.0):
        return declared.m2 / HECTARE, None
    if not declared.unit:
        for factor, unit in ((1.0, _SQUARE_METRES), (MU, _MUS)):
            if fits(factor / HECTARE):
                return declared.m2 * factor / HECTARE**2, ("boundary_area_unit", {"unit": unit})
    found = {"planar": (planar if planar == planar else official) / HECTARE, "official": official / HECTARE}
    return declared.m2 / HECTARE, ("boundary_area_differs", {"declared": declared.m2 / HECTARE, **found})


def declared_count(plot: Plot) -> int | None:
    """The declared number of points; None where there is none, 0 included."""
    found = re.fullmatch(r"\d{1,9}", unicodedata.normalize("NFKC", plot.count).strip())
    return int(found[0]) or None if found else None


def _doubts_on_text(plot: Plot) -> Iterator[Doubt]:
    if not plot.row:
        yield "boundary_row_missing", {}
    texts = (plot.number, plot.name, plot.use, plot.code, plot.sheet, plot.further, *plot.header.values())
    if any("\ufffd" in text for text in texts):
        yield "boundary_damaged_text", {}
    if plot.count.strip("0 ") and declared_count(plot) is None:
        yield "boundary_not_a_figure", {"value": plot.count}
    if plot.area.strip("0. ") and declared_area(plot.area) is None:
        yield "boundary_not_a_figure", {"value": plot.area}


def _count_doubt(plot: Plot, rings: list[Ring], shape: Shape) -> Doubt | None:
    """Points are counted with or without the closing ones."""
    declared, rows, distinct = declared_count(plot), len(plot.ids), sum(len(ring.xy) for ring in rings)
    if declared in (None, rows, distinct, distinct + len(rings)):
        return None
    return "boundary_points_differ", {"declared": declared, "found": rows}


def _is_cut_off(doubt: Doubt, rings: list[Ring], shape: Shape) -> bool:
    """Points are missing, the last ring is open, and no area says that it is whole all the same."""
    declared, area = declared_area(shape.plot.area), float(shapely.area(shape.polygon))
    whole = declared is not None and abs(declared.m2 - area) <= _CLOSE * area + declared.digit
    return doubt[1]["found"] < doubt[1]["declared"] and not rings[-1].closed and not whole


def _error(plot: Plot, file: str, code: str, **details) -> Issue:
    """An error on a plot, with the line of the point it is about, else of the plot's row."""
    point = details.pop("point", None)
    line = plot.line if point is None else plot.lines[point]
    return Issue(code, "error", file, plot.label, {"line": line, **details})
