"""A table model over numpy columns that sorts and filters by an index of its own: 100,000 rows without a proxy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, Qt

from .collation import ranks_of

RAW = Qt.ItemDataRole.UserRole
_ROLES = {
    Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.TextAlignmentRole,
    Qt.ItemDataRole.ForegroundRole, RAW,
}  # fmt: skip
_TITLE_ROLES = {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}
FEW = 20
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)  # Qt 5 takes nothing but a number


@dataclass
class Column:
    """``values``: one array of all rows, numbers or texts; ``text``: what a cell shows; ``right``: numbers stand so;
    ``colour``: of a cell's text by its value, None for the usual; ``order``: texts in the order in which they sort;
    ``keys``: numbers that sort as the values do, where they are known already."""

    key: str
    title: str
    values: np.ndarray
    text: Callable[[Any], str] = str
    right: bool = False
    colour: Callable[[Any], Any] | None = None
    order: Sequence[str] = ()
    keys: np.ndarray | None = None

    def sort_keys(self) -> np.ndarray:
        """Numbers that sort as the values do: texts as ``order`` has them, then by `ranks`; missing numbers last."""
        if self.keys is None:
            self.keys = self.values if self.values.dtype.kind in "fiu" else ranks_of(self.values)
            if self.order:
                places = {text: place - len(self.order) for place, text in enumerate(self.order)}
                self.keys = np.fromiter(map(places.get, self.values.tolist(), self.keys), np.int64, len(self.keys))
        return self.keys


class ArrayTable(QAbstractTableModel):
    """Rows are known by their number among all (`row_of`), whatever is shown."""

    def __init__(self, parent=None):
        super().__init__(parent)
        self._columns: list[Column] = []
        self._order = np.empty(0, dtype=np.int64)  # all rows, sorted
        self._shown = np.empty(0, dtype=np.int64)
        self._mask: np.ndarray | None = None
        self._sorted: tuple[int, Qt.SortOrder] | None = None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other contents; sorting stays where the column is still there, the filter goes."""
        self.beginResetModel()
        self._columns, self._mask = list(columns), None
        count = len(columns[0].values) if columns else 0
        self._order = np.arange(count)
        if self._sorted and self._sorted[0] < len(columns):
            self._order = self._sorted_rows(*self._sorted)
        self._shown = self._order
        self.endResetModel()

    def set_text(self, key: str, text: Callable[[Any], str], title: str) -> None:
        """Another way to show a column: another unit."""
        place = self._place(key)
        self._columns[place].text, self._columns[place].title = text, title
        self._changed(place)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, place, place)

    def set_values(self, key: str, values: np.ndarray, rows: Sequence[int]) -> None:
        """Other values of a column, in these rows; they stay where they are until sorted anew."""
        place = self._place(key)
        self._columns[place].values, self._columns[place].keys = values, None
        if len(rows) > FEW:
            self._changed(place)
            return
        for shown in filter(lambda shown: shown >= 0, map(self.place_of, rows)):  # a view draws these cells alone
            self.dataChanged.emit(self.index(shown, place), self.index(shown, place))

    def _place(self, key: str) -> int:
        return next(n for n, column in enumerate(self._columns) if column.key == key)

    def _changed(self, place: int) -> None:
        if len(self._shown):
            self.dataChanged.emit(self.index(0, place), self.index(len(self._shown) - 1, place))

    @property
    def columns(self) -> list[Column]:
        return self._columns

    def set_filter(self, mask: np.ndarray | None) -> bool:
        """Show the rows that are true in ``mask``, shape (n,); all where None. False where these are shown already."""
        if mask is not None and self._mask is not None and np.array_equal(mask, self._mask):
            return False
        self.beginResetModel()
        self._mask = mask
        self._shown = self._order if mask is None else self._order[mask[self._order]]
        self.endResetModel()
        return True

    def row_of(self, index: QModelIndex) -> int:
        """The number among all rows."""
        return int(self._shown[index.row()])

    def place_of(self, row: int) -> int:
        """Where a row is shown, -1 where it is not."""
        found = np.flatnonzero(self._shown == row)
        return int(found[0]) if len(found) else -1

    @property
    def shown(self) -> np.ndarray:
        """The rows that are shown, in their order."""
        return self._shown

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES or not index.isValid():
            return None
        column = self._columns[index.column()]
        value = column.values[self._shown[index.row()]]
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if _missing(value) else column.text(value)
        if role == Qt.ItemDataRole.ToolTipRole and not column.right:
            return "" if _missing(value) else column.text(value)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.right:
            return RIGHT
        if role == Qt.ItemDataRole.ForegroundRole and column.colour:
            return column.colour(value)
        return value if role == RAW else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role in _TITLE_ROLES:
            return self._columns[section].title if section < len(self._columns) else None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self._columns):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        rows = [self.row_of(index) for index in before]
        self._sorted = (column, order)
        self._order = self._sorted_rows(column, order)
        self._shown = self._order if self._mask is None else self._order[self._mask[self._order]]
        place = np.empty(len(self._order), dtype=np.int64)
        place[self._shown] = np.arange(len(self._shown))
        after = [self.index(int(place[row]), index.column()) for row, index in zip(rows, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _sorted_rows(self, column: int, order: Qt.SortOrder) -> np.ndarray:
        keys = self._columns[column].sort_keys()
        missing = np.isnan(keys) if keys.dtype.kind == "f" else np.zeros(len(keys), dtype=bool)
        there = np.flatnonzero(~missing)
        rows = there[np.argsort(keys[there], kind="stable")]
        if order == Qt.SortOrder.DescendingOrder:
            # Equal ones stay in the order of the package.
            rows = there[::-1][np.argsort(keys[there][::-1], kind="stable")][::-1]
        return np.concatenate([rows, np.flatnonzero(missing)])


def _missing(value: Any) -> bool:
    return value is None or value != value
