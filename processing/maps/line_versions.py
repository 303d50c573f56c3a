"""Which data the lines were, of packages that do not tell: from the metadata of the layers, while they are here."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsVectorLayer

from ...core.report.content import Content
from ..layer_metadata import metadata_of


def line_versions(content: Content) -> dict[str, str]:
    """By line what its layer's metadata say, in one line; of lines of which the package says nothing and whose file is
    here and as it was at the run. Main thread only.

    Runs write it into the package; those of earlier plugins did not, and a planner may have written it since.
    """
    told = {}
    for role, source in (content.facts.get("sources") or {}).items():
        place = str((source.get("reopen") or {}).get("source") or "")
        known = role in content.names and role not in content.versions
        if known and role not in content.browsed.changed and Path(place.split("|")[0]).exists():
            options = QgsVectorLayer.LayerOptions()
            options.loadDefaultStyle = False
            layer = QgsVectorLayer(place, source.get("layer") or "", "ogr", options)
            said = content.version(metadata_of(layer)) if layer.isValid() else ""
            if said:
                told[role] = said
    return told
