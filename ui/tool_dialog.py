"""A tool's dialog: its inputs suggested from the project where nobody has chosen them, files taken that are dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import Qgis, QgsProcessingParameterFeatureSource, QgsProcessingParameterVectorLayer, QgsProject
from qgis.gui import QgisInterface
from qgis.PyQt.QtWidgets import QWidget

from ..i18n import tr
from .drop import Drops, makes_layers
from .dropped_plots import Loaded, load_plots, say
from .message import tell

TOWNS = "TOWNS"


def open_tool(name: str, parameters: dict[str, Any] | None = None, towns: str = "") -> Any:
    """Open the dialog of an algorithm, with these parameters or, where None, with what the project's layers suggest.

    :param towns: id of the layer of plots that is chosen as towns, whatever else could be.
    """
    from qgis import processing

    from ..processing.suggested import suggested

    reasons: list[str] = []
    if parameters is None:
        parameters, reasons = suggested(name, towns)
    dialog = processing.createAlgorithmDialog(name, parameters)
    if reasons:
        tell(dialog.messageBar(), tr("Suggested, please check"), reasons, Qgis.MessageLevel.Info)
        dialog.setInfo("\n".join([tr("Suggested, please check"), *reasons]), False, True)
    if dialog.algorithm().parameterDefinition(TOWNS):
        _take_files(dialog)
    dialog.show()
    return dialog


def take_plots(panel: QWidget, iface: QgisInterface) -> None:
    """What is dropped on the panel and makes a layer becomes one; QGIS's message bar says so and leads on."""

    def told(loaded: Loaded) -> None:
        then = {tr("Red-line overlap…"): lambda: open_tool("redline:overlap", towns=loaded.layers[0])}
        say(iface.messageBar(), loaded, (then if loaded.layers else {}) | _again(loaded))

    drops = Drops(panel, lambda paths, widget: makes_layers(paths))
    drops.taken.connect(lambda paths, widget: load_plots(paths, panel, told))


def _again(loaded: Loaded) -> dict[str, Callable[[], Any]]:
    """The tool of what made no layer, to be told more: the CRS, for instance."""
    return {tr("Open the tool…"): lambda job=job: open_tool(job.tool, job.parameters) for job in loaded.failed[:1]}


def _take_files(dialog: Any) -> None:
    """What is dropped on the dialog and makes a layer becomes one, chosen where it was dropped, else as towns."""

    def wants(paths: list[str], widget: QWidget) -> bool:
        # A text file dropped where a table is wanted is one, whatever it looks like.
        table = isinstance(_parameter_at(dialog, widget), QgsProcessingParameterVectorLayer)
        return not table and makes_layers(paths)

    def take(paths: list[str], widget: QWidget) -> None:
        at = _parameter_at(dialog, widget)
        parameter = at.name() if isinstance(at, QgsProcessingParameterFeatureSource) else TOWNS
        load_plots(paths, dialog, lambda loaded: _choose(dialog, parameter, loaded))

    Drops(dialog, wants).taken.connect(take)


def _parameter_at(dialog: Any, widget: QWidget) -> Any:
    """The parameter that a widget of the dialog is for."""
    for wrapper in dialog.mainWidget().wrappers.values():
        own = wrapper.wrappedWidget() if hasattr(wrapper, "wrappedWidget") else wrapper.widget
        if own is not None and (own is widget or own.isAncestorOf(widget)):
            return wrapper.parameterDefinition()
    return None


def _choose(dialog: Any, parameter: str, loaded: Loaded) -> None:
    from ..processing.suggested import town_fields

    if loaded.layers:
        layer = loaded.layers[0]
        dialog.setParameters({parameter: layer} | (town_fields(layer) if parameter == TOWNS else {}))
        title = dialog.algorithm().parameterDefinition(parameter).description()
        name = QgsProject.instance().mapLayer(layer).name()
        loaded.told.append(tr("Chosen as “{parameter}”: {layer}.").format(layer=name, parameter=title))
    say(dialog.messageBar(), loaded, _again(loaded))
    dialog.setInfo("\n".join([*loaded.told, *loaded.problems]), False, True)
