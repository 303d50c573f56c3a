"""How the panel uses its room: on a small screen, narrow, at the window's foot, in another theme."""

from itertools import pairwise

import pytest
from panels import choose, decide, events, ids
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QColor, QFont, QPalette
from qgis.PyQt.QtWidgets import QApplication, QMainWindow, QScrollArea

from redline_review.ui import settings
from redline_review.ui.decision_form import CHOICES
from redline_review.ui.review_panel import ReviewPanel

SMALL = 568, 580  # what QGIS leaves of a screen of 1366 × 768 with its toolbars in three rows


@pytest.fixture(autouse=True)
def usual_type(qgis_app):
    """Of the size that QGIS has on Windows, 9 points at 96 dots an inch: the tests' own is larger."""
    before = QApplication.font()
    usual = QFont(before)
    usual.setPixelSize(12)
    QApplication.setFont(usual)
    yield
    QApplication.setFont(before)


def shown_whole(widget):
    """Whether all of it is in sight: nothing that it lies in cuts it off."""
    return widget.isVisible() and widget.visibleRegion().boundingRect().size() == widget.size()


def deciding(panel, size=SMALL, decision="needs_adjustment"):
    panel.resize(*size)
    panel.detail.setCurrentWidget(panel.pages.form)
    choose(panel.pages.form.decision, decision)
    QApplication.processEvents()
    return panel.pages.form


def fields(form):
    """What is asked for, in the order it was added."""
    return [one.widget for one in form.fields._fields if not one.widget.isHidden()]


@pytest.mark.parametrize("decision", CHOICES)
def test_what_a_decision_needs_is_in_sight_on_a_small_screen(opened, decision):
    opened.tables.finding_view.selectRow(0)
    form = deciding(opened, decision=decision)
    assert all(map(shown_whole, (form.subject, form.decision, form.reason, form.basis)))
    assert all(map(shown_whole, (form.author, form.undone, form.record, form.record_next)))
    facts = [widget for widget in fields(form) if widget.objectName() not in ("attachment", "")]
    assert all(map(shown_whole, facts))
    assert decision == "accepted_exception" or shown_whole(form.remark)
    assert shown_whole(opened.status) and opened.townTable.height() > 60 and opened.findingTable.height() > 80


@pytest.mark.parametrize("decision", CHOICES)
@pytest.mark.parametrize("width", [400, SMALL[0], 900])
def test_fields_not_asked_for_leave_no_gap(opened, decision, width):
    form = deciding(opened, (width, 900), decision)
    tops = {}
    for widget in fields(form):
        place = widget.mapTo(form.fields, QPoint(0, 0))
        tops[place.y()] = max(tops.get(place.y(), 0), place.y() + widget.height())
    lines = sorted(tops.items())
    gaps = [below - bottom for (_, bottom), (below, _) in pairwise(lines)]
    assert max(gaps) <= 12, "a row and its spacing would be more than 24"


@pytest.mark.parametrize("decision", CHOICES)
def test_two_columns_where_there_is_room_and_never_too_wide(opened, decision):
    form = deciding(opened, decision=decision)
    area = form.findChild(QScrollArea)
    places = {}
    for width in (900, 360, SMALL[0], 900):
        opened.resize(width, 900)
        QApplication.processEvents()
        assert not area.horizontalScrollBar().isVisible()
        places[width] = form.basis.mapTo(form, QPoint(0, 0)).x() + form.basis.width() > 0.6 * form.width()
    assert places == {360: True, SMALL[0]: False, 900: False}


