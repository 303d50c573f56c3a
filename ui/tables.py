"""The two tables of the panel: towns, and the findings of the chosen towns or of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAbstractItemView, QTableView

from .array_table import ArrayTable, Column
from .columns import Columns, Unit, show_unit
from .steps import shortcut

if TYPE_CHECKING:
    from ..core.review.browse import Browsed
    from ..core.review.narrow import Wanted

MOST_PX = 260  # of a column, before the planner makes it wider
BESIDE_PX = 12  # of a column beside its text
SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class Tables(QObject):
    """Rows are those of `Browsed`, whatever is shown and in whatever order.

    :ivar towns_chosen: rows of the towns that are selected. :ivar findings_chosen: of the findings. :ivar decide: the
    planner wants to decide on what is selected.
    """

    towns_chosen = pyqtSignal(list)
    findings_chosen = pyqtSignal(list)
    decide = pyqtSignal()

    def __init__(self, town_view: QTableView, finding_view: QTableView, columns: Columns, parent: QObject):
        super().__init__(parent)
        self._columns = columns
        self.town_view, self.finding_view = town_view, finding_view
        self.towns, self.findings = ArrayTable(self), ArrayTable(self)
        for view, model in ((town_view, self.towns), (finding_view, self.findings)):
            _prepare(view, model)
        self._browsed: Browsed | None = None
        self._mask = np.empty(0, dtype=bool)  # findings that pass the filters, of all towns
        self._quiet = False  # the selection is changed from here
        town_view.selectionModel().selectionChanged.connect(lambda new, old: self._town_selected())
        finding_view.selectionModel().selectionChanged.connect(lambda new, old: self._finding_selected())
        finding_view.doubleClicked.connect(lambda index: self.decide.emit())
        for keys in ("Return", "Enter"):
            shortcut(finding_view, keys, self.decide.emit)

    def show(self, browsed: Browsed, towns: list[Column], findings: list[Column], unit: Unit) -> None:
        """Another package, all of it."""
        self._browsed = browsed
        self._mask = np.ones(len(browsed.findings), dtype=bool)
        for view, table, columns in ((self.town_view, self.towns, towns), (self.finding_view, self.findings, findings)):
            before = [column.key for column in table.columns]
            with self._quietly():
                table.set_columns(columns)
            show_unit(table, unit)
            if before != [column.key for column in columns]:  # else the widths stay as the planner has set them
                _fit(view)

    def show_unit(self, unit: Unit) -> None:
        for table in (self.towns, self.findings):
            show_unit(table, unit)

    def show_decisions(self, rows: list[int]) -> None:
        """What holds now on these findings, and on all towns."""
        place = next(n for n, column in enumerate(self.findings.columns) if column.key == "decision")
        decisions = self.findings.columns[place].values
        for row, finding in zip(rows, self._browsed.ids(rows), strict=True):
            decisions[row] = self._columns.decision(self._browsed.decided.get(finding))
        self.findings.set_values("decision", decisions, rows)
        concerned = np.unique(self._browsed.town_rows[rows])
        concerned = concerned[concerned >= 0].tolist()
        self.towns.set_values("reviewed_verdict", self._browsed.towns["reviewed_verdict"].to_numpy(object), concerned)
        self.towns.set_values("open", self._browsed.open_findings, concerned)
        said = self.finding_view.fontMetrics().horizontalAdvance
        width = max((said(text) for text in {decisions[row] for row in rows}), default=0) + BESIDE_PX
        if self.finding_view.columnWidth(place) < width:
            self.finding_view.setColumnWidth(place, min(width, MOST_PX))

    def narrow(self, wanted: Wanted) -> None:
        """Show what is wanted; what is selected stays selected where it is still shown."""
        from ..core.review.narrow import narrowed

        towns, findings = self.chosen_towns, self.chosen_findings
        mask, self._mask = narrowed(self._browsed, wanted)
        with self._quietly():
            if self.towns.set_filter(mask):
                _select(self.town_view, self.towns, towns)
            if self._show_findings():
                _select(self.finding_view, self.findings, findings)
        if set(self.chosen_findings) != set(findings):
            self.findings_chosen.emit(self.chosen_findings)
        if set(self.chosen_towns) != set(towns):
            self.towns_chosen.emit(self.chosen_towns)

    @property
    def chosen_towns(self) -> list[int]:
        return _chosen(self.town_view, self.towns)

    @property
    def chosen_findings(self) -> list[int]:
        return _chosen(self.finding_view, self.findings)

    def select_towns(self, town_ids: list[str]) -> None:
        """Select these where they are shown."""
        _select(self.town_view, self.towns, np.flatnonzero(self._browsed.towns["town_id"].isin(town_ids)).tolist())

    def passes(self, finding_id: str) -> bool:
        """Whether the filters let a finding through."""
        row = self._browsed.row_of(finding_id)
        return row >= 0 and bool(self._mask[row])

    def select_findings(self, finding_ids: list[str]) -> bool:
        """Select these where the filters let them through, another town's too; False where they let none."""
        rows = [self._browsed.row_of(one) for one in finding_ids if self.passes(one)]
        if not rows:
            return False
        if not _among(self.findings.shown, len(self._mask))[rows].all():
            with self._quietly():
                self.town_view.clearSelection()
                self._show_findings()
            self.towns_chosen.emit([])
        _select(self.finding_view, self.findings, rows)
        return True

    def following(self) -> str | None:
        """The id of the finding below what is selected."""
        below = max((span.bottom() + 1 for span in self.finding_view.selectionModel().selection()), default=0)
        if below >= self.findings.rowCount():
            return None
        return self._browsed.findings["finding_id"].iloc[int(self.findings.shown[below])]

    def step(self, by: int) -> None:
        """Select the finding so many rows below the current one."""
        count = self.findings.rowCount()
        chosen = self.finding_view.selectionModel().hasSelection()
        place = self.finding_view.currentIndex().row() + by if chosen else 0
        if count and 0 <= place < count:
            self.finding_view.setCurrentIndex(self.findings.index(place, 0))

    def _town_selected(self) -> None:
        if self._quiet or self._browsed is None:
            return
        had = self.chosen_findings
        with self._quietly():
            self._show_findings()
        if had:
            self.findings_chosen.emit([])
        self.towns_chosen.emit(self.chosen_towns)

    def _finding_selected(self) -> None:
        if not self._quiet and self._browsed is not None:
            self.findings_chosen.emit(self.chosen_findings)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """What is selected from here is no choice of the planner's."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def _show_findings(self) -> bool:
        """Those of the chosen towns that pass the filters; False where they are shown already."""
        towns = self.chosen_towns
        mask = self._mask & np.isin(self._browsed.town_rows, towns) if towns else self._mask
        return self.findings.set_filter(mask)


def _prepare(view: QTableView, model: ArrayTable) -> None:
    view.setModel(model)
    # Of its own, always empty: drawn, the header would ask of every row of a column whether it is selected.
    view.horizontalHeader().setSelectionModel(QItemSelectionModel(model, view))
    view.setSortingEnabled(True)
    view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    view.horizontalHeader().setHighlightSections(False)
    view.horizontalHeader().setResizeContentsPrecision(50)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setAlternatingRowColors(True)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6)


def _fit(view: QTableView) -> None:
    """Columns as wide as what stands in them, and a long name no wider than `MOST_PX`."""
    view.resizeColumnsToContents()
    for place in range(view.model().columnCount()):
        view.setColumnWidth(place, min(view.columnWidth(place), MOST_PX))


def _among(rows: np.ndarray | list[int], count: int) -> np.ndarray:
    """Which of so many rows are these, bool (count,)."""
    found = np.zeros(count, dtype=bool)
    found[rows] = True
    return found


def _chosen(view: QTableView, model: ArrayTable) -> list[int]:
    """The rows that are selected, as they stand."""
    return model.shown[_chosen_places(view, model)].tolist()


def _chosen_places(view: QTableView, model: ArrayTable) -> np.ndarray:
    """Where they stand, by spans, for an index of each of 100,000 takes half a second."""
    places = np.zeros(model.rowCount(), dtype=bool)
    for span in view.selectionModel().selection():
        places[span.top() : span.bottom() + 1] = True
    return np.flatnonzero(places)


def _select(view: QTableView, model: ArrayTable, rows: list[int]) -> None:
    """Select these rows, those that are shown, in one go."""
    places = np.flatnonzero(_among(rows, len(model.columns[0].values))[model.shown]) if rows else np.empty(0, dtype=int)
    if not len(places):
        view.clearSelection()
        return
    first = model.index(int(places[0]), 0)
    view.selectionModel().setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)
    view.scrollTo(first)
    if np.array_equal(places, _chosen_places(view, model)):  # else Qt compares each of many spans with each
        return
    selection = QItemSelection()
    last = model.columnCount() - 1
    for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
        selection.select(model.index(int(run[0]), 0), model.index(int(run[-1]), last))
    view.selectionModel().select(selection, SELECT)
