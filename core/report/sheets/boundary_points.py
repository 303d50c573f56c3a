"""The table of boundary points (界址点坐标表) on a sheet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely

from ..texts import Texts
from .tables import SheetTable

LIMIT = 2000  # points that a sheet takes
DECIMALS = 3  # of a metre


def points_tables(named: Iterable[tuple[str, shapely.Geometry | None]], crs: str, texts: Texts) -> list[SheetTable]:
    """One table of all points, and one of the shapes that are not in it since they would pass the limit.

    X is north and Y east, as surveyors have it; each ring closes with its first point.

    :param named: a number or nothing, and a polygonal shape in metres. :param crs: of the shapes, in words.
    """
    rows: list[list[str]] = []
    beyond: list[list[str]] = []
    for number, shape in named:
        rings = _rings(shape)
        count = sum(len(ring) - 1 for ring in rings)
        if len(rows) + count + len(rings) > LIMIT:
            beyond.append([number, f"{count:,}"])
            continue
        for n, ring in enumerate(rings, 1):
            marks = [*range(1, len(ring)), 1]
            rows += [[number, str(n), f"J{mark}", f"{y:.{DECIMALS}f}", f"{x:.{DECIMALS}f}"]
                     for mark, (x, y) in zip(marks, ring.tolist(), strict=True)]  # fmt: skip
    names = ["sheet_of", "sheet_ring", "sheet_point", "sheet_north", "sheet_east"]
    tables = [SheetTable([texts.say(name) for name in names], rows, texts.say("sheet_points", crs=crs))]
    if beyond:
        left_out = texts.say("sheet_points_beyond", limit=LIMIT)
        tables.append(SheetTable([texts.say("sheet_of"), texts.say("sheet_point_count")], beyond, left_out))
    return [table for table in tables if table.rows]


def _rings(shape: shapely.Geometry | None) -> list[np.ndarray]:
    """The rings of all parts, each (n, 2) and closed: the outer one of a part, then its holes."""
    if shape is None:
        return []
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    return [shapely.get_coordinates(ring) for part in parts for ring in (part.exterior, *part.interiors)]
