"""From the values of parameters to a request to `core`, and what can be refused before it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis, QgsMapLayer, QgsProcessingContext, QgsProcessingException, QgsVectorLayer

from ..core.errors import RedlineError
from ..core.profile import Profile, load_profile
from ..i18n import language
from .asked_for import asked_for
from .base import plugin_version
from .reopen import reopening
from .review_inputs import ReviewAlgorithm
from .sources import (
    is_given,
    layer_from_parameter,
    layer_name_in_file,
    source_from_layer,
    source_from_parameter,
    spoken_name,
    table_from_parameter,
)
from .town_inputs import TownAlgorithm

if TYPE_CHECKING:
    from ..core.inputs.source import Source
    from ..core.review.request import ReviewRequest

REVIEW_OBJECTS = ("site", "planned_area", "administrative_unit")
AREA_METHODS = ("ellipsoid", "planar")
WEB_MERCATOR = ("EPSG:3857", "EPSG:900913")
SOURCES = (
    "TOWNS", "CONSTRUCTION", "ECO_REDLINE", "FARMLAND", "URBAN_BOUNDARY", "COVERAGE", "LAND_USE", "PLANNED_LAND_USE",
    "EARLIER_LAND_USE", "BUILDINGS", "FIGURES", "TOWN_LIST",
)  # fmt: skip


def check_request(algorithm: TownAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
    """Refuse what would fail after minutes of work. Main thread only.

    :raises RedlineError: ``planar_needs_metres``, or what is wrong with the rules.
    """
    load_profile(algorithm.parameterAsFile(parameters, algorithm.PROFILE, context) or None)
    method = algorithm.parameterAsEnum(parameters, algorithm.AREA_METHOD, context)
    towns = layer_from_parameter(algorithm, parameters, algorithm.TOWNS, context)
    if AREA_METHODS[method] == "planar" and towns is not None and towns.crs().isValid():
        crs = towns.crs()
        if crs.isGeographic() or crs.mapUnits() != Qgis.DistanceUnit.Meters or crs.authid() in WEB_MERCATOR:
            raise RedlineError("planar_needs_metres", layer=spoken_name(towns), crs=crs.userFriendlyIdentifier())


def town_request(algorithm: TownAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
    """Towns and rules, without lines and outputs. Main thread only: layers are looked at here and never later.

    :raises RedlineError: for rules that cannot be read.
    :raises QgsProcessingException: for a layer that cannot be opened.
    """
    from ..core.review.request import ReviewRequest

    values = Values(algorithm, parameters, context)
    return ReviewRequest(
        towns=values.source(algorithm.TOWNS),
        profile=load_profile(values.text(algorithm.PROFILE)),
        lines={},
        town_id_field=values.text(algorithm.TOWN_ID_FIELD),
        town_name_field=values.text(algorithm.TOWN_NAME_FIELD),
        kind_field=values.text(algorithm.KIND_FIELD),
        review_object=REVIEW_OBJECTS[algorithm.parameterAsEnum(parameters, algorithm.REVIEW_OBJECT, context)],
        area_method=AREA_METHODS[algorithm.parameterAsEnum(parameters, algorithm.AREA_METHOD, context)],
        language=language(),
        tool=asked_for(algorithm, parameters, context),
        versions={"qgis": Qgis.version(), "plugin": plugin_version()},
    )


def review_request(
    algorithm: ReviewAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> ReviewRequest:
    """The request of a review against the lines, without its outputs. Main thread only.

    :raises RedlineError: as `town_request`, and for further lines that the rules do not know or that are twice.
    :raises QgsProcessingException: for a layer that cannot be opened.
    """
    request = town_request(algorithm, parameters, context)
    values = Values(algorithm, parameters, context)

    def fields(names: dict[str, str]) -> dict[str, str]:
        return {line: chosen for name, line in names.items() if (chosen := values.text(name))}

    layers = {
        line: layer_from_parameter(algorithm, parameters, name, context)
        for name, line in algorithm.LINES.items()
        if is_given(parameters, name)
    }
    lines = {line: values.source(name) for name, line in algorithm.LINES.items() if line in layers}
    extra = _extra_lines(algorithm, parameters, context, request.profile, lines)
    lines |= {line: values.of_layer(layer) for line, layer in extra.items()}
    reopen = {line: _reopened(layer, lines[line]) for line, layer in (layers | extra).items()}
    previous = values.text(algorithm.PREVIOUS)
    return replace(
        request,
        lines=lines,
        construction=values.source(algorithm.CONSTRUCTION),
        coverage=values.source(algorithm.COVERAGE),
        coverage_line_field=values.text(algorithm.COVERAGE_LINE_FIELD),
        approved_area_field=values.text(algorithm.APPROVED_AREA_FIELD),
        min_area=values.number(algorithm.MIN_AREA),
        min_width=values.number(algorithm.MIN_WIDTH),
        previous=Path(previous) if previous else None,
        zone_fields=fields(algorithm.ZONE_FIELDS),
        id_fields=fields(algorithm.ID_FIELDS),
        reopen={line: opening for line, opening in reopen.items() if opening},
    )


class Values:
    """The values of an algorithm's parameters as `core` takes them, None where left empty. Main thread only."""

    def __init__(self, algorithm: TownAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext):
        self._algorithm, self._parameters, self._context = algorithm, parameters, context
        self._encoding = algorithm.parameterAsString(parameters, algorithm.ENCODING, context) or None

    def text(self, name: str) -> str | None:
        return self._algorithm.parameterAsString(self._parameters, name, self._context) or None

    def number(self, name: str) -> float | None:
        if not is_given(self._parameters, name):
            return None
        return self._algorithm.parameterAsDouble(self._parameters, name, self._context)

    def choice(self, name: str, choices: tuple[str | None, ...]) -> str | None:
        """What stands at the place of an enum's value."""
        if not is_given(self._parameters, name):
            return None
        return choices[self._algorithm.parameterAsEnum(self._parameters, name, self._context)]

    def source(self, name: str) -> Source | None:
        return source_from_parameter(self._algorithm, self._parameters, name, self._context, self._encoding)

    def of_layer(self, layer: QgsVectorLayer) -> Source:
        return source_from_layer(layer, self._context, encoding=self._encoding)

    def table(self, name: str) -> Source | None:
        return table_from_parameter(self._algorithm, self._parameters, name, self._context, self._encoding)


