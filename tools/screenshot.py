"""Takes the pictures of the documentation in a real QGIS window. Needs Xvfb and Pillow.

`.venv/bin/python tools/screenshot.py FOLDER [REAL_DATA]`: the sample county in English and Chinese; with a folder that
holds the layers of docs/real-data.md, their pictures too. The window runs the tool as a planner would and grabs itself.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("REDLINE_ROOT") or Path(__file__).resolve().parents[1])  # QGIS runs this without a file
SAMPLE = ROOT / "resources" / "sample" / "qinghe.gpkg"
LANGUAGES = {"en": "en", "zh_CN": "zh-Hans"}  # in file names; as QGIS calls them
WORDS = {  # that the pictured planner types
    "en": {
        "who": "Li Si", "reason": "Flood bank, no other route", "basis": "Land Administration Law, art. 35",
        "authority": "State Council", "document": "2025-0117", "evidence": "Plan 2024, ch. 3",
    },
    "zh_CN": {
        "who": "李四", "reason": "防洪堤选址难以避让", "basis": "土地管理法第三十五条",
        "authority": "国务院", "document": "国函〔2025〕×号", "evidence": "小镇总体规划（2024）第三章",
    },
}  # fmt: skip


def take_all(folder: Path, data: Path | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for language, locale in LANGUAGES.items():
        for scene in ("sample", "intensity", "check", "dock"):
            window(folder, scene, language, locale)
    window(folder, "dock", "dark", "en", REDLINE_THEME="Night Mapping")
    for scene in ("liechtenstein", "trafford") if data else ():
        window(folder, scene, "", "en", REDLINE_DATA=str(data))
    for picture in folder.glob("*.png"):
        shrink(picture)


def shrink(picture: Path) -> None:
    """To 256 colours: the commonest as they are, and of the others each counts alike, so that a small mark keeps its
    red."""
    import numpy as np
    from PIL import Image

    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    colours, counts = np.unique(np.asarray(image).reshape(-1, 3), axis=0, return_counts=True)
    colours = colours[np.argsort(-counts, kind="stable")]
    kept = colours[:192].ravel().tolist()
    if len(colours) > 192:
        kept += Image.fromarray(colours[None, 192:]).quantize(64, kmeans=3).getpalette()[: 3 * 64]
    palette = Image.new("P", (1, 1))
    palette.putpalette(kept)
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(picture, optimize=True)


def window(folder: Path, scene: str, language: str, locale: str, **more: str) -> None:
    """One QGIS window; what is below `inside` runs in it."""
    facts = {"REDLINE_ROOT": str(ROOT), "REDLINE_PICTURES": str(folder.resolve()), "REDLINE_SCENE": scene}
    facts |= {"REDLINE_LANGUAGE": language, **more}
    command = ["xvfb-run", "-a", "-s", "-screen 0 1500x940x24", str(ROOT / "tools" / "qgis"), "--nologo"]
    command += ["--noversioncheck", "--lang", locale, "--code", __file__]
    subprocess.run(command, env={**os.environ, **facts}, check=True, timeout=90)


def inside() -> None:
    """In QGIS: the steps of a scene one after the other, with time between them for the map to be drawn."""
    import traceback

    from qgis.PyQt.QtCore import QTimer

    scene = os.environ["REDLINE_SCENE"]
    scenes = {"sample": sample, "intensity": intensity, "check": check, "dock": dock}
    steps = iter(scenes.get(scene, lambda: real(scene))())

    def step() -> None:
        try:
            next(steps)
            QTimer.singleShot(3000, step)
        except StopIteration:
            os._exit(0)  # QGIS itself would ask what to do with the temporary layers
        except Exception:
            traceback.print_exc(file=sys.stdout)
            os._exit(1)

    QTimer.singleShot(3000, step)


def sample():
    from qgis.core import QgsProject
    from qgis.utils import iface

    clear_window()
    towns = {"layername=TSXZ_GHFW": "TOWNS"}
    lines = {"layername=STBHHX": "ECO_REDLINE", "layername=YJJBNTTB": "FARMLAND", "layername=CZKFBJ": "URBAN_BOUNDARY"}
    layers = {**towns, **lines, "layername=COVERAGE": "COVERAGE"}
    sources = {parameter: f"{SAMPLE}|{layer}" for layer, parameter in layers.items()}
    chinese = os.environ["REDLINE_LANGUAGE"] == "zh_CN"
    names = ("规划范围 TSXZ_GHFW", "STBHHX", "YJJBNTTB", "CZKFBJ", "数据范围 COVERAGE")
    names = names if chinese else ("TSXZ_GHFW", "STBHHX", "YJJBNTTB", "CZKFBJ", "COVERAGE")
    added = {}
    for (parameter, source), name in zip(sources.items(), names, strict=True):
        added[parameter] = iface.addVectorLayer(source, name, "ogr")
        QgsProject.instance().layerTreeRoot().findLayer(added[parameter]).setItemVisibilityChecked(False)
    fields = {"TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "COVERAGE_LINE_FIELD": "line"}
    parameters = {**{name: layer.id() for name, layer in added.items()}, **fields}
    yield from dialog(parameters)
    for layer in added.values():
        QgsProject.instance().removeMapLayer(layer)
    towns, _ = run({**sources, **fields})
    zoom(towns, 1.1)
    yield
    grab("county")
    towns.setSubsetString("\"town_id\" = 'QH01'")
    zoom(towns, 1.1)
    towns.setSubsetString("")
    yield
    grab("town")


def intensity():
    """Intensity of the sample county."""
    clear_window()
    folder = SAMPLE.parent
    layers = {"TOWNS": "TSXZ_GHFW", "LAND_USE": "DLTB", "PLANNED_LAND_USE": "GHYD", "BUILDINGS": "JZW"}
    parameters = {name: f"{SAMPLE}|layername={layer}" for name, layer in layers.items()}
    parameters |= {"TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "FLOORS_FIELD": "CS", "HEIGHT_FIELD": "GD"}
    parameters |= {"LAND_COVER": str(folder / "qinghe_landcover.tif"), "FIGURES": str(folder / "qinghe_figures.csv")}
    parameters |= {"TOWN_LIST": str(folder / "qinghe_list.csv")}
    yield from dialog(parameters, "intensity", "intensity_dialog")
    (towns,) = run({**parameters, "OUTPUT": "TEMPORARY_OUTPUT"}, "intensity")
    zoom(towns, 1.1)
    yield
    grab("intensity")


def check():
    """Data issues of the sample county over its farmland, where several are near each other; the check's page."""
    import tempfile

    from qgis.core import QgsFillSymbol, QgsRectangle, QgsSingleSymbolRenderer
    from qgis.PyQt.QtCore import Qt
    from qgis.PyQt.QtWidgets import QDockWidget
    from qgis.utils import iface

    clear_window()
    layers = {"TOWNS": "TSXZ_GHFW", "ECO_REDLINE": "STBHHX", "FARMLAND": "YJJBNTTB", "URBAN_BOUNDARY": "CZKFBJ"}
    layers |= {"COVERAGE": "COVERAGE"}
    parameters = {name: f"{SAMPLE}|layername={layer}" for name, layer in layers.items()}
    fields = {"TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "COVERAGE_LINE_FIELD": "line"}
    chinese = os.environ["REDLINE_LANGUAGE"] == "zh_CN"
    titles = ("永久基本农田", "特色小镇") if chinese else ("Basic farmland", "Towns")
    looks = (
        {"color": "#fefe60", "outline_color": "#d7d6a6"},
        {"style": "no", "outline_color": "#505050", "outline_width": "0.6"},
    )
    for name, title, look in zip(("FARMLAND", "TOWNS"), titles, looks, strict=True):
        layer = iface.addVectorLayer(parameters[name], title, "ogr")
        layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(look)))
    page = str(Path(tempfile.mkdtemp()) / "check.html")
    outputs = {"OUTPUT": "TEMPORARY_OUTPUT", "AREAS": "TEMPORARY_OUTPUT", "HTML": page}
    run({**parameters, **fields, **outputs}, "checkdata")
    panel = next(one for one in iface.mainWindow().findChildren(QDockWidget) if one.objectName() == "Layers")
    iface.mainWindow().resizeDocks([panel], [250], Qt.Orientation.Horizontal)
    yield
    iface.mapCanvas().setExtent(QgsRectangle(42544700, 4845250, 42546500, 4846450))
    iface.mapCanvas().refresh()
    yield
    grab("check")


