"""Map sheets of odd packages, and into places where they cannot be written: nothing lost, and said why."""

import gzip
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import packages
import pyproj
import pytest
import shapely
import sites
from map_sheets import FACE, cells, labels
from packages import box, findings, review
from qgis.core import (
    QgsAnnotationPointTextItem,
    QgsCoordinateReferenceSystem,
    QgsFeatureRequest,
    QgsFeedback,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsPointXY,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
)
from sample_review import SAMPLE, sample_review

from redline_review.core.errors import RedlineError
from redline_review.core.report.content import Content
from redline_review.core.report.sheet_texts import Imprint
from redline_review.processing.maps.atlas import Look, open_atlas
from redline_review.processing.maps.export import PDF, PDF_EACH, PNG, SVG, Way, export
from redline_review.processing.maps.town_page import OF_FINDINGS


def reviewed(path, rows, **facts):
    """A package of these findings, with further facts of the run."""
    review(path, findings(rows), crs=pyproj.CRS(facts.get("crs", "EPSG:4530")))
    with closing(sqlite3.connect(path)) as connection, connection:
        for key, value in {"crs": "EPSG:4530", **facts}.items():
            connection.execute("INSERT INTO run (key, value) VALUES (?, ?)", [key, f'"{value}"'])
    return path


def opened(path, look=None, base=()):
    return open_atlas(Content(path, "zh_CN"), look or Look(FACE), Imprint("单位", "人", date(2026, 1, 1)), base)


def drawn(atlas, folder, overview=True, kind=PNG):
    return export(atlas.jobs(atlas.content.rows(), overview), folder, Way(kind, FACE.family, 50), QgsFeedback())


def texts(layout):
    return [item.text() for item in labels(layout)]


def seen_of(layer):
    """How many features of a layer its style lets through."""
    style, context = layer.renderer().clone(), QgsRenderContext()
    style.startRender(context, layer.fields())
    request = QgsFeatureRequest().setFilterExpression(style.filter(layer.fields()))
    style.stopRender(context)
    return len(list(layer.getFeatures(request)))


def test_without_towns_there_is_an_overview_that_says_so(tmp_path):
    with opened(reviewed(tmp_path / "r.gpkg", [])) as atlas:
        assert drawn(atlas, tmp_path).failed == []
        layout, tight = atlas.jobs([], True)[0].fill()
        assert tight == [] and any("均没有图形" in text for text in texts(layout))


def test_a_town_without_geometry_shows_nothing_of_the_one_before(tmp_path):
    rows = [("A", "farmland", "F", box(0, 0, 100)), ("B", "farmland", "F", box(10_000, 0, 100))]
    path = reviewed(tmp_path / "r.gpkg", rows)
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE towns SET geom = NULL WHERE town_id = 'B'")
        connection.execute("DELETE FROM rtree_towns_geom WHERE id = 2")
    with opened(path) as atlas:
        atlas.fill(0)
        layout, _ = atlas.fill(1)
        assert layout.itemById("map").layers() == [] and layout.itemById("inset").layers() == []
        assert any("没有图形" in text for text in texts(layout))
        assert drawn(atlas, tmp_path).failed == []
        layout, _ = atlas.fill(0)
        assert layout.itemById("map").layers() and layout.itemById("scalebar").isVisible()


def test_a_package_in_degrees_is_drawn_in_metres(tmp_path, monkeypatch):
    there = pyproj.Transformer.from_crs("EPSG:4530", "EPSG:4490", always_xy=True)

    def in_degrees(*place):
        return shapely.transform(box(*place), lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))

    monkeypatch.setattr(packages, "box", in_degrees)
    path = reviewed(tmp_path / "r.gpkg", [("A", "farmland", "F", in_degrees(0, 0, 300))], crs="EPSG:4490",
                    overlay_crs="EPSG:4530")  # fmt: skip
    with opened(path, Look(FACE, points=OF_FINDINGS)) as atlas:
        layout, _ = atlas.fill(0)
        item = layout.itemById("map")
        assert item.crs().authid() == "EPSG:4530" and item.scale() == pytest.approx(6000)
        assert {"4850000.000", "42500300.000"} <= set(cells(layout))
        data = layout.itemById("data").text().replace("\n", "")
        assert "2000国家大地坐标系（EPSG:4490）" in data and "第42带" in data


