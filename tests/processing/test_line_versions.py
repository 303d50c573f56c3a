"""Which data a line was: kept by the run, so that a package that has moved still tells it on maps and papers."""

import shutil

import geopandas
import pytest
from qgis.core import Qgis, QgsFeatureRequest, QgsLayerMetadata, QgsVectorLayer
from qgis.PyQt.QtCore import QDateTime
from sample_review import SAMPLE, sample_review

from redline_review.core.report.content import Content
from redline_review.core.report.papers.run_facts import tables_of_run
from redline_review.core.report.papers.tables import printed
from redline_review.core.report.sheet_texts import Imprint, town_texts
from redline_review.processing.layer_metadata import metadata_of
from redline_review.processing.maps.line_versions import line_versions

REDLINE = "清河县生态保护红线划定成果、自然资函〔2022〕2072号、2022-09-30"


def described(layer, title, number, *day):
    known = QgsLayerMetadata()
    known.setTitle(title)
    known.setIdentifier(number)
    if day:
        known.setDateTime(Qgis.MetadataDateType.Published, QDateTime(*day, 0, 0, 0))
    layer.setMetadata(known)
    return layer


def saved(path, *said):
    """As QGIS saves them as the layer's default: in a GeoPackage, or beside another file."""
    layer = described(QgsVectorLayer(path, "layer", "ogr"), *said)
    message, saved = layer.saveDefaultMetadata()
    assert saved, message


@pytest.fixture
def moved(own_county, overlap, tmp_path_factory):
    """A package of layers with metadata, which has come to a place where none of them is."""
    farm, written = f"{own_county.folder}/耕地.shp", f"{own_county.folder}/review.gpkg"
    geopandas.read_file(f"{own_county.folder}/farm.gpkg", engine="pyogrio").to_file(farm, engine="pyogrio")
    redline = "清河县生态保护红线划定成果", "自然资函〔2022〕2072号", 2022, 9, 30
    saved(f"{own_county.folder}/eco.gpkg|layername=eco", *redline)
    saved(farm, "永久基本农田（2023年版）", farm)  # the number that QGIS offers is a path
    boundary = QgsVectorLayer(f"{own_county.folder}/udb.gpkg", "udb", "ogr").materialize(QgsFeatureRequest())
    boundary.setName("城镇开发边界")
    described(boundary, "城镇开发边界", "国函〔2024〕5号")  # a layer in memory; its title is its name
    overlap(own_county.parameters(FARMLAND=farm, URBAN_BOUNDARY=boundary, REVIEW=written))
    package = tmp_path_factory.mktemp("另一台电脑") / "审查.gpkg"
    shutil.move(written, package)
    shutil.rmtree(own_county.folder)
    return package


def test_a_package_that_has_moved_tells_which_data_its_lines_were(moved):
    content = Content(moved, "zh_CN")
    told = {"eco_redline": REDLINE, "farmland": "永久基本农田（2023年版）", "urban_boundary": "国函〔2024〕5号"}
    assert content.versions == told
    assert content.facts["sources"]["farmland"]["about"] == {"title": "永久基本农田（2023年版）"}
    assert "about" not in content.facts["sources"]["towns"]
    assert line_versions(content) == {}
    written = town_texts(content, content.town(0), Imprint())["data"]
    assert f"生态保护红线：eco（{REDLINE}）" in written and "城镇开发边界：城镇开发边界（国函〔2024〕5号）" in written
    for confidential in (False, True):
        layers = next(table for table in tables_of_run(content, confidential) if table.name == "图层")
        at = [column.title for column in layers.columns].index("数据版本")
        said = {printed(row[0], ""): printed(row[at], "") for row in layers.rows}
        assert said == {"审查对象": "", **{content.line(line): version for line, version in told.items()}}


def test_without_any_version_the_papers_have_no_column_for_it(tmp_path):
    layers = next(table for table in tables_of_run(Content(sample_review(tmp_path), "zh_CN")) if table.name == "图层")
    titles = [column.title for column in layers.columns]
    assert "数据版本" not in titles and "文件" in titles


def test_of_a_package_that_does_not_tell_the_layers_are_asked_while_they_are_as_they_were(tmp_path):
    lines = tmp_path / "控制线.gpkg"
    shutil.copy(SAMPLE / "qinghe.gpkg", lines)
    place = f"{lines}|layername=STBHHX"
    saved(place, "清河县生态保护红线划定成果", "自然资函〔2022〕2072号", 2022, 9, 30)
    content = Content(sample_review(tmp_path), "zh_CN")
    source = content.facts["sources"]["eco_redline"]
    source.update(location=place, reopen={"source": place})
    content.browsed.changed.clear()
    said = line_versions(content)
    assert said == {"eco_redline": REDLINE}
    assert f"STBHHX（{REDLINE}）" in town_texts(content, content.town(0), Imprint(versions=said))["data"]
    content.browsed.changed.append("eco_redline")
    assert line_versions(content) == {}


@pytest.mark.parametrize(
    "number",
    ["/数据/红线.gpkg|layername=a", "C:\\数据\\红线.shp", "\\\\server\\share\\a.shp", "https://host/wfs?tk=1",
     "dbname='plan' host=db table=\"eco\"", "ms:/vsizip//data/a.zip|layername=x"],
)  # fmt: skip
def test_a_place_is_no_number(own_county, number):
    layer = QgsVectorLayer(f"{own_county.folder}/eco.gpkg", "eco", "ogr")
    assert metadata_of(described(layer, "红线", number)) == {"title": "红线"}
    for sound in ("国函〔2024〕5号", "GB/T 21010-2017", "V2.1"):
        assert metadata_of(described(layer, "红线", sound)) == {"title": "红线", "number": sound}
    assert layer.metadata().identifier() == "V2.1"


@pytest.mark.parametrize("written", [b"", b"<qgis>", b"\xff\xfe", b"<other/>"])
def test_a_broken_file_of_metadata_tells_nothing(own_county, written):
    layer = QgsVectorLayer(f"{own_county.folder}/farm.gpkg", "farm", "ogr")
    (own_county.folder / "farm.qmd").write_bytes(written)
    assert metadata_of(layer) == {}