def test_tab_goes_through_the_form_as_it_is_read(opened, qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    opened.setParent(window)
    window.setCentralWidget(opened)
    window.resize(*SMALL)
    window.show()
    opened.tables.finding_view.selectRow(0)
    form = deciding(opened, decision="false_positive")
    window.activateWindow()
    form.decision.setFocus()
    qtbot.waitUntil(form.decision.hasFocus)
    met = []
    for _ in range(9):
        met.append(QApplication.focusWidget())
        qtbot.keyClick(met[-1], Qt.Key.Key_Tab)
    wrong, reference = form.facts["line_wrong"].widget, form.facts["reference"].widget
    assert met == [form.decision, form.reason, form.basis, wrong, reference, form.remark, form.author, form.undone,
                   form.record]  # fmt: skip
    assert QApplication.focusWidget() is form.record_next
    opened.setParent(None)


def test_tab_goes_through_the_panel_as_it_is_read(opened):
    """From the chips to the tables, however the parts were made."""
    met, widget = [], opened.openButton
    for _ in range(200):
        met.append(widget)
        widget = widget.nextInFocusChain()
    ends = opened.openButton, opened.optionsButton, opened.chips.buttons["violation"], opened.search, opened.pickButton
    ends += opened.filters.choices["line"], opened.filters.least["width_m"], opened.townTable, opened.findingTable
    places = [met.index(one) for one in ends]
    assert places == sorted(places)


def test_from_a_finding_into_the_form_and_back_by_keyboard(opened, package, qtbot):
    opened.activateWindow()
    view, form = opened.tables.finding_view, opened.pages.form
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    opened.tables.step(1)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.detail.currentWidget() is form and form.decision.hasFocus()
    form.author.setText("张三")
    choose(form.decision, "resolved")
    qtbot.keyClick(form.decision, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(form.decision, Qt.Key.Key_Home)
    assert events(package).finding_id.tolist() == ["A/farmland/F0"] and ids(opened) == ["A/farmland/F1"]
    qtbot.keyClick(form.reason, Qt.Key.Key_Escape)
    assert view.hasFocus()


def test_a_double_click_opens_the_form(opened, qtbot):
    view = opened.tables.finding_view
    place = view.visualRect(view.model().index(2, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened.detail.currentWidget() is opened.pages.form and ids(opened) == ["A/farmland/F2"]


def test_the_panel_may_be_narrow(opened):
    assert opened.minimumSizeHint().width() < 420
    opened.resize(420, 700)
    QApplication.processEvents()
    chips = [chip for chip in opened.chips.buttons.values() if chip.isVisible()]
    assert all(map(shown_whole, chips)) and len({chip.y() for chip in chips}) > 1
    opened.resize(1200, 700)
    QApplication.processEvents()
    assert len({chip.y() for chip in chips}) == 1


class TestSizes:
    def other(self, qgis_iface, qtbot, size):
        panel = ReviewPanel(qgis_iface)
        qtbot.addWidget(panel, before_close_func=lambda panel: panel.end())
        panel.resize(*size)
        panel.show()
        QApplication.processEvents()
        return panel.splitter.sizes()

    def draw(self, panel, place, index):
        panel.splitter.moveSplitter(place, index)
        return panel.splitter.sizes()

    def test_as_drawn_they_are_there_the_next_time(self, opened, qgis_iface, qtbot):
        opened.resize(*SMALL)
        QApplication.processEvents()
        before = opened.splitter.sizes()
        drawn = self.draw(opened, before[0] + 30, 1)
        assert drawn != before and self.other(qgis_iface, qtbot, SMALL) == pytest.approx(drawn, abs=2)

    def test_beside_each_other_they_are_others(self, opened, qgis_iface, qtbot):
        opened.resize(1300, 400)
        QApplication.processEvents()
        assert opened.splitter.orientation() == Qt.Orientation.Horizontal
        drawn = self.draw(opened, 500, 1)
        opened.resize(*SMALL)
        QApplication.processEvents()
        assert opened.splitter.orientation() == Qt.Orientation.Vertical
        above = opened.splitter.sizes()
        assert above[2] > above[0] and self.other(qgis_iface, qtbot, SMALL) == pytest.approx(above, abs=2)
        assert self.other(qgis_iface, qtbot, (1300, 400)) == pytest.approx(drawn, abs=2)

    def test_the_towns_can_be_put_away(self, opened, qgis_iface, qtbot):
        opened.resize(*SMALL)
        QApplication.processEvents()
        assert self.draw(opened, 0, 1)[0] == 0
        assert self.other(qgis_iface, qtbot, SMALL)[0] == 0
        opened.tables.finding_view.selectRow(0)
        assert decide(opened, "resolved").startswith("Recorded")

    @pytest.mark.parametrize("kept", ["nonsense", ["a", "b", "c"], ["1", "2"], "7", None])
    def test_whatever_stands_in_the_settings(self, panel, qgis_iface, qtbot, kept):
        QgsSettings().setValue("redline_review/sizes_above", kept)
        assert min(self.other(qgis_iface, qtbot, SMALL)) > 60

    def test_they_are_kept_as_numbers(self, qgis_iface, panel):
        settings.set_sizes("above", [10, 20, 30])
        assert settings.sizes("above") == [10, 20, 30] and settings.sizes("beside") == []


def dark():
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Base, QColor("#202020"))
    palette.setColor(QPalette.ColorRole.Window, QColor("#303030"))
    palette.setColor(QPalette.ColorRole.Text, QColor("#e0e0e0"))
    return palette


def test_another_theme_recolours_what_is_shown(opened, qtbot):
    def colours():
        mark = opened.chips.buttons["violation"].icon().pixmap(10, 10).toImage().pixelColor(5, 5)
        return mark.name(), opened.tables.towns.index(0, 1).data(Qt.ItemDataRole.ForegroundRole).name()

    assert colours() == ("#c8102e", "#c8102e")
    before = opened.palette()
    opened.setPalette(dark())  # which the tables in it take over
    qtbot.waitUntil(lambda: colours() == ("#ff7a8a", "#ff7a8a"))
    opened.setPalette(before)
    qtbot.waitUntil(lambda: colours() == ("#c8102e", "#c8102e"))


@pytest.mark.parametrize(("ground", "colour"), [("#202020", "#ff7a8a"), ("#b2b2b2", "#c8102e")])
def test_a_theme_of_qgis_is_a_style_sheet(opened, qtbot, ground, colour):
    """That of the tables tells their ground; the panel's own is transparent, which has no lightness."""
    opened.setStyleSheet(f"* {{ background: transparent }} QTableView {{ background-color: {ground} }}")
    cell = opened.tables.towns.index(0, 1)
    qtbot.wait(50)
    qtbot.waitUntil(lambda: cell.data(Qt.ItemDataRole.ForegroundRole).name() == colour)


def test_it_is_first_docked_wide_enough_for_two_columns(opened):
    form = deciding(opened, (opened.sizeHint().width(), 900))
    assert form.basis.mapTo(form, QPoint(0, 0)).x() + form.basis.width() < 0.6 * form.width()
