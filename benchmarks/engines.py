"""What is timed: each engine on the same layers, in a process of its own, after it has started up.

Usage: engines.py ENGINE FILE [LIMIT]; prints one line of JSON: seconds, and the number of results to compare by.
LIMIT: only so many of the towns. Engines: see `ENGINES`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
warnings.simplefilter("ignore")
LINES = {"eco_redline": "redline", "farmland": "farmland", "urban_boundary": "boundary"}
OVERLAPS, INTERSECTION = "native:calculatevectoroverlaps", "native:intersection"


def ours(path: str, folder: Path, package: bool, area_method: str = "ellipsoid") -> dict:
    """Totals, or also findings and a package."""
    from redline_review.core.inputs.files import FileSource
    from redline_review.core.profile import load_profile
    from redline_review.core.review.layers import FileWriter
    from redline_review.core.review.request import ReviewRequest
    from redline_review.core.review.run import run_review

    def run() -> int:
        request = ReviewRequest(
            towns=FileSource(path, "towns"), town_id_field="BSM", profile=load_profile(), area_method=area_method,
            lines={line: FileSource(path, layer) for line, layer in LINES.items() if has(path, layer)},
            summary=FileWriter(folder / "summary.gpkg"),
            findings=FileWriter(folder / "findings.gpkg") if package else None,
            package=folder / "review.gpkg" if package else None,
        )  # fmt: skip
        return run_review(request).finding_count

    return timed(run)


def qgis(path: str, folder: Path, algorithm: str, limit: int, towns_first: bool = True, checked: bool = True) -> dict:
    """QGIS's own tool, once for all lines or once for each line, as a planner would run it.

    :param towns_first: whether towns or the features of the line are the tool's input.
    :param checked: as set at first, QGIS stops at an invalid feature; otherwise it goes on.
    """
    processing = start_qgis()
    from qgis.core import Qgis, QgsProcessingContext, QgsVectorLayer

    towns = f"{path}|layername=towns" + (f"|subset=fid <= {limit}" if limit else "")
    layers = [f"{path}|layername={layer}" for layer in LINES.values() if has(path, layer)]
    context = QgsProcessingContext()
    check = Qgis.InvalidGeometryCheck
    context.setInvalidGeometryCheck(check.AbortOnInvalid if checked else check.NoCheck)

    def run() -> int:
        if algorithm == OVERLAPS:
            parameters = {"INPUT": towns, "LAYERS": layers, "OUTPUT": str(folder / "overlaps.gpkg")}
            return count(processing.run(algorithm, parameters, context=context))
        found = 0
        for n, layer in enumerate(layers):
            first, second = (towns, layer) if towns_first else (layer, towns)
            parameters = {"INPUT": first, "OVERLAY": second, "OUTPUT": str(folder / f"{n}.gpkg")}
            found += count(processing.run(algorithm, parameters, context=context))
        return found

    def count(results: dict) -> int:
        return QgsVectorLayer(results["OUTPUT"]).featureCount()

    return timed(run)


def start_qgis() -> ModuleType:
    """QGIS without a window, and its module `processing`."""
    from qgis.core import QgsApplication

    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.append("/usr/share/qgis/python/plugins")
    from processing.core.Processing import Processing

    import processing

    Processing.initialize()
    start_qgis.application = application  # it must outlive this call
    return processing


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


def our_intensity(path: str, folder: Path, limit: int) -> dict:
    """Land use by town: indicators, and areas by code."""
    from redline_review.core.inputs.files import FileSource
    from redline_review.core.profile import load_profile
    from redline_review.core.review.intensity_request import IntensityRequest, LandUseLayer
    from redline_review.core.review.layers import FileWriter
    from redline_review.core.review.request import ReviewRequest
    from redline_review.core.review.run import run_review

    def run() -> int:
        request = ReviewRequest(
            towns=FileSource(path, "towns"), town_id_field="BSM", profile=load_profile(), lines={},
            intensity=IntensityRequest(land_use=LandUseLayer(FileSource(path, "land_use"))),
            intensity_layer=FileWriter(folder / "intensity.gpkg"),
            tables={"land_use": FileWriter(folder / "land_use.gpkg")},
        )  # fmt: skip
        return run_review(request).town_count

    return timed(run)


def geopandas_land_use(path: str, folder: Path, limit: int) -> dict:
    import geopandas

    def run() -> int:
        towns = geopandas.read_file(path, layer="towns", engine="pyogrio").rename(columns={"BSM": "town"})
        land = geopandas.read_file(path, layer="land_use", engine="pyogrio")
        parts = geopandas.overlay(land, towns, how="intersection", keep_geom_type=True)
        sums = parts.geometry.area.groupby([parts["town"], parts["DLBM"]]).sum()
        sums.reset_index(name="area").to_csv(folder / "sums.csv")
        return sums.index.get_level_values(0).nunique()

    return timed(run)


def qgis_land_use(path: str, folder: Path, limit: int) -> dict:
    """Intersection, an area field, and statistics by town and code, as a planner would chain them."""
    processing = start_qgis()
    from qgis.core import QgsVectorLayer

    def run() -> int:
        layers = {"INPUT": f"{path}|layername=land_use", "OVERLAY": f"{path}|layername=towns"}
        cut = processing.run(INTERSECTION, {**layers, "OVERLAY_FIELDS": ["BSM"], "OUTPUT": str(folder / "cut.gpkg")})
        area = {"INPUT": cut["OUTPUT"], "FIELD_NAME": "area", "FIELD_TYPE": 0, "FORMULA": "area(@geometry)"}
        measured = processing.run("native:fieldcalculator", {**area, "OUTPUT": str(folder / "area.gpkg")})
        by = {"INPUT": measured["OUTPUT"], "VALUES_FIELD_NAME": "area", "CATEGORIES_FIELD_NAME": ["BSM_2", "DLBM"]}
        sums = processing.run("qgis:statisticsbycategories", {**by, "OUTPUT": str(folder / "sums.gpkg")})
        layer = QgsVectorLayer(sums["OUTPUT"])
        return len(layer.uniqueValues(layer.fields().lookupField("BSM_2")))

    return timed(run)


def has(path: str, layer: str) -> bool:
    import pyogrio

    return layer in pyogrio.list_layers(path)[:, 0]


def timed(run: Callable[[], int]) -> dict:
    start = time.perf_counter()
    count = run()
    return {"seconds": time.perf_counter() - start, "count": count}


ENGINES = {
    "ours": lambda path, folder, limit: ours(path, folder, package=False),
    "ours, with findings and package": lambda path, folder, limit: ours(path, folder, package=True),
    "QGIS overlap analysis": lambda path, folder, limit: qgis(path, folder, OVERLAPS, limit),
    "QGIS intersection (towns, line)": lambda path, folder, limit: qgis(path, folder, INTERSECTION, limit),
    "QGIS intersection (line, towns)": lambda path, folder, limit: qgis(
        path, folder, INTERSECTION, limit, towns_first=False
    ),
    "QGIS overlap analysis, unchecked": lambda path, folder, limit: qgis(path, folder, OVERLAPS, limit, checked=False),
    "geopandas.overlay": geopandas_overlay,
    "ours, land use": our_intensity,
    "geopandas.overlay, land use": geopandas_land_use,
    "QGIS intersection and statistics": qgis_land_use,
}


def main() -> None:
    engine, path, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(ENGINES[engine](path, Path(name), limit)), flush=True)
    os._exit(0)  # QGIS does not end well where Python frees its objects in an order of its own


if __name__ == "__main__":
    main()
