"""What is timed: each engine on the same layers, in a process of its own, after it has started up.

Usage: engines.py ENGINE FILE [LIMIT]; prints one line of JSON: seconds, peak memory in MB, and figures to compare by.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
warnings.simplefilter("ignore")
LINES = {"eco_redline": "redline", "farmland": "farmland", "urban_boundary": "boundary"}


def ours(path: str, folder: Path, package: bool) -> dict:
    from redline_review.core.inputs.files import FileSource
    from redline_review.core.profile import load_profile
    from redline_review.core.review.layers import FileWriter
    from redline_review.core.review.request import ReviewRequest
    from redline_review.core.review.run import run_review

    def run() -> int:
        request = ReviewRequest(
            towns=FileSource(path, "towns"), town_id_field="BSM", profile=load_profile(),
            lines={line: FileSource(path, layer) for line, layer in LINES.items() if has(path, layer)},
            summary=FileWriter(folder / "summary.gpkg"),
            findings=FileWriter(folder / "findings.gpkg") if package else None,
            package=folder / "review.gpkg" if package else None,
        )  # fmt: skip
        return run_review(request).finding_count

    return timed(run)


def qgis(path: str, folder: Path, algorithm: str, limit: int) -> dict:
    from qgis.core import QgsApplication, QgsVectorLayer

    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.append("/usr/share/qgis/python/plugins")
    from processing.core.Processing import Processing

    import processing

    Processing.initialize()
    towns = f"{path}|layername=towns" + (f"|subset=fid <= {limit}" if limit else "")
    layers = [f"{path}|layername={layer}" for layer in LINES.values() if has(path, layer)]

    def run() -> int:
        if algorithm == "native:calculatevectoroverlaps":
            output = processing.run(
                algorithm, {"INPUT": towns, "LAYERS": layers, "OUTPUT": str(folder / "overlaps.gpkg")}
            )["OUTPUT"]
            return QgsVectorLayer(output).featureCount()
        count = 0
        for n, layer in enumerate(layers):
            parameters = {"INPUT": towns, "OVERLAY": layer, "OUTPUT": str(folder / f"{n}.gpkg")}
            count += QgsVectorLayer(processing.run(algorithm, parameters)["OUTPUT"]).featureCount()
        return count

    result = timed(run)
    application.exitQgis()
    return result


def geopandas_overlay(path: str, folder: Path, limit: int) -> dict:
    import geopandas

    def run() -> int:
        towns = geopandas.read_file(path, layer="towns", engine="pyogrio")
        towns = towns.head(limit) if limit else towns
        count = 0
        for layer in LINES.values():
            if has(path, layer):
                line = geopandas.read_file(path, layer=layer, engine="pyogrio")
                count += len(geopandas.overlay(towns, line, how="intersection", keep_geom_type=True))
        return count

    return timed(run)


def has(path: str, layer: str) -> bool:
    import pyogrio

    return layer in pyogrio.list_layers(path)[:, 0]


def timed(run) -> dict:
    start = time.perf_counter()
    count = run()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "count": count}


def main() -> None:
    engine, path, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        result = {
            "ours": lambda: ours(path, folder, package=False),
            "ours-package": lambda: ours(path, folder, package=True),
            "qgis-overlap": lambda: qgis(path, folder, "native:calculatevectoroverlaps", limit),
            "qgis-intersection": lambda: qgis(path, folder, "native:intersection", limit),
            "geopandas": lambda: geopandas_overlay(path, folder, limit),
        }[engine]()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
