"""CRSs and transformations between QGIS and `core`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsCoordinateTransformContext

if TYPE_CHECKING:
    import pyproj


def core_crs(crs: QgsCoordinateReferenceSystem) -> pyproj.CRS | None:
    """A QGIS CRS for `core`: by its EPSG code where it has one, so that equal CRSs compare equal; None if invalid
    or a GeoPackage's placeholder for none."""
    import pyproj

    from ..core.inputs.crs import is_placeholder

    if not crs.isValid():
        return None
    if crs.authid().startswith("EPSG:"):
        return pyproj.CRS.from_user_input(crs.authid())
    known = pyproj.CRS.from_wkt(crs.toWkt(Qgis.CrsWktVariant.Preferred))
    return None if is_placeholder(known) else known


def qgis_crs(crs: pyproj.CRS | None) -> QgsCoordinateReferenceSystem:
    """A CRS of `core` for QGIS; invalid for None."""
    if crs is None:
        return QgsCoordinateReferenceSystem()
    authority = crs.to_authority(min_confidence=100)
    if authority is not None and authority[0] == "EPSG":
        return QgsCoordinateReferenceSystem(":".join(authority))
    return QgsCoordinateReferenceSystem.fromWkt(crs.to_wkt())


def chosen_pipeline(
    source: QgsCoordinateReferenceSystem, target: pyproj.CRS, transforms: QgsCoordinateTransformContext
) -> str | None:
    """The PROJ pipeline the project prescribes between two CRSs, x or longitude first; None where it has none."""
    destination = qgis_crs(target)
    pipeline = transforms.calculateCoordinateOperation(source, destination)
    if not pipeline:
        return None
    return reversed_pipeline(pipeline) if transforms.mustReverseCoordinateOperation(source, destination) else pipeline


def reversed_pipeline(pipeline: str) -> str:
    """The inverse of a PROJ operation: its steps in reverse order, each inverted."""
    steps = [step.split() for step in pipeline.replace("+proj=pipeline", "").split("+step")]
    inverted = [
        " ".join(word for word in step if word != "+inv") if "+inv" in step else " ".join(["+inv", *step])
        for step in reversed(steps)
        if step
    ]
    return "+proj=pipeline " + " ".join(f"+step {step}" for step in inverted)
