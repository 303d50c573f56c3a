"""The dock's table: sorts, filters and keeps what is selected, over arrays."""

import numpy as np
import pytest
from qgis.PyQt.QtCore import QItemSelectionModel, Qt
from qgis.PyQt.QtTest import QAbstractItemModelTester, QSignalSpy
from qgis.PyQt.QtWidgets import QTableView

from redline_review.ui.array_table import RAW, ArrayTable, Column

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


@pytest.fixture
def table(qgis_app):
    made = ArrayTable()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.set_columns(
        [
            Column("name", "名称", np.array(["b", None, "a", "b"], dtype=object)),
            Column("area", "面积", np.array([2.5, np.nan, 10.0, -1.0]), lambda value: f"{value:.2f}", right=True),
        ]
    )
    yield made
    del tester


def shown(model, column):
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_cells_headers_and_what_is_missing(table):
    assert (table.rowCount(), table.columnCount()) == (4, 2)
    assert shown(table, 0) == ["b", "", "a", "b"] and shown(table, 1) == ["2.50", "", "10.00", "-1.00"]
    assert table.headerData(1, Qt.Orientation.Horizontal) == "面积"
    assert table.index(2, 1).data(RAW) == 10.0
    assert table.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)


def test_numbers_sort_as_numbers_and_what_is_missing_stands_last(table):
    table.sort(1, UP)
    assert shown(table, 1) == ["-1.00", "2.50", "10.00", ""]
    table.sort(1, DOWN)
    assert shown(table, 1) == ["10.00", "2.50", "-1.00", ""]


def test_equal_ones_stay_in_order(table):
    table.sort(0, UP)
    assert table.shown.tolist() == [1, 2, 0, 3]
    table.sort(0, DOWN)
    assert table.shown.tolist() == [0, 3, 2, 1]


def test_a_filter_and_a_sort_go_together(table):
    table.set_filter(np.array([True, True, False, True]))
    table.sort(1, UP)
    assert table.shown.tolist() == [3, 0, 1]
    assert table.place_of(0) == 1 and table.place_of(2) == -1 and table.row_of(table.index(0, 0)) == 3
    table.set_filter(None)
    assert table.shown.tolist() == [3, 0, 2, 1]
    table.set_filter(np.zeros(4, dtype=bool))
    assert table.rowCount() == 0
    table.sort(0, DOWN)


def test_the_same_filter_again_disturbs_nothing(table):
    resets = QSignalSpy(table.modelReset)
    mask = np.array([True, True, False, True])
    assert table.set_filter(mask) and len(resets) == 1
    table.sort(1, UP)
    assert not table.set_filter(mask.copy()) and len(resets) == 1 and table.shown.tolist() == [3, 0, 1]
    assert table.set_filter(None) and table.set_filter(mask) and len(resets) == 3


def test_names_sort_by_pinyin_and_codes_as_told(qgis_app):
    made = ArrayTable()
    names = np.array(["第10镇", "长春", None, "第2镇", "北关"], dtype=object)
    codes = np.array(["clear", "other10", "violation", None, "other2"], dtype=object)
    made.set_columns([Column("n", "n", names), Column("c", "c", codes, order=("violation", "clear"))])
    made.sort(0, UP)
    assert shown(made, 0) == ["", "北关", "长春", "第2镇", "第10镇"]
    made.sort(1, UP)
    assert shown(made, 1) == ["violation", "clear", "", "other2", "other10"]


def test_what_is_selected_stays_selected_when_sorted(table):
    view = QTableView()
    view.setModel(table)
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    view.selectionModel().select(table.index(2, 0), flags)
    table.sort(1, DOWN)
    (index,) = view.selectionModel().selectedRows()
    assert table.row_of(index) == 2 and index.row() == 0
    view.deleteLater()


def test_another_unit_is_another_text(table):
    spies = QSignalSpy(table.dataChanged), QSignalSpy(table.headerDataChanged)
    table.set_text("area", lambda value: f"{value / 10_000:.4f}", "公顷")
    assert [len(spy) for spy in spies] == [1, 1]
    assert shown(table, 1)[0] == "0.0003" and table.headerData(1, Qt.Orientation.Horizontal) == "公顷"


def test_only_cells_with_other_values_are_drawn_anew(table):
    changed = []
    table.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row(), first.column())))
    table.set_filter(np.array([True, False, True, True]))
    table.set_values("name", np.array(["b", "x", "y", "z"], dtype=object), [1, 3])
    assert changed == [(2, 2, 0)] and shown(table, 0) == ["b", "y", "z"]
    table.sort(0, DOWN)
    assert shown(table, 0) == ["z", "y", "b"], "by what stands there now"
    changed.clear()
    table.set_values("name", np.array(["b", "x", "y", "z"], dtype=object), range(30))
    assert changed == [(0, 2, 0)]


def test_many_rows_against_plain_sorting(qgis_app):
    rng = np.random.default_rng(1)
    values, names = rng.integers(0, 500, 20_000).astype(float), rng.integers(0, 999, 20_000).astype(str).astype(object)
    model = ArrayTable()
    model.set_columns([Column("v", "v", values), Column("n", "n", names)])
    mask = values > 100
    model.set_filter(mask)
    model.sort(1, UP)
    expected = [row for row in sorted(range(20_000), key=lambda row: int(names[row])) if mask[row]]
    assert model.shown.tolist() == expected
