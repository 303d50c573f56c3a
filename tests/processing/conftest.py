"""A small made-up county on disk, and the provider registered as the plugin registers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas
import pytest
import shapely
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import QVariant

CRS = "EPSG:4530"
EAST, NORTH = 42_500_000, 4_850_000


def square(x, y, width, height=None):
    """A rectangle whose south-west corner is x, y metres from the county's."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + (height or width))


def bow_tie(x, y, size):
    """An invalid polygon: its ring crosses itself."""
    corners = [(x, y), (x + size, y + size), (x + size, y), (x, y + size), (x, y)]
    return shapely.Polygon([(EAST + a, NORTH + b) for a, b in corners])


@dataclass
class County:
    """Files of the county; `write` adds another layer."""

    folder: Path

    def write(self, name, geometry, attributes=None, crs=CRS, suffix=".gpkg", **options) -> str:
        path = self.folder / f"{name}{suffix}"
        frame = geopandas.GeoDataFrame(attributes or {}, geometry=list(geometry), crs=crs)
        frame.to_file(path, engine="pyogrio", **options)
        return str(path)

    def parameters(self, **changes) -> dict:
        """A run on the county with both layers in memory."""
        return {
            "TOWNS": str(self.folder / "towns.gpkg"),
            "TOWN_ID_FIELD": "code",
            "TOWN_NAME_FIELD": "name",
            "ECO_REDLINE": str(self.folder / "eco.gpkg"),
            "FARMLAND": str(self.folder / "farm.gpkg"),
            "URBAN_BOUNDARY": str(self.folder / "udb.gpkg"),
            "SUMMARY": "memory:",
            "FINDINGS": "memory:",
            **changes,
        }


def make_county(folder: Path) -> County:
    county = County(folder)
    towns = [square(0, 0, 1000), square(2000, 0, 1000), square(4000, 0, 1000), square(6000, 0, 500, 700)]
    attributes = {
        "code": ["T1", "T2", "T3", "T4"],
        "name": ["北山镇", "南河镇", "东 O'镇", "西镇"],
        "area_m2": [1.5, None, 3.0, 4.0],  # the name of one of ours
        "batch": [1, 2, None, 4],
    }
    county.write("towns", towns, attributes)
    eco = [square(-500, -500, 800), square(2300, 300, 200), bow_tie(4100, 100, 300), square(9000, 9000, 100)]
    county.write("eco", eco, {"BSM": ["E1", "E2", "E3", "E4"], "HXFQMC": ["核心保护区", "一般控制区", None, "其他"]})
    farm = [square(500, 500, 300), square(600, 600, 300), square(2990, 0, 300, 1000)]
    county.write("farm", farm, {"BSM": ["F1", "F2", "F3"]})
    boundary = [square(-100, -100, 900, 2000), square(1900, -100, 1200), square(3900, -100, 500, 1200)]
    county.write("udb", boundary, {"BSM": ["U1", "U2", "U3"], "GHFQMC": ["城镇集中建设区", "弹性发展区", "特别用途区"]})
    return county


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """Shared by a module's tests: they read it and write elsewhere."""
    return make_county(tmp_path_factory.mktemp("县 data"))


@pytest.fixture
def own_county(tmp_path):
    """One test's own copy, to break."""
    return make_county(tmp_path)


class Said(QgsProcessingFeedback):
    """Keeps what a run says."""

    def __init__(self):
        super().__init__(False)
        self.warnings, self.infos, self.errors, self.steps = [], [], [], []

    def pushWarning(self, warning):
        self.warnings.append(warning)

    def pushInfo(self, info):
        self.infos.append(info)

    def reportError(self, error, fatalError=False):
        self.errors.append(error)

    def setProgressText(self, text):
        self.steps.append(text)


@pytest.fixture(scope="module")
def redline(qgis_app, qgis_processing):
    """The provider, registered."""
    from redline_review.processing.provider import RedlineProvider

    provider = RedlineProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)


def plain(value):
    """A comparable value: QGIS's null is not equal to itself."""
    return None if isinstance(value, QVariant) and value.isNull() else value


@dataclass
class Outcome:
    results: dict
    said: Said
    context: QgsProcessingContext

    def layer(self, name):
        value = self.results[name]
        if isinstance(value, str):
            value = QgsProcessingUtils.mapLayerFromString(value, self.context)
        return value

    def tables(self):
        return {name: self.rows(name) for name in ("SUMMARY", "FINDINGS")}

    def rows(self, name):
        """Names and comparable rows of a result layer, sorted; the last value of a row is its geometry."""
        layer = self.layer(name)
        names = [field.name() for field in layer.fields() if field.name() != "fid"]
        rows = [
            (*(plain(feature[name]) for name in names), feature.geometry().asWkt(6)) for feature in layer.getFeatures()
        ]
        return names, sorted(rows, key=repr)


@pytest.fixture
def run(redline):
    """Run an algorithm of ours through the registry."""
    from qgis import processing

    def run(name, parameters, feedback=None):
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        said = feedback or Said()
        return Outcome(processing.run(f"redline:{name}", parameters, feedback=said, context=context), said, context)

    return run


@pytest.fixture
def overlap(run):
    """Run redline:overlap."""
    return lambda parameters, feedback=None: run("overlap", parameters, feedback)
