"""From the values of a review's parameters to a request to `core`, and what can be refused before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis, QgsProcessingContext, QgsProcessingException, QgsVectorLayer

from ..core.errors import RedlineError
from ..core.profile import Profile, load_profile
from ..i18n import language
from .base import plugin_version
from .review_inputs import ReviewAlgorithm
from .sources import (
    is_given,
    layer_from_parameter,
    layer_name_in_file,
    source_from_layer,
    source_from_parameter,
    spoken_name,
)

if TYPE_CHECKING:
    from ..core.inputs.source import Source
    from ..core.review.request import ReviewRequest

REVIEW_OBJECTS = ("site", "planned_area", "administrative_unit")
AREA_METHODS = ("ellipsoid", "planar")
WEB_MERCATOR = ("EPSG:3857", "EPSG:900913")
SOURCES = ("TOWNS", "CONSTRUCTION", "ECO_REDLINE", "FARMLAND", "URBAN_BOUNDARY", "COVERAGE")


def check_request(algorithm: ReviewAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
    """Refuse what would fail after minutes of work. Main thread only.

    :raises RedlineError: ``no_line``, ``planar_needs_metres``, or what is wrong with the rules.
    """
    if not any(is_given(parameters, name) for name in (*algorithm.LINES, algorithm.EXTRA_LINES)):
        raise RedlineError("no_line")
    load_profile(algorithm.parameterAsFile(parameters, algorithm.PROFILE, context) or None)
    method = algorithm.parameterAsEnum(parameters, algorithm.AREA_METHOD, context)
    towns = layer_from_parameter(algorithm, parameters, algorithm.TOWNS, context)
    if AREA_METHODS[method] == "planar" and towns is not None and towns.crs().isValid():
        crs = towns.crs()
        if crs.isGeographic() or crs.mapUnits() != Qgis.DistanceUnit.Meters or crs.authid() in WEB_MERCATOR:
            raise RedlineError("planar_needs_metres", layer=spoken_name(towns), crs=crs.userFriendlyIdentifier())


def make_request(
    algorithm: ReviewAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> ReviewRequest:
    """The request of a review, without its outputs. Main thread only: layers are looked at here and never later.

    :raises RedlineError: for rules that cannot be read, and further lines that the rules do not know or that are twice.
    :raises QgsProcessingException: for a layer that cannot be opened.
    """
    from ..core.review.request import ReviewRequest

    encoding = algorithm.parameterAsString(parameters, algorithm.ENCODING, context) or None

    def source(name: str) -> Source | None:
        return source_from_parameter(algorithm, parameters, name, context, encoding)

    def field(name: str) -> str | None:
        return algorithm.parameterAsString(parameters, name, context) or None

    def number(name: str) -> float | None:
        return algorithm.parameterAsDouble(parameters, name, context) if is_given(parameters, name) else None

    def fields(names: dict[str, str]) -> dict[str, str]:
        return {line: chosen for name, line in names.items() if (chosen := field(name))}

    profile = load_profile(algorithm.parameterAsFile(parameters, algorithm.PROFILE, context) or None)
    previous = algorithm.parameterAsFile(parameters, algorithm.PREVIOUS, context)
    lines = {line: found for name, line in algorithm.LINES.items() if (found := source(name))}
    lines.update(_extra_lines(algorithm, parameters, context, profile, lines))
    return ReviewRequest(
        towns=source(algorithm.TOWNS),
        profile=profile,
        lines=lines,
        town_id_field=field(algorithm.TOWN_ID_FIELD),
        town_name_field=field(algorithm.TOWN_NAME_FIELD),
        kind_field=field(algorithm.KIND_FIELD),
        review_object=REVIEW_OBJECTS[algorithm.parameterAsEnum(parameters, algorithm.REVIEW_OBJECT, context)],
        construction=source(algorithm.CONSTRUCTION),
        coverage=source(algorithm.COVERAGE),
        coverage_line_field=field(algorithm.COVERAGE_LINE_FIELD),
        area_method=AREA_METHODS[algorithm.parameterAsEnum(parameters, algorithm.AREA_METHOD, context)],
        approved_area_field=field(algorithm.APPROVED_AREA_FIELD),
        min_area=number(algorithm.MIN_AREA),
        min_width=number(algorithm.MIN_WIDTH),
        previous=Path(previous) if previous else None,
        zone_fields=fields(algorithm.ZONE_FIELDS),
        id_fields=fields(algorithm.ID_FIELDS),
        language=language(),
        versions={"qgis": Qgis.version(), "plugin": plugin_version()},
    )


def input_layers(
    algorithm: ReviewAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> list[QgsVectorLayer]:
    """Every layer the review reads. Main thread only."""
    given = [name for name in SOURCES if is_given(parameters, name)]
    single = [layer_from_parameter(algorithm, parameters, name, context) for name in given]
    further = algorithm.parameterAsLayerList(parameters, algorithm.EXTRA_LINES, context)
    return [layer for layer in (*single, *further) if isinstance(layer, QgsVectorLayer)]


def _extra_lines(
    algorithm: ReviewAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    profile: Profile,
    given: dict[str, Source],
) -> dict[str, Source]:
    """Sources of the further lines by line id, recognised by the names of their layers."""
    if not is_given(parameters, algorithm.EXTRA_LINES):
        return {}
    layers = algorithm.parameterAsLayerList(parameters, algorithm.EXTRA_LINES, context)
    value = parameters[algorithm.EXTRA_LINES]
    encoding = algorithm.parameterAsString(parameters, algorithm.ENCODING, context) or None
    if len(layers) < (len(value) if isinstance(value, list | tuple) else 1):
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, algorithm.EXTRA_LINES))
    found: dict[str, Source] = {}
    for layer in layers:
        # The file's name comes last: a delivery "farmland and reserves.gpkg" holds layers of several lines.
        names = (spoken_name(layer), layer_name_in_file(layer), layer.name())
        line = next(filter(None, map(profile.line_of_layer, names)), None)
        if line is None:
            names = ", ".join(name for known in profile.lines for name in known.layer_names)
            raise RedlineError("line_unknown", layer=spoken_name(layer), names=names)
        if line.id in given or line.id in found:
            raise RedlineError("line_given_twice", layer=spoken_name(layer), line=line.id)
        found[line.id] = source_from_layer(layer, context, encoding=encoding)
    return found
