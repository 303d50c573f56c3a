"""Makes resources/templates/*.qpt and resources/styles/sheet_*.qml: `.venv/bin/python tools/make_sheets.py`.

A sheet is drawn for A3 and scaled to the other sizes. The plugin finds its items by their ids and fills them in; what
stands in them here is only seen by who opens the template. Furniture after 市级国土空间总体规划制图规范(试行) 2.6.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"
sys.path.insert(0, str(Path(__file__).parent))

import make_styles as styles
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsCentroidFillSymbolLayer,
    QgsFillSymbol,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutItemShape,
    QgsLayoutMeasurement,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsMarkerSymbol,
    QgsPrintLayout,
    QgsProject,
    QgsReadWriteContext,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSimpleMarkerSymbolLayer,
    QgsSingleSymbolRenderer,
    QgsTextFormat,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QFont

TEMPLATES = styles.STYLES.parent / "templates"
SIZES = {"landscape": (420, 297), "portrait": (297, 420)}
INK = QColor(20, 20, 20)
# Above tolerance, and less than 1.5 mm wide on the sheet.
SMALL = '"severity" <> \'below_tolerance\' AND sqrt("area_m2") < 0.0015 * @map_scale'
THICK, THIN = 0.8, 0.2

# id: left, top, width, height in mm of A3; then size of the text in points, alignment.
LABELS = {
    "landscape": {
        "title": (40, 9, 340, 14, 26, "centre"),
        "secrecy": (375, 10, 35, 8, 14, "right"),
        "verdict": (284, 31, 122, 9, 12, "left"),
        "conclusion": (284, 41, 122, 28, 11, "left"),
        "figures": (347, 203, 59, 52, 8.5, "left"),
        "data": (150, 262, 150, 25, 7.5, "left"),
        "maker": (300, 286, 110, 6, 10, "right"),
        "run": (10, 288, 150, 4, 6, "left"),
        "stale": (36, 115, 220, 40, 34, "centre"),
        "inset_title": (284, 199, 60, 4, 7, "left"),
    },
    "portrait": {
        "title": (20, 9, 257, 14, 24, "centre"),
        "secrecy": (252, 10, 35, 8, 14, "right"),
        "verdict": (16, 252, 134, 9, 12, "left"),
        "conclusion": (16, 262, 134, 28, 11, "left"),
        "figures": (84, 296, 66, 52, 8.5, "left"),
        "data": (110, 358, 110, 46, 8, "left"),
        "maker": (177, 408, 110, 6, 10, "right"),
        "run": (10, 411, 150, 4, 6, "left"),
        "stale": (38, 115, 220, 40, 34, "centre"),
        "inset_title": (16, 292, 60, 4, 7, "left"),
    },
}
# Maps and the places that tables, legend and sign-off block are drawn in.
AREAS = {
    "landscape": {
        "outer": (10, 26, 400, 233), "inner": (12, 28, 396, 229), "map": (12, 28, 268, 229),
        "side": (280, 28, 128, 229), "inset": (284, 203, 60, 52), "table": (284, 72, 122, 124),
        "legend": (10, 262, 136, 25), "signoff": (304, 262, 106, 22),
    },
    "portrait": {
        "outer": (10, 26, 277, 328), "inner": (12, 28, 273, 324), "map": (12, 28, 273, 220),
        "side": (12, 248, 273, 104), "inset": (16, 296, 64, 52), "table": (154, 252, 129, 97),
        "legend": (10, 358, 96, 48), "signoff": (224, 358, 63, 46),
    },
}  # fmt: skip
NORTH = {"landscape": (262, 32, 14, 18), "portrait": (267, 32, 14, 18)}
SCALE_BAR = {"landscape": (18, 243), "portrait": (18, 234)}
TEXTS = {"title": "标题", "secrecy": "密级", "verdict": "结论", "conclusion": "结论", "figures": "指标", "data": "数据",
         "maker": "编制单位", "run": "审查编号", "stale": "数据已变化", "inset_title": "位置"}  # fmt: skip


def template(name: str) -> None:
    layout = QgsPrintLayout(QgsProject.instance())
    layout.initializeDefaults()
    page = layout.pageCollection().page(0)
    page.setPageSize(QgsLayoutSize(*SIZES[name]))
    areas = AREAS[name]
    main = map_item(layout, "map", areas["map"])
    inset = map_item(layout, "inset", areas["inset"])
    inset.setFrameEnabled(True)
    for part, width in (("outer", THICK), ("inner", THIN), ("side", THIN)):
        box(layout, part, areas[part], width)
    for part in ("table", "legend", "signoff"):
        box(layout, part, areas[part], 0)
    for part, where in LABELS[name].items():
        text(layout, part, *where)
    north = QgsLayoutItemPicture(layout)
    north.setId("north")
    place(north, NORTH[name])
    north.setResizeMode(QgsLayoutItemPicture.ResizeMode.Zoom)
    north.setBackgroundEnabled(True)
    north.setBackgroundColor(QColor(255, 255, 255, 200))
    layout.addLayoutItem(north)
    scale_bar(layout, main, *SCALE_BAR[name])
    inset.setZValue(5)
    layout.setName(name)
    path = TEMPLATES / f"{name}.qpt"
    if not layout.saveAsTemplate(str(path), QgsReadWriteContext()):
        raise SystemExit(f"{path} was not written")
    styles.settle(path)
    print(path)


def place(item, where) -> None:
    item.attemptMove(QgsLayoutPoint(*where[:2]))
    if len(where) == 4:
        item.attemptResize(QgsLayoutSize(*where[2:]))


def map_item(layout, name, where) -> QgsLayoutItemMap:
    item = QgsLayoutItemMap(layout)
    item.setId(name)
    place(item, where)
    item.setBackgroundColor(QColor(255, 255, 255))
    item.setFrameStrokeWidth(QgsLayoutMeasurement(THIN))
    layout.addLayoutItem(item)
    return item


def box(layout, name, where, width) -> None:
    item = QgsLayoutItemShape(layout)
    item.setId(name)
    item.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
    drawn = {"style": "no", "outline_width": str(width), "outline_color": INK.name(), "joinstyle": "miter"}
    item.setSymbol(QgsFillSymbol.createSimple(drawn if width else {"style": "no", "outline_style": "no"}))
    place(item, where)
    layout.addLayoutItem(item)


def text(layout, name, left, top, width, height, size, alignment) -> None:
    item = QgsLayoutItemLabel(layout)
    item.setId(name)
    item.setText(TEXTS[name])
    item.setTextFormat(text_format(size, bold=name in ("title", "secrecy", "verdict", "stale")))
    aligned = {"left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight}
    item.setHAlign(aligned.get(alignment, Qt.AlignmentFlag.AlignHCenter))
    middle = name in ("title", "verdict", "stale")
    item.setVAlign(Qt.AlignmentFlag.AlignVCenter if middle else Qt.AlignmentFlag.AlignTop)
    item.setMarginX(0)
    item.setMarginY(0)
    place(item, (left, top, width, height))
    if name == "stale":
        stamp = item.textFormat()
        stamp.setColor(QColor(200, 16, 46))
        stamp.setOpacity(0.45)  # QGIS does not heed the colour's own
        item.setTextFormat(stamp)
        item.setItemRotation(-25)
        item.setZValue(50)
    layout.addLayoutItem(item)


def text_format(size, bold=False) -> QgsTextFormat:
    made = QgsTextFormat()
    made.setFont(QFont("sans-serif"))
    made.setForcedBold(bold)
    made.setSize(size)
    made.setSizeUnit(Qgis.RenderUnit.Points)
    made.setColor(INK)
    return made


def scale_bar(layout, main, left, top) -> None:
    bar = QgsLayoutItemScaleBar(layout)
    bar.setId("scalebar")
    bar.setStyle("Line Ticks Up")
    bar.setLinkedMap(main)
    bar.setUnits(Qgis.DistanceUnit.Meters)
    bar.setUnitLabel("m")
    bar.setUnitsPerSegment(500)
    bar.setNumberOfSegments(2)
    bar.setNumberOfSegmentsLeft(0)
    bar.setHeight(2)
    bar.setTextFormat(text_format(8))
    bar.setBackgroundEnabled(True)
    bar.setBackgroundColor(QColor(255, 255, 255, 200))
    place(bar, (left, top))
    layout.addLayoutItem(bar)


def sheet_lines() -> QgsCategorizedSymbolRenderer:
    """The official colours; the farmland's border tells its patches apart."""
    categories = []
    for code, (colour, border) in styles.LINES.items():
        drawn = styles.symbol(styles.fill(colour, 255, border, 0.4 if code == "urban_boundary" else 0.1))
        categories.append(QgsRendererCategory(code, drawn, f"line:{code}"))
    other = styles.symbol(styles.fill(styles.OTHER_LINE[0], 255, styles.OTHER_LINE[1]))
    hidden = QgsRendererCategory("coverage", styles.symbol(styles.fill((0, 0, 0), 0)), "", False)
    renderer = QgsCategorizedSymbolRenderer("line", [*categories, hidden, QgsRendererCategory(None, other, "other")])
    below = "CASE WHEN \"line\" = 'urban_boundary' THEN 0 WHEN \"line\" = 'farmland' THEN 1 ELSE 2 END"
    renderer.setOrderBy(styles.QgsFeatureRequest.OrderBy([styles.QgsFeatureRequest.OrderByClause(below, True)]))
    renderer.setOrderByEnabled(True)
    return renderer