def dock():
    """The review panel beside the map at a small screen's size, with a finding selected; then its other pages, alone.

    With REDLINE_THEME in QGIS's theme of that name, and the first picture only.
    """
    import tempfile

    from qgis import processing
    from qgis.core import QgsApplication
    from qgis.PyQt.QtCore import Qt
    from qgis.utils import iface, plugins

    from redline_review.core.review.recording import Decided, record

    theme = os.environ.get("REDLINE_THEME")
    words = WORDS["zh_CN" if os.environ["REDLINE_LANGUAGE"] == "zh_CN" else "en"]
    clear_window()
    QgsApplication.setUITheme(theme or "default")
    package = str(Path(tempfile.mkdtemp()) / "qinghe.gpkg")
    layers = {"TOWNS": "TSXZ_GHFW", "ECO_REDLINE": "STBHHX", "FARMLAND": "YJJBNTTB", "URBAN_BOUNDARY": "CZKFBJ"}
    layers |= {"COVERAGE": "COVERAGE", "LAND_USE": "DLTB", "PLANNED_LAND_USE": "GHYD", "BUILDINGS": "JZW"}
    parameters = {name: f"{SAMPLE}|layername={layer}" for name, layer in layers.items()}
    fields = {"TOWN_ID_FIELD": "XZBH", "TOWN_NAME_FIELD": "XZMC", "COVERAGE_LINE_FIELD": "line", "FLOORS_FIELD": "CS"}
    processing.runAndLoadResults("redline:review", {**parameters, **fields, "REVIEW": package})
    plugin = plugins["redline_review"]
    while plugin.panel is None or plugin.panel.browsed is None:
        yield  # the panel shows it by itself
    panel, tables = plugin.panel, plugin.panel.tables
    form, checklist = panel.pages.form, panel.checklist
    record(package, [Decided(one, "needs_adjustment", words["who"]) for one in panel.browsed.ids([0, 1])])
    panel.reload()
    panel.unitCombo.setCurrentIndex(1)
    iface.mainWindow().resizeDocks([plugin.dock], [600], Qt.Orientation.Horizontal)
    iface.mainWindow().resize(1366, 768)
    yield
    tables.town_view.selectRow(0)
    tables.finding_view.resizeColumnsToContents()
    yield
    tables.step(1)
    yield
    yield  # the flash is over
    grab("dock")
    if theme:
        return
    tables.finding_view.selectRow(3)
    panel.detail.setCurrentWidget(form)
    form.decision.setCurrentIndex(form.decision.findData("accepted_exception"))
    for field, text in ((form.reason, "reason"), (form.basis, "basis"), (form.author, "who")):
        field.setText(words[text])
        field.setCursorPosition(0)
    for name in ("authority", "document"):
        form.facts[name].widget.setText(words[name])
    level = form.facts["authority_level"].widget
    level.setCurrentIndex(level.findData("state_council"))
    form.facts["approved_m2"].widget.setText("8.0000")
    form.facts["approved_on"].widget.setText("2025-11-03")
    form.facts["valid_until"].widget.for_ever.setChecked(True)
    yield
    yield
    grab("decide", panel)
    panel.detail.setCurrentWidget(checklist)
    checklist.author.setText(words["who"])
    for choice, evidence, _ in list(checklist.rows.values())[:2]:
        choice.setCurrentIndex(choice.findData("yes"))
        evidence.setText(words["evidence"])
    checklist.record.click()
    yield
    grab("checklist", panel)
    iface.mainWindow().resize(1500, 940)
    panel.detail.setCurrentIndex(0)
    tables.town_view.clearSelection()
    panel.chips.buttons["warning"].click()
    panel.filterButton.click()
    lines = panel.filters.choices["line"]
    lines.setItemCheckState(lines.findData("farmland"), Qt.CheckState.Checked)
    panel.filters.least["area_m2"].setValue(3)
    yield
    tables.finding_view.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    tables.finding_view.resizeColumnsToContents()
    tables.finding_view.selectAll()
    yield
    grab("filters", panel)