def input_layers(
    algorithm: TownAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> list[QgsMapLayer]:
    """Every layer that is read. Main thread only."""
    given = [name for name in SOURCES if algorithm.parameterDefinition(name) and is_given(parameters, name)]
    layers = [layer_from_parameter(algorithm, parameters, name, context) for name in given]
    if algorithm.parameterDefinition("EXTRA_LINES"):
        layers += algorithm.parameterAsLayerList(parameters, "EXTRA_LINES", context)
    if algorithm.parameterDefinition("LAND_COVER") and is_given(parameters, "LAND_COVER"):
        layers.append(algorithm.parameterAsRasterLayer(parameters, "LAND_COVER", context))
    return [layer for layer in layers if isinstance(layer, QgsMapLayer)]


def _extra_lines(
    algorithm: ReviewAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    profile: Profile,
    given: dict[str, Source],
) -> dict[str, QgsVectorLayer]:
    """Layers of the further lines by line id, recognised by their names."""
    if not is_given(parameters, algorithm.EXTRA_LINES):
        return {}
    layers = algorithm.parameterAsLayerList(parameters, algorithm.EXTRA_LINES, context)
    value = parameters[algorithm.EXTRA_LINES]
    if len(layers) < (len(value) if isinstance(value, list | tuple) else 1):
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, algorithm.EXTRA_LINES))
    found: dict[str, QgsVectorLayer] = {}
    for layer in layers:
        # The file's name comes last: a delivery "farmland and reserves.gpkg" holds layers of several lines.
        names = (spoken_name(layer), layer_name_in_file(layer), layer.name())
        line = next(filter(None, map(profile.line_of_layer, names)), None)
        if line is None:
            names = ", ".join(name for known in profile.lines for name in known.layer_names)
            raise RedlineError("line_unknown", layer=spoken_name(layer), names=names)
        if line.id in given or line.id in found:
            raise RedlineError("line_given_twice", layer=spoken_name(layer), line=line.id)
        found[line.id] = layer
    return found


def _reopened(layer: QgsVectorLayer, source: Source) -> dict[str, str] | None:
    """How the layer of a line is opened again, in the encoding in which this run reads it."""
    return reopening(layer, getattr(source, "encoding", None))
