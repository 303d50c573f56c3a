"""The worker beside the algorithm's thread: cancel within a second, sinks and feedback on the algorithm's thread."""

import threading
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
)

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.processing.background import Background


def test_result_and_error_come_back():
    assert Background(QgsProcessingFeedback(False)).run(lambda: 7) == 7

    def broken():
        raise RedlineError("no_line")

    with pytest.raises(RedlineError):
        Background(QgsProcessingFeedback(False)).run(broken)


def test_work_handed_over_is_done_on_the_algorithms_thread_and_in_order():
    background = Background(QgsProcessingFeedback(False))
    seen = []

    def work():
        background.later(lambda: seen.append(("later", threading.current_thread())))
        result = background.here(lambda: threading.current_thread())
        background.later(lambda: seen.append(("last", threading.current_thread())))
        return result

    assert background.run(work) is threading.current_thread()
    assert seen == [("later", threading.current_thread()), ("last", threading.current_thread())]


def test_an_error_on_the_algorithms_thread_reaches_the_worker():
    background = Background(QgsProcessingFeedback(False))

    def work():
        with pytest.raises(ZeroDivisionError):
            background.here(lambda: 1 / 0)
        return "went on"

    assert background.run(work) == "went on"


def test_what_is_being_put_in_place_is_carried_through():
    feedback = QgsProcessingFeedback(False)
    background = Background(feedback)

    def work():
        background.settle()
        feedback.cancel()
        time.sleep(0.3)
        return background.here(lambda: "written")

    assert background.run(work) == "written"


def test_after_a_cancel_nothing_is_put_in_place():
    feedback = QgsProcessingFeedback(False)
    background = Background(feedback)
    outcome = []

    def work():
        feedback.cancel()
        time.sleep(0.3)
        try:
            background.settle()
            outcome.append("written")
        except Cancelled:
            outcome.append("cancelled")

    with pytest.raises(Cancelled):
        background.run(work)
    time.sleep(0.5)
    assert outcome == ["cancelled"]


def test_cancel_leaves_a_running_call_behind():
    feedback = QgsProcessingFeedback(False)
    background = Background(feedback)
    stopped = threading.Event()

    def work():
        time.sleep(2.5)  # a geometry call that cannot be interrupted
        if background.cancelled():
            stopped.set()

    threading.Timer(0.3, feedback.cancel).start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        background.run(work)
    assert time.monotonic() - start < 1.3
    assert stopped.wait(5)


@pytest.fixture
def algorithm(redline):
    return QgsApplication.processingRegistry().createAlgorithmById("redline:overlap")


def names(county):
    return sorted(path.name for path in county.folder.iterdir())


def test_cancelled_half_way_nothing_is_written(own_county, algorithm, monkeypatch):
    from redline_review.core.inputs.files import FileSource

    feedback = QgsProcessingFeedback(False)
    original = FileSource.batches

    def slow(self, *arguments, **options):
        for batch in original(self, *arguments, **options):
            feedback.cancel()
            time.sleep(3)
            yield batch

    monkeypatch.setattr(FileSource, "batches", slow)
    out = own_county.folder / "out.gpkg"
    before = names(own_county)
    parameters = own_county.parameters(SUMMARY=str(out), FINDINGS=None, REVIEW=str(own_county.folder / "review.gpkg"))
    start = time.monotonic()
    results, done = algorithm.run(parameters, QgsProcessingContext(), feedback)
    assert time.monotonic() - start < 2
    assert not done and not results
    assert "Nothing was written" in feedback.textLog()
    until = time.monotonic() + 20  # what is left behind comes to its end and sweeps up
    while (there := names(own_county)) != before and time.monotonic() < until:
        time.sleep(0.2)
    assert there == before


def test_in_a_task_as_the_window_runs_it(own_county, algorithm, qgis_new_project):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    feedback = QgsProcessingFeedback(False)
    task = QgsProcessingAlgRunnerTask(algorithm, own_county.parameters(), context, feedback)
    outcome = []
    task.executed.connect(lambda done, results: outcome.append((done, results)))
    QgsApplication.taskManager().addTask(task)
    until = time.monotonic() + 30
    while not outcome and time.monotonic() < until:
        QgsApplication.processEvents()
    done, results = outcome[0]
    assert done, feedback.textLog()
    assert results["TOWN_COUNT"] == 4
    layer = context.getMapLayer(results["SUMMARY"])
    assert layer.featureCount() == 4
    assert layer.thread() is QgsApplication.instance().thread()
