"""Plots of a drawing: closed lines and polygons as polygons, with the layer, colour and text label they have there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .repair import repair

CLOSED_WITHIN = 0.001  # of the drawing's units: a line whose ends are so near is closed


@dataclass(frozen=True)
class Drawn:
    """Features of a drawing, arrays of n: ``geometry``, ``layer``, ``colour`` (#rrggbb or empty), ``text`` (empty but
    for labels), ``handle``."""

    geometry: np.ndarray
    layer: np.ndarray
    colour: np.ndarray
    text: np.ndarray
    handle: np.ndarray


@dataclass(frozen=True)
class Plots:
    """Arrays of m: valid ``geometry`` (multipolygons), and of each its ``layer``, ``colour``, ``label``, ``handle``;
    ``open_lines``: how many lines were not closed; ``repaired``: handles of those that crossed themselves."""

    geometry: np.ndarray
    layer: list[str]
    colour: list[str]
    label: list[str]
    handle: list[str]
    open_lines: int
    repaired: list[str]


def plots_of(drawn: Drawn) -> Plots:
    """The plots of a drawing. A plot inside another of the same layer is a hole in it, the next inside that a plot
    again; a plot's label is the text that stands in it and in no smaller plot."""
    kind = shapely.get_type_id(drawn.geometry)
    closed, open_lines = _closed(drawn.geometry, kind)
    rows = np.flatnonzero(shapely.get_type_id(closed) >= 0)
    shapes = closed[rows]
    sound = shapely.is_valid(shapes)
    for one in np.flatnonzero(~sound):
        shapes[one] = repair(shapes[one])
    kept = shapely.area(shapes) > 0  # of None it is NaN
    rows, shapes, sound = rows[kept], shapes[kept], sound[kept]
    owner = np.full(len(rows), -1)
    for layer in dict.fromkeys(drawn.layer[rows].tolist()):
        members = np.flatnonzero(drawn.layer[rows] == layer)
        owner[members] = _owners(shapes[members], members)
    whole = np.flatnonzero(owner < 0)
    geometry = np.array([_with_holes(shapes[one], shapes[owner == one]) for one in whole], dtype=object)
    labels = _labels(geometry, drawn, kind)
    of = rows[whole]
    return Plots(
        geometry, drawn.layer[of].tolist(), drawn.colour[of].tolist(), labels, drawn.handle[of].tolist(), open_lines,
        [str(one) for one in drawn.handle[rows[~sound]]],
    )  # fmt: skip


def _closed(geometry: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, int]:
    """Polygons of the closed lines and of what is a polygon already, None for all else; how many lines are open."""
    closed = np.full(len(geometry), None, dtype=object)
    areas = np.isin(kind, (3, 6))
    closed[areas] = shapely.force_2d(geometry[areas])
    open_lines = 0
    for row in np.flatnonzero(kind == 1):
        xy = shapely.get_coordinates(geometry[row])
        if len(xy) >= 4 and np.hypot(*(xy[0] - xy[-1])) <= CLOSED_WITHIN:
            closed[row] = shapely.Polygon(np.vstack([xy[:-1], xy[:1]]))
        else:
            open_lines += 1
    return closed, open_lines


def _owners(shapes: np.ndarray, members: np.ndarray) -> np.ndarray:
    """For each shape that is a hole the member it is cut from, -1 for plots: those inside an even number of others."""
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query(shapely.point_on_surface(shapes), predicate="within")
    area = shapely.area(shapes)
    real = (inner != outer) & (area[outer] > area[inner])
    inner, outer = inner[real], outer[real]
    depth = np.bincount(inner, minlength=len(shapes))
    owner = np.full(len(shapes), -1)
    for one in np.flatnonzero(depth % 2):
        around = outer[inner == one]
        owner[one] = members[around[np.argmin(area[around])]]
    return owner


def _with_holes(shape: shapely.Geometry, holes: np.ndarray) -> shapely.Geometry:
    cut = shapely.difference(shape, shapely.union_all(holes)) if len(holes) else shape
    return shapely.multipolygons(shapely.get_parts(cut))


def _labels(plots: np.ndarray, drawn: Drawn, kind: np.ndarray) -> list[str]:
    labels: list[list[str]] = [[] for _ in plots]
    texts = np.flatnonzero((kind == 0) & (drawn.text.astype(str) != ""))
    if len(plots) and len(texts):
        area = shapely.area(plots)
        text, plot = shapely.STRtree(plots).query(drawn.geometry[texts], predicate="intersects")
        for one in np.unique(text):
            around = plot[text == one]
            labels[around[np.argmin(area[around])]].append(str(drawn.text[texts[one]]))
    return [" ".join(one) for one in labels]


def zone_crs(shapes: Sequence[shapely.Geometry]) -> int | None:
    """EPSG code of the CGCS2000 3° zone whose number stands before the eastings (8 digits), None where none does."""
    bounds = shapely.total_bounds(list(shapes))
    zones = {int(x // 1_000_000) for x in bounds[[0, 2]]} if np.isfinite(bounds).all() else set()
    zone = zones.pop() if len(zones) == 1 else 0
    return 4513 + zone - 25 if 25 <= zone <= 45 else None
