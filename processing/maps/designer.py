"""A town's sheet as a layout of the user's project, to be looked at, changed and printed in the layout designer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qgis.core import QgsPrintLayout, QgsProject

from ...core.errors import RedlineError
from ...core.report.content import Content
from ...core.report.sheet_texts import Imprint
from ...core.review.package import open_package
from .line_versions import line_versions
from .map_frame import Land
from .map_layers import MapLayers
from .page_face import page_face
from .sheet import TEMPLATES, Sheet
from .town_page import TownPages

OF_SHEET = "redline_review/sheet"  # a layer's property: the title of the sheet it was made for


def town_layout(package: str | Path, town_id: str, language: str, imprint: Imprint) -> QgsPrintLayout:
    """The layout, in the project under the sheet's title; one of an earlier time goes.

    Its layers are in the project too, beside the layer tree: the layout lasts as long as the project.

    :raises RedlineError: ``no_such_towns``, ``no_typeface``, those of `open_package`.
    """
    project, content = QgsProject.instance(), Content(package, language)
    rows = content.rows([town_id])
    if not rows:
        raise RedlineError("no_such_towns", towns=town_id)
    title = content.texts.say("sheet_title", town=content.browsed.towns["town_name"].iloc[rows[0]])
    layers = MapLayers(content.path, light=False)
    land = Land(content.browsed.crs, str(content.facts.get("overlay_crs") or ""), project, layers.town)
    with open_package(content.path, newer=True) as opened:
        known = replace(imprint, versions=line_versions(content))
        pages = TownPages(content, opened, layers, known, land)
        template = TEMPLATES / f"{'landscape' if pages.landscape(rows[0]) else 'portrait'}.qpt"
        sheet = Sheet(project, template, "A3", page_face(content, imprint))
        pages.fill(sheet, rows[0])
    manager = project.layoutManager()
    earlier = manager.layoutByName(title)
    if earlier is not None:
        manager.removeLayout(earlier)
    project.removeMapLayers([key for key, one in project.mapLayers().items() if one.customProperty(OF_SHEET) == title])
    named = {"sheet_town": layers.town, "sheet_findings": layers.findings, "sheet_lines": layers.lines,
             "sheet_other_towns": layers.others, "sheet_place": layers.place}  # fmt: skip
    for code, layer in named.items():
        layer.setName(content.texts.listed(title, [content.texts.say(code)]))
        layer.setCustomProperty(OF_SHEET, title)
        project.addMapLayer(layer, False)
    sheet.layout.undoStack().blockCommands(False)  # from here on it is the planner's
    sheet.layout.setName(title)
    manager.addLayout(sheet.layout)
    return sheet.layout
