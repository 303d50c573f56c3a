"""The form of a decision: areas in any unit, the keys that record, what is said and kept."""

import json
import sqlite3
from contextlib import closing

import pytest
from panels import choose, column, decide, events
from qgis.PyQt.QtCore import QDate, Qt
from qgis.PyQt.QtWidgets import QApplication, QCalendarWidget, QLineEdit, QMainWindow

from redline_review.core.review import browse
from redline_review.core.review.recording import Decided, record


def approved(panel, area):
    """Fill in an exception whose approved area is typed as it stands."""
    form = panel.pages.form
    choose(form.decision, "accepted_exception")
    form.facts["authority"].widget.setText("国务院")
    choose(form.facts["authority_level"].widget, "state_council")
    form.facts["document"].widget.setText("国函〔2026〕1号")
    form.facts["approved_on"].widget.setText("2026-05-01")
    form.facts["approved_m2"].widget.setText(area)
    form.facts["valid_until"].widget.for_ever.setChecked(True)
    return form.facts["approved_m2"].widget


class TestApprovedArea:
    def test_looking_at_it_in_other_units_does_not_round_it(self, opened, package):
        field = approved(opened, "12345.67")
        for unit in (1, 2, 1, 0, 2, 0):
            opened.unitCombo.setCurrentIndex(unit)
        assert field.text() == "12345.67"
        opened.unitCombo.setCurrentIndex(2)
        opened.select_findings(["A/farmland/F0"])
        assert decide(opened, "accepted_exception", reason="重点项目").startswith("Recorded")
        assert json.loads(events(package).details[0])["approved_m2"] == 12345.67

    @pytest.mark.parametrize(("typed", "m2"), [("1,5", 150_000.0), ("1，000.5", 10_005_000.0), ("１２", 120_000.0)])
    def test_as_planners_type_numbers(self, opened, package, typed, m2):
        opened.unitCombo.setCurrentIndex(1)
        approved(opened, typed)
        opened.select_findings(["A/farmland/F0"])
        assert decide(opened, "accepted_exception", reason="重点项目").startswith("Recorded")
        assert json.loads(events(package).details[0])["approved_m2"] == m2

    @pytest.mark.parametrize("typed", ["nan", "inf", "-1", "很大", "1e400", ""])
    def test_what_is_no_area_is_said_and_stays(self, opened, package, typed):
        field = approved(opened, typed)
        opened.select_findings(["A/farmland/F0"])
        for unit in (1, 2, 0):
            opened.unitCombo.setCurrentIndex(unit)
        assert "area" in decide(opened, "accepted_exception", reason="重点项目")
        assert field.text() == typed and len(events(package)) == 0

    def test_its_unit_is_named_before_any_package_is_open(self, panel):
        label = panel.pages.form.fields.label_of(panel.pages.form.facts["approved_m2"].widget)
        assert label.text() == "Approved area (m²)"