def sheet_findings() -> QgsRuleBasedRenderer:
    """The severity's hatch and outline; the line below shows its own colour."""
    root = styles.rule("")
    root.setActive(True)
    for code, (colour, angle, distance, width) in styles.SEVERITIES.items():
        outline = styles.fill(colour, 0, colour, width)
        drawn = styles.symbol(styles.hatch(colour, angle, distance, 0.2, wide_outside=True), outline)
        root.appendChild(styles.rule(f"severity:{code}", f"\"severity\" = '{code}'", drawn))
    grey = (90, 90, 90)
    below = styles.symbol(styles.fill(grey, 0, grey, 0.2, Qt.PenStyle.DotLine))
    root.appendChild(styles.rule("severity:below_tolerance", "\"severity\" = 'below_tolerance'", below))
    root.appendChild(styles.rule("small", SMALL, small()))
    return QgsRuleBasedRenderer(root)


def small() -> QgsFillSymbol:
    """A dot in the colour of the severity, where a finding could not be seen."""
    colours = {code: colour for code, (colour, *_) in styles.SEVERITIES.items()}
    dot = QgsSimpleMarkerSymbolLayer(Qgis.MarkerShape.Circle, 1.3)
    dot.setColor(QColor(90, 90, 90))  # in the legend
    dot.setStrokeColor(QColor(255, 255, 255))
    dot.setStrokeWidth(0.2)
    shade = styles.QgsProperty.fromExpression(styles.shades("severity", colours))
    dot.setDataDefinedProperty(styles.QgsSymbolLayer.Property.FillColor, shade)
    marker = QgsMarkerSymbol.createSimple({})
    marker.changeSymbolLayer(0, dot)
    centre = QgsCentroidFillSymbolLayer()
    centre.setPointOnSurface(True)
    centre.setSubSymbol(marker)
    return styles.symbol(centre)


