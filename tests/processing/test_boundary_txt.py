"""Boundary-point files through the registry and without a window."""

import json
import shutil

import geopandas
import pytest
import shapely
from boundaries import HEADER, PLOT, rows, text
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsVectorLayer,
)

from redline_review.core.inputs.boundary_layer import FIELDS
from redline_review.core.report.texts import Texts

SQUARE = shapely.box(42_501_000, 4_850_100, 42_501_100, 4_850_200)


@pytest.fixture
def files(tmp_path):
    """Good in GBK, good in another zone with a wrong area, and no text at all."""
    folder = tmp_path / "报盘 文件"
    folder.mkdir()
    wrong_area = PLOT.replace("1.0000", "2.0000").replace("DK001", "DK002")
    contents = {
        "好": text().encode("gbk"),
        "面积": text(wrong_area, rows(east=500_000)).encode(),
        "坏": b"\0\1\2",
        "80": text(header=[line.replace("2000国家大地", "1980西安") for line in HEADER]).encode(),
    }
    for name, content in contents.items():
        (folder / f"{name}.txt").write_bytes(content)
    return {name: str(folder / f"{name}.txt") for name in contents}


@pytest.fixture
def refusal(redline):
    """What a run that is refused says."""

    def run(name, parameters):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"redline:{name}")
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(QgsProject.instance())
        good, message = algorithm.checkParameterValues(parameters, context)
        if not good:
            return message
        _, done = algorithm.run(parameters, context, feedback)
        assert not done
        return feedback.textLog()

    return run


@pytest.fixture
def plots(tmp_path):
    """A layer of three plots on disk, one with a hole, one without geometry."""
    ring = shapely.box(42_502_000, 4_850_000, 42_502_300, 4_850_100)
    hole = shapely.box(42_502_100, 4_850_020, 42_502_150, 4_850_050)
    frame = geopandas.GeoDataFrame(
        {"name": ["北地块", "南地块", None], "no": [7, 8, 9], "use": ["耕地", "林地", None],
         "code": ["0103", "0301", None]},
        geometry=[SQUARE, ring - hole, None], crs="EPSG:4530",
    )  # fmt: skip
    path = tmp_path / "地块.gpkg"
    frame.to_file(path, engine="pyogrio")
    return str(path)


FIELDS_OF_PLOTS = {"NAME_FIELD": "name", "NUMBER_FIELD": "no", "USE_FIELD": "use", "CODE_FIELD": "code"}


@pytest.mark.parametrize("target", ["memory:", ".gpkg", ".shp"])
def test_many_files_make_one_layer(run, files, tmp_path, target):
    output = target if target == "memory:" else str(tmp_path / f"导入{target}")
    outcome = run("importboundarytxt", {"INPUT": [files[name] for name in ("好", "面积", "坏")], "OUTPUT": output})
    assert (outcome.results["PLOT_COUNT"], outcome.results["LEFT_OUT_COUNT"]) == (2, 0)
    assert outcome.layer("OUTPUT").crs().authid() == "EPSG:4530"
    names, plots = outcome.rows("OUTPUT")
    assert names[:2] == ["DKBH", "DKMC"] and [plot[:2] for plot in plots] == [("DK001", "地块一"), ("DK002", "地块一")]
    assert [plot[names.index("DKMJ")] for plot in plots] == [1.0, 2.0]
    assert [plot[names.index("remark")] for plot in plots] == [None, "declared area differs"]
    assert plots[0][-1] == plots[1][-1] and plots[0][-1].startswith("MultiPolygon (((42501000 4850")
    assert any("坏.txt is no text file" in error for error in outcome.said.errors)
    assert any(
        "面积.txt, line 13, plot DK002 地块一: the declared area is 2.0000 ha" in w for w in outcome.said.warnings
    )
    assert any("面积.txt: transformed from" in info for info in outcome.said.infos)


def test_one_file_as_a_plain_text(run, files):
    assert run("importboundarytxt", {"INPUT": files["好"], "OUTPUT": "memory:"}).results["PLOT_COUNT"] == 1


