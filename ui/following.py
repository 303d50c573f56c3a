"""What is selected in the tables shows on the map and in the pages, and the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QObject, pyqtSignal

from . import settings
from .banner import Banner
from .checklist_page import ChecklistPage
from .finding_detail import FindingDetail
from .map_link import MapLink
from .tables import Tables

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

AROUND = 1.6  # of a finding's extent is shown, and of a town's
AROUND_TOWN = 1.1


class Following(QObject):
    """:ivar towns_chosen: other findings are listed. :ivar hidden: the filters hide what was selected on the map."""

    towns_chosen = pyqtSignal()
    hidden = pyqtSignal()

    def __init__(
        self, tables: Tables, shown: MapLink, pages: FindingDetail, checklist: ChecklistPage, said: Banner,
        parent: QObject,
    ):  # fmt: skip
        super().__init__(parent)
        self._tables, self._map, self._pages, self._checklist, self._said = tables, shown, pages, checklist, said
        self._browsed: Browsed | None = None
        self._moves = True
        self.by_extent = False  # the map's extent filters: what is selected must not move it
        tables.towns_chosen.connect(self._towns_chosen)
        tables.findings_chosen.connect(self._findings_chosen)
        shown.picked.connect(self._picked)
        shown.clicked.connect(self._clicked)

    def show(self, browsed: Browsed) -> None:
        """Another package."""
        self._browsed = browsed

    @contextmanager
    def still(self) -> Iterator[None]:
        """What is selected meanwhile was not chosen in the tables: the map does not go there."""
        before, self._moves = self._moves, False
        try:
            yield
        finally:
            self._moves = before

    def _towns_chosen(self, rows: list[int]) -> None:
        from ..core.review.browse import extent_of

        self.towns_chosen.emit()
        self._said.settle()
        one = rows[0] if len(rows) == 1 else -1
        town = self._browsed.towns.iloc[one] if one >= 0 else {"town_id": "", "town_name": ""}
        self._said.tries(
            lambda: self._map.outline(one),
            lambda: self._checklist.show_town(town["town_id"] or "", town["town_name"] or ""),
        )
        if rows and self._zooms:
            self._map.zoom(extent_of(self._browsed.town_boxes[rows]), AROUND_TOWN)

    def _findings_chosen(self, rows: list[int]) -> None:
        from ..core.review.browse import extent_of

        self._said.settle()
        self._map.select(rows)
        if rows and self._zooms:
            self._map.zoom(extent_of(self._browsed.boxes[rows]), AROUND)
        self._said.tries(lambda: self._pages.show(rows))
        if len(rows) == 1 and settings.flag("flash"):
            self._said.tries(lambda: self._map.flash(rows[0]))

    @property
    def _zooms(self) -> bool:
        return self._moves and not self.by_extent and settings.flag("zoom")

    def _picked(self, finding_ids: list[str]) -> None:
        """Selected on the map, which stays where it is."""
        with self.still():
            if not finding_ids:
                self._tables.finding_view.clearSelection()
            elif not self._tables.select_findings(finding_ids):
                self.hidden.emit()

    def _clicked(self, finding_ids: list[str]) -> None:
        """The first that the filters do not hide."""
        self._picked([next(filter(self._tables.passes, finding_ids), finding_ids[0])])
