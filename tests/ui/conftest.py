"""The review panel on a small package."""

import threading

import pytest
from panels import READ_MS, read, small_package
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsSettings, QgsTask
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QThreadPool


@pytest.fixture
def package(tmp_path):
    return small_package(tmp_path / "成果 包.gpkg")


@pytest.fixture
def panel(qgis_iface, qgis_new_project, qtbot):
    from redline_review.ui.review_panel import ReviewPanel

    QgsSettings().remove("redline_review")
    canvas = qgis_iface.mapCanvas()
    canvas.freeze(True)  # drawing under way when the project is cleared ends QGIS (QgsConnectionPool)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4530"))
    made = ReviewPanel(qgis_iface)
    made.resize(600, 800)
    made.show()
    yield made
    made.end()
    made.close()
    made.deleteLater()
    canvas.freeze(False)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def opened(panel, package, qtbot):
    read(qtbot, panel, lambda: panel.open(package))
    return panel


@pytest.fixture
def busy(qgis_app, qtbot):
    """All of QGIS's threads have something to do: a task that is added waits. Call it to let them go."""
    ended, running = threading.Event(), []

    def work(task):
        running.append(task)
        ended.wait()

    count = QThreadPool.globalInstance().maxThreadCount()
    tasks = [QgsTask.fromFunction("busy", work) for _ in range(count)]
    for task in tasks:
        QgsApplication.taskManager().addTask(task)
    qtbot.waitUntil(lambda: len(running) == count, timeout=READ_MS)
    yield ended.set
    ended.set()
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=READ_MS)
