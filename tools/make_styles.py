"""Makes resources/styles/*.qml: how results look on screen. Run as `.venv/bin/python tools/make_styles.py`.

Fills are the official colours (市级国土空间总体规划制图规范, 附录D); hatches and outlines show the severity.
Legend entries are written as `kind:code`: the plugin puts the interface's words in when it styles a layer.
Made again without a change here, the files stay the same to the byte.
"""

import os
import re
import tempfile
import uuid
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_HASH_SEED"] = "0"  # attributes are written in the order of a hash

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRequest,
    QgsFillSymbol,
    QgsLinePatternFillSymbolLayer,
    QgsLineSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsRendererCategory,
    QgsRuleBasedRenderer,
    QgsSimpleFillSymbolLayer,
    QgsSimpleMarkerSymbolLayer,
    QgsSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QFont

STYLES = Path(__file__).resolve().parents[1] / "resources" / "styles"

NEAR = 25000  # the scale from which findings and issues can be told apart
LINES = {  # id: fill, border (附录D; None: no border)
    "eco_redline": ((77, 151, 87), None),
    "farmland": ((254, 254, 96), (215, 214, 214)),
    "urban_boundary": ((228, 139, 139), (0, 0, 0)),
}
LINE_ALPHA = {"eco_redline": 230, "farmland": 230, "urban_boundary": 120}
OTHER_LINE = ((190, 180, 205), (120, 110, 140))
SEVERITIES = {  # code: colour, angle of the hatch, its distance and the outline's width in mm
    "violation": ((200, 16, 46), 45, 1.8, 0.5),
    "warning": ((217, 95, 2), 135, 2.6, 0.3),
    "notice": ((31, 90, 160), 90, 3.4, 0.3),
}
ISSUES = {  # code, worst first: colour; shape of its point, mm, and the mark in it; hatch and outline of its area
    "error": ((200, 16, 46), (Qgis.MarkerShape.Circle, 4.0, Qgis.MarkerShape.Cross2), (45, 1.8), 0.6),
    "warning": ((217, 95, 2), (Qgis.MarkerShape.Triangle, 4.0, None), (135, 2.4), 0.5),
    "notice": ((31, 90, 160), (Qgis.MarkerShape.Square, 2.4, None), (90, 3.2), 0.4),
}
CHANGES = {  # code, lowest first: colour, alpha of its fill, angle and distance of its hatch, its outline's width, pen
    "unchanged": ((90, 90, 90), 45, None, 0.26, Qt.PenStyle.SolidLine),
    "not_checked": ((110, 110, 110), 0, (45, 3.2), 0.36, Qt.PenStyle.DotLine),
    "town_gone": ((128, 94, 166), 0, None, 0.4, Qt.PenStyle.DashLine),
    "town_new": ((128, 94, 166), 40, (0, 3.2), 0.4, Qt.PenStyle.SolidLine),
    "gone": ((26, 127, 72), 90, None, 0.6, Qt.PenStyle.DashLine),
    "shrunk": ((31, 90, 160), 40, (90, 2.6), 0.5, Qt.PenStyle.SolidLine),
    "grown": ((217, 95, 2), 50, (135, 2.2), 0.5, Qt.PenStyle.SolidLine),
    "new": ((200, 16, 46), 60, (45, 1.8), 0.6, Qt.PenStyle.SolidLine),
}
VERDICTS = {  # code: colour, hatched
    "violation": ((200, 16, 46), False),
    "not_checked": ((110, 110, 110), True),
    "warning": ((217, 95, 2), False),
    "conditional": ((128, 94, 166), False),
    "clear": ((26, 127, 72), False),
    "not_judged": ((70, 105, 140), False),
}


INTENSITY = 'coalesce("construction_pct", "planned_construction_pct", "cover_construction_pct")'
INTENSITIES = [  # share of construction land from, to (%), colour
    (0, 10, (255, 245, 220)),
    (10, 20, (253, 216, 158)),
    (20, 30, (252, 174, 107)),
    (30, 50, (240, 120, 60)),
    (50, 70, (205, 70, 30)),
    (70, None, (140, 35, 15)),
]