class TestKeys:
    """Ctrl+Return records, where the form is in sight and the planner is in the panel."""

    def press(self, qtbot, widget):
        widget.window().activateWindow()
        widget.setFocus()
        qtbot.waitUntil(widget.hasFocus)
        qtbot.keyClick(widget, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(widget, Qt.Key.Key_Home)  # else Qt goes on taking the modifier for pressed

    def test_only_there(self, opened, package, qtbot):
        window = QMainWindow()
        qtbot.addWidget(window)
        elsewhere = QLineEdit(window)
        window.setCentralWidget(elsewhere)
        opened.setParent(window)
        opened.show()
        window.show()
        form = opened.pages.form
        opened.detail.setCurrentWidget(form)
        choose(form.decision, "resolved")
        form.author.setText("张三")
        opened.tables.step(1)
        self.press(qtbot, elsewhere)
        assert len(events(package)) == 0
        self.press(qtbot, opened.tables.finding_view)
        assert events(package).finding_id.tolist() == ["A/farmland/F0"]
        self.press(qtbot, form.reason)
        assert events(package).finding_id.tolist() == ["A/farmland/F0", "A/farmland/F1"]
        opened.detail.setCurrentIndex(0)
        self.press(qtbot, opened.tables.finding_view)
        assert len(events(package)) == 2, "the form is not in sight"
        opened.setParent(None)


def test_a_locked_package_is_said_and_what_was_typed_stays(opened, package, monkeypatch):
    monkeypatch.setattr(browse, "WRITE_SECONDS", 0.05)
    opened.select_findings(["A/farmland/F0"])
    with closing(sqlite3.connect(package, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = decide(opened, "needs_adjustment", reason="退让")
        assert "成果 包.gpkg" in said and opened.pages.form.reason.text() == "退让"
        opened.pages.form.take_own.trigger()
        assert "成果 包.gpkg" in opened.pages.form.message.text()
        assert column(opened.tables.findings, "decision")[0] == ""
        other.execute("ROLLBACK")
    opened.pages.form.record.click()
    assert events(package).reason.tolist() == ["退让"] and opened.pages.form.reason.text() == ""
    assert column(opened.tables.findings, "decision")[0] == "needs adjustment"


def test_another_package_leaves_what_was_typed(opened, package, tmp_path, qtbot):
    from panels import read, small_package

    opened.select_findings(["A/farmland/F0"])
    opened.pages.form.reason.setText("写了一半")
    other = small_package(tmp_path / "other.gpkg")
    read(qtbot, opened, lambda: opened.open(other))
    assert opened.pages.form.reason.text() == "写了一半" and not opened.pages.form.record.isEnabled()


def test_any_text_is_shown_as_it_is(opened, package):
    long = "<b>长</b>" * 2000 + "🏞\ud83d"
    record(package, [Decided("A/farmland/F0", "needs_adjustment", "<i>李四</i>", reason=long, remark="\n换行")])
    opened._refresh()
    opened.select_findings(["A/farmland/F0"])
    assert "<b>长</b><b>长</b>" in opened.history.toPlainText() and "<i>李四</i>" in opened.history.toPlainText()
    assert decide(opened, "verified", author="<u>").endswith("."), "nothing to confirm"
    assert opened.pages.form.message.textFormat() == Qt.TextFormat.PlainText


class TestHistory:
    def test_facts_in_the_words_of_the_interface(self, opened, package):
        approved(opened, "12345.67")
        opened.select_findings(["A/farmland/F0"])
        decide(opened, "accepted_exception", reason="重点项目")
        form = opened.pages.form
        choose(form.decision, "false_positive")
        form.facts["line_wrong"].widget.setChecked(True)
        form.facts["reference"].widget.setText("误划-7")
        decide(opened, "false_positive", reason="误划")
        told = opened.history.toPlainText()
        for fact in ("level of approval: State Council", "approved area (m²): 12,345.67", "valid until: without end"):
            assert fact in told
        for fact in ("line itself is wrong: yes", "reference number: 误划-7", "document number: 国函〔2026〕1号"):
            assert fact in told
        assert "12345.67" not in told and "state_council" not in told and "permanent" not in told

    @pytest.mark.parametrize("details", ["[1, 2]", "null", '"text"', "{broken", "7", '{"approved_m2": null, "x": [1]}'])
    @pytest.mark.parametrize("moment", ["2026-05-01T08:00:00Z", "0001-01-01", "neulich", ""])
    def test_what_others_have_written_is_never_in_the_way(self, opened, package, details, moment):
        with closing(sqlite3.connect(package)) as connection, connection:
            connection.execute(
                "INSERT INTO decisions (event_id, finding_id, town_id, decision, details, recorded_at) "
                "VALUES ('e', 'A/farmland/F0', 'A', 'resolved', ?, ?)",
                [details, moment],
            )
        opened._refresh()
        opened.select_findings(["A/farmland/F0"])
        assert "resolved" in opened.history.toPlainText() and opened.banner.isHidden()


class TestGuidance:
    """Where something is missing the form leads there; the next finding starts at its top."""

    def front(self, panel):
        panel.resize(568, 580)
        panel.detail.setCurrentWidget(panel.pages.form)
        panel.activateWindow()
        panel.select_findings(["A/farmland/F0"])
        return panel.pages.form

    def test_what_is_missing_has_the_focus(self, opened, qtbot):
        form = self.front(opened)
        decide(opened, "false_positive", author="")
        qtbot.waitUntil(form.author.hasFocus)
        decide(opened, "false_positive")
        qtbot.waitUntil(form.reason.hasFocus)
        decide(opened, "accepted_exception", reason="重点项目")
        qtbot.waitUntil(form.facts["authority"].widget.hasFocus)
        approved(opened, "很大")
        decide(opened, "accepted_exception", reason="重点项目")
        field = form.facts["approved_m2"].widget
        qtbot.waitUntil(field.hasFocus)
        assert not field.visibleRegion().isEmpty()

    def test_the_next_starts_at_the_top(self, opened, qtbot):
        form = self.front(opened)
        approved(opened, "1")
        form.remark.setFocus()
        qtbot.waitUntil(form.remark.hasFocus)
        form._scroll.ensureWidgetVisible(form.remark)
        form.reason.setText("重点项目")
        form.author.setText("张三")
        qtbot.keyClick(form.remark, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(form.reason, Qt.Key.Key_Home)
        assert form.message.text().startswith("Recorded") and form.reason.hasFocus()
        assert not form.subject.visibleRegion().isEmpty() and form.remark.toPlainText() == ""


class TestDays:
    @pytest.mark.parametrize(
        "typed", ["2026-05-01", "20260501", "2026/5/1", "2026.5.1", "2026年5月1日", "２０２６-5-1", " 2026-5-01 "]
    )
    def test_as_people_write_them(self, opened, qtbot, typed):
        field = opened.pages.form.facts["approved_on"].widget
        field.setText(typed)
        assert field.value() == "2026-05-01"
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert field.text() == "2026-05-01"

    @pytest.mark.parametrize("typed", ["2026-13-01", "2026-02-30", "明年", "5月1日", "2026"])
    def test_what_is_none_stays_for_the_check_to_say_so(self, opened, package, qtbot, typed):
        approved(opened, "1")
        field = opened.pages.form.facts["approved_on"].widget
        field.setText(typed)
        opened.select_findings(["A/farmland/F0"])
        assert "date" in decide(opened, "accepted_exception", reason="重点项目")
        assert field.text() == typed and len(events(package)) == 0

    def test_from_the_calendar(self, opened, qtbot):
        opened.detail.setCurrentWidget(opened.pages.form)
        choose(opened.pages.form.decision, "accepted_exception")
        field = opened.pages.form.facts["approved_on"].widget
        field.setText("20260501")
        (button,) = field.actions()
        button.trigger()
        calendar = QApplication.activePopupWidget().findChild(QCalendarWidget)
        assert calendar.selectedDate() == QDate(2026, 5, 1)
        calendar.clicked.emit(QDate(2026, 5, 7))
        assert field.text() == "2026-05-07" and QApplication.activePopupWidget() is None

    def test_without_end(self, opened):
        until = opened.pages.form.facts["valid_until"].widget
        until.for_ever.setChecked(True)
        assert not until.isEnabled() and until.value() == "permanent"
        opened.pages.form.clear()
        assert until.isEnabled() and until.value() == ""