def test_a_finding_of_half_a_million_vertices(tmp_path):
    turn = np.linspace(0, 2 * np.pi, 500_000, endpoint=False)
    away = 400 + 20 * np.sin(turn * 9000)
    ring = np.column_stack([packages.EAST + 500 + away * np.cos(turn), packages.NORTH + 500 + away * np.sin(turn)])
    path = reviewed(tmp_path / "r.gpkg", [("A", "farmland", "F", shapely.Polygon(ring))])
    with opened(path, Look(FACE, points=OF_FINDINGS)) as atlas:
        layout, tight = atlas.fill(0)
        assert tight == [] and "500,000" in cells(layout)  # too many to be listed, and named
        assert drawn(atlas, tmp_path, kind=PDF).failed == []


def test_any_name_and_id(tmp_path):
    odd = "A/B:C\"D'E" + "长" * 90
    rows = [(odd, "farmland", "F", box(0, 0, 100)), ("A'); --", "farmland", "F", box(10_000, 0, 100))]
    with opened(reviewed(tmp_path / "r.gpkg", rows)) as atlas:
        made = drawn(atlas, tmp_path / "out")
        assert made.failed == [] and len(made.files) == 3
        for row in range(2):
            layout, _ = atlas.fill(row)
            shown = layout.itemById("map").layers()
            assert [seen_of(layer) for layer in shown[:2]] == [1, 1]  # its own outline, its own findings
            title = layout.itemById("title")
            assert str(atlas.content.browsed.towns["town_name"].iloc[row]) in title.text().replace("\n", "")


def test_layers_of_the_project_lie_below(tmp_path):
    below = QgsRasterLayer(str(SAMPLE / "qinghe_landcover.tif"), "土地覆盖")
    with opened(sample_review(tmp_path), base=[below]) as atlas:
        layout, _ = atlas.fill(0)
        assert layout.itemById("map").layers()[-1] == below
        made = export(atlas.jobs([0], False), tmp_path, Way(PDF, FACE.family, 60), QgsFeedback())
        assert made.failed == [] and made.files[0].stat().st_size > 50_000


def test_annotations_of_the_project_lie_above(run, qgis_new_project, tmp_path):
    package, project = sample_review(tmp_path), QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4530"))
    browsed = Content(package, "zh_CN").browsed
    middle = QgsPointXY(*browsed.town_boxes[0].reshape(2, 2).mean(axis=0).tolist())
    project.mainAnnotationLayer().addItem(QgsAnnotationPointTextItem("现场踏勘意见", middle))
    folder = str(tmp_path / "out")
    given = {"PACKAGE": str(package), "TOWN_IDS": "QH01", "OVERVIEW": False, "FOLDER": folder, "FORMAT": 3}
    outcome = run("exportmaps", given)
    assert "现场踏勘意见" in (tmp_path / "out" / "QH01.svg").read_text(encoding="utf-8")
    assert any("annotations" in said for said in outcome.said.infos)


@pytest.mark.parametrize("kind", [PDF, PDF_EACH, PNG, SVG])
def test_a_full_disk_leaves_what_was_there(tmp_path, kind):
    name = {PDF: "maps.pdf", PDF_EACH: "A.pdf", PNG: "A.png", SVG: "A.svg"}[kind]
    path = reviewed(tmp_path / "r.gpkg", [("A", "farmland", f"F{n}", box(20 * n, 0, 15)) for n in range(40)])
    with sites.mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=16k", "tmpfs") as disk:
        (disk / name).write_text("old")
        with opened(path) as atlas, pytest.raises(RedlineError) as caught:
            drawn(atlas, disk, False, kind)
        assert caught.value.code == "disk_full" and caught.value.details["path"] == str(disk / name)
        assert [file.name for file in disk.iterdir()] == [name] and (disk / name).read_text() == "old"


def test_a_file_that_cannot_be_replaced_is_named(run, tmp_path):
    """One that something is mounted on can no more be replaced than an open one in Windows."""
    path = reviewed(tmp_path / "r.gpkg", [("A", "farmland", "F", box(0, 0, 100))])
    target, other = tmp_path / "out" / "maps.pdf", tmp_path / "other"
    target.parent.mkdir()
    target.write_text("old")
    other.write_text("held")
    if not shutil.which("mount") or subprocess.run(["mount", "--bind", other, target], capture_output=True).returncode:
        pytest.skip("mounting needs root")
    try:
        with pytest.raises(QgsProcessingException, match="open in another program"):
            run("exportmaps", {"PACKAGE": str(path), "FOLDER": str(target.parent)})
    finally:
        subprocess.run(["umount", target], check=True)
    assert target.read_text() == "old" and [file.name for file in target.parent.iterdir()] == ["maps.pdf"]