def fill(colour, alpha, border=None, width=0.26, pen=Qt.PenStyle.SolidLine) -> QgsSimpleFillSymbolLayer:
    """A plain fill; `alpha` 0 leaves it open."""
    layer = QgsSimpleFillSymbolLayer(QColor(*colour, alpha))
    layer.setBrushStyle(Qt.BrushStyle.SolidPattern if alpha else Qt.BrushStyle.NoBrush)
    layer.setStrokeStyle(pen if border else Qt.PenStyle.NoPen)
    layer.setStrokeColor(QColor(*(border or colour)))
    layer.setStrokeWidth(width)
    layer.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return layer


def hatch(colour, angle, distance, width=0.3, wide_outside=False) -> QgsLinePatternFillSymbolLayer:
    """Parallel lines; with `wide_outside` far apart where a whole town may be outside the boundary."""
    layer = QgsLinePatternFillSymbolLayer()
    layer.setLineAngle(angle)
    layer.setDistance(distance)
    if wide_outside:
        apart = QgsProperty.fromExpression(f"if(\"kind\" = 'outside', {3 * distance}, {distance})")
        layer.setDataDefinedProperty(QgsSymbolLayer.Property.LineDistance, apart)
    line = QgsLineSymbol.createSimple({})
    line.setColor(QColor(*colour))
    line.setWidth(width)
    layer.setSubSymbol(line)
    return layer


def symbol(*layers) -> QgsFillSymbol:
    made = QgsFillSymbol.createSimple({})
    for layer in layers:
        made.appendSymbolLayer(layer)
    made.deleteSymbolLayer(0)  # the one it is born with
    return made


def rule(label, expression=None, shape=None, otherwise=False) -> QgsRuleBasedRenderer.Rule:
    made = QgsRuleBasedRenderer.Rule(shape, 0, 0, expression or "", label)
    if otherwise:
        made.setIsElse(True)
    return made


def findings_renderer() -> QgsRuleBasedRenderer:
    """The line's official colour below, the hatch and outline of the severity above; gone ones are a dashed outline."""
    root = rule("")
    root.setActive(True)
    lines = rule("line", '"state" IS NULL OR "state" <> \'gone\'')
    for code, (colour, border) in LINES.items():
        lines.appendChild(rule(f"line:{code}", f"\"line\" = '{code}'", symbol(fill(colour, LINE_ALPHA[code], border))))
    lines.appendChild(rule("other", shape=symbol(fill(OTHER_LINE[0], 230, OTHER_LINE[1])), otherwise=True))
    root.appendChild(lines)
    severities = rule("severity", '"state" IS NULL OR "state" <> \'gone\'')
    for code, (colour, angle, distance, width) in SEVERITIES.items():
        drawn = symbol(hatch(colour, angle, distance, wide_outside=True), fill(colour, 0, colour, width))
        for layer in drawn.symbolLayers() if code == "violation" else ():
            layer.setRenderingPass(1)  # above the fills of all findings: a small one must not hide a violation
        severities.appendChild(rule(f"severity:{code}", f"\"severity\" = '{code}'", drawn))
    grey = (90, 90, 90)
    below = symbol(fill(grey, 0, grey, 0.26, Qt.PenStyle.DotLine))
    severities.appendChild(rule("severity:below_tolerance", "\"severity\" = 'below_tolerance'", below))
    root.appendChild(severities)
    gone = symbol(fill(grey, 0, grey, 0.36, Qt.PenStyle.DashLine))
    root.appendChild(rule("gone", "\"state\" = 'gone'", gone))
    renderer = QgsRuleBasedRenderer(root)
    # What is outside the boundary may be the whole town: it lies below what is on a keep-out line, small above large.
    renderer.setOrderBy(
        QgsFeatureRequest.OrderBy(
            [
                QgsFeatureRequest.OrderByClause("if(\"kind\" = 'overlap', 1, 0)", True),
                QgsFeatureRequest.OrderByClause('"area_m2"', False),
            ]
        )
    )
    renderer.setOrderByEnabled(True)
    return renderer


