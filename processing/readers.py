"""The two readers behind a QGIS layer. Imported when first needed: `core` brings the heavy libraries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from osgeo import ogr
from qgis.core import (
    Qgis,
    QgsCoordinateTransformContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QMetaType, QTime, QVariant

from ..core.errors import Cancelled, RedlineError
from ..core.inputs.encodings import misread
from ..core.inputs.files import FileSource
from ..core.inputs.source import ARC_STEP_DEGREES, BATCH_FEATURES, BATCH_VERTICES, Batch, Field, Source, unwrapped
from .crs import chosen_pipeline, core_crs
from .sources import file_behind, spoken_name

BYTES_PER_VERTEX = 16
SHAPELY = tuple(int(part) for part in shapely.__version__.split(".")[:2])
ON_INVALID = "fix" if SHAPELY >= (2, 1) else "ignore"  # as the bulk readers do: closes open rings where it can

KINDS = {
    Qgis.GeometryType.Polygon: "polygon",
    Qgis.GeometryType.Line: "line",
    Qgis.GeometryType.Point: "point",
    Qgis.GeometryType.Null: "none",
}
TYPES = {
    QMetaType.Type.Bool: "boolean",
    QMetaType.Type.Int: "integer",
    QMetaType.Type.UInt: "integer",
    QMetaType.Type.LongLong: "integer",
    QMetaType.Type.ULongLong: "integer",
    QMetaType.Type.Double: "real",
    QMetaType.Type.QDate: "date",
    QMetaType.Type.QDateTime: "datetime",
}
# Lists and binary values have no place in a table; the bulk readers leave them out too.
NO_COLUMNS = (QMetaType.Type.QByteArray, QMetaType.Type.QStringList, QMetaType.Type.QVariantList)


class LayerFileSource(FileSource):
    """A file as its QGIS layer shows it: the name and CRS it has there, and the project's transformations."""

    def __init__(
        self,
        layer: QgsVectorLayer,
        path: str,
        name: str | None,
        transforms: QgsCoordinateTransformContext,
        encoding: str | None = None,
    ):
        super().__init__(path, name, encoding=_shapefile_encoding(layer, path, encoding))
        self.name = spoken_name(layer)
        self.crs = core_crs(layer.crs())
        self._qgis_crs = layer.crs()
        self._transforms = QgsCoordinateTransformContext(transforms)

    def pipeline(self, target: pyproj.CRS) -> str | None:
        return chosen_pipeline(self._qgis_crs, target, self._transforms)


