"""A result layer written through a QGIS feature sink. Imported when first needed: it brings the heavy libraries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely
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
    QgsProcessingUtils,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QMetaType

from ..core.inputs.source import Field
from ..core.review.layers import LayerWriter
from .background import Background
from .crs import qgis_crs

if TYPE_CHECKING:
    import pyproj

TYPES = {
    "integer": QMetaType.Type.LongLong,
    "real": QMetaType.Type.Double,
    "boolean": QMetaType.Type.Bool,
    "date": QMetaType.Type.QDate,
    "datetime": QMetaType.Type.QDateTime,
}


class SinkWriter(LayerWriter):
    """Writes to `memory:` or a database through QGIS, all at once when it is closed.

    Until then nothing exists outside, so a cancelled or failed run leaves the target as it was. `core` calls it from
    its worker; the sink itself is made and filled on the algorithm's thread. `layer` is the layer's id or source then.
    """

    def __init__(self, target: str, context: QgsProcessingContext, background: Background, points: bool = False):
        self.layer = ""
        self._target, self._points = target, points
        self._context = context
        self._background = background
        self._fields: Sequence[Field] = ()
        self._crs: QgsCoordinateReferenceSystem | None = None
        self._frames: list[pd.DataFrame] = []

    def open(self, fields: list[Field], crs: pyproj.CRS | None) -> None:
        self._fields, self._frames = fields, []
        # Here, not in `_fill`: pyproj must not work on QGIS's own threads, where it crashes (QGIS 3.44, PROJ 9.6).
        self._crs = None if crs is None else qgis_crs(crs)

    def write(self, frame: pd.DataFrame) -> None:
        self._frames.append(frame)

    def close(self) -> None:
        self._background.here(self._fill)
        self._frames = []

    def abort(self) -> None:
        self._frames = []

    def _fill(self) -> None:
        fields = QgsFields()
        for field in self._fields:
            fields.append(QgsField(field.name, TYPES.get(field.type, QMetaType.Type.QString)))
        kind = Qgis.WkbType.Point if self._points else Qgis.WkbType.MultiPolygon
        kind = Qgis.WkbType.NoGeometry if self._crs is None else kind
        sink, self.layer = QgsProcessingUtils.createFeatureSink(
            self._target, self._context, fields, kind, self._crs or QgsCoordinateReferenceSystem()
        )
        if sink is None:
            raise QgsProcessingException(self._target)
        for frame in self._frames:
            features = list(self._features(frame, fields))
            if not sink.addFeatures(features, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(sink.lastError() or self._target)
        if not sink.flushBuffer():
            raise QgsProcessingException(sink.lastError() or self._target)
        del sink  # closes a database's layer, so that it can be loaded

    def _features(self, frame: pd.DataFrame, fields: QgsFields) -> Iterator[QgsFeature]:
        columns = [[_qgis_value(value) for value in frame[field.name].tolist()] for field in self._fields]
        shapes = [None] * len(frame) if self._crs is None else shapely.to_wkb(frame["geometry"].to_numpy())
        for shape, row in zip(shapes, zip(*columns, strict=True), strict=True):
            feature = QgsFeature(fields)
            feature.setAttributes(list(row))
            if shape is not None:
                geometry = QgsGeometry()
                geometry.fromWkb(shape)
                if not self._points:
                    geometry.convertToMultiType()
                feature.setGeometry(geometry)
            yield feature


def _qgis_value(value: Any) -> Any:
    """A plain Python value for a QGIS attribute; None, NaN and NaT are null."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, datetime):
        return QDateTime(value.year, value.month, value.day, value.hour, value.minute, value.second)
    if isinstance(value, date):
        return QDate(value.year, value.month, value.day)
    return value
