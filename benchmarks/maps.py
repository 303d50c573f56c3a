"""Map sheets of 400 towns as one A3 PDF, beside what QGIS's own atlas takes for the bare layers of the same package.

Usage: .venv/bin/python benchmarks/maps.py [FOLDER] [TOWNS]. Each way runs in a process of its own; the package is of
the county that `county.py` makes. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOM = 0.74  # of the map's frame, as the sheets have it


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE.parent / "dist" / "benchmarks")
    towns = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    package = packaged(folder)
    results = {way: run(way, package, towns) for way in ("atlas", "ours", "ours, half")}
    print(f"{'':<14}{'pages':>7}{'s':>9}{'s a town':>10}{'s a page':>10}{'MB':>7}")
    for way, one in results.items():
        shares = f"{one['s'] / one['sheets']:>10.3f}{one['s'] / one['pages']:>10.3f}"
        print(f"{way:<14}{one['pages']:>7}{one['s']:>9.1f}{shares}{one['peak_mb']:>7.0f}")
    ratio = results["ours"]["s"] / results["atlas"]["s"] * results["atlas"]["sheets"] / results["ours"]["sheets"]
    print(f"a town takes {ratio:.2f} times what its bare layers take")


def packaged(folder: Path) -> Path:
    """The county's review package, made where it is not there."""
    import county

    path = folder / "maps.gpkg"
    if not path.exists():
        import engines

        source = county.made(folder, "county")
        with tempfile.TemporaryDirectory() as made:
            engines.ours(str(source), Path(made), package=True)
            (Path(made) / "review.gpkg").rename(path)
    return path


def run(way: str, package: Path, towns: int) -> dict:
    command = [sys.executable, "-P", __file__, "--way", way, str(package), str(towns)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{way} failed")
    return json.loads(out.strip().splitlines()[-1]) | {"peak_mb": usage.ru_maxrss / 1024}


def ours(package: Path, towns: int, folder: Path) -> dict:
    from datetime import date

    from qgis.core import QgsFeedback

    from redline_review.core.report.content import Content
    from redline_review.core.report.sheet_texts import Imprint
    from redline_review.processing.maps.atlas import Look, open_atlas
    from redline_review.processing.maps.export import Way, export
    from redline_review.processing.maps.typeface import chosen

    start = time.perf_counter()
    content = Content(package, "zh_CN")
    look = Look(chosen("", "三线套合审查图", "title"))
    with open_atlas(content, look, Imprint("测试", "测试", date(2026, 1, 1))) as atlas:
        made = export(atlas.jobs(content.rows()[:towns], False), folder, Way(family=look.face.family), QgsFeedback())
    return {"pages": made.pages, "sheets": towns, "s": time.perf_counter() - start}


def atlas(package: Path, towns: int, folder: Path) -> dict:
    """A layout with one map of the same size, the same layers and styles, as QGIS exports it by itself."""
    from qgis.core import (
        QgsLayoutExporter,
        QgsLayoutItemMap,
        QgsLayoutPoint,
        QgsLayoutSize,
        QgsPrintLayout,
        QgsProject,
    )

    from redline_review.processing.maps.map_layers import MapLayers

    layers = MapLayers(package)
    project = QgsProject()
    project.setCrs(layers.town.crs())
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(420, 297))
    item = QgsLayoutItemMap(layout)
    layout.addLayoutItem(item)
    item.attemptMove(QgsLayoutPoint(12, 28))
    item.attemptResize(QgsLayoutSize(268, 229))
    item.setKeepLayerSet(True)
    item.setLayers([layers.findings, layers.others, layers.lines])
    item.setAtlasDriven(True)
    item.setAtlasScalingMode(QgsLayoutItemMap.AtlasScalingMode.Auto)
    item.setAtlasMargin(1 / ROOM - 1)
    pages = layout.atlas()
    pages.setCoverageLayer(layers.town)
    pages.setEnabled(True)
    if towns < layers.town.featureCount():
        pages.setFilterFeatures(True)
        pages.setFilterExpression(f"$id <= {towns}")
    start = time.perf_counter()
    settings = QgsLayoutExporter.PdfExportSettings()
    QgsLayoutExporter.exportToPdf(pages, str(folder / "atlas.pdf"), settings, None)
    result = {"pages": pages.count(), "sheets": pages.count(), "s": time.perf_counter() - start}
    layout.atlas().setEnabled(False)
    return result


def inside(way: str, package: Path, towns: int) -> None:
    from qgis.core import QgsApplication

    application = QgsApplication([], True)
    application.initQgis()
    with tempfile.TemporaryDirectory() as folder:
        if way == "atlas":
            result = atlas(package, towns, Path(folder))
        else:
            result = ours(package, towns // (2 if "half" in way else 1), Path(folder))
    print(json.dumps(result), flush=True)
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--way"]:
        inside(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.path.insert(0, str(HERE))
        main()
