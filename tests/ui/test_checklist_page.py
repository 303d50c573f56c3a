"""The checklist of a town: nothing of one town is taken for another's, nothing typed is lost."""

import os
import sqlite3
from contextlib import closing

import pytest
from panels import choose, read, set_fact, small_package

from redline_review.core.review import browse
from redline_review.core.review.checklist import Answered, answer, present_answers
from redline_review.core.review.opening import open_package


def answers(path):
    with open_package(path) as package:
        rows = present_answers(package.checklist()).to_dict("records")
    return {(row["town_id"], row["question"]): (row["answer"], row["evidence"], row["author"]) for row in rows}


@pytest.fixture
def page(opened):
    opened.checklist.author.setText("张三")
    opened.tables.town_view.selectRow(0)
    return opened.checklist


def plan(page):
    return page.rows["plan"]


def fill(page, code, evidence):
    choose(plan(page)[0], code)
    plan(page)[1].setText(evidence)


def shown(page):
    choice, evidence, _ = plan(page)
    return choice.currentData(), evidence.text()


def test_what_is_typed_waits_until_the_town_is_chosen_again(opened, page, package, qtbot):
    fill(page, "yes", "规划第三章")
    opened.tables.town_view.selectRow(1)
    assert shown(page) == ("open", "") and page.message.isHidden()
    opened.tables.town_view.clearSelection()
    opened.tables.town_view.selectRow(0)
    assert shown(page) == ("yes", "规划第三章") and "not recorded" in page.message.text()
    read(qtbot, opened, opened.reload)
    assert shown(page) == ("yes", "规划第三章") and answers(package) == {}
    page.record.click()
    assert answers(package) == {("A", "plan"): ("yes", "规划第三章", "张三")} and page.message.text() == "Recorded."
    opened.tables.town_view.selectRow(1)
    opened.tables.town_view.selectRow(0)
    assert shown(page) == ("yes", "规划第三章") and page.message.isHidden()


def test_another_package_takes_nothing_over(opened, page, tmp_path, qtbot):
    fill(page, "yes", "规划第三章")
    other = small_package(tmp_path / "other.gpkg")
    read(qtbot, opened, lambda: opened.open(other))
    opened.tables.town_view.selectRow(0)
    assert shown(page) == ("open", "")


def test_what_a_colleague_has_answered_shows_after_a_merge(opened, page, package):
    answer(package, [Answered("A", "plan", "no", "李四", "县里来函")])
    opened.bar.tool_ended.emit()
    assert shown(page) == ("no", "县里来函") and "李四" in plan(page)[2].text()


def test_answers_that_cannot_be_read_are_not_those_of_the_town_before(opened, page, package, monkeypatch):
    """Else what was answered for one town would be recorded for another."""
    fill(page, "yes", "规划第三章")
    page.record.click()
    monkeypatch.setattr(browse, "READ_SECONDS", 0.05)
    with closing(sqlite3.connect(package, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        opened.tables.town_view.selectRow(1)
        assert "成果 包.gpkg" in opened.banner.text()
        assert shown(page) == ("open", "") and not page.record.isEnabled()
        other.execute("ROLLBACK")
    opened.tables.town_view.selectRow(0)
    assert shown(page) == ("yes", "规划第三章") and page.record.isEnabled() and opened.banner.isHidden()
    assert list(answers(package)) == [("A", "plan")]


def test_a_lock_is_said_and_what_was_typed_stays(page, package, monkeypatch):
    monkeypatch.setattr(browse, "WRITE_SECONDS", 0.05)
    fill(page, "no", "未批")
    with closing(sqlite3.connect(package, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page.record.click()
        assert "成果 包.gpkg" in page.message.text() and shown(page) == ("no", "未批") and answers(package) == {}
        other.execute("ROLLBACK")
    page.record.click()
    assert answers(package) == {("A", "plan"): ("no", "未批", "张三")}


def test_the_package_gone_is_said(page, package):
    fill(page, "no", "未批")
    os.unlink(package)
    page.record.click()
    assert "成果 包.gpkg" in page.message.text() and shown(page) == ("no", "未批")


def test_nobody_answers_without_a_name(page, package):
    page.author.clear()
    fill(page, "no", "")
    page.record.click()
    assert page.message.text() and answers(package) == {} and shown(page) == ("no", "")


def test_a_profile_that_asks_nothing(panel, package, qtbot):
    set_fact(package, "profile", {})
    read(qtbot, panel, lambda: panel.open(package))
    panel.tables.town_view.selectRow(0)
    assert "asks nothing" in panel.checklist.message.text() and not panel.checklist.record.isEnabled()
