"""The town in the inset that shows its place in the county."""

from __future__ import annotations

import shapely
from qgis.core import QgsFillSymbol, QgsLayoutItemPolygon
from qgis.PyQt.QtCore import QPointF
from qgis.PyQt.QtGui import QPolygonF

from .sheet import Sheet

LINE_MM, HALO_MM = 0.5, 1.1
LEAST_MM = 3.0  # a town smaller than this is shown by a square


def draw_place(sheet: Sheet, outline: shapely.Geometry | None) -> None:
    """Draw the town's outline over the inset.

    :param outline: polygonal, in mm on the page; None draws nothing.
    """
    for part in shapely.get_parts(outline) if outline is not None else ():
        if part.geom_type == "Polygon" and not part.is_empty:
            left, top, right, bottom = part.bounds
            if max(right - left, bottom - top) < LEAST_MM:
                part = shapely.box(*part.centroid.buffer(LEAST_MM / 2).bounds)
            for above, width, colour in ((6, HALO_MM, "#ffffff"), (7, LINE_MM, "#141414")):  # the inset's is 5
                ring = QPolygonF([QPointF(*point) for point in shapely.get_coordinates(part.exterior)])
                item = QgsLayoutItemPolygon(ring, sheet.layout)
                line = {"style": "no", "outline_color": colour, "outline_width": str(width * sheet.text_factor)}
                item.setSymbol(QgsFillSymbol.createSimple(line))
                sheet.keep(item)
                item.setZValue(above)
