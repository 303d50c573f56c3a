"""The panel's top row: which package, runs, and what is taken out of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QFileDialog, QMenu, QToolButton, QWidget

from ..i18n import language, tr
from . import settings
from .opening import Beside
from .tool_dialog import open_tool

FINDING_FIELDS = ("finding_id", "area_m2")


class PackageBar(QObject):
    """:ivar open_package: a path. :ivar open_layer: a layer's id. :ivar tool_ended: a tool has run, which may have
    changed the package. :ivar failed: the exception why something was not done. :ivar told: what the planner should
    know of it. :ivar map_wanted: the map sheet of the chosen town.
    """

    open_package = pyqtSignal(str)
    open_layer = pyqtSignal(str)
    tool_ended = pyqtSignal()
    failed = pyqtSignal(object)
    told = pyqtSignal(str)
    map_wanted = pyqtSignal()

    def __init__(self, panel: QWidget):
        super().__init__(panel)
        self._window, self._path = panel, ""
        self._copying = Beside(self)
        self._copying.done.connect(lambda name: self.told.emit(tr("Copied to {name}.").format(name=name)))
        self._copying.failed.connect(self.failed)
        for button, title, icon, fill in (
            (panel.openButton, tr("Open"), "/mActionFileOpen.svg", self._fill_open),
            (panel.runButton, tr("Run"), "/mActionStart.svg", self._fill_run),
            (panel.shareButton, tr("Export"), "/mActionSharingExport.svg", self._fill_share),
        ):
            button.setText(title)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            menu = _drop_down(button, icon)
            menu.aboutToShow.connect(lambda menu=menu, fill=fill: (menu.clear(), fill(menu)))
        options = _drop_down(panel.optionsButton, "/mActionOptions.svg")
        panel.optionsButton.setToolTip(tr("Options"))
        for name, title in (("zoom", tr("Zoom to what is selected")), ("flash", tr("Flash what is selected"))):
            action = options.addAction(title)
            action.setCheckable(True)
            action.setChecked(settings.flag(name))
            action.toggled.connect(lambda chosen, name=name: settings.set_flag(name, chosen))

    def show(self, path: Path | None) -> None:
        """The package that is open."""
        self._path = str(path or "")
        if path:
            settings.add_recent(path)

    def run_again(self) -> None:
        """Open the tool that made the package, filled in as it was then."""
        from ..core.errors import RedlineError
        from ..core.report.texts import Texts
        from ..core.review.package import open_package
        from ..processing.filled_in import filled_in, not_filled_in

        try:
            name, parameters = filled_in(self._path)
            with open_package(self._path, newer=True) as package:
                missing = not_filled_in(package.manifest(), parameters)
        except RedlineError as error:
            self.failed.emit(error)
            return
        self._open_tool(name, parameters)
        if missing:
            inputs = Texts(language()).comma.join(_titles(name, missing))
            self.told.emit(tr("To be chosen again in the tool: {inputs}.").format(inputs=inputs))

    def merge(self, path: str) -> None:
        """Open the tool that takes in a colleague's decisions."""
        self._open_tool("redline:mergedecisions", {"PACKAGE": self._path, "DECISIONS": path})

    def _open_tool(self, name: str, parameters: dict[str, Any] | None = None) -> None:
        # Closed, it deletes itself: not before what it runs has ended.
        open_tool(name, parameters).algorithmFinished.connect(self.tool_ended)

    def _fill_open(self, menu: QMenu) -> None:
        _add(menu, tr("Review package…"), self._choose)
        recent = [path for path in settings.recent() if path != self._path]
        if recent:
            menu.addSection(tr("Opened recently"))
        for path in recent:
            action = _add(menu, Path(path).name, lambda path=path: self.open_package.emit(path))
            action.setToolTip(path)  # whether it is still there shows when it is opened: a drive may be slow or away
        menu.setToolTipsVisible(True)
        layers = {i: layer.name() for i, layer in QgsProject.instance().mapLayers().items() if _has_findings(layer)}
        if layers:
            menu.addSection(tr("Findings of a layer, to look at"))
        for layer_id, name in layers.items():
            _add(menu, name, lambda layer_id=layer_id: self.open_layer.emit(layer_id))

    def _fill_run(self, menu: QMenu) -> None:
        again = _add(menu, tr("Run this review again…"), self.run_again)
        menu.addSeparator()
        self._add_tool(menu, tr("Red-line overlap…"), "redline:overlap")
        self._add_tool(menu, tr("Land-use intensity…"), "redline:intensity")
        self._add_tool(menu, tr("Review of everything…"), "redline:review")
        menu.addSeparator()
        compare = self._add_tool(menu, tr("Compare with another run…"), "redline:compare", NEW=self._path)
        for action in (again, compare):
            action.setEnabled(bool(self._path))

    def _fill_share(self, menu: QMenu) -> None:
        package = {"PACKAGE": self._path}
        _add(menu, tr("Map of the chosen town"), self.map_wanted.emit)
        self._add_tool(menu, tr("Maps for the meeting…"), "redline:exportmaps", **package)
        self._add_tool(menu, tr("Report…"), "redline:exportreport", **package)
        self._add_tool(menu, tr("Meeting pack…"), "redline:meetingpack", **package)
        menu.addSeparator()
        self._add_tool(menu, tr("Decisions to a file…"), "redline:exportdecisions", **package)
        self._add_tool(menu, tr("Decisions of a colleague…"), "redline:mergedecisions", **package)
        _add(menu, tr("Copy of the package…"), self._choose_copy)
        for action in menu.actions():
            action.setEnabled(bool(self._path))

    def _add_tool(self, menu: QMenu, title: str, name: str, **parameters: str) -> QAction:
        return _add(menu, title, lambda: self._open_tool(name, parameters or None))

    def _choose(self) -> None:
        start = str(Path(self._path or next(iter(settings.recent()), "")).parent)
        kinds = tr("Review package (*.gpkg)")
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Open a review package"), start, kinds)
        if path:
            self.open_package.emit(path)

    def _choose_copy(self) -> None:
        from ..core.review.exchange import copy_package

        kinds, package, path = tr("Review package (*.gpkg)"), self._path, self._path
        while True:
            path, _ = QFileDialog.getSaveFileName(self._window, tr("Copy the package to"), path, kinds)
            if path.lower().endswith(".gpkg") or not path:
                break
            path = f"{path}.gpkg"
            if not Path(path).exists():  # nobody has been asked whether that file may go
                break
        if path:
            self._copying.begin(lambda cancelled: copy_package(package, path) or Path(path).name)


def _has_findings(layer: Any) -> bool:
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != Qgis.GeometryType.Polygon:
        return False
    return all(layer.fields().indexOf(name) >= 0 for name in FINDING_FIELDS)


def _titles(algorithm: str, parameters: list[str]) -> list[str]:
    """Parameters as the tool's dialog calls them."""
    tool = QgsApplication.processingRegistry().createAlgorithmById(algorithm)
    known = {one.name(): one.description() for one in tool.parameterDefinitions()} if tool else {}
    return [known.get(name, name) for name in parameters]


def _drop_down(button: QToolButton, icon: str) -> QMenu:
    """The menu that a click on the button shows."""
    button.setIcon(QgsApplication.getThemeIcon(icon))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(QMenu(button))
    return button.menu()


def _add(menu: QMenu, title: str, run: Callable[[], Any]) -> QAction:
    action = menu.addAction(title.replace("&", "&&"))
    action.triggered.connect(lambda checked=False: run())
    return action
