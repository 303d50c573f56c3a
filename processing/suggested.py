"""The tools' inputs suggested from the layers of the project, for who opens a tool from the menu or the panel."""

from __future__ import annotations

from typing import Any

from qgis.core import NULL, Qgis, QgsApplication, QgsProject, QgsVectorLayer, QgsVectorLayerUtils

from ..i18n import language, tr

PARAMETERS = {
    "towns": "TOWNS", "eco_redline": "ECO_REDLINE", "farmland": "FARMLAND", "urban_boundary": "URBAN_BOUNDARY",
    "coverage": "COVERAGE", "land_use": "LAND_USE", "planned_land_use": "PLANNED_LAND_USE", "buildings": "BUILDINGS",
}  # fmt: skip
EXTRA = "EXTRA_LINES"
FIELDS = {"id": "TOWN_ID_FIELD", "name": "TOWN_NAME_FIELD"}
OF_PLOTS = (("DKBH", "DKMC"), ("handle", "label"))  # of boundary points, of a drawing


def suggested(algorithm: str, plots: str = "") -> tuple[dict[str, Any], list[str]]:
    """Parameters of an algorithm, layers as their ids, and the reason for each. Nothing runs on them by itself.

    :param plots: id of a layer that is to be the towns.
    """
    from ..core.inputs.suggest import suggest, suggest_fields
    from ..core.profile import load_profile
    from ..core.report.texts import Texts

    tool = QgsApplication.processingRegistry().algorithmById(algorithm)
    known = {one.name(): one.description() for one in tool.parameterDefinitions()} if tool else {}
    project = QgsProject.instance()
    parameters: dict[str, Any] = {}
    reasons = []
    for one in suggest(_described(project), load_profile()):
        name = PARAMETERS.get(one.role, EXTRA)
        if name not in known or (plots and (name == "TOWNS" or one.layer == plots)):
            continue
        if name == EXTRA:
            parameters.setdefault(name, []).append(one.layer)
        else:
            parameters[name] = one.layer
        layer = project.mapLayer(one.layer).name()
        ways = {"name": tr("its name has “{what}”"), "group": tr("its group has “{what}”"),
                "fields": tr("it has the field {what}")}  # fmt: skip
        because = ways[one.because].format(what=one.found)
        reasons.append(Texts(language()).listed(known[name], [f"{layer} ({because})"]))
    if plots:
        return {**parameters, "TOWNS": plots, **town_fields(plots)}, reasons
    towns = project.mapLayer(parameters.get("TOWNS", ""))
    if isinstance(towns, QgsVectorLayer):
        fields = suggest_fields(field.name() for field in towns.fields())
        parameters |= {FIELDS[kind]: field for kind, field in fields.items() if FIELDS[kind] in known}
    return parameters, reasons


def town_fields(layer_id: str) -> dict[str, str]:
    """The fields of a layer of plots that hold ids and names, by their parameters; empty where they hold no such."""
    layer = QgsProject.instance().mapLayer(layer_id)
    names = layer.fields().names() if isinstance(layer, QgsVectorLayer) else []
    found = dict.fromkeys(FIELDS.values(), "")
    for pair in OF_PLOTS:
        if set(pair) <= set(names):
            ids, titles = (_texts(layer, name) for name in pair)
            unique = all(ids) and len(set(ids)) == len(ids)
            found["TOWN_ID_FIELD"] = pair[0] if unique else ""
            found["TOWN_NAME_FIELD"] = pair[1] if any(titles) else ""
    return found


def _texts(layer: QgsVectorLayer, field: str) -> list[str]:
    values, _ = QgsVectorLayerUtils.getValues(layer, field)
    return ["" if value in (None, NULL) else str(value) for value in values]


def _described(project: QgsProject) -> list:
    """The polygon layers, those higher in the layer tree first; what this plugin has made is none of them."""
    from ..core.inputs.suggest import Described

    described = []
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != Qgis.GeometryType.Polygon:
            continue
        fields = tuple(field.name() for field in layer.fields())
        if {"finding_id", "reviewed_verdict", "town_id"}.isdisjoint(fields):
            described.append(Described(layer.id(), _name(layer), fields, _groups(node)))
    return described


def _name(layer: QgsVectorLayer) -> str:
    """The layer's name, and that of its table in the file, which may be another."""
    _, _, table = layer.source().partition("layername=")
    return f"{layer.name()} {table.partition('|')[0]}".strip()


def _groups(node) -> tuple[str, ...]:
    names, parent = [], node.parent()
    while parent is not None and parent.parent() is not None:
        names.append(parent.name())
        parent = parent.parent()
    return tuple(names)
