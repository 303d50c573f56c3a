"""Decisions through the registry and without a window."""

import json
import shutil

import pytest
from qgis.core import QgsProcessingException

from redline_review.core.review.checklist import Answered, answer
from redline_review.core.review.package import open_package


@pytest.fixture
def package(run, county, tmp_path):
    path = tmp_path / "成果包.gpkg"
    run("overlap", {**county.parameters(SUMMARY=None, FINDINGS=None), "REVIEW": str(path)})
    return path


def finding(path, severity="violation"):
    with open_package(path) as opened:
        found = opened.findings()
    return found[found.severity == severity].iloc[0]


def test_decide_export_and_merge(run, package, tmp_path):
    other = tmp_path / "other.gpkg"
    shutil.copy(package, other)
    one = finding(package)
    table = tmp_path / "决定.csv"
    table.write_bytes(f"图斑编号,处理决定,理由\n{one.number},误判,划定有误\n".encode("gb18030"))
    outcome = run("decide", {"PACKAGE": str(package), "DECISIONS": str(table), "AUTHOR": "张三"})
    assert outcome.results["EVENT_COUNT"] == 1
    file = tmp_path / "决定.json"
    exported = run("exportdecisions", {"PACKAGE": str(package), "DECISIONS": str(file)})
    assert exported.results == {"DECISIONS": str(file), "EVENT_COUNT": 1}
    assert json.loads(file.read_text(encoding="utf-8"))["events"][0]["finding_id"] == one.finding_id
    theirs = tmp_path / "theirs.csv"
    theirs.write_text(f"finding_id,decision,author\n{one.finding_id},needs adjustment,李四\n", encoding="utf-8")
    run("decide", {"PACKAGE": str(other), "DECISIONS": str(theirs)})
    merged = run("mergedecisions", {"PACKAGE": str(other), "DECISIONS": str(file)})
    assert merged.results == {"MERGED_COUNT": 1, "KNOWN_COUNT": 0, "CONTRADICTING_COUNT": 1}
    (said,) = merged.said.warnings
    assert one.number in said and "张三" in said and "needs adjustment" in said


def test_answers_to_the_checklist_travel_with_the_decisions(run, package, tmp_path):
    other, file = tmp_path / "other.gpkg", tmp_path / "决定.json"
    shutil.copy(package, other)
    town = finding(package).town_id
    answer(package, [Answered(town, "industry", "yes", "张三"), Answered(town, "debt_warning", "no", "张三")])
    answer(other, [Answered(town, "industry", "not_applicable", "李四")])
    exported = run("exportdecisions", {"PACKAGE": str(package), "DECISIONS": str(file)})
    assert exported.results["EVENT_COUNT"] == 2
    merged = run("mergedecisions", {"PACKAGE": str(other), "DECISIONS": str(file)})
    assert merged.results == {"MERGED_COUNT": 2, "KNOWN_COUNT": 0, "CONTRADICTING_COUNT": 1}
    (said,) = merged.said.warnings
    assert finding(package).town_name in said and "张三" in said and "not applicable" in said and "industry" in said
    left = json.loads(file.read_text(encoding="utf-8"))
    left["checklist"] = [{**left["checklist"][0], "event_id": "x", "town_id": "elsewhere"}, left["checklist"][1]]
    file.write_text(json.dumps(left), encoding="utf-8")
    assert "elsewhere" in run("mergedecisions", {"PACKAGE": str(other), "DECISIONS": str(file)}).said.warnings[0]


def test_a_mistake_is_explained(run, county, package, tmp_path):
    table = tmp_path / "d.csv"
    table.write_text("number,decision\nnobody,open\n", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match=r"row 2: “nobody”"):
        run("decide", {"PACKAGE": str(package), "DECISIONS": str(table), "AUTHOR": "a"})
    with pytest.raises(QgsProcessingException, match="no review package"):
        run("exportdecisions", {"PACKAGE": str(county.folder / "towns.gpkg"), "DECISIONS": str(tmp_path / "x.json")})
    other = tmp_path / "x.json"
    other.write_text("{}", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="no file of decisions"):
        run("mergedecisions", {"PACKAGE": str(package), "DECISIONS": str(other)})


def test_headless(qgis_process, package, tmp_path):
    file = tmp_path / "x.json"
    done = qgis_process("run", "redline:exportdecisions", "--", f"PACKAGE={package}", f"DECISIONS={file}")
    assert done.returncode == 0, done.stderr
    assert json.loads(file.read_text(encoding="utf-8"))["events"] == []
