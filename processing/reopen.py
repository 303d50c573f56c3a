"""How QGIS opens a layer again: a string that may stand in a package, so without passwords and keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsDataSourceUri,
    QgsMapLayer,
    QgsProcessingUtils,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..core.review.secrets import SECRET

ARCHIVES = ("/vsizip/", "/vsitar/", "/vsigzip/", "/vsi7z/", "/vsirar/")
NOTHING_LASTS = ("memory", "virtual")  # these hold, or name, what is gone with the project


def reopening(layer: QgsMapLayer, encoding: str | None = None) -> dict[str, str] | None:
    """``source``, the string with which QGIS opens a layer again, and ``crs``, where another was set for it in QGIS.

    None for a layer that lasts no longer than the project, or whose source holds a secret. Main thread only.

    :param encoding: in which its texts were read, where that is not as its properties say.
    """
    if not isinstance(layer, QgsVectorLayer | QgsRasterLayer) or not layer.isValid():
        return None
    if isinstance(layer, QgsVectorLayer):
        encoding = encoding or layer.dataProvider().encoding()
    source = lasting_source(layer.providerType(), layer.source(), encoding)
    if source is None:
        return None
    crs = layer.crs()
    of_source = layer.dataProvider().crs()
    return {"source": source} if crs == of_source else {"source": source, "crs": crs_text(crs)}


def lasting_source(provider: str, source: str, encoding: str | None = None) -> str | None:
    """A layer's source as Processing takes it, of another provider than QGIS's own for files with its name before.

    None where it cannot be opened later, or not without a secret that stands in it. Files get their whole path; the
    reference to a stored login (``authcfg``) stays, since it tells nobody the login.
    """
    if provider in NOTHING_LASTS:
        return None
    if provider in ("ogr", "gdal"):
        return _of_file(provider, source, encoding)
    if provider != "delimitedtext":  # whose source is the address of a file
        uri = QgsDataSourceUri(source)
        uri.setPassword("")
        source = uri.uri(False)  # True would write the login behind `authcfg` into it
    # What still looks like a secret is not kept at all.
    return None if SECRET.search(source) else QgsProcessingUtils.encodeProviderKeyAndUri(provider, source)


def _of_file(provider: str, source: str, encoding: str | None) -> str | None:
    """All else that GDAL opens (databases, services) takes passwords in ways without number."""
    registry = QgsProviderRegistry.instance()
    parts = registry.decodeUri(provider, source)
    path = parts.get("path") or ""
    if not path or parts.get("vsiPrefix", "") not in ("", *ARCHIVES) or not Path(path).exists():
        return None
    parts["path"] = str(Path(path).absolute())
    if encoding and encoding not in ("System", _stated_encoding(Path(path))):
        others = [option for option in parts.get("openOptions") or [] if not option.upper().startswith("ENCODING=")]
        parts["openOptions"] = [*others, f"ENCODING={encoding}"]
    return registry.encodeUri(provider, parts)


def _stated_encoding(path: Path) -> str:
    """The encoding in which a file is read when it is opened anew, as far as that is known without opening it."""
    suffixes = (".cpg", ".CPG") if path.suffix.lower() in (".shp", ".dbf") else ()
    stated = [file for suffix in suffixes if (file := path.with_suffix(suffix)).is_file()]
    return stated[0].read_text("ascii", "replace").strip() if stated else "UTF-8"


def crs_text(crs: QgsCoordinateReferenceSystem) -> str:
    """A CRS as `QgsCoordinateReferenceSystem` reads it; ``""`` for none."""
    return crs.authid() or (crs.toWkt(Qgis.CrsWktVariant.Preferred) if crs.isValid() else "")


def remembered(facts: Mapping[str, Any]) -> dict[str, str] | None:
    """`reopening` from what a manifest tells of a source, which older packages do not say in so many words.

    None where it does not tell.
    """
    if "reopen" in facts:
        return dict(facts["reopen"])
    location = str(facts.get("location") or "")
    if "provider" in facts:
        source = lasting_source(facts["provider"], location)
        return {"source": source} if source else None
    names = [layer.name() for layer in QgsProviderRegistry.instance().querySublayers(location)] if location else []
    if len(names) > 1 and facts.get("layer") not in names:  # called otherwise in QGIS: any of them may be meant
        return None
    return {"source": f"{location}|layername={facts['layer']}" if len(names) > 1 else location} if location else None


def split_source(source: str) -> tuple[str, str]:
    """Provider and source behind a string of `lasting_source`."""
    known, provider, uri = QgsProcessingUtils.decodeProviderKeyAndUri(source)
    return (provider, uri) if known else ("ogr", source)