def test_encoding_and_crs_of_a_file(run, refusal, files, tmp_path):
    parameters = {"INPUT": [files["好"]], "OUTPUT": "memory:"}
    assert run("importboundarytxt", {**parameters, "ENCODING": 2}).results["PLOT_COUNT"] == 1
    assert "is not written in UTF-8" in refusal("importboundarytxt", {**parameters, "ENCODING": 1})
    silent = tmp_path / "无带号.txt"
    facts = [line for line in HEADER if not line.startswith("带号")]
    silent.write_text(text(PLOT, rows(east=500_000), header=facts), encoding="utf-8")
    parameters["INPUT"] = [str(silent)]
    assert "无带号.txt, line 12" in refusal("importboundarytxt", parameters)
    layer = run("importboundarytxt", {**parameters, "CRS": "EPSG:4552"}).layer("OUTPUT")
    assert layer.crs().authid() == "EPSG:4552"


def test_fields_are_named_in_the_planners_language(run, files, qgis_new_project, monkeypatch):
    from redline_review.processing import base

    for language in ("en", "zh_CN"):
        monkeypatch.setattr(base, "language", lambda spoken=language: spoken)
        output = QgsProcessingOutputLayerDefinition("memory:", QgsProject.instance())
        outcome = run("importboundarytxt", {"INPUT": [files["好"]], "OUTPUT": output})
        (details,) = outcome.context.layersToLoadOnCompletion().values()
        layer = outcome.layer("OUTPUT")
        details.postProcessor().postProcessLayer(layer, outcome.context, QgsProcessingFeedback(False))
        words = Texts(language)
        said = {**words.words("field"), **words.words("table_field")}
        fields = layer.fields()
        assert {field.name: fields.field(field.name).alias() for field in FIELDS} == {
            field.name: said[field.name] for field in FIELDS
        }


def test_nothing_to_import_is_refused(refusal, files, tmp_path):
    output = tmp_path / "空.gpkg"
    message = refusal("importboundarytxt", {"INPUT": [files["坏"]], "OUTPUT": str(output)})
    assert "坏.txt is no text file" in message and "Traceback" not in message
    message = refusal("importboundarytxt", {"INPUT": [files["坏"], "/nowhere/x.txt"], "OUTPUT": str(output)})
    assert "坏.txt is no text file" in message and "x.txt cannot be read" in message and "2 reasons" in message
    assert not output.exists()


def test_outputs_that_cannot_hold_it_are_refused(refusal, files, tmp_path):
    for name in ("x.csv", "x.txt"):
        message = refusal("importboundarytxt", {"INPUT": [files["好"]], "OUTPUT": str(tmp_path / name)})
        assert "Choose a GeoPackage" in message
    assert (tmp_path / "报盘 文件" / "好.txt").read_bytes() == text().encode("gbk")


def test_towns_of_a_review_from_boundary_points(run, files, county):
    """What the import makes can be reviewed."""
    layer = run("importboundarytxt", {"INPUT": [files["好"]], "OUTPUT": "memory:"}).layer("OUTPUT")
    names, towns = run(
        "overlap", county.parameters(TOWNS=layer, TOWN_ID_FIELD="DKBH", TOWN_NAME_FIELD="DKMC", FINDINGS=None)
    ).rows("SUMMARY")
    assert towns[0][names.index("town_name")] == "地块一" and "src_area_m2" in names