def sheet_towns() -> QgsCategorizedSymbolRenderer:
    """By verdict, for the overview: opaque, since the lines' colours below would change its own."""
    categories = []
    for code, (colour, hatched) in styles.VERDICTS.items():
        pale = tuple(round(part * 0.62 + 255 * 0.38) for part in colour)
        layers = [styles.fill(colour, 0, (255, 255, 255), 1.0), styles.fill(pale, 255, colour, 0.4)]
        if hatched:
            layers.append(styles.hatch(colour, 45, 1.5, 0.2))
        categories.append(QgsRendererCategory(code, styles.symbol(*layers), f"reviewed_verdict:{code}"))
    return QgsCategorizedSymbolRenderer("reviewed_verdict", categories)


def outline(colour, width, alpha=0) -> QgsSingleSymbolRenderer:
    halo = styles.fill(colour, 0, (255, 255, 255), width + 0.9)
    drawn = styles.symbol(styles.fill(colour, alpha), halo, styles.fill(colour, 0, colour, width))
    return QgsSingleSymbolRenderer(drawn)


def save(name, renderer, fields="field=line:string") -> None:
    layer = QgsVectorLayer(f"MultiPolygon?crs=EPSG:4530&{fields}", name, "memory")
    layer.setRenderer(renderer)
    path = styles.STYLES / f"sheet_{name}.qml"
    message, saved = layer.saveNamedStyle(str(path), styles.QgsMapLayer.StyleCategory.Symbology)
    if not saved:
        raise SystemExit(message)
    styles.settle(path)
    print(path)


if __name__ == "__main__":
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = tempfile.mkdtemp()
    application = QgsApplication([], True)
    application.initQgis()
    save("lines", sheet_lines())
    save("findings", sheet_findings(), "field=severity:string&field=kind:string&field=area_m2:double")
    save("towns", sheet_towns(), "field=reviewed_verdict:string")
    save("town", outline((20, 20, 20), 0.9))
    save("others", QgsSingleSymbolRenderer(styles.symbol(styles.fill((120, 120, 120), 0, (120, 120, 120), 0.2))))
    for name in SIZES:
        template(name)
    application.exitQgis()
