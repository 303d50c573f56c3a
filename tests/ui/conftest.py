"""The review panel on a small package."""

import threading

import pytest
from panels import READ_MS, dialogs, read, small_package
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsLayerTreeModel,
    QgsProject,
    QgsSettings,
    QgsTask,
)
from qgis.gui import QgsLayerTreeView
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QSettings, QThreadPool


@pytest.fixture(scope="session", autouse=True)
def own_settings(qgis_app, tmp_path_factory):
    """Two runs of the tests at once must not write into each other's settings."""
    folder = str(tmp_path_factory.mktemp("settings"))
    for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
        QSettings.setPath(kind, QSettings.Scope.UserScope, folder)


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
def toolbox(qgis_iface, qgis_processing, qgis_new_project, monkeypatch):
    """Processing as in the desktop: the registry. Closes the dialogs that are left."""
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: None, raising=False)
    tree = QgsLayerTreeView()
    tree.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), tree))
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: tree, raising=False)  # QGIS 3.44 puts results there
    yield QgsApplication.processingRegistry()
    for dialog in dialogs():
        dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def tools(toolbox):
    """Processing with our tools."""
    from redline_review.processing.provider import RedlineProvider

    provider = RedlineProvider()
    toolbox.addProvider(provider)
    yield toolbox
    for dialog in dialogs():  # before the tools they show
        dialog.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    toolbox.removeProvider(provider)


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