def changes_renderer() -> QgsCategorizedSymbolRenderer:
    """Land won is red and orange, land lost green, both dense; what nobody has compared is violet or grey."""
    categories = []
    for code, (colour, alpha, hatching, width, pen) in reversed(CHANGES.items()):
        layers = [fill(colour, alpha)] if alpha else []
        if hatching:
            layers.append(hatch(colour, *hatching, wide_outside=True))
        layers += [fill(colour, 0, (255, 255, 255), width + 0.7), fill(colour, 0, colour, width, pen)]
        categories.append(QgsRendererCategory(code, symbol(*layers), f"change:{code}"))
    renderer = QgsCategorizedSymbolRenderer("change", categories)
    # What is outside the boundary may be the whole town: it lies below, then what has not changed; small above large.
    listed = ", ".join(f"'{code}'" for code in CHANGES)
    clauses = ("if(\"kind\" = 'outside', 0, 1)", f'array_find(array({listed}), "change")', '-max("old_m2", "new_m2")')
    renderer.setOrderBy(
        QgsFeatureRequest.OrderBy([QgsFeatureRequest.OrderByClause(clause, True) for clause in clauses])
    )
    renderer.setOrderByEnabled(True)
    return renderer


def changes_labels() -> QgsVectorLayerSimpleLabeling:
    """Number, land won and lost of what has changed, in a dark shade of its colour; only near enough to tell apart."""
    areas = " || ".join(
        f"if(coalesce(\"{name}\", 0) >= 0.5, '\n{sign}' || format_number(\"{name}\", 0) || ' m²', '')"
        for name, sign in (("won_m2", "+"), ("lost_m2", "−"))
    )
    severity = 'coalesce("new_severity", "old_severity")'
    told = f"\"change\" IN ('new', 'grown', 'shrunk', 'gone') AND {severity} <> 'below_tolerance'"
    settings = label(f"if({told}, \"number\" || {areas}, '')", 7, (40, 40, 40), False)
    shade = QgsProperty.fromExpression(shades("change", {code: colour for code, (colour, *_) in CHANGES.items()}))
    settings.dataDefinedProperties().setProperty(QgsPalLayerSettings.Property.Color, shade)
    near(settings)
    return QgsVectorLayerSimpleLabeling(settings)


def towns_renderer() -> QgsCategorizedSymbolRenderer:
    """A strong outline and a faint tint of the verdict's colour: what lies below stays readable."""
    categories = []
    for code, (colour, hatched) in VERDICTS.items():
        layers = [fill(colour, 26), fill(colour, 0, (255, 255, 255), 1.5), fill(colour, 0, colour, 0.8)]
        if hatched:
            layers.insert(1, hatch((*colour, 110), 45, 3.2, 0.26))
        categories.append(QgsRendererCategory(code, symbol(*layers), f"verdict:{code}"))
    return QgsCategorizedSymbolRenderer("verdict", categories)


def intensity_renderer() -> QgsRuleBasedRenderer:
    """Share of construction land in steps of one hue; of the land cover where no land use tells it; grey unknown."""
    root, shares = rule(""), rule("indicator:construction_pct")
    root.setActive(True)
    root.appendChild(shares)
    for low, high, colour in INTENSITIES:
        between = f"{INTENSITY} >= {low}" + (f" AND {INTENSITY} < {high}" if high else "")
        shape = symbol(fill(colour, 200, (110, 70, 50), 0.3))
        shares.appendChild(rule(f"{low}–{high} %" if high else f"≥ {low} %", between, shape))
    unknown = symbol(fill((200, 200, 200), 120, (110, 110, 110), 0.3), hatch((120, 120, 120), 45, 3.2, 0.2))
    shares.appendChild(rule("reason:not_known", shape=unknown, otherwise=True))
    return QgsRuleBasedRenderer(root)


