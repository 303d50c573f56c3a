"""How the panel looks: the words and icons of its widgets, and another theme of QGIS while it is open."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEvent, QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QWidget

from ..i18n import tr

FADED = 140  # of 255
_THEME = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


def dress(panel: QWidget) -> None:
    """The words of a `ReviewPanel` without a package, and its icons as the theme has them."""
    panel.unitCombo.setToolTip(tr("Unit of areas"))
    panel.search.setPlaceholderText(tr("Search towns and numbers"))
    faded, ink = panel.search.palette(), panel.townTable.palette().color(QPalette.ColorRole.Text)
    ink.setAlpha(FADED)
    faded.setColor(QPalette.ColorRole.PlaceholderText, ink)  # QGIS's dark theme leaves it black
    panel.search.setPalette(faded)
    titles = tr("About"), tr("Decide"), tr("History"), tr("Feature of the line"), tr("Checklist")
    for place, title in enumerate(titles):
        panel.detail.setTabText(place, title)
    for button, icon, title in (
        (panel.reloadButton, "/mActionRefresh.svg", tr("Read the package again")),
        (panel.filterButton, "/mActionFilter2.svg", tr("Filters")),
        (panel.extentButton, "/mActionZoomToArea.svg", tr("Only findings in the map's extent")),
        (panel.pickButton, "/mActionIdentify.svg", tr("Click a finding on the map")),
    ):
        button.setIcon(QgsApplication.getThemeIcon(icon))
        button.setToolTip(title)


def tab_order(widgets: Iterable[QWidget]) -> None:
    """The order in which Tab goes through these: as they are read, however they were made."""
    for before, after in pairwise(widgets):
        QWidget.setTabOrder(before, after)


class Theme(QObject):
    """:ivar changed: QGIS has another theme now."""

    changed = pyqtSignal()

    def __init__(self, watched: QWidget):
        """:param watched: a widget that has the theme's ground: a style sheet gives the panel itself none."""
        super().__init__(watched)
        self._once = QTimer(self)  # a theme comes with several events
        self._once.setSingleShot(True)
        self._once.timeout.connect(self.changed)
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _THEME:
            self._once.start()
        return False
