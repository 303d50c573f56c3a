"""How many towns have each verdict and how many findings wait for a decision: counts that filter when clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QToolButton, QWidget

from ..i18n import tr
from .flow import Flow

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed

ALWAYS = ("violation", "warning", "not_checked", "clear")
SOMETIMES = ("conditional", "not_judged")  # only where there are such towns
UNDECIDED = "undecided"
MARK_PX = 10


class Chips(QWidget):
    """:ivar changed: another choice was made."""

    changed = pyqtSignal()

    def __init__(self, texts: Texts, colours: dict[str, QColor], parent: QWidget | None = None):
        super().__init__(parent)
        self._texts = texts
        row = Flow(self)
        row.setSpacing(3)
        self.buttons: dict[str, QToolButton] = {}
        for code in (*ALWAYS, *SOMETIMES, UNDECIDED):
            button = QToolButton()
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setText(self._word(code))
            if code in SOMETIMES:  # the others are shown with the panel: before, each would be a window of its own
                button.hide()
            what = tr("Findings on which nothing is decided") if code == UNDECIDED else tr("Towns of this verdict")
            button.setToolTip(what)
            button.toggled.connect(lambda on: self.changed.emit())
            row.addWidget(button)
            self.buttons[code] = button
        self.show_colours(colours)

    def show_colours(self, colours: dict[str, QColor]) -> None:
        """The marks of the verdicts, by their codes."""
        for code, button in self.buttons.items():
            if code in colours:
                mark = QPixmap(MARK_PX, MARK_PX)
                mark.fill(colours[code])
                button.setIcon(QIcon(mark))

    def count(self, browsed: Browsed) -> None:
        """Write the counts of a package."""
        counts = browsed.towns["reviewed_verdict"].value_counts().to_dict()
        counts[UNDECIDED] = int(browsed.undecided.sum())
        for code, button in self.buttons.items():
            number = counts.get(code, 0)
            button.setText(f"{self._word(code)} {number:,}")
            button.setVisible(code not in SOMETIMES or number > 0 or button.isChecked())

    @property
    def verdicts(self) -> frozenset[str]:
        """Those that are asked for."""
        return frozenset(code for code in (*ALWAYS, *SOMETIMES) if self.buttons[code].isChecked())

    @property
    def undecided(self) -> bool:
        return self.buttons[UNDECIDED].isChecked()

    def _word(self, code: str) -> str:
        return tr("undecided") if code == UNDECIDED else self._texts.word("reviewed_verdict", code)
