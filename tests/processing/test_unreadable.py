"""Files that cannot be read, or are no layers yet, given to a tool: refused by name, with what to do."""

import re
import shutil

import pytest
from panels import LAYERS, SAMPLE
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeatureSourceDefinition

TEXT = SAMPLE.with_name("qinghe_boundary.txt")
GIVEN = {name: f"{SAMPLE}|layername={layer}" for name, layer in LAYERS.items()}
SAID = {".dwg": "DWG drawing.*as DXF", ".mdb": r"Access database.*\.gdb", ".vct": r"VCT exchange.*\.gdb"}
INPUTS = [
    ("overlap", "TOWNS"), ("overlap", "FARMLAND"), ("overlap", "EXTRA_LINES"), ("overlap", "COVERAGE"),
    ("review", "LAND_USE"), ("review", "TOWN_LIST"), ("review", "LAND_COVER"), ("review", "PREVIOUS"),
    ("intensity", "BUILDINGS"), ("intensity", "FIGURES"), ("checkdata", "ECO_REDLINE"), ("exportboundarytxt", "INPUT"),
    ("importboundarytxt", "INPUT"), ("importdxf", "INPUT"), ("exportreport", "PACKAGE"),
]  # fmt: skip


@pytest.fixture
def refused(redline):
    """The message with which a tool refuses these parameters before it runs."""

    def check(tool, parameters):
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"redline:{tool}")
        good, message = algorithm.checkParameterValues(parameters, QgsProcessingContext())
        assert not good
        return message

    return check


@pytest.mark.parametrize(("tool", "name"), INPUTS)
@pytest.mark.parametrize("suffix", SAID)
def test_refused_by_name_wherever_a_file_is_taken(refused, tmp_path, tool, name, suffix):
    path = tmp_path / f"县 数据{suffix.upper()}"
    path.write_bytes(b"AC1027 nothing that can be read")
    value = [str(path)] if name == "EXTRA_LINES" or tool == "importboundarytxt" else str(path)
    message = refused(tool, {**GIVEN, name: value})
    assert message.startswith(str(path)) and re.search(SAID[suffix], message)


@pytest.mark.parametrize("name", ["TOWNS", "CONSTRUCTION", "EXTRA_LINES"])
def test_boundary_points_and_drawings_are_brought_in_first(refused, tmp_path, name):
    drawing = tmp_path / "总图.dxf"
    drawing.write_text("0\nSECTION\n")
    for path, tool in ((TEXT, "redline:importboundarytxt"), (drawing, "redline:importdxf")):
        for value in (str(path), [str(path)], QgsProcessingFeatureSourceDefinition(str(path), True)):
            message = refused("overlap", {**GIVEN, name: value})
            assert str(path) in message and tool in message


def test_what_qgis_opens_is_a_layer_whatever_its_name(run, tmp_path):
    towns = tmp_path / "towns.mdb"
    shutil.copy(SAMPLE, towns)
    outcome = run("overlap", {**GIVEN, "TOWNS": f"{towns}|layername=TSXZ_GHFW", "SUMMARY": "memory:"})
    assert outcome.results["TOWN_COUNT"] == 12


@pytest.mark.parametrize(("locale", "said"), [("en", "Ask the sender"), ("zh_CN", "请提供方")])
def test_the_message_is_what_qgis_process_shows(qgis_process, tmp_path, locale, said):
    path = tmp_path / "三区三线.mdb"
    path.write_bytes(b"\0\1\0\0Standard Jet DB")
    for tool, name in (("overlap", "TOWNS"), ("checkdata", "FARMLAND")):
        given = [f"{one}={value}" for one, value in {**GIVEN, name: path}.items()]
        done = qgis_process("run", f"redline:{tool}", "--", *given, environment={"LANG": f"{locale}.UTF-8"})
        assert done.returncode != 0
        assert "三区三线.mdb" in done.stderr + done.stdout and said in done.stderr + done.stdout
        assert "Could not load" not in done.stderr + done.stdout
