"""A layer with the contract's fields as the review panel shows it: a model's output, a file of `qgis_process`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from qgis.core import (
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProject,
    QgsVectorLayer,
)

from ..core.review.browse import Browsed, browsed_layer
from .readers import QgisSource

if TYPE_CHECKING:
    from ..core.inputs.source import Source

OF_TOWNS = ("town_id", "town_name", "verdict")


def layer_reader(layer_id: str) -> Callable[[Callable[[], bool]], Browsed] | None:
    """What reads a layer of findings of the project, on any thread, asking whether it has been cancelled; None where
    the layer has gone.

    Towns are those of a layer with verdicts in the same group of the layer tree, else as the findings name them.
    Call it on the main thread: what is read is as the layers are now.

    :raises Cancelled: by what is returned, soon after it has been cancelled.
    """
    layer = QgsProject.instance().mapLayer(layer_id)
    if not isinstance(layer, QgsVectorLayer):
        return None
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    beside = _towns_beside(layer)
    findings, towns = QgisSource(layer, context), QgisSource(beside, context) if beside else None
    crs = layer.crs().authid() or layer.crs().toWkt()

    def read(cancelled: Callable[[], bool]) -> Browsed:
        for source in filter(None, (findings, towns)):
            source.cancelled = cancelled
        table, fids, boxes = _read(findings)
        if towns is None:
            return browsed_layer(table, fids, boxes, crs)
        return browsed_layer(table, fids, boxes, crs, *_read(towns))

    return read


def near(layer: QgsVectorLayer, fids: list[int], x: float, y: float, reach: float) -> np.ndarray:
    """Which features of a layer lie within ``reach`` of a point of its CRS, bool, in the order of their ids."""
    place = QgsGeometry.fromPointXY(QgsPointXY(x, y))
    request = QgsFeatureRequest().setFilterFids(fids).setNoAttributes()
    there = {one.id() for one in layer.getFeatures(request) if 0 <= one.geometry().distance(place) <= reach}
    return np.isin(fids, list(there))


def _towns_beside(layer: QgsVectorLayer) -> QgsVectorLayer | None:
    """The layer of towns that came with these findings."""
    node = QgsProject.instance().layerTreeRoot().findLayer(layer.id())
    for sibling in node.parent().findLayers() if node else ():
        other = sibling.layer()
        fits = isinstance(other, QgsVectorLayer) and other.crs() == layer.crs()
        if fits and all(other.fields().indexOf(name) >= 0 for name in OF_TOWNS):
            return other
    return None


def _read(source: Source) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """All attributes, feature ids and bounds."""
    names = [field.name for field in source.fields]
    batches = [(pd.DataFrame(batch.fields, columns=names), batch.fid, shapely.bounds(batch.geometry))
               for batch in source.batches(names)]  # fmt: skip
    if not batches:
        return pd.DataFrame(columns=names), np.empty(0, dtype=np.int64), np.empty((0, 4))
    tables, fids, boxes = zip(*batches, strict=True)
    return pd.concat(tables, ignore_index=True), np.concatenate(fids), np.concatenate(boxes)
