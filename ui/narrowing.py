"""Which towns and findings are listed: by the chips, the search, the filters and the map's extent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QLineEdit, QToolButton

from .chips import Chips
from .filter_bar import FilterBar
from .following import Following
from .map_link import MapLink
from .tables import Tables

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

SEARCH_MS = 150  # after the last key


class Narrowing(QObject):
    """:ivar narrowed: others may be listed now."""

    narrowed = pyqtSignal()

    def __init__(
        self, search: QLineEdit, chips: Chips, filters: FilterBar, filter_button: QToolButton,
        extent_button: QToolButton, shown: MapLink, tables: Tables, following: Following, parent: QObject,
    ):  # fmt: skip
        super().__init__(parent)
        self._search, self._chips, self._filters = search, chips, filters
        self._filter_button, self._extent_button = filter_button, extent_button
        self._map, self._tables, self._following = shown, tables, following
        self._browsed: Browsed | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SEARCH_MS)
        self._soon.timeout.connect(self.narrow)
        search.textChanged.connect(lambda text: self._soon.start())
        filters.changed.connect(self._soon.start)
        filter_button.toggled.connect(filters.setVisible)
        chips.changed.connect(self.narrow)
        extent_button.toggled.connect(self._by_extent)
        shown.moved.connect(lambda: self.narrow() if extent_button.isChecked() else None)

    def show(self, browsed: Browsed) -> None:
        """Another package; what is asked for stays."""
        self._browsed = browsed
        self.narrow()

    def end(self) -> None:
        self._soon.stop()

    def narrow(self) -> None:
        """List what is asked for now."""
        from ..core.review.narrow import Wanted

        if self._browsed is None:
            return
        box = self._map.extent() if self._extent_button.isChecked() else None
        with self._following.still():
            self._tables.narrow(Wanted(
                self._chips.verdicts, self._chips.undecided, self._search.text(), self._filters.values(),
                self._filters.least_sizes(), box,
            ))  # fmt: skip
        count = self._filters.count
        self._filter_button.setText(str(count) if count else "")
        self.narrowed.emit()

    def _by_extent(self, on: bool) -> None:
        self._following.by_extent = on
        self.narrow()
