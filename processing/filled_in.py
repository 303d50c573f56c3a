"""A tool filled in as it was when it wrote a package, to run it again on what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingFeatureSourceDefinition, QgsProject

from .intensity_inputs import CLASS_SYSTEMS, LEGENDS, MONEY_UNITS, IntensityInputs
from .reopen import remembered, reopening
from .request import AREA_METHODS, REVIEW_OBJECTS, SOURCES
from .review_inputs import ReviewAlgorithm

LAYERS = (*SOURCES, "LAND_COVER", ReviewAlgorithm.EXTRA_LINES)
# Of packages that do not say how the tool was asked: parameters by the roles of sources, fields and land use.
_ROLES = {
    "towns": "TOWNS", "construction": "CONSTRUCTION", "coverage": "COVERAGE", "land_use": "LAND_USE",
    "planned_land_use": "PLANNED_LAND_USE", "earlier_land_use": "EARLIER_LAND_USE", "buildings": "BUILDINGS",
    "land_cover": "LAND_COVER", "figures": "FIGURES", "list": "TOWN_LIST",
} | {line: name for name, line in ReviewAlgorithm.LINES.items()}  # fmt: skip
_FIELDS = {
    "town_id": "TOWN_ID_FIELD", "town_name": "TOWN_NAME_FIELD", "kind": "KIND_FIELD",
    "coverage_line": "COVERAGE_LINE_FIELD", "approved_area": "APPROVED_AREA_FIELD",
}  # fmt: skip
_LAND_USES = {
    "land_use": ("LAND_USE_CODE_FIELD", "CLASS_SYSTEM"),
    "planned_land_use": ("PLANNED_CODE_FIELD", "PLANNED_CLASS_SYSTEM"),
    "earlier_land_use": ("EARLIER_CODE_FIELD", "EARLIER_CLASS_SYSTEM"),
}


def filled_in(package: str | Path, project: QgsProject | None = None) -> tuple[str, dict[str, Any]]:
    """Id of the algorithm that wrote a package and parameters for `processing.createAlgorithmDialog`. Main thread only.

    The package itself is refilled, so decisions stay. Layers that the project has loaded from the same place are given
    by their ids. What cannot be had again as it was is left out, never replaced by something like it: a layer that was
    in memory or behind a password in its address; one whose CRS was set in QGIS, or of which only selected features
    were taken, unless it is loaded. Secrets are not in packages: QGIS asks for a database's login again.

    :param project: where loaded layers are looked for; None: the open one.
    :raises RedlineError: those of `core.review.package.open_package`.
    """
    from ..core.review.package import open_package

    with open_package(package) as opened:
        tool = _tool(opened.manifest())
    loaded = _loaded(project or QgsProject.instance())
    parameters = {}
    for name, value in tool["parameters"].items():
        if name == ReviewAlgorithm.EXTRA_LINES:
            value = [found for one in value if (found := _layer(one, loaded)) is not None] or None
        elif name in LAYERS:
            value = _layer(value, loaded)
        elif name == ReviewAlgorithm.PREVIOUS and not Path(value).exists():
            continue
        if value is not None:
            parameters[name] = value
    return tool["algorithm"], {**parameters, ReviewAlgorithm.REVIEW: str(package)}


def not_filled_in(facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[str]:
    """Names of the inputs that a run had and that `filled_in` could not, or not all, give again in ``parameters``.

    :param facts: the package's manifest.
    """
    tool = _tool(facts)
    extra = ReviewAlgorithm.EXTRA_LINES
    fewer = len(parameters.get(extra, ())) < len(tool["parameters"].get(extra, ()))
    missing = [name for name in tool["parameters"] if name not in parameters or (name == extra and fewer)]
    return list(dict.fromkeys([*missing, *tool["left_out"]]))


def _tool(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return facts.get("tool") or _rebuilt(facts)


def _loaded(project: QgsProject) -> dict[tuple[str, str | None], str]:
    """Ids of the project's layers by the source and the CRS with which they are opened."""
    found = {}
    for layer_id, layer in project.mapLayers().items():
        if opening := reopening(layer):
            found.setdefault((opening["source"], opening.get("crs")), layer_id)
    return found


def _layer(value: str | Mapping[str, Any], loaded: Mapping[tuple[str, str | None], str]) -> Any:
    """A layer's parameter as Processing takes it, None where it would not be what it was."""
    asked = {"source": value} if isinstance(value, str) else value
    crs, selected = asked.get("crs"), asked.get("selected", False)
    there = loaded.get((asked["source"], crs))
    if there is None and (crs is not None or selected):
        return None
    source = there or asked["source"]
    expression, limit = asked.get("expression", ""), asked.get("limit", -1)
    if not selected and not expression and limit == -1:
        return source
    return QgsProcessingFeatureSourceDefinition(
        source, selectedFeaturesOnly=selected, featureLimit=limit, filterExpression=expression
    )


def _rebuilt(facts: Mapping[str, Any]) -> dict[str, Any]:
    """`asked_for`, as far as a package tells it that does not say how the tool was asked."""
    fields, intensity = facts.get("fields") or {}, facts.get("intensity")
    parameters: dict[str, Any] = {}
    extra, left_out = [], []
    for role, source in (facts.get("sources") or {}).items():
        opening = remembered(source)
        name = _ROLES.get(role, ReviewAlgorithm.EXTRA_LINES)
        if opening is None or source.get("edited"):
            left_out.append(name)
            continue
        asked = {**opening, "selected": bool(source.get("selected_only")), "expression": source.get("expression") or ""}
        if role in _ROLES:
            parameters[name] = asked
        else:
            extra.append(asked)
    if extra:
        parameters[ReviewAlgorithm.EXTRA_LINES] = extra
    parameters |= {name: fields.get(key) for key, name in _FIELDS.items()}
    parameters |= {name: (fields.get("zones") or {}).get(line) for name, line in ReviewAlgorithm.ZONE_FIELDS.items()}
    parameters |= {name: (fields.get("ids") or {}).get(line) for name, line in ReviewAlgorithm.ID_FIELDS.items()}
    parameters["AREA_METHOD"] = _place(AREA_METHODS, facts.get("area_method"))
    parameters["REVIEW_OBJECT"] = _place(REVIEW_OBJECTS, facts.get("review_object"))
    parameters["PREVIOUS"] = facts.get("previous")
    if intensity:
        parameters |= _of_intensity(intensity)
    given = {name: value for name, value in parameters.items() if value is not None}
    algorithm = "redline:review" if intensity else "redline:overlap"
    return {"algorithm": algorithm, "parameters": given, "left_out": left_out}


def _of_intensity(facts: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for role, (field, system) in _LAND_USES.items():
        found[field] = (facts.get("code_fields") or {}).get(role)
        found[system] = _place(CLASS_SYSTEMS, (facts.get("class_systems") or {}).get(role, ""))
    for figure, name in IntensityInputs.FIGURE_FIELDS.items():
        found[name] = (facts.get("figures") or {}).get(figure, (None, None))[1]
    found["LEGEND"] = _place(LEGENDS, facts.get("legend"))
    found["MONEY_UNIT"] = _place(MONEY_UNITS, facts.get("money_unit"))
    return found


def _place(choices: tuple[str | None, ...], chosen: str | None) -> int | None:
    return choices.index(chosen) if chosen in choices else None
