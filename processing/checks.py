"""Outputs that would overwrite an input or one another are refused before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessing, QgsProcessingContext, QgsProcessingOutputLayerDefinition

from ..core.errors import RedlineError
from .outputs import Destination
from .request import input_layers
from .sources import file_behind, layer_name_in_file, spoken_name

PACKAGE = "REVIEW"
SHORT_NAMES = (".shp", ".dbf")  # ten characters at most
TABLES_ONLY = (".csv", ".xlsx", ".ods", ".dbf", ".txt")  # hold no polygons

if TYPE_CHECKING:
    from .town_inputs import TownAlgorithm


def check_outputs(algorithm: TownAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
    """:raises RedlineError: ``output_is_input``, ``outputs_are_one``, ``package_not_gpkg``, or
    ``long_names_need_gpkg``.
    """
    inputs = [
        (_same(path), layer_name_in_file(layer), spoken_name(layer))
        for layer in input_layers(algorithm, parameters, context)
        if (path := file_behind(layer))
    ]
    profile = algorithm.parameterAsFile(parameters, algorithm.PROFILE, context)
    if profile:
        inputs.append((_same(profile), "", Path(profile).name))
    taken: list[tuple[str, str | None]] = []
    for name in (*algorithm.STYLES, PACKAGE):
        place = _place(algorithm, parameters, name, context)
        if place is None:
            continue
        path, table = place
        title = algorithm.parameterDefinition(name).description()
        if name == PACKAGE and path.suffix.lower() != ".gpkg":
            raise RedlineError("package_not_gpkg", path=str(path))
        if algorithm.STYLES.get(name) and path.suffix.lower() in TABLES_ONLY:
            raise RedlineError("layer_needs_geometry", output=title, path=str(path))
        if name in algorithm.LONG_NAMES and path.suffix.lower() in SHORT_NAMES:
            raise RedlineError("long_names_need_gpkg", output=title, path=str(path))
        for input_path, input_table, layer in inputs:
            if input_path == _same(path) and table in (None, input_table):
                raise RedlineError("output_is_input", output=title, layer=layer, path=str(path))
        for other, other_table in taken:
            if other == _same(path) and (table is None or other_table is None or table == other_table):
                raise RedlineError("outputs_are_one", output=title, path=str(path))
        taken.append((_same(path), table))


def _place(
    algorithm: TownAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> tuple[Path, str | None] | None:
    """File and table an output goes to; None for temporary ones and those that are no files."""
    value = parameters.get(name)
    sink = value.sink.staticValue() if isinstance(value, QgsProcessingOutputLayerDefinition) else value
    if not isinstance(sink, str) or sink in ("", QgsProcessing.TEMPORARY_OUTPUT):
        return None
    return Destination(sink, "").file


def _same(path: str | Path) -> str:
    """One spelling of a path."""
    return str(Path(path).resolve()).casefold()
