"""Which data a layer is, as its metadata say: title, number and date, written in QGIS and saved with the layer."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from qgis.core import Qgis, QgsLayerMetadata, QgsProviderRegistry, QgsVectorLayer
from qgis.PyQt.QtXml import QDomDocument

DATES = (Qgis.MetadataDateType.Published, Qgis.MetadataDateType.Revised, Qgis.MetadataDateType.Created)
# QGIS offers a layer's source as its identifier: a path or an address, which gets into no package and no paper.
_PLACE = re.compile(r"^([/\\]|[A-Za-z]:[/\\])|://|\||\b(dbname|host|service)=")


def metadata_of(layer: QgsVectorLayer) -> dict[str, str]:
    """``title``, ``number`` (identifier: an approval number, a version) and ``date`` of its data, those that are known.

    Main thread only. What stands beside a file and QGIS has not loaded is read too; the layer stays as it is.
    """
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    names = (layer.name(), parts.get("layerName"))  # which are told anyway
    return _said(layer.metadata(), names) or _said(_beside(layer), names)


def _beside(layer: QgsVectorLayer) -> QgsLayerMetadata:
    """What QGIS has saved beside the layer's file. The layer is not opened again for it: that may take long."""
    known, document = QgsLayerMetadata(), QDomDocument()
    path = Path(layer.metadataUri())
    if path.suffix == ".qmd" and path.is_file():
        with suppress(OSError, UnicodeDecodeError):
            document.setContent(path.read_text(encoding="utf-8"))
            known.readMetadataXml(document.firstChildElement("qgis"))
    return known


def _said(known: QgsLayerMetadata, names: Collection[str | None]) -> dict[str, str]:
    title, number = known.title().strip(), known.identifier().strip()
    said = {
        "title": "" if title in names else title,
        "number": "" if _PLACE.search(number) else number,
        "date": next((day.toString("yyyy-MM-dd") for day in map(known.dateTime, DATES) if day.isValid()), ""),
    }
    return {name: text for name, text in said.items() if text}
