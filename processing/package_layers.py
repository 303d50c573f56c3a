"""The layers of a review package in the project: found there, or added as the run itself adds them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsProject, QgsProviderRegistry, QgsVectorLayer

from ..i18n import tr
from .styling import ResultWords, dress

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.line_names import NamedLines

FINDINGS, TOWNS = "findings", "towns"


def layer_of(path: Path, name: str) -> QgsVectorLayer | None:
    """The layer of the project that shows this layer of a package."""
    for layer in QgsProject.instance().mapLayers().values():
        if isinstance(layer, QgsVectorLayer) and layer.providerType() == "ogr":
            parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
            if parts.get("layerName") == name and _same(parts.get("path") or "", path):
                return layer
    return None


def add_layers(path: Path, lines: NamedLines, texts: Texts) -> None:
    """Show the findings and, above them, the towns of a package, read-only, where the project does not yet."""
    project, words = QgsProject.instance(), ResultWords(lines, texts)
    for name, title in ((FINDINGS, tr("Findings")), (TOWNS, tr("Verdicts by town"))):
        if layer_of(path, name) is not None:
            continue
        layer = QgsVectorLayer(f"{path}|layername={name}", title, "ogr")
        if layer.isValid():
            dress(layer, name, words, read_only=True)
            project.addMapLayer(layer, False)
            _group().insertLayer(0, layer)


def _group():
    root, title = QgsProject.instance().layerTreeRoot(), tr("Red-line review")
    return root.findGroup(title) or root.insertGroup(0, title)


def _same(one: str | Path, other: str | Path) -> bool:
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))