def real(scene: str):
    data = Path(os.environ["REDLINE_DATA"])
    parameters = {
        "liechtenstein": {
            "TOWNS": f"{data}/liechtenstein/layers.gpkg|layername=municipalities",
            "TOWN_ID_FIELD": "name",
            "TOWN_NAME_FIELD": "name",
            "ECO_REDLINE": f"{data}/liechtenstein/layers.gpkg|layername=protected_areas",
            "FARMLAND": f"{data}/liechtenstein/layers.gpkg|layername=farmland",
            "URBAN_BOUNDARY": f"{data}/liechtenstein/layers.gpkg|layername=derived_urban_boundary",
        },
        "trafford": {
            "TOWNS": f"{data}/trafford.gpkg|layername=wards",
            "TOWN_ID_FIELD": "area_code",
            "TOWN_NAME_FIELD": "area_name",
            "ECO_REDLINE": f"{data}/trafford.gpkg|layername=reserves",
            "FARMLAND": f"{data}/trafford.gpkg|layername=farmland",
            "URBAN_BOUNDARY": f"{data}/trafford.gpkg|layername=built_up_areas",
            "COVERAGE": f"{data}/trafford.gpkg|layername=coverage",
        },
    }[scene]
    clear_window()
    towns, _ = run({**parameters, "AREA_METHOD": 1})
    zoom(towns, 1.05)
    yield
    grab(scene)


