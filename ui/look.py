"""How the panel looks: the words and icons of its widgets, and another theme of QGIS while it is open."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QEvent, QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ..i18n import tr

_THEME = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


def dress(panel: QWidget) -> None:
    """The words of a `ReviewPanel` without a package, and its icons as the theme has them."""
    panel.unitCombo.setToolTip(tr("Unit of areas"))
    panel.search.setPlaceholderText(tr("Search towns and numbers"))
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


class Theme(QObject):
    """:ivar changed: QGIS has another theme now."""

    changed = pyqtSignal()

    def __init__(self, panel: QWidget):
        super().__init__(panel)
        self._once = QTimer(self)  # a theme comes with several events
        self._once.setSingleShot(True)
        self._once.timeout.connect(self.changed)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _THEME:
            self._once.start()
        return False
