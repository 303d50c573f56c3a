"""The panel's three parts: one above the other, side by side where the panel lies at the window's foot."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QSplitter, QWidget

from . import settings

WIDE = 1.6  # so many times as wide as high, the panel lies at the window's foot
DETAIL_PX, DETAIL_SHARE = 236, 0.36  # of height for the form, with what most decisions ask; the tables share the rest
SHARES = {Qt.Orientation.Vertical: (5, 7, 0), Qt.Orientation.Horizontal: (5, 7, 8)}


class Panes(QObject):
    """Sizes are as the planner has drawn them, this time or the last; until then they go with the panel's."""

    def __init__(self, panel: QWidget, splitter: QSplitter):
        super().__init__(panel)
        self._panel, self._splitter = panel, splitter
        splitter.setCollapsible(0, True)  # the towns, where a low screen has no room for them
        splitter.splitterMoved.connect(lambda place, index: settings.set_sizes(self._kind, splitter.sizes()))
        for watched in (panel, splitter):
            watched.installEventFilter(self)

    @property
    def _kind(self) -> str:
        return "beside" if self._splitter.orientation() == Qt.Orientation.Horizontal else "above"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            if watched is self._panel:
                self._turn()
            else:
                self._share()
        return False

    def _turn(self) -> None:
        wide = self._panel.width() > WIDE * self._panel.height()
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if orientation != self._splitter.orientation():
            self._splitter.setOrientation(orientation)
            self._share()

    def _share(self) -> None:
        """Give each part its room, in proportion to what there is."""
        drawn = settings.sizes(self._kind)
        if len(drawn) == self._splitter.count():
            self._splitter.setSizes(drawn)
            return
        vertical = self._splitter.orientation() == Qt.Orientation.Vertical
        room = self._splitter.height() if vertical else self._splitter.width()
        detail = min(room // 2, max(DETAIL_PX, round(DETAIL_SHARE * room))) if vertical else 0
        shares = SHARES[self._splitter.orientation()]
        sizes = [(room - detail) * share // sum(shares) for share in shares]
        sizes[-1] += detail
        self._splitter.setSizes(sizes)