def clear_window() -> None:
    """Only the layers and the map."""
    from qgis.PyQt.QtWidgets import QDockWidget
    from qgis.utils import iface

    for dock in iface.mainWindow().findChildren(QDockWidget):
        dock.setVisible(dock.objectName() == "Layers")
    iface.mainWindow().showMaximized()
    iface.mainWindow().resize(1500, 940)  # no window manager does it here


def dialog(parameters: dict[str, str], algorithm: str = "overlap", name: str = "dialog"):
    from qgis import processing

    shown = processing.createAlgorithmDialog(f"redline:{algorithm}", parameters)
    shown.resize(900, 760)
    shown.show()
    yield
    grab(name, shown)
    shown.close()


def run(parameters: dict[str, object], algorithm: str = "overlap") -> list:
    """The result layers from the top, with their legends open."""
    from qgis import processing
    from qgis.core import QgsProject
    from qgis.utils import iface

    if algorithm == "overlap":
        parameters = {**parameters, "SUMMARY": "TEMPORARY_OUTPUT", "FINDINGS": "TEMPORARY_OUTPUT"}
    processing.runAndLoadResults(f"redline:{algorithm}", parameters)
    iface.layerTreeView().expandAll()
    return [node.layer() for node in QgsProject.instance().layerTreeRoot().findLayers()]


def zoom(layer, factor: float) -> None:
    from qgis.utils import iface

    extent = layer.extent()
    extent.scale(factor)
    iface.mapCanvas().setExtent(extent)
    iface.mapCanvas().refresh()


def grab(name: str, widget=None) -> None:
    from qgis.utils import iface

    language = os.environ["REDLINE_LANGUAGE"]
    path = Path(os.environ["REDLINE_PICTURES"]) / (f"{name}.{language}.png" if language else f"{name}.png")
    (widget or iface.mainWindow()).grab().save(str(path))


if "REDLINE_SCENE" in os.environ:
    inside()
elif __name__ == "__main__":
    take_all(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
