"""The map sheet of the chosen town, from the panel to the layout designer."""

from panels import read
from qgis.core import QgsLayoutExporter, QgsProject


def test_the_sheet_of_the_chosen_town_opens_in_the_designer(panel, package, qtbot, qgis_iface, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(qgis_iface, "openLayoutDesigner", opened.append, raising=False)
    read(qtbot, panel, lambda: panel.open(package, add_layers=False))
    panel.bar.map_wanted.emit()
    assert opened == [] and "town" in panel.banner.text()
    panel.tables.town_view.selectRow(1)
    for _ in range(2):  # the second takes the place of the first
        panel.bar.map_wanted.emit()
    layout = opened[-1]
    manager = QgsProject.instance().layoutManager()
    assert [one.name() for one in manager.layouts()] == [layout.name()] and layout.name().startswith("B")
    assert layout.itemById("map").layers() and layout.itemById("conclusion").text()
    image = tmp_path / "b.png"
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 40
    assert QgsLayoutExporter(layout).exportToImage(str(image), settings) == QgsLayoutExporter.ExportResult.Success
    assert image.stat().st_size > 10_000