def test_read_only_media_and_a_folder_of_the_files_name_are_refused(tmp_path):
    path = reviewed(tmp_path / "r.gpkg", [("A", "farmland", "F", box(0, 0, 100))])
    with sites.mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "ro", "tmpfs") as disk:
        with opened(path) as atlas, pytest.raises(RedlineError) as caught:
            drawn(atlas, disk)
        assert caught.value.code == "cannot_write"
    mine = tmp_path / "out" / "maps.pdf" / "mine"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with opened(path) as atlas, pytest.raises(RedlineError) as caught:
        drawn(atlas, tmp_path / "out", kind=PDF)
    assert caught.value.code == "cannot_write" and mine.read_text() == "mine"


def test_packages_of_other_versions(tmp_path):
    first = tmp_path / "v1.gpkg"
    first.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "review_v1.gpkg.gz").read_bytes()))
    later = reviewed(tmp_path / "r.gpkg", [("A", "farmland", "F", box(0, 0, 100))])
    with closing(sqlite3.connect(later)) as connection, connection:
        connection.execute("UPDATE run SET value = '9' WHERE key = 'schema_version'")
    for path in (first, later):
        with opened(path) as atlas:
            made = drawn(atlas, tmp_path / path.stem)
            assert made.failed == [] and made.pages >= 2


def test_a_sheet_in_the_project_is_there_once_and_lasts(qgis_new_project, tmp_path):
    from redline_review.processing.maps.designer import town_layout

    package, project = sample_review(tmp_path), QgsProject.instance()
    for town in ("QH01", "QH02", "QH01"):
        layout = town_layout(package, town, "zh_CN", Imprint())
        assert not layout.undoStack().isBlocked()
    names = [one.name() for one in project.layoutManager().layouts()]
    assert sorted(names) == ["松花文旅小镇三线套合审查图", "青石装备小镇三线套合审查图"]
    layers = [layer.name() for layer in project.mapLayers().values()]
    assert len(layers) == len(set(layers)) == 10 and all(name.startswith(tuple(names)) for name in layers)
    assert QgsVectorLayer(f"{package}|layername=findings", "", "ogr").featureCount() > 200  # it can still be opened
    project.write(str(tmp_path / "项目.qgz"))
    project.clear()
    assert project.read(str(tmp_path / "项目.qgz"))
    layout = project.layoutManager().layoutByName("松花文旅小镇三线套合审查图")
    shown = layout.itemById("map").layers()
    assert len(shown) == 4 and all(layer.isValid() for layer in shown) and seen_of(shown[0]) == 1
    project.clear()


@pytest.mark.parametrize("paper", ["A3", "A1"])
def test_findings_that_are_too_small_to_be_seen_have_details(tmp_path, paper):
    rows = [("A", "farmland", "F1", box(100, 100, 300)), ("A", "farmland", "F2", box(600, 600, 3, 2)),
            ("A", "farmland", "F3", box(650, 600, 1))]  # fmt: skip
    with opened(reviewed(tmp_path / "r.gpkg", rows), Look(FACE, paper)) as atlas:
        layout, tight = atlas.fill(0)
        maps = [item for item in layout.items() if isinstance(item, QgsLayoutItemMap) and not item.id()]
        assert tight == [] and len(maps) == 2
        whole = layout.itemById("map")
        for item, (x, y) in zip(
            sorted(maps, key=lambda one: one.pos().x()), [(601.5, 601), (650.5, 600.5)], strict=True
        ):
            centre = item.extent().center()
            assert (centre.x(), centre.y()) == pytest.approx((packages.EAST + x, packages.NORTH + y))
            assert item.scale() < whole.scale() / 10 and whole.extent().contains(item.extent())
        titles = [text for text in texts(layout) if "放大" in text]
        assert len(titles) == 2 and {f"1 : {round(item.scale())}" for item in maps} == {
            text.split("放大 ")[1] for text in titles}  # fmt: skip
        called = [item.text().split("\n")[0] for item in layout.items()
                  if isinstance(item, QgsLayoutItemLabel) and item.frameEnabled()]  # fmt: skip
        assert len(called) == 3  # small ones are pointed at too
        assert drawn(atlas, tmp_path).failed == []
