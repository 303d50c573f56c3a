"""Files that are given to a tool though they cannot be read, or are no layers yet: refused by name, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingAlgorithm,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterMultipleLayers,
    QgsVectorLayer,
)

LAYERS = ("source", "vector", "multilayer")
POLYGONS = ("source", "multilayer")
FILES = ("file", "raster")


def refuse_files(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any]) -> None:
    """:raises RedlineError: those of `core.inputs.formats`, for the first input that is such a file."""
    from ..core.inputs.formats import refuse_as_layer, refuse_unreadable

    for definition in algorithm.parameterDefinitions():
        kind = _kind(definition)
        for source in _sources(parameters.get(definition.name())) if kind in (*LAYERS, *FILES) else ():
            path = source.partition("|")[0]
            # What QGIS opens is a layer, whatever it is called: some of its installers read such databases.
            if kind in FILES or not _opens(source):
                refuse_unreadable(path)
            if kind in POLYGONS and path == source:
                refuse_as_layer(path)


def _kind(definition: QgsProcessingParameterDefinition) -> str:
    several = isinstance(definition, QgsProcessingParameterMultipleLayers)
    return "file" if several and definition.layerType() == Qgis.ProcessingSourceType.File else definition.type()


def _sources(value: Any) -> Iterator[str]:
    """The texts among the value of a parameter: paths, sources and ids of layers."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    if isinstance(value, list | tuple):
        for one in value:
            yield from _sources(one)
    elif isinstance(value, str):
        yield value


def _opens(source: str) -> bool:
    from ..core.inputs.formats import UNREADABLE, suffix_of

    return suffix_of(source.partition("|")[0]) in UNREADABLE and QgsVectorLayer(source, "", "ogr").isValid()
