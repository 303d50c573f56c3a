"""`redline:importdxf`: closed lines and polygons of a drawing (DXF) as a layer of plots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
)
from qgis.PyQt.QtCore import QMetaType

from ..i18n import tr
from .base import RedlineAlgorithm

if TYPE_CHECKING:
    from ..core.inputs.cad_plots import Drawn

_COLOUR = re.compile(r"(?:PEN|BRUSH)\((?:[^)]*,)?f?c:(#[0-9a-fA-F]{6})")
READ = ("Layer", "SubClasses", "Text", "EntityHandle")  # as GDAL names them
FIELDS = ("layer", "colour", "label", "handle")


class ImportDxfAlgorithm(RedlineAlgorithm):
    """`redline:importdxf`."""

    INPUT, CRS, OUTPUT, PLOT_COUNT = "INPUT", "CRS", "OUTPUT", "PLOT_COUNT"

    def name(self) -> str:
        return "importdxf"

    def displayName(self) -> str:
        return tr("Import a DXF drawing")

    def group(self) -> str:
        return tr("Data exchange")

    def groupId(self) -> str:
        return "exchange"

    def tags(self) -> list[str]:
        return ["cad", "dxf", "dwg", "导入", "地块"]

    def shortDescription(self) -> str:
        return tr("Closed lines and polygons of a drawing as a layer of plots.")

    def shortHelpString(self) -> str:
        return tr(
            "Each closed line and each hatched area becomes a polygon that keeps its layer, colour and the text that "
            "stands in it. One inside another of the same layer is a hole. DWG drawings cannot be read: ask the sender "
            "to save them as DXF."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        kinds = tr("Drawings (*.dxf *.DXF *.dwg *.DWG)")
        self.add(QgsProcessingParameterFile(self.INPUT, tr("Drawing"), fileFilter=kinds), tr("A DXF file."))
        crs = QgsProcessingParameterCrs(self.CRS, tr("CRS of the drawing"), optional=True)
        self.add(crs, tr("A drawing states none. Told by the zone number before the eastings where left empty."))
        polygons = Qgis.ProcessingSourceType.VectorPolygon
        self.add(QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Plots"), polygons), tr("A multipolygon per plot."))
        self.addOutput(QgsProcessingOutputNumber(self.PLOT_COUNT, tr("Number of plots")))

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        self.require_libraries()
        return self.explained(lambda: self._import(parameters, context, feedback))

    def _import(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        import shapely

        from ..core.errors import RedlineError
        from ..core.inputs.cad_plots import plots_of, zone_crs
        from ..core.inputs.formats import refuse_unreadable

        path = self.parameterAsFile(parameters, self.INPUT, context)
        refuse_unreadable(path)
        plots = plots_of(_drawn(path, feedback))
        if not len(plots.geometry):
            raise RedlineError("drawing_without_plots", path=path, lines=plots.open_lines)
        crs, epsg = self.parameterAsCrs(parameters, self.CRS, context), zone_crs(plots.geometry)
        if not crs.isValid():
            if epsg is None:
                raise RedlineError("drawing_without_crs", path=path)
            crs = QgsCoordinateReferenceSystem(f"EPSG:{epsg}")
        fields = QgsFields()
        for name in FIELDS:
            fields.append(QgsField(name, QMetaType.Type.QString))
        kind = Qgis.WkbType.MultiPolygon
        sink, target = self.parameterAsSink(parameters, self.OUTPUT, context, fields, kind, crs)
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        texts = zip(plots.layer, plots.colour, plots.label, plots.handle, strict=True)
        for wkb, attributes in zip(shapely.to_wkb(plots.geometry), texts, strict=True):
            feature, shape = QgsFeature(fields), QgsGeometry()
            shape.fromWkb(wkb)
            feature.setGeometry(shape)
            feature.setAttributes(list(attributes))
            sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
        if plots.open_lines:
            feedback.pushInfo(tr("Lines that are not closed, left out: {n}.").format(n=plots.open_lines))
        if plots.repaired:
            told = tr("Crossed themselves and were repaired (handles): {handles}.")
            feedback.pushWarning(told.format(handles=", ".join(plots.repaired[:20])))
        return {self.OUTPUT: target, self.PLOT_COUNT: len(plots.geometry)}


def _drawn(path: str, feedback: QgsProcessingFeedback) -> Drawn:
    """What a drawing holds, read by GDAL, which makes arcs straight."""
    import numpy as np
    import shapely
    from osgeo import ogr

    from ..core.errors import Cancelled, RedlineError
    from ..core.inputs.cad_plots import Drawn

    try:
        source = ogr.Open(path)
    except RuntimeError:  # where exceptions of GDAL are turned on
        source = None
    if source is None or source.GetDriver().GetName() != "DXF":
        raise RedlineError("drawing_unreadable", path=path)
    wkb, rows = [], []
    for feature in source.GetLayer(0):
        if feedback.isCanceled():
            raise Cancelled
        shape = feature.GetGeometryRef()
        if shape is None:
            continue
        colour = _COLOUR.search(feature.GetStyleString() or "")
        layer, kinds, text, handle = (feature.GetField(name) or "" for name in READ)
        wkb.append(bytes(shape.GetLinearGeometry().ExportToIsoWkb()))
        rows.append((layer, colour[1].lower() if colour else "", text if "Text" in kinds else "", handle))
    columns = [np.array(one, dtype=object) for one in zip(*rows, strict=True)] or [np.empty(0, dtype=object)] * 4
    return Drawn(shapely.from_wkb(np.array(wkb, dtype=object)), *columns)
