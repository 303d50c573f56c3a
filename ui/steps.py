"""Next and previous finding, by button and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QHBoxLayout, QShortcut, QToolButton, QWidget

from ..i18n import tr


class Steps(QWidget):
    """The keys work anywhere in ``panel``.

    :ivar stepped: by how many findings.
    """

    stepped = pyqtSignal(int)

    def __init__(self, panel: QWidget):
        super().__init__(panel)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for keys, icon, title, by in (
            ("Alt+Up", "/mActionArrowUp.svg", tr("Previous finding"), -1),
            ("Alt+Down", "/mActionArrowDown.svg", tr("Next finding"), 1),
        ):
            button = QToolButton()
            button.setAutoRaise(True)
            button.setIcon(QgsApplication.getThemeIcon(icon))
            button.setToolTip(f"{title} ({keys})")
            button.clicked.connect(lambda checked=False, by=by: self.stepped.emit(by))
            shortcut(panel, keys, lambda by=by: self.stepped.emit(by))
            row.addWidget(button)


def shortcut(panel: QWidget, keys: str, run: Callable[[], object]) -> None:
    """Keys that work anywhere in ``panel``, and nowhere else in QGIS as a button's own would."""
    made = QShortcut(QKeySequence(keys), panel)
    made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.activated.connect(run)
