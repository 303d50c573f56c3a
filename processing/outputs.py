"""Where result layers go: files in bulk by `core`, everything else through a QGIS feature sink."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsDataSourceUri, QgsProcessingAlgorithm, QgsProcessingContext

if TYPE_CHECKING:
    from ..core.review.layers import LayerWriter
    from .background import Background
    from .styling import ResultStyle

PROVIDER = re.compile(r"^([a-z]{2,}):(.*)$", re.IGNORECASE | re.DOTALL)  # `C:\…` is a path


@dataclass
class Destination:
    """One result layer: where it is written, and how QGIS is to load it when the run is done."""

    target: str
    title: str
    details: QgsProcessingContext.LayerDetails | None = None
    _among_others: bool = False  # in a GeoPackage that was there before, and keeps its other layers

    @property
    def file(self) -> tuple[Path, str | None] | None:
        """Path and layer name where the target is a file or a table of a GeoPackage, None for all else."""
        provider = PROVIDER.match(self.target)
        if provider is None:
            path = Path(self.target)
            return (path if path.suffix else path.with_suffix(".gpkg")), None
        if provider[1] != "ogr":
            return None
        uri = QgsDataSourceUri(provider[2])
        return (Path(uri.database()), uri.table()) if uri.database() else (Path(provider[2]), None)

    def writer(self, context: QgsProcessingContext, background: Background, points: bool = False) -> LayerWriter:
        """What `core` writes the layer with, one of multipolygons or of points."""
        from ..core.review.layers import FileWriter
        from .sinks import SinkWriter

        if not self.file:
            named = f"memory:{self.title}" if self.target == "memory:" else self.target
            return SinkWriter(named, context, background, points)
        path, table = self.file
        self._among_others = path.suffix.lower() == ".gpkg" and path.exists()
        return FileWriter(path, table, points=points)

    def written(self, writer: LayerWriter) -> str:
        """The layer that was really made: its source in a file, or what QGIS named it."""
        if not self.file:
            return writer.layer
        path, table = self.file
        return f"{path}|layername={writer.layer}" if table or self._among_others else str(path)

    def load(self, layer: str, context: QgsProcessingContext, style: ResultStyle) -> None:
        """Have QGIS load `layer` (id or source), grouped and styled, where the planner asked for that."""
        if self.details is None:
            return
        self.details.groupName = style.group
        self.details.layerSortKey = style.order
        self.details.setPostProcessor(style)
        context.addLayerToLoadOnCompletion(layer, self.details)


def destination(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> Destination | None:
    """The destination a parameter names; None where this output was not asked for.

    What QGIS would load on completion is taken over: two outputs to `memory:` share one entry there, and the second
    would drive out the first.
    """
    target = algorithm.parameterAsOutputLayer(parameters, name, context)
    if not target:
        return None
    waiting = context.layersToLoadOnCompletion()
    details = waiting.pop(target, None)
    context.setLayersToLoadOnCompletion(waiting)
    return Destination(target, algorithm.parameterDefinition(name).description(), details)
