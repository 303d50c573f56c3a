"""The meeting pack: one zip file that leads to all of it and holds it whole."""

import re
import sqlite3
from contextlib import closing
from zipfile import ZipFile

import pytest
from qgis.core import QgsProcessingException
from sample_review import decide_some, sample_review

from redline_review.core.review.package import open_package


@pytest.fixture
def package(tmp_path):
    path = sample_review(tmp_path)
    decide_some(path)
    return path


def test_all_of_a_review_is_in_it(run, package, tmp_path):
    pack = tmp_path / "上会.zip"
    run("meetingpack", {"PACKAGE": str(package), "LANGUAGE": 0, "UNIT_NAME": "清河县自然资源局", "PACK": str(pack)})
    with ZipFile(pack) as content:
        assert content.testzip() is None
        names = content.namelist()
        page = content.read("index.html").decode("utf-8")
        content.extractall(tmp_path / "out")
    linked = re.findall(r"href='([^']+)'", page)
    assert "清河县自然资源局" in page and sorted(linked) == sorted(name for name in names if name != "index.html")
    kinds = sorted(name.rsplit(".", 1)[1] for name in linked)
    assert kinds == ["docx", "gpkg", "html", "json", "pdf", "xlsx"]
    assert str(tmp_path) not in page
    copy = next((tmp_path / "out").rglob("*.gpkg"))
    with open_package(package) as one, open_package(copy) as other:
        assert one.findings().drop(columns="geometry").equals(other.findings().drop(columns="geometry"))
        assert len(other.decisions()) == len(one.decisions()) > 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_pack_that_cannot_be_made_leaves_nothing(run, package, tmp_path):
    (tmp_path / "out").mkdir()
    damaged = tmp_path / "x.gpkg"
    damaged.write_bytes(package.read_bytes()[:50_000])
    with pytest.raises(QgsProcessingException, match=r"x\.gpkg"):
        run("meetingpack", {"PACKAGE": str(damaged), "PACK": str(tmp_path / "out" / "p.zip")})
    assert list((tmp_path / "out").iterdir()) == []
