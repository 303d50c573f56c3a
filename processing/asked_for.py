"""How a tool was asked for, as a fact that may stand in a package: `filled_in.py` opens it so again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterDefinition,
)

from .reopen import reopening
from .sources import is_given, layer_from_parameter

VECTORS, RASTERS, SEVERAL = ("source", "vector"), ("raster",), ("multilayer",)


def asked_for(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """``algorithm``, its id; ``parameters``, what was given for its inputs; ``left_out``, names of those of which
    nothing lasting can be said, such as layers in memory. Main thread only.

    A layer is the string with which QGIS opens it, or where that does not say all of it a dictionary: ``source``,
    ``crs`` as set in QGIS, ``selected``, ``expression``, ``limit``. Outputs are not in it.
    """
    kept: dict[str, Any] = {}
    left_out = []
    for definition in algorithm.parameterDefinitions():
        name = definition.name()
        if definition.isDestination() or not is_given(parameters, name):
            continue
        value = _value(algorithm, definition, parameters, context)
        several = value if isinstance(value, list) else [value]
        lasting = [one for one in several if one is not None]
        if len(lasting) < len(several):
            left_out.append(name)
        if lasting:
            kept[name] = lasting if isinstance(value, list) else value
    return {"algorithm": algorithm.id(), "parameters": kept, "left_out": left_out}


def _value(
    algorithm: QgsProcessingAlgorithm,
    definition: QgsProcessingParameterDefinition,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
) -> Any:
    name, kind = definition.name(), definition.type()
    if kind in VECTORS:
        return _layer(layer_from_parameter(algorithm, parameters, name, context), parameters[name])
    if kind in RASTERS:
        return _layer(algorithm.parameterAsRasterLayer(parameters, name, context))
    if kind in SEVERAL:
        return [_layer(layer) for layer in algorithm.parameterAsLayerList(parameters, name, context)]
    if kind == "file":
        return str(Path(algorithm.parameterAsFile(parameters, name, context)).absolute())
    read = _PLAIN.get(kind)
    return None if read is None else read(algorithm, parameters, name, context)


def _layer(layer: QgsMapLayer | None, value: Any = None) -> str | dict[str, Any] | None:
    opening = reopening(layer) if layer is not None else None
    if opening is None:
        return None
    facts: dict[str, Any] = dict(opening)
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        if value.selectedFeaturesOnly:
            facts["selected"] = True
        if value.filterExpression:
            facts["expression"] = value.filterExpression
        if value.featureLimit != -1:
            facts["limit"] = value.featureLimit
    return facts["source"] if len(facts) == 1 else facts


_Read = Callable[[QgsProcessingAlgorithm, dict[str, Any], str, QgsProcessingContext], Any]
_PLAIN: dict[str, _Read] = {
    "enum": QgsProcessingAlgorithm.parameterAsEnum,
    "number": QgsProcessingAlgorithm.parameterAsDouble,
    "boolean": QgsProcessingAlgorithm.parameterAsBool,
    "field": QgsProcessingAlgorithm.parameterAsString,
    "string": QgsProcessingAlgorithm.parameterAsString,
}