def intensity_labels() -> QgsVectorLayerSimpleLabeling:
    """Name and share."""
    share = f"coalesce('\n' || format_number({INTENSITY}, 1) || ' %', '')"
    return QgsVectorLayerSimpleLabeling(label(f'"town_name" || {share}', 9, (40, 40, 40), True))


def marker(shape, size, colour, border, width) -> QgsSimpleMarkerSymbolLayer:
    """A mark of a point, smaller on the map of a county; a shape without an inside is drawn with the border alone."""
    layer = QgsSimpleMarkerSymbolLayer(shape, size)
    smaller = QgsProperty.fromExpression(f"{size:.2f} * if(@map_scale > {NEAR}, 0.6, 1)")
    layer.setDataDefinedProperty(QgsSymbolLayer.Property.Size, smaller)
    layer.setColor(QColor(*colour))
    layer.setStrokeColor(QColor(*border))
    layer.setStrokeWidth(width)
    layer.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return layer


def issues_renderer() -> QgsCategorizedSymbolRenderer:
    """Data issues as points: colour and shape tell the severity, the worst lies on top."""
    categories = []
    for code, (colour, (shape, size, mark), _, _) in ISSUES.items():
        drawn = QgsMarkerSymbol.createSimple({})
        drawn.changeSymbolLayer(0, marker(shape, size, colour, (255, 255, 255), 0.3))
        if mark is not None:
            drawn.appendSymbolLayer(marker(mark, size * 0.45, colour, (255, 255, 255), 0.5))
        categories.append(QgsRendererCategory(code, drawn, f"report_level:{code}"))
    return worst_on_top(QgsCategorizedSymbolRenderer("severity", categories))


def issue_areas_renderer() -> QgsCategorizedSymbolRenderer:
    """The land of data issues: a white rim under the outline, so that a sliver stands out on any ground."""
    categories = []
    for code, (colour, _, (angle, distance), width) in ISSUES.items():
        layers = fill(colour, 40), hatch(colour, angle, distance, 0.26), fill(colour, 0, (255, 255, 255), width + 0.6)
        categories.append(
            QgsRendererCategory(code, symbol(*layers, fill(colour, 0, colour, width)), f"report_level:{code}")
        )
    return worst_on_top(QgsCategorizedSymbolRenderer("severity", categories))


def worst_on_top(renderer) -> QgsCategorizedSymbolRenderer:
    listed = ", ".join(f"'{code}'" for code in reversed(ISSUES))
    order = QgsFeatureRequest.OrderByClause(f'array_find(array({listed}), "severity")', True)
    renderer.setOrderBy(QgsFeatureRequest.OrderBy([order]))
    renderer.setOrderByEnabled(True)
    return renderer


def issues_labels() -> QgsVectorLayerSimpleLabeling:
    """What kind it is, in the interface's words, beside the point; only near enough to tell the points apart."""
    settings = label('represent_value("kind")', 8.5, (40, 40, 40), True)
    settings.placement = Qgis.LabelPlacement.OrderedPositionsAroundPoint
    settings.offsetType = Qgis.LabelOffsetType.FromSymbolBounds
    settings.dist = 0.6
    shade = QgsProperty.fromExpression(shades("severity", {code: colour for code, (colour, *_) in ISSUES.items()}))
    settings.dataDefinedProperties().setProperty(QgsPalLayerSettings.Property.Color, shade)
    near(settings)
    return QgsVectorLayerSimpleLabeling(settings)


def label(expression, size, colour, bold) -> QgsPalLayerSettings:
    text = QgsTextFormat()
    font = QFont("Noto Sans CJK SC")
    font.setBold(bold)
    text.setFont(font)
    text.setFamilies(["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC"])
    text.setSize(size)
    text.setColor(QColor(*colour))
    buffer = QgsTextBufferSettings()
    buffer.setEnabled(True)
    buffer.setSize(0.9)
    buffer.setColor(QColor(255, 255, 255, 225))
    text.setBuffer(buffer)
    settings = QgsPalLayerSettings()
    settings.setFormat(text)
    settings.fieldName = expression
    settings.isExpression = True
    settings.placement = Qgis.LabelPlacement.Horizontal
    return settings