class QgisSource(Source):
    """The features of a QGIS layer, as they were on the main thread when the source was made.

    Filters, joins, virtual fields, edits in progress and the selection are in it. Batches may be read on any thread.
    ``cancelled`` is looked at before every feature.

    :raises Cancelled: from `bounds` and `batches`, once ``cancelled()`` is true.
    """

    cancelled: Callable[[], bool] = staticmethod(lambda: False)

    def __init__(
        self,
        layer: QgsVectorLayer,
        context: QgsProcessingContext,
        definition: QgsProcessingFeatureSourceDefinition | None = None,
    ):
        self.name = spoken_name(layer)
        self.crs = core_crs(layer.crs())
        self.geometry_kind = KINDS.get(layer.geometryType(), "unknown")
        self._qgis_crs = layer.crs()
        self._transforms = QgsCoordinateTransformContext(context.transformContext())
        self._features = QgsVectorLayerFeatureSource(layer)
        self._request = QgsFeatureRequest().setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)
        self._columns = self._read_columns(layer)
        self.fields = [field for _, field in self._columns.values()]
        self.count: int | None = layer.featureCount() if layer.featureCount() >= 0 else None
        if definition is not None:
            self._narrow(layer, context, definition)
        # A database knows the extent of a table; a file's or memory layer's may lag behind what was deleted.
        self._bounds = None
        if definition is None and layer.providerType() not in ("ogr", "memory") and not layer.isEditable():
            extent = layer.extent()
            self._bounds = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        self._fingerprint = self._take_fingerprint(layer, definition)
        is_shapefile = layer.dataProvider().storageType() == "ESRI Shapefile"
        self.shapefile = (file_behind(layer), layer.dataProvider().encoding()) if is_shapefile else None

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        if self._bounds is None and self.geometry_kind != "none":
            extent = QgsRectangle()
            for feature in self._read(QgsFeatureRequest(self._request).setNoAttributes()):
                extent.combineExtentWith(feature.geometry().boundingBox())
            if not extent.isNull():
                self._bounds = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return self._bounds

    def pipeline(self, target: pyproj.CRS) -> str | None:
        return chosen_pipeline(self._qgis_crs, target, self._transforms)

    def fingerprint(self) -> dict[str, Any]:
        return dict(self._fingerprint)

    def batches(
        self,
        columns: Sequence[str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        size: int = BATCH_FEATURES,
    ) -> Iterator[Batch]:
        missing = [name for name in columns if name not in self._columns]
        if missing:
            raise RedlineError("no_such_field", layer=self.name, field=missing[0])
        indices = [self._columns[name][0] for name in columns]
        request = QgsFeatureRequest(self._request).setSubsetOfAttributes(indices)
        if bbox is not None and request.limit() == -1:  # a limit counts the features of the whole layer
            request.setFilterRect(QgsRectangle(*bbox))
        wkb: list[bytes | None] = []
        rows: list[list[Any]] = []
        fids: list[int] = []
        weight = 0
        for feature in self._read(request):
            wkb.append(_wkb(feature.geometry()) if feature.hasGeometry() else None)
            rows.append([_python(feature.attribute(index)) for index in indices])
            fids.append(feature.id())
            weight += len(wkb[-1] or b"")
            if len(wkb) >= size or weight >= BATCH_VERTICES * BYTES_PER_VERTEX:
                yield _batch(wkb, rows, fids, columns)
                wkb, rows, fids, weight = [], [], [], 0
        if wkb:
            yield _batch(wkb, rows, fids, columns)

    def _read(self, request: QgsFeatureRequest) -> Iterator[QgsFeature]:
        for feature in self._features.getFeatures(request):
            if self.cancelled():  # a layer of QGIS must not be read on while QGIS or its project is closed
                raise Cancelled
            yield feature

    def _narrow(
        self, layer: QgsVectorLayer, context: QgsProcessingContext, definition: QgsProcessingFeatureSourceDefinition
    ) -> None:
        """Only the selected features, those of an expression, or the first so many."""
        if definition.selectedFeaturesOnly:
            self._request.setFilterFids(layer.selectedFeatureIds())
            self.count = layer.selectedFeatureCount()
        if definition.filterExpression:
            expressions = context.expressionContext()
            expressions.appendScope(QgsExpressionContextUtils.layerScope(layer))
            self._request.combineFilterExpression(definition.filterExpression)
            self._request.setExpressionContext(expressions)
            self.count = None
        if definition.featureLimit != -1:
            self._request.setLimit(definition.featureLimit)
            self.count = None if self.count is None else min(self.count, definition.featureLimit)

    def _read_columns(self, layer: QgsVectorLayer) -> dict[str, tuple[int, Field]]:
        """Index and field by name; without the feature id that a GeoPackage shows as its first field."""
        fields = layer.fields()
        feature_id = layer.dataProvider().pkAttributeIndexes() if layer.providerType() == "ogr" else []
        return {
            field.name(): (index, Field(field.name(), _type(field)))
            for index, field in enumerate(fields)
            if not (index in feature_id and fields.fieldOrigin(index) == Qgis.FieldOrigin.Provider)
            and field.type() not in NO_COLUMNS
        }

    def _take_fingerprint(
        self, layer: QgsVectorLayer, definition: QgsProcessingFeatureSourceDefinition | None
    ) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "location": layer.publicSource(),  # without user and password
            "layer": self.name,
            "provider": layer.providerType(),
            "features": self.count,
        }
        path = Path(layer.source().split("|")[0]) if layer.providerType() == "ogr" else None
        if path is not None and path.is_file():
            state = path.stat()
            facts["size"] = state.st_size
            facts["modified"] = datetime.fromtimestamp(state.st_mtime, UTC).isoformat()
        if layer.subsetString():
            facts["filter"] = layer.subsetString()
        if layer.isEditable():
            facts["edited"] = True
        if definition is not None:
            facts["selected_only"] = definition.selectedFeaturesOnly
            facts["expression"] = definition.filterExpression
        return facts


def _shapefile_encoding(layer: QgsVectorLayer, path: str, wanted: str | None) -> str | None:
    """The encoding the planner asks for where a Shapefile states none or a wrong one, else that QGIS reads it in."""
    if layer.dataProvider().storageType() != "ESRI Shapefile":
        return None
    stated = any(Path(path).with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))
    encoding = layer.dataProvider().encoding()
    if wanted and (not stated or _misread(path, encoding)):
        return wanted
    return None if encoding == "System" else encoding


def _misread(path: str, encoding: str) -> bool:
    try:
        return misread(path, encoding) is not None
    except OSError:
        return False


def _type(field: QgsField) -> str:
    return TYPES.get(field.type(), "text")


def _batch(wkb: list[bytes | None], rows: list[list[Any]], fids: list[int], columns: Sequence[str]) -> Batch:
    geometry = unwrapped(shapely.force_2d(shapely.from_wkb(np.array(wkb, dtype=object), on_invalid=ON_INVALID)))
    fields = {}
    for position, name in enumerate(columns):
        fields[name] = np.empty(len(rows), dtype=object)
        fields[name][:] = [row[position] for row in rows]
    return Batch(geometry=geometry, fields=fields, fid=np.array(fids, dtype=np.int64))


def _wkb(geometry: QgsGeometry) -> bytes:
    """WKB that GEOS can read: without measures, curves made straight."""
    shape = geometry.constGet()
    if QgsWkbTypes.hasM(shape.wkbType()):
        shape = shape.clone()
        shape.dropMValue()
    data = bytes(shape.asWkb())
    if QgsWkbTypes.isCurvedType(shape.wkbType()):
        return bytes(ogr.CreateGeometryFromWkb(data).GetLinearGeometry(ARC_STEP_DEGREES).ExportToWkb())
    return data


def _python(value: Any) -> Any:
    """An attribute as plain Python; None for null."""
    if isinstance(value, float):
        return value if value == value else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, QVariant):
        return None if value.isNull() else _python(value.value())
    if isinstance(value, QDateTime):
        return value.toPyDateTime() if value.isValid() else None
    if isinstance(value, QDate):
        return value.toPyDate() if value.isValid() else None
    if isinstance(value, QTime):
        return value.toString("HH:mm:ss") if value.isValid() else None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
