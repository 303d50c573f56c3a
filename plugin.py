"""The plugin as QGIS loads it: translator, Processing provider, menu and toolbar, the dock of the review panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QLabel, QMessageBox, QToolBar

from . import i18n
from .i18n import tr
from .processing import libraries
from .processing.announce import announcer
from .processing.provider import ICON, RedlineProvider
from .ui.encoding_watch import EncodingWatch

if TYPE_CHECKING:
    from .ui.review_panel import ReviewPanel


class RedlineReviewPlugin:
    """Adds the provider, and in the desktop a menu and a toolbar; `unload` takes all of it away again."""

    def __init__(self, iface):
        """`iface` is QGIS's interface, None in qgis_process."""
        self.iface = iface
        self.translator = i18n.install()
        self.provider: RedlineProvider | None = None
        self.toolbar: QToolBar | None = None
        self.actions: list[QAction] = []
        self.dock: QDockWidget | None = None
        self.panel: ReviewPanel | None = None
        self.watch: EncodingWatch | None = None

    def initProcessing(self):
        """Register the algorithms. qgis_process calls this alone."""
        self.provider = RedlineProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        self.initProcessing()
        self.toolbar = self.iface.addToolBar(tr("Redline Review"))
        self.toolbar.setObjectName("RedlineReviewToolBar")
        self._add_action(tr("Red-line overlap…"), self.open_overlap, in_toolbar=True)
        self._add_action(tr("Land-use intensity…"), self.open_intensity)
        self._add_action(tr("Review of everything…"), self.open_review)
        self._add_action(tr("Check layers…"), self.open_check)
        self._add_action(tr("Load boundary points…"), self.open_boundaries)
        self._add_dock()
        self.watch = EncodingWatch(self.iface)

    def unload(self):
        """Take everything away. QGIS may have deleted the widgets and the provider already, when it closes."""
        for action in self.actions:
            if not sip.isdeleted(action):
                self.iface.removePluginMenu(tr("Redline Review"), action)
                if action.parent() is not self.dock:
                    action.deleteLater()
        self.actions.clear()
        if self.watch is not None:
            self.watch.end()
        self.watch = None
        if self.dock is not None:
            announcer.package_written.disconnect(self._show_package)
            announcer.findings_loaded.disconnect(self._show_layer)
            if not sip.isdeleted(self.dock):
                if self.panel is not None:
                    self.panel.end()
                self.iface.removeDockWidget(self.dock)
                self.dock.deleteLater()
        self.dock = self.panel = None
        if self.toolbar is not None and not sip.isdeleted(self.toolbar):
            self.iface.mainWindow().removeToolBar(self.toolbar)
            self.toolbar.deleteLater()
        self.toolbar = None
        if self.provider is not None and not sip.isdeleted(self.provider):
            QgsApplication.processingRegistry().removeProvider(self.provider)
        self.provider = None
        if self.translator is not None and not sip.isdeleted(self.translator):
            QCoreApplication.removeTranslator(self.translator)
        self.translator = None

    def open_overlap(self):
        """Open the overlap tool's dialog, or say which library it lacks."""
        self._open_algorithm("redline:overlap", libraries.OVERLAP)

    def open_intensity(self):
        """Open the dialog of land-use intensity."""
        self._open_algorithm("redline:intensity", libraries.OVERLAP)

    def open_review(self):
        """Open the dialog of the whole review."""
        self._open_algorithm("redline:review", libraries.OVERLAP)

    def open_check(self):
        """Open the check of layers before a review."""
        self._open_algorithm("redline:checkdata", libraries.OVERLAP)

    def open_boundaries(self):
        """Open the tool that brings in boundary-point files as a layer, for TOWNS of the others for instance."""
        self._open_algorithm("redline:importboundarytxt", libraries.OVERLAP)

    def show_dock(self) -> ReviewPanel | None:
        """Show the review panel; None where a library it needs is missing, which it says in the panel's place."""
        self.dock.show()
        self.dock.raise_()
        return self._fill_dock()

    def _add_dock(self):
        """The dock stands empty until it is first shown: its panel brings the analysis libraries."""
        self.dock = QDockWidget(tr("Redline Review Panel"), self.iface.mainWindow())
        self.dock.setObjectName("RedlineReviewDock")
        self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.hide()
        self.dock.visibilityChanged.connect(lambda visible: self._fill_dock() if visible else None)
        shown = self.dock.toggleViewAction()
        shown.setIcon(QIcon(str(ICON.with_name("review_panel.svg"))))
        self.iface.addPluginToMenu(tr("Redline Review"), shown)
        self.toolbar.addAction(shown)
        self.actions.append(shown)
        announcer.package_written.connect(self._show_package)
        announcer.findings_loaded.connect(self._show_layer)

    def _fill_dock(self) -> ReviewPanel | None:
        if self.dock.widget() is None:
            problem = libraries.problem(libraries.OVERLAP)
            if problem:
                told = QLabel(problem)
                told.setWordWrap(True)
                self.dock.setWidget(told)
            else:
                from .ui.review_panel import ReviewPanel
                from .ui.tool_dialog import take_plots

                self.panel = ReviewPanel(self.iface, self.dock)
                take_plots(self.panel, self.iface)
                self.dock.setWidget(self.panel)
        return self.panel

    def _show_package(self, path: str):
        """What a run has written; QGIS itself loads the layers of it that the planner asked for."""
        panel = self.show_dock()
        if panel:
            panel.open(path, add_layers=False)

    def _show_layer(self, layer_id: str):
        panel = self.show_dock()
        if panel:
            panel.open_layer(layer_id)

    def _open_algorithm(self, name: str, needed: tuple[libraries.Need, ...]):
        problem = libraries.problem(needed)
        if problem:
            QMessageBox.warning(self.iface.mainWindow(), tr("Redline Review"), problem)
            return
        from .ui.tool_dialog import open_tool

        open_tool(name)

    def _add_action(self, text: str, run, in_toolbar: bool = False):
        action = QAction(QIcon(str(ICON)), text, self.iface.mainWindow())
        action.triggered.connect(lambda checked=False: run())
        self.iface.addPluginToMenu(tr("Redline Review"), action)
        if in_toolbar:
            self.toolbar.addAction(action)
        self.actions.append(action)
