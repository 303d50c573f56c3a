"""What is done beside the window: one thing at a time, told in the end whatever comes of it."""

import threading
import time

import pytest
from panels import READ_MS
from qgis.core import QgsApplication, QgsTask

from redline_review.core.errors import Cancelled
from redline_review.ui.opening import Beside


@pytest.fixture
def beside(qgis_app, qtbot):
    made = Beside()
    made.told = []
    made.done.connect(lambda result: made.told.append(("done", result)))
    made.failed.connect(lambda error: made.told.append(("failed", type(error))))
    return made


def rest(qtbot):
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=READ_MS)


def until(cancelled):
    """Work that ends only when it is stopped."""
    while not cancelled():
        time.sleep(0.001)
    raise Cancelled


def test_what_comes_of_it(beside, qtbot):
    with qtbot.waitSignal(beside.done, timeout=READ_MS):
        beside.begin(lambda cancelled: threading.current_thread() is threading.main_thread())
    with qtbot.waitSignal(beside.done, timeout=READ_MS):
        beside.begin(lambda cancelled: None)
    with qtbot.waitSignal(beside.failed, timeout=READ_MS):
        beside.begin(lambda cancelled: {}["nothing"])
    assert beside.told == [("done", False), ("done", None), ("failed", KeyError)]


def test_the_last_one_counts_and_the_one_before_is_stopped(beside, qtbot):
    begun = threading.Event()

    def first(cancelled):
        begun.set()
        until(cancelled)

    beside.begin(first)
    assert begun.wait(READ_MS / 1000)
    with qtbot.waitSignal(beside.done, timeout=READ_MS):
        beside.begin(lambda cancelled: "second")
    rest(qtbot)
    assert beside.told == [("done", "second")]


def test_nobody_is_told_of_what_is_forgotten(beside, qtbot):
    beside.begin(until)
    beside.forget()
    beside.forget()
    rest(qtbot)
    assert beside.told == []


def test_stopped_under_way(beside, qtbot):
    begun = threading.Event()

    def work(cancelled):
        begun.set()
        until(cancelled)

    with qtbot.waitSignal(beside.failed, timeout=READ_MS):
        beside.begin(work)
        assert begun.wait(READ_MS / 1000)
        QgsApplication.taskManager().cancelAll()
    assert beside.told == [("failed", Cancelled)]


def test_stopped_before_it_began(beside, qtbot, busy):
    with qtbot.waitSignal(beside.failed, timeout=READ_MS):
        beside.begin(lambda cancelled: "never")
        QgsApplication.taskManager().cancelAll()
    assert beside.told == [("failed", Cancelled)]


def test_qgis_asks_before_it_closes_only_where_something_is_written(qgis_app, qtbot, busy):
    from redline_review.ui.opening import Opening

    for made, asks in ((Beside(), True), (Opening(), False)):
        made.begin(lambda cancelled: None)
        (task,) = (one for one in QgsApplication.taskManager().tasks() if one.description() == "Review panel")
        assert bool(task.flags() & QgsTask.Flag.CancelWithoutPrompt) != asks
        made.forget()
        qtbot.waitUntil(lambda: all(one.description() == "busy" for one in QgsApplication.taskManager().tasks()))
