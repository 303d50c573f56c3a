"""Which data the lines were: title, version or approval number and date, from the metadata of their layers."""

from __future__ import annotations

from pathlib import Path

from qgis.core import Qgis, QgsLayerMetadata, QgsVectorLayer

from ...core.report.content import Content

DATES = (Qgis.MetadataDateType.Published, Qgis.MetadataDateType.Revised, Qgis.MetadataDateType.Created)


def line_versions(content: Content) -> dict[str, str]:
    """By line what its layer's metadata say, in one line; of lines whose file is here and as it was at the run.

    Planners write them in QGIS: layer properties, *Metadata*, saved as the layer's default.
    """
    told = {}
    for role, source in (content.facts.get("sources") or {}).items():
        place = str((source.get("reopen") or {}).get("source") or "")
        here = role in content.names and role not in content.browsed.changed and Path(place.split("|")[0]).exists()
        if here:
            said = _said(place, source.get("layer") or "", content)
            if said:
                told[role] = said
    return told


def _said(place: str, name: str, content: Content) -> str:
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = QgsVectorLayer(place, name, "ogr", options)
    if not layer.isValid():
        return ""
    layer.loadDefaultMetadata()
    known = layer.metadata()
    title = known.title() if known.title() != name else ""
    return content.texts.comma.join(dict.fromkeys(part for part in (title, known.identifier(), _day(known)) if part))


def _day(known: QgsLayerMetadata) -> str:
    dates = (known.dateTime(kind) for kind in DATES)
    return next((date.toString("yyyy-MM-dd") for date in dates if date.isValid()), "")