def towns_labels() -> QgsVectorLayerSimpleLabeling:
    """The name in a dark shade of its verdict's colour."""
    settings = label('"town_name"', 9, (40, 40, 40), True)
    shade = QgsProperty.fromExpression(shades("verdict", {code: colour for code, (colour, _) in VERDICTS.items()}))
    settings.dataDefinedProperties().setProperty(QgsPalLayerSettings.Property.Color, shade)
    return QgsVectorLayerSimpleLabeling(settings)


def findings_labels() -> QgsVectorLayerSimpleLabeling:
    """Finding numbers, only near enough to tell the findings apart."""
    settings = label("if(\"severity\" = 'below_tolerance', '', \"number\")", 7, (40, 40, 40), False)
    settings.fitInPolygonOnly = True
    near(settings)
    return QgsVectorLayerSimpleLabeling(settings)


def shades(field, colours) -> str:
    """A dark shade of the colour of each code, as an expression."""
    cases = " ".join(
        f"WHEN \"{field}\" = '{code}' THEN '{','.join(str(int(part * 0.75)) for part in colour)}'"
        for code, colour in colours.items()
    )
    return f"CASE {cases} END"


def near(settings) -> None:
    """Only where findings can be told apart."""
    settings.scaleVisibility = True
    settings.minimumScale, settings.maximumScale = NEAR, 0


def save(name, fields, renderer, labels=None, geometry="MultiPolygon", tip="") -> None:
    """Write a style; `tip` is what a map tip shows (HTML)."""
    layer = QgsVectorLayer(f"{geometry}?crs=EPSG:4530&{fields}", name, "memory")
    layer.setRenderer(renderer)
    if labels is not None:
        layer.setLabeling(labels)
        layer.setLabelsEnabled(True)
    categories = (
        QgsMapLayer.StyleCategory.Symbology | QgsMapLayer.StyleCategory.Labeling | QgsMapLayer.StyleCategory.Rendering
    )
    if tip:
        layer.setMapTipTemplate(tip)
        layer.setDisplayExpression('"detail"')
        categories |= QgsMapLayer.StyleCategory.MapTips
    path = STYLES / f"{name}.qml"
    message, saved = layer.saveNamedStyle(str(path), categories)
    if not saved:
        raise SystemExit(message)
    settle(path)
    print(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def settle(path) -> None:
    """Give keys and ids that QGIS throws dice for the same value every time."""
    given = {}
    pattern = re.compile(r"\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}")

    def settled(found) -> str:
        number = given.setdefault(found[0], len(given))
        return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, f'{path.stem}/{number}')}}}"

    path.write_text(pattern.sub(settled, path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = tempfile.mkdtemp()
    application = QgsApplication([], True)
    application.initQgis()
    texts = "&".join(f"field={name}:string" for name in ("line", "kind", "severity", "state", "number"))
    save("findings", f"{texts}&field=area_m2:double", findings_renderer(), findings_labels())
    texts = "&".join(f"field={name}:string" for name in ("kind", "change", "old_severity", "new_severity", "number"))
    areas = "&".join(f"field={name}:double" for name in ("old_m2", "new_m2", "won_m2", "lost_m2"))
    save("changes", f"{texts}&{areas}", changes_renderer(), changes_labels())
    save("towns", "field=verdict:string&field=town_name:string", towns_renderer(), towns_labels())
    shares = "&".join(f"field={name}construction_pct:double" for name in ("", "planned_", "cover_"))
    save("intensity", f"{shares}&field=town_name:string", intensity_renderer(), intensity_labels())
    texts = "&".join(f"field={name}:string" for name in ("layer", "kind", "severity", "detail", "advice"))
    tip = '<b>[% represent_value("kind") %]</b><br>[% "detail" %]<br><i>[% "advice" %]</i>'
    save("issues", texts, issues_renderer(), issues_labels(), "Point", tip)
    save("issue_areas", texts, issue_areas_renderer(), tip=tip)
    application.exitQgis()
