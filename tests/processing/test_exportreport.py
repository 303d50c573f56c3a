"""The report through the registry, without a window, and where something is in its way."""

import os
import sys

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from sample_review import decide_some, sample_review

from redline_review.processing import libraries

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
NAME = "清河县_redline_review_report"


@pytest.fixture
def package(tmp_path):
    path = sample_review(tmp_path)
    decide_some(path)
    return path


@pytest.fixture
def without(monkeypatch):
    """Make libraries look uninstalled."""

    def hide(*names):
        real = libraries.find_spec
        monkeypatch.setattr(libraries, "find_spec", lambda name: None if name in names else real(name))

    return hide


def test_all_formats_of_a_package(run, package, tmp_path):
    folder = tmp_path / "报告" / "neu"
    given = {"PACKAGE": str(package), "FORMATS": [0, 1, 2], "LANGUAGE": 0, "FOLDER": str(folder), "UNIT_NAME": "规划院"}
    outcome = run("exportreport", given)
    names = {kind: f"清河县_三线审查报告.{kind.lower()}" for kind in ("DOCX", "XLSX", "HTML")}
    assert outcome.results == {"FOLDER": str(folder), **{kind: str(folder / name) for kind, name in names.items()}}
    assert sorted(path.name for path in folder.iterdir()) == sorted(names.values())  # nothing is left beside them
    assert "规划院" in (folder / names["HTML"]).read_text(encoding="utf-8")


def test_what_is_asked_for_is_checked(run, package, tmp_path):
    given = {"PACKAGE": str(package), "FORMATS": [2], "LANGUAGE": 1, "FOLDER": str(tmp_path / "out")}
    with pytest.raises(QgsProcessingException, match="no towns nowhere"):
        run("exportreport", {**given, "TOWN_IDS": "QH01, nowhere"})
    with pytest.raises(QgsProcessingException, match="at least one format"):
        run("exportreport", {**given, "FORMATS": []})
    with pytest.raises(QgsProcessingException, match=r"no file .*x\.gpkg"):
        run("exportreport", {**given, "PACKAGE": str(tmp_path / "x.gpkg")})
    assert not (tmp_path / "out").exists()
    outcome = run("exportreport", {**given, "TOWN_IDS": "QH02，QH09"})
    page = (tmp_path / "out" / f"{NAME}.html").read_text(encoding="utf-8")
    assert set(outcome.results) == {"FOLDER", "HTML"}
    assert "南岗物流小镇" in page and "松花文旅小镇" not in page and "2 of 12" in page


def test_a_library_that_is_missing_costs_only_its_format(run, package, tmp_path, without):
    without("docx", "openpyxl")
    given = {"PACKAGE": str(package), "LANGUAGE": 1, "FOLDER": str(tmp_path / "out")}
    outcome = run("exportreport", {**given, "FORMATS": [0, 2]})
    (said,) = outcome.said.errors
    assert set(outcome.results) == {"FOLDER", "HTML"} and "python-docx" in said
    with pytest.raises(QgsProcessingException, match="openpyxl"):
        run("exportreport", {**given, "FORMATS": [1]})


@pytest.mark.parametrize(("platform", "said"), [("linux", "apt install python3-docx"), ("win32", "--user python-docx")])
def test_how_to_get_it_is_said_by_the_name_it_has_there(without, monkeypatch, platform, said):
    without("docx")
    monkeypatch.setattr(sys, "platform", platform)
    assert said in libraries.problem(libraries.REPORTS["docx"])


def test_a_write_protected_report_is_left_alone(run, package, tmp_path):
    target = tmp_path / f"{NAME}.html"
    target.write_text("signed")
    target.chmod(0o400)
    given = {"PACKAGE": str(package), "FORMATS": [2], "LANGUAGE": 1, "FOLDER": str(tmp_path)}
    if os.access(target, os.W_OK):
        pytest.skip("root may write to it all the same")
    with pytest.raises(QgsProcessingException, match="write-protected"):
        run("exportreport", given)
    assert target.read_text() == "signed"


def test_a_cancelled_report_leaves_nothing(run, package, tmp_path):
    class Impatient(QgsProcessingFeedback):
        def setProgressText(self, text):
            if text == "Writing the report":
                self.cancel()

    given = {"PACKAGE": str(package), "FORMATS": [0, 1, 2], "LANGUAGE": 1, "FOLDER": str(tmp_path / "out")}
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run("exportreport", given, Impatient())
    assert list((tmp_path / "out").iterdir()) == []


def test_headless(qgis_process, package, tmp_path):
    given = (f"PACKAGE={package}", "FORMATS=1", "FORMATS=2", "LANGUAGE=1", f"FOLDER={tmp_path / 'out'}")
    done = qgis_process("run", "redline:exportreport", "--", *given)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{NAME}.html", f"{NAME}.xlsx"]
