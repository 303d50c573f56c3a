"""The worker beside the algorithm's thread: cancel within a second, sinks and feedback on the algorithm's thread."""

import threading
import time

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.processing.background import WORKER, Background, wait_for_workers
from redline_review.processing.readers import QgisSource


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
    assert not stopped.is_set()
    wait_for_workers(5)
    assert stopped.is_set()


def test_a_cancel_while_layers_are_read_leaves_nothing_behind(own_county, algorithm):
    """A worker that read on while QGIS ended would crash it."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4530", "many", "memory")
    farm = next(QgsVectorLayer(str(own_county.folder / "farm.gpkg"), "farm", "ogr").getFeatures()).geometry()
    features = [QgsFeature() for _ in range(30_000)]
    for feature in features:
        feature.setGeometry(farm)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    feedback, context = QgsProcessingFeedback(False), QgsProcessingContext()
    context.setProject(QgsProject.instance())
    read = []
    original = QgisSource._read

    def read_and_cancel(source, request):
        feedback.cancel()
        for feature in original(source, request):
            read.append(feature.id())
            time.sleep(0.001)
            yield feature

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QgisSource, "_read", read_and_cancel)
        _, done = algorithm.run(own_county.parameters(FARMLAND=layer), context, feedback)
    QgsProject.instance().removeMapLayer(layer.id())
    assert not done and len(read) < 5000
    assert [thread for thread in threading.enumerate() if thread.name == WORKER] == []


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
