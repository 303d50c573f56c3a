"""The plugin as QGIS loads it: translator, Processing provider, menu and toolbar entry."""

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMessageBox, QToolBar

from . import i18n
from .i18n import tr
from .processing import libraries
from .processing.provider import ICON, RedlineProvider


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
        self._add_action(tr("Review panel"), self.show_dock)

    def unload(self):
        """Take everything away. QGIS may have deleted the widgets and the provider already, when it closes."""
        for action in self.actions:
            if not sip.isdeleted(action):
                self.iface.removePluginMenu(tr("Redline Review"), action)
                action.deleteLater()
        self.actions.clear()
        if self.dock is not None and not sip.isdeleted(self.dock):
            self.iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
        self.dock = None
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

    def show_dock(self):
        """Show the review panel; made when first asked for, since it brings the analysis libraries."""
        problem = libraries.problem(libraries.OVERLAP)
        if problem:
            QMessageBox.warning(self.iface.mainWindow(), tr("Redline Review"), problem)
            return
        if self.dock is None or sip.isdeleted(self.dock):
            from .ui.dock import ReviewDock

            self.dock = ReviewDock(self.iface, self.iface.mainWindow())
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.dock.show()
        self.dock.raise_()

    def _open_algorithm(self, name: str, needed: tuple[libraries.Need, ...]):
        problem = libraries.problem(needed)
        if problem:
            QMessageBox.warning(self.iface.mainWindow(), tr("Redline Review"), problem)
            return
        from qgis import processing

        processing.execAlgorithmDialog(name)

    def _add_action(self, text: str, run, in_toolbar: bool = False):
        action = QAction(QIcon(str(ICON)), text, self.iface.mainWindow())
        action.triggered.connect(lambda checked=False: run())
        self.iface.addPluginToMenu(tr("Redline Review"), action)
        if in_toolbar:
            self.toolbar.addAction(action)
        self.actions.append(action)
