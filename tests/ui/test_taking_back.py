"""Taking back in the panel: what it recorded last, wherever the selection has gone; one's own, and nobody else's."""

import shutil

from panels import column, decide, events, ids, read

from redline_review.core.review.recording import Decided, record


def decisions(panel):
    return column(panel.tables.findings, "decision")


def said(panel):
    return panel.pages.form.message.text()


def offered(panel):
    """What the button's menu says of what was recorded last; empty where it can take nothing back."""
    action = panel.pages.form.take_last
    return action.text() if action.isEnabled() else ""


def test_step_by_step_back(opened, package):
    opened.select_findings(["A/farmland/F0"])
    assert not offered(opened)
    decide(opened, "resolved")
    decide(opened, "needs_adjustment")
    assert "needs adjustment" in offered(opened) and "A镇" in offered(opened)
    opened.pages.form.take_last.trigger()
    assert decisions(opened)[0].startswith("resolved") and "Taken back" in said(opened)
    opened.pages.form.take_last.trigger()
    assert decisions(opened)[0] == "" and len(events(package)) == 4
    assert not offered(opened)


def test_after_record_then_next_it_is_the_one_before_that_is_taken_back(opened, package):
    record(package, [Decided("A/farmland/F1", "resolved", "张三")])
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "needs_adjustment", button="record_next")
    assert ids(opened) == ["A/farmland/F1"]
    opened.pages.form.take_last.trigger()
    assert ids(opened) == ["A/farmland/F0"], "it shows what it has taken back"
    assert decisions(opened)[0] == "" and decisions(opened)[1].startswith("resolved")


def test_several_in_one_go(opened, package):
    opened.tables.finding_view.selectAll()
    decide(opened, "resolved")
    opened.tables.finding_view.selectRow(2)
    opened.pages.form.take_last.trigger()
    assert decisions(opened) == [""] * 6 and len(ids(opened)) == 6


def test_a_colleagues_later_decision_is_told_and_stays(opened, package):
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "resolved")
    record(package, [Decided("A/farmland/F0", "needs_adjustment", "李四")])
    opened.pages.form.take_last.trigger()
    assert "李四" in said(opened) and events(package).decision.tolist() == ["resolved", "needs_adjustment"]
    assert not offered(opened), "it can never be taken back"
    opened.pages.form.take_own.trigger()
    assert "李四" in said(opened) and len(events(package)) == 2


def test_what_was_recorded_under_a_wrong_name(opened, package):
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "resolved", author="李四")
    opened.pages.form.author.setText("张三")
    opened.pages.form.take_last.trigger()
    assert decisions(opened)[0] == "" and events(package).author.tolist() == ["李四", "张三"]


def test_ones_own_of_another_day(panel, package, qtbot):
    record(package, [Decided(f"A/farmland/F{n}", "resolved", who) for n, who in enumerate(("张三", "李四"))])
    read(qtbot, panel, lambda: panel.open(package))
    panel.pages.form.author.setText("张三")
    panel.select_findings(["A/farmland/F1"])
    assert not offered(panel)
    panel.pages.form.take_own.trigger()
    assert "李四" in said(panel) and len(events(package)) == 2
    panel.select_findings(["A/farmland/F0"])
    panel.pages.form.reason.setText("写了一半")
    panel.pages.form.take_own.trigger()
    assert decisions(panel)[0] == "" and panel.pages.form.reason.text() == "写了一半"


def test_what_was_taken_back_by_selection_is_not_offered_again(opened):
    opened.select_findings(["A/farmland/F0", "A/farmland/F1"])
    decide(opened, "resolved")
    opened.select_findings(["A/farmland/F0"])
    opened.pages.form.take_own.trigger()
    assert offered(opened).endswith(opened.browsed.findings["number"][1])
    opened.pages.form.take_last.trigger()
    assert decisions(opened)[:2] == ["", ""] and not offered(opened)


def test_hidden_by_the_filters_it_is_taken_back_all_the_same(opened, package):
    opened.chips.buttons["undecided"].click()
    opened.select_findings(["B/eco_redline/E1"])
    decide(opened, "resolved")
    assert opened.tables.findings.rowCount() == 5
    opened.pages.form.take_last.trigger()
    assert opened.tables.findings.rowCount() == 6 and ids(opened) == ["B/eco_redline/E1"]


def test_each_package_has_its_own(opened, package, tmp_path, qtbot):
    other = tmp_path / "other.gpkg"
    shutil.copy(package, other)
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "resolved")
    read(qtbot, opened, lambda: opened.open(other))
    assert not offered(opened)
    read(qtbot, opened, lambda: opened.open(package))
    assert offered(opened)
    opened.pages.form.take_last.trigger()
    assert decisions(opened)[0] == "" and len(events(other)) == 0


def test_a_package_gone_leaves_it_for_later(opened, package, tmp_path):
    opened.select_findings(["A/farmland/F0"])
    decide(opened, "resolved")
    away = tmp_path / "away.gpkg"
    package.rename(away)
    opened.pages.form.take_last.trigger()
    assert "成果 包.gpkg" in said(opened) and offered(opened)
    away.rename(package)
    opened.pages.form.take_last.trigger()
    assert len(events(package)) == 2 and not offered(opened)
