"""The layers of a map sheet, from the package alone; none of them is in the user's project."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    Qgis,
    QgsAnnotationLayer,
    QgsExpression,
    QgsFeature,
    QgsFeatureRenderer,
    QgsFeatureRequest,
    QgsFields,
    QgsMapLayer,
    QgsMemoryProviderUtils,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)

STYLES = Path(__file__).resolve().parents[2] / "resources" / "styles"
VERDICT = "reviewed_verdict"
INSET_DETAIL = 1 / 500  # of the county's extent
NOT_GONE = '("state" IS NULL OR "state" <> \'gone\')'


class MapLayers:
    """Layers that are there as long as this is. ``base``, from the user's project: below all others, but annotations
    above."""

    def __init__(self, package: Path, base: list[QgsMapLayer] | None = None, light: bool = True):
        """:param light: the inset's towns simplified and in memory, since each sheet draws all of them again; not for
        layers that are to be kept in a project."""
        given = base or []
        self.above = [layer for layer in given if isinstance(layer, QgsAnnotationLayer)]
        self.base = [layer for layer in given if layer not in self.above]
        self.findings = _layer(package, "findings", "sheet_findings")
        self.lines = _layer(package, "lines", "sheet_lines")
        self.town = _layer(package, "towns", "sheet_town")
        self.others = _layer(package, "towns", "sheet_others")
        self.verdicts = _layer(package, "towns", "sheet_towns")
        # Shown in part by their style: a filter of the layer itself has QGIS open the package for writing, after which
        # it cannot open it again beside.
        self._town_style, self._findings_style = self.town.renderer().clone(), self.findings.renderer().clone()
        place = _layer(package, "towns", "sheet_towns")
        self.place = _lightened(place) if light else place  # of the inset, which has a scale of its own

    @property
    def own(self) -> list[QgsVectorLayer]:
        """Those of the package."""
        return [self.findings, self.lines, self.town, self.others, self.verdicts, self.place]

    def grow(self, scale: float, factor: float) -> None:
        """Have symbols on a map of this scale (its denominator) be so much larger than they are on A3."""
        for layer in self.own:
            if layer is not self.place and factor != 1:
                layer.renderer().setReferenceScale(scale * factor)

    def grow_inset(self, scale: float, factor: float) -> None:
        """The same for the inset, which has a scale of its own."""
        if factor != 1:
            self.place.renderer().setReferenceScale(scale * factor)

    def of_town(self, town_id: str) -> list[QgsMapLayer]:
        """The layers of a town's sheet, the uppermost first; the findings are its own."""
        own = QgsExpression.createFieldEqualityExpression("town_id", town_id)
        self.town.setRenderer(_only(self._town_style, own))
        self.findings.setRenderer(_only(self._findings_style, f"{own} AND {NOT_GONE}"))
        return [*self.above, self.town, self.findings, self.others, self.lines, *self.base]

    def of_detail(self) -> list[QgsMapLayer]:
        """The layers of a detail of the sheet that `of_town` was asked for last: slivers along the town's edge are not
        to be under its outline."""
        return [self.findings, self.town, self.others, self.lines, *self.base]

    def of_inset(self) -> list[QgsMapLayer]:
        """The layers of the inset: the county."""
        return [self.place]

    def of_overview(self) -> list[QgsMapLayer]:
        return [*self.above, self.verdicts, self.lines, *self.base]


def _layer(package: Path, name: str, style: str) -> QgsVectorLayer:
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsVectorLayer(f"{package}|layername={name}", name, "ogr", options)
    layer.loadNamedStyle(str(STYLES / f"{style}.qml"))
    return layer


def _only(style: QgsFeatureRenderer, expression: str) -> QgsRuleBasedRenderer:
    """A style for some of the features only."""
    root, gate = QgsRuleBasedRenderer.Rule(None), QgsRuleBasedRenderer.Rule(None)
    gate.setFilterExpression(expression)
    whole = QgsRuleBasedRenderer.convertFromRenderer(style)  # its rules go when it goes
    for rule in whole.rootRule().children():
        gate.appendChild(rule.clone())
    root.appendChild(gate)
    return QgsRuleBasedRenderer(root)


def _lightened(layer: QgsVectorLayer) -> QgsVectorLayer:
    """The towns of a layer by verdict, in memory, with no more detail than an inset shows."""
    field = layer.fields().at(layer.fields().indexOf(VERDICT))
    made = QgsMemoryProviderUtils.createMemoryLayer(
        layer.name(), QgsFields([field]), Qgis.WkbType.MultiPolygon, layer.crs()
    )
    extent, request = layer.extent(), QgsFeatureRequest()
    request.setSubsetOfAttributes([VERDICT], layer.fields())
    coarse = max(extent.width(), extent.height()) * INSET_DETAIL
    towns = []
    for feature in layer.getFeatures(request):
        town, shape = QgsFeature(made.fields()), feature.geometry()
        if shape.isNull():
            continue
        simple = shape.simplify(coarse)
        town.setGeometry(shape if simple.isEmpty() else simple)
        town[VERDICT] = feature[VERDICT]
        towns.append(town)
    made.dataProvider().addFeatures(towns)
    made.setRenderer(layer.renderer().clone())
    return made
