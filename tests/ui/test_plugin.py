"""The plugin in the desktop: what it adds, and that unload leaves nothing."""

from unittest.mock import MagicMock

import pytest
from packages import box, findings, review
from panels import SAMPLE, dialogs, drop
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMapTool, QgsMessageBar, QgsRubberBand
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QLabel, QMainWindow, QMessageBox, QToolBar

from redline_review import classFactory
from redline_review.i18n import CONTEXT, language
from redline_review.processing import libraries
from redline_review.processing.announce import announcer


class Desktop:
    """As much of QGIS's interface as the plugin touches, with real widgets."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.bar = QgsMessageBar(self.window)
        self.menu = []

    def mapCanvas(self):
        return self.canvas

    def messageBar(self):
        return self.bar

    def mainWindow(self):
        return self.window

    def addToolBar(self, title):
        return self.window.addToolBar(title)

    def addPluginToMenu(self, name, action):
        self.menu.append((name, action))

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)

    def removePluginMenu(self, name, action):
        self.menu.remove((name, action))


def shown(bar):
    """What a message bar says."""
    return "\n".join(label.text() for label in bar.currentItem().findChildren(QLabel))


@pytest.fixture
def desktop(qgis_app):
    return Desktop()


@pytest.fixture
def chinese():
    settings = QgsSettings()
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", "zh-Hans")
    yield
    settings.setValue("locale/overrideFlag", False)
    settings.setValue("locale/userLocale", "")


def provider():
    return QgsApplication.processingRegistry().providerById("redline")


def left_over(desktop):
    QCoreApplication.sendPostedEvents(None, 52)  # deferred deletions
    return desktop.menu + desktop.window.findChildren(QToolBar) + desktop.window.findChildren(QAction)


def test_unload_takes_away_all_that_was_added(desktop):
    before = len(left_over(desktop))
    for _ in range(2):  # as when the plugin is reloaded
        plugin = classFactory(desktop)
        plugin.initGui()
        assert provider() is not None
        assert [action.text() for _, action in desktop.menu] == [
            "Red-line overlap…",
            "Land-use intensity…",
            "Review of everything…",
            "Check layers…",
            "Load boundary points…",
            "Redline Review Panel",
        ]
        assert len(desktop.window.findChildren(QToolBar)) == 1
        plugin.unload()
        assert provider() is None
        assert len(left_over(desktop)) == before


def test_unload_after_qgis_deleted_the_widgets(desktop):
    plugin = classFactory(desktop)
    plugin.initGui()
    desktop.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, 52)
    plugin.unload()
    assert provider() is None


TOOLS = ("overlap", "intensity", "review", "checkdata", "importboundarytxt")


@pytest.fixture
def loaded(desktop, toolbox):
    """The plugin in the desktop; no dialog of its tools outlives it."""
    plugin = classFactory(desktop)
    plugin.initGui()
    yield plugin
    for dialog in dialogs():
        dialog.close()
    QCoreApplication.sendPostedEvents(None, 52)
    plugin.unload()


@pytest.mark.parametrize(("entry", "tool"), list(enumerate(TOOLS)))
def test_each_entry_opens_its_tool(desktop, loaded, entry, tool):
    desktop.menu[entry][1].trigger()
    (dialog,) = dialogs()
    assert dialog.isVisible() and dialog.algorithm().id() == f"redline:{tool}"


def test_a_tool_opens_with_what_the_projects_layers_suggest(desktop, loaded):
    layers = {"TOWNS": "TSXZ_GHFW", "FARMLAND": "YJJBNTTB", "ECO_REDLINE": "STBHHX"}
    given = {name: QgsVectorLayer(f"{SAMPLE}|layername={layer}", "图层", "ogr") for name, layer in layers.items()}
    QgsProject.instance().addMapLayers(list(given.values()))
    desktop.menu[0][1].trigger()
    (dialog,) = dialogs()
    asked = dialog.createProcessingParameters()
    expected = {name: layer.id() for name, layer in given.items()}
    assert asked.items() >= {**expected, "TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC"}.items()
    said = shown(dialog.messageBar())
    assert "TSXZ" in said and "YJJBNT" in said


def test_boundary_points_are_dropped_on_the_panel(desktop, loaded, qtbot):
    panel = loaded.show_dock()
    assert drop(panel, SAMPLE.with_name("qinghe_boundary.txt"))
    qtbot.waitUntil(lambda: desktop.bar.currentItem() is not None, timeout=20_000)
    (layer,) = QgsProject.instance().mapLayersByName("qinghe_boundary")
    assert layer.featureCount() == 4 and "qinghe_boundary" in shown(desktop.bar)


def test_a_missing_library_is_explained_not_run_into(desktop, monkeypatch):
    shown = MagicMock()
    monkeypatch.setattr(QMessageBox, "warning", shown)
    monkeypatch.setattr(libraries, "find_spec", lambda name: None)
    plugin = classFactory(desktop)
    plugin.initGui()
    desktop.menu[0][1].trigger()
    plugin.unload()
    assert "pyogrio" in shown.call_args.args[2]


def test_speaks_chinese_when_qgis_does(desktop, chinese):
    assert language() == "zh_CN"
    plugin = classFactory(desktop)
    plugin.initGui()
    shown = desktop.menu[0][1].text()
    plugin.unload()
    assert shown == "三线套合分析…"
    assert QCoreApplication.translate(CONTEXT, "Redline Review") == "Redline Review"  # translator removed


def test_reloaded_ten_times_it_leaves_nothing(desktop, qtbot, tmp_path):
    path = tmp_path / "a.gpkg"
    review(path, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    before = len(left_over(desktop))
    announced = [announcer.receivers(signal) for signal in (announcer.package_written, announcer.findings_loaded)]
    watched = QgsProject.instance().receivers(QgsProject.instance().layersAdded)
    for _ in range(10):
        plugin = classFactory(desktop)
        plugin.initGui()
        assert plugin.dock.widget() is None  # nothing heavy before it is first shown
        panel = plugin.show_dock()
        with qtbot.waitSignal(panel.opened, timeout=20_000):
            panel.open(path, add_layers=False)
        panel.tables.town_view.selectRow(0)
        assert plugin.show_dock() is panel and len(desktop.window.findChildren(QDockWidget)) == 1
        plugin.unload()
        del panel
        QCoreApplication.sendPostedEvents(None, 52)
        assert len(left_over(desktop)) == before and desktop.window.findChildren(QDockWidget) == []
    now = [announcer.receivers(signal) for signal in (announcer.package_written, announcer.findings_loaded)]
    assert now == announced
    assert QgsProject.instance().receivers(QgsProject.instance().layersAdded) == watched
    assert [item for item in desktop.canvas.scene().items() if isinstance(item, QgsRubberBand)] == []
    assert desktop.canvas.findChildren(QgsMapTool) == []


@pytest.mark.parametrize("unloaded", [True, False])
def test_what_is_under_way_when_the_panel_goes_comes_to_nothing(desktop, qtbot, tmp_path, busy, unloaded):
    """The plugin is reloaded, or QGIS closes and deletes its window."""
    path = tmp_path / "a.gpkg"
    review(path, findings([("A", "farmland", "F1", box(0, 0, 100))]))
    plugin = classFactory(desktop)
    plugin.initGui()
    panel = plugin.show_dock()
    panel.open(path, add_layers=False)
    if unloaded:
        plugin.unload()
    else:
        desktop.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, 52)
    busy()
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=20_000)
    QCoreApplication.processEvents()
    assert panel.browsed is None
    if not unloaded:
        plugin.unload()


def test_what_a_run_has_made_is_shown_by_itself(desktop, qtbot, tmp_path, qgis_new_project):
    plugin = classFactory(desktop)
    plugin.initGui()
    try:
        layers = {"TOWNS": "TSXZ_GHFW", "FARMLAND": "YJJBNTTB"}
        parameters = {name: f"{SAMPLE}|layername={layer}" for name, layer in layers.items()}
        package = str(tmp_path / "成果.gpkg")
        with qtbot.waitSignal(announcer.package_written):
            tool = QgsApplication.processingRegistry().createAlgorithmById("redline:overlap")
            _, ran = tool.run({**parameters, "REVIEW": package}, QgsProcessingContext(), QgsProcessingFeedback())
            assert ran
        with qtbot.waitSignal(plugin.panel.opened, timeout=20_000):
            pass
        assert not plugin.dock.isHidden() and plugin.panel.packageLabel.full == "成果.gpkg"
        assert plugin.panel.tables.findings.rowCount() > 0
    finally:
        plugin.unload()