def test_export_to_one_file_and_to_one_each(run, plots, tmp_path):
    target, folder = tmp_path / "出 口.txt", tmp_path / "各个"
    parameters = {"INPUT": plots, **FIELDS_OF_PLOTS, "OUTPUT": str(target), "FOLDER": str(folder), "AREA_METHOD": 1}
    outcome = run("exportboundarytxt", parameters)
    assert outcome.results["PLOT_COUNT"] == 2 and outcome.results["FILE_COUNT"] == 3
    written = target.read_bytes().decode("gbk").split("\r\n")
    assert [row for row in written if row.endswith("@")] == [
        "5,1.0000,7,北地块,面,,耕地,0103,@", "10,2.8500,8,南地块,面,,林地,0301,@",
    ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == ["7.txt", "8.txt"]
    assert any("地块, feature 3: " in warning for warning in outcome.said.warnings)
    back = run("importboundarytxt", {"INPUT": [str(path) for path in sorted(folder.iterdir())], "OUTPUT": "memory:"})
    names, again = back.rows("OUTPUT")
    assert [plot[names.index("DKMC")] for plot in again] == ["北地块", "南地块"] and back.said.warnings == []


def test_export_by_the_choices(run, plots, tmp_path):
    target = tmp_path / "选择.txt"
    run("exportboundarytxt", {"INPUT": plots, "OUTPUT": str(target), "ENCODING": 1, "ZONE_PREFIX": 2, "PRECISION": 2,
                              "UNIT_NAME": "清河县测绘队"})  # fmt: skip
    written = target.read_bytes().decode("utf-8").split("\r\n")
    assert "数据产生单位=清河县测绘队" in written and "精度=0.01" in written
    assert written[12].startswith("5,1.0000,1,地块1,面") and written[13] == "J1,1,4850200.00,501000.00"


def test_export_of_a_selection_in_memory_and_in_degrees(run, plots, tmp_path, qgis_new_project):
    layer = QgsVectorLayer(plots, "面", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByExpression("\"name\" = '南地块'")
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)
    target = tmp_path / "选中.txt"
    assert run("exportboundarytxt", {"INPUT": selected, "OUTPUT": str(target)}).results["PLOT_COUNT"] == 1
    from qgis import processing

    degrees = processing.run("native:reprojectlayer", {"INPUT": plots, "TARGET_CRS": "EPSG:4490", "OUTPUT": "memory:"})
    outcome = run("exportboundarytxt", {"INPUT": degrees["OUTPUT"], "OUTPUT": str(target)})
    assert any("3° zone of its centre" in warning for warning in outcome.said.warnings)
    back = run("importboundarytxt", {"INPUT": [str(target)], "OUTPUT": "memory:"}).rows("OUTPUT")[1]
    there = shapely.from_wkt([plot[-1] for plot in back])
    assert shapely.hausdorff_distance(there[0], SQUARE) < 0.002


def test_what_cannot_be_exported_is_refused(refusal, plots, tmp_path, qgis_new_project):
    target = tmp_path / "x.txt"
    assert "choose a file, or a folder" in refusal("exportboundarytxt", {"INPUT": plots})
    assert "ends in .txt" in refusal("exportboundarytxt", {"INPUT": plots, "OUTPUT": str(tmp_path / "x.gpkg")})
    assert "no field" in refusal("exportboundarytxt", {"INPUT": plots, "NAME_FIELD": "没有", "OUTPUT": str(target)})
    old = str(tmp_path / "80.gpkg")
    geopandas.read_file(plots, engine="pyogrio").set_crs(2366, allow_override=True).to_file(old, engine="pyogrio")
    assert "no reliable transformation" in refusal("exportboundarytxt", {"INPUT": old, "OUTPUT": str(target)})
    delimited = tmp_path / "wkt.txt"
    delimited.write_text('wkt\n"POLYGON ((0 0, 0 1, 1 1, 0 0))"\n', encoding="utf-8")
    layer = QgsVectorLayer(f"file://{delimited}?wktField=wkt&crs=EPSG:4530", "自己", "delimitedtext")
    QgsProject.instance().addMapLayer(layer)
    assert "overwrite" in refusal("exportboundarytxt", {"INPUT": layer, "OUTPUT": str(delimited)})
    assert not target.exists() and "POLYGON" in delimited.read_text(encoding="utf-8")


def test_without_a_window(files, qgis_process, tmp_path):
    """Several files are given by repeating the parameter; refusals end with 1 and a sentence."""
    output, target = tmp_path / "结果 1.gpkg", tmp_path / "再出.txt"
    given = [f"INPUT={files[name]}" for name in ("好", "面积", "80")]
    done = qgis_process("--json", "run", "redline:importboundarytxt", "--", *given, f"OUTPUT={output}")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert (results["PLOT_COUNT"], results["LEFT_OUT_COUNT"]) == (2, 1)
    assert "80.txt: nothing reliable leads from Xian 1980" in done.stderr
    frame = geopandas.read_file(output, engine="pyogrio")
    assert frame.crs.to_epsg() == 4530 and frame.geometry.geom_equals(SQUARE).all()
    done = qgis_process("run", "redline:exportboundarytxt", "--", f"INPUT={output}", "NAME_FIELD=DKMC",
                        "NUMBER_FIELD=DKBH", f"OUTPUT={target}")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert target.read_bytes().decode("gbk").count("@") == 2
    shutil.copy(files["坏"], tmp_path / "无.txt")
    nothing = tmp_path / "无.gpkg"
    done = qgis_process("run", "redline:importboundarytxt", "--", f"INPUT={tmp_path / '无.txt'}", f"OUTPUT={nothing}")
    assert done.returncode == 1 and "无.txt is no text file" in done.stderr and "Traceback" not in done.stderr
    assert not nothing.exists()
