"""From QGIS layers to `core` sources: plain files are read in bulk by `core`, all else through QGIS features.

Sources are made on the main thread (`prepareAlgorithm`), where layers and the project may be touched; what they
hold afterwards are snapshots that any thread may read.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from .layer_metadata import metadata_of

if TYPE_CHECKING:
    from ..core.inputs.source import Source

TEXT_FILES = (".csv", ".tsv", ".txt")


def is_given(parameters: dict[str, Any], name: str) -> bool:
    """Whether a parameter has a value at all."""
    return parameters.get(name) not in (None, "", [])


def source_from_parameter(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    encoding: str | None = None,
) -> Source | None:
    """The source behind a feature source parameter, None where it was left empty. Main thread only.

    :param encoding: of a Shapefile that does not state its own.
    :raises QgsProcessingException: where the layer cannot be opened.
    """
    if not is_given(parameters, name):
        return None
    value, layer = parameters[name], _valid_layer(algorithm, parameters, name, context)
    definition = value if isinstance(value, QgsProcessingFeatureSourceDefinition) else None
    return source_from_layer(layer, context, definition, encoding)


def table_from_parameter(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    encoding: str | None = None,
) -> Source | None:
    """The table behind a vector layer parameter, None where it was left empty. Main thread only.

    A text file is read by `core`, which finds its encoding: QGIS takes it for UTF-8.
    """
    from ..core.inputs.tables import CsvSource

    if not is_given(parameters, name):
        return None
    layer = _valid_layer(algorithm, parameters, name, context)
    place = plain_file(layer)
    if place is not None and Path(place[0]).suffix.lower() in TEXT_FILES:
        return CsvSource(place[0])  # `encoding` is for Shapefiles
    return source_from_layer(layer, context, encoding=encoding)


def _valid_layer(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> QgsVectorLayer:
    layer = layer_from_parameter(algorithm, parameters, name, context)
    if layer is None or not layer.isValid():
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    return layer


def layer_from_parameter(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> QgsVectorLayer | None:
    """The layer behind a feature source parameter, whether all of it or a part is to be read."""
    value = parameters.get(name)
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        parameters = {name: value.source}  # QGIS resolves a definition only to features, not to its layer
    return algorithm.parameterAsVectorLayer(parameters, name, context)


def source_from_layer(
    layer: QgsVectorLayer,
    context: QgsProcessingContext,
    definition: QgsProcessingFeatureSourceDefinition | None = None,
    encoding: str | None = None,
) -> Source:
    """A bulk reader where the layer shows its file as it is, else a reader of its QGIS features. Main thread only."""
    source = _reader(layer, context, definition, encoding)
    source.about = metadata_of(layer)
    return source


def _reader(
    layer: QgsVectorLayer,
    context: QgsProcessingContext,
    definition: QgsProcessingFeatureSourceDefinition | None,
    encoding: str | None,
) -> Source:
    from ..core.errors import RedlineError
    from .readers import LayerFileSource, QgisSource

    whole = definition is None or not (
        definition.selectedFeaturesOnly or definition.featureLimit != -1 or definition.filterExpression
    )
    place = plain_file(layer) if whole else None
    if place is not None:
        try:
            source = LayerFileSource(layer, *place, context.transformContext(), encoding)
        except RedlineError:
            if encoding:
                raise
        else:
            # A field chosen in QGIS must be found: names that read differently there (their encoding) rule bulk out.
            if encoding or {field.name for field in source.fields} <= set(layer.fields().names()):
                return source
    return QgisSource(layer, context, definition)


def plain_file(layer: QgsVectorLayer) -> tuple[str, str | None] | None:
    """Path and layer name of the file that the layer shows unchanged; None where QGIS filters, joins or edits it."""
    if layer.providerType() != "ogr" or layer.subsetString() or layer.isEditable() or layer.vectorJoins():
        return None
    fields = layer.fields()
    if any(fields.fieldOrigin(index) != Qgis.FieldOrigin.Provider for index in range(fields.count())):
        return None
    if any(not part.startswith("layername=") for part in layer.source().split("|")[1:]):
        return None
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    if parts.get("vsiPrefix") or not parts.get("path") or not Path(parts["path"]).exists():
        return None
    return parts["path"], parts.get("layerName") or None


def file_behind(layer: QgsMapLayer) -> str:
    """The file a layer shows, by whatever provider; ``""`` where it shows none."""
    return QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path") or ""


def layer_name_in_file(layer: QgsMapLayer) -> str:
    """The name a layer has where it is stored, whatever the planner calls it in QGIS."""
    if layer.providerType() not in ("ogr", "gdal"):
        return ""
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    return parts.get("layerName") or Path(parts.get("path") or "").stem


def spoken_name(layer: QgsMapLayer) -> str:
    """The name messages use. QGIS gives all layers opened by their path the name of the file: not that one then."""
    file = Path(layer.source().split("|")[0]).stem
    return layer_name_in_file(layer) if layer.providerType() == "ogr" and layer.name() == file else layer.name()
