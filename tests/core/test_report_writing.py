"""Files of a report are whole or not there: a full disk, write protection, a cancel, a second try."""

import gzip
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
import sites
from support import MemorySource, review, square

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.report.content import Content
from redline_review.core.report.papers.chapters import Asked, report
from redline_review.core.report.papers.writing import FORMATS, write_report
from redline_review.core.report.sheet_texts import Imprint

MAKER = Imprint(day=date(2026, 5, 1))
NAMES = sorted(f"三线_三线审查报告.{kind}" for kind in FORMATS)


@pytest.fixture
def made(tmp_path):
    sites.run(tmp_path / "三线.gpkg")
    return report(Content(tmp_path / "三线.gpkg", "zh_CN", MAKER.day), Asked(MAKER))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_all_formats_are_put_in_their_places(made, tmp_path):
    steps = []
    files, said = write_report(made, tmp_path / "a" / "b", FORMATS, lambda percent, code: steps.append((percent, code)))
    assert names(tmp_path / "a" / "b") == NAMES == sorted(path.name for path in files.values()) and said == []
    assert [code for n, (_, code) in enumerate(steps) if not n or steps[n - 1][1] != code] == [
        "report_writing", "placing", "done",
    ]  # fmt: skip
    percents = [percent for percent, _ in steps]
    assert percents == sorted(percents) and percents[-1] == 100


def no_findings(path):
    review([square(0, 0, 1000)], {"farmland": [square(5000, 5000, 500)]}, package=path)


def no_shape(path):
    towns = MemorySource("towns", [square(0, 0, 1000), None], {"code": ["A", "B"]})
    review(towns, {"farmland": [square(0, 0, 100)]}, package=path)


def statistics_only(path):
    lines = {"urban_boundary": [square(0, 0, 500)]}
    review([square(0, 0, 1000)], lines, package=path, review_object="administrative_unit")


def first_version(path):
    path.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "review_v1.gpkg.gz").read_bytes()))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("made_by", [no_findings, no_shape, statistics_only, first_version])
def test_any_package_has_its_papers(tmp_path, made_by, language):
    made_by(tmp_path / "r.gpkg")
    said = report(Content(tmp_path / "r.gpkg", language, MAKER.day), Asked(MAKER))
    files, _ = write_report(said, tmp_path / "out", FORMATS)
    page = files["html"].read_text(encoding="utf-8")
    assert all(file.stat().st_size > 5000 for file in files.values())
    assert bool(said.notices) == (made_by is first_version) and all(notice in page for notice in said.notices)


def test_what_was_there_is_replaced(made, tmp_path):
    folder = tmp_path / "out"
    files, _ = write_report(made, folder, ["html"])
    files["html"].write_text("old")
    write_report(made, folder, ["html"])
    assert "三线审查报告" in files["html"].read_text(encoding="utf-8") and names(folder) == ["三线_三线审查报告.html"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_full_disk_leaves_what_was_there(made, tmp_path, kind):
    with sites.mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=8k", "tmpfs") as disk:
        target = disk / f"三线_三线审查报告.{kind}"
        target.write_text("old")
        with pytest.raises(RedlineError) as caught:
            write_report(made, disk, [kind])
        assert caught.value.code == "disk_full" and caught.value.details["path"] == str(target)
        assert names(disk) == [target.name] and target.read_text() == "old"


def test_read_only_media_are_refused(made, tmp_path):
    with sites.mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "ro", "tmpfs") as disk:
        with pytest.raises(RedlineError) as caught:
            write_report(made, disk, FORMATS)
        assert caught.value.code == "cannot_write"


def test_a_folder_that_is_a_file_is_refused(made, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(RedlineError) as caught:
        write_report(made, tmp_path / "out", ["html"])
    assert caught.value.code == "cannot_write" and (tmp_path / "out").read_text() == "mine"


def test_a_folder_of_its_name_is_refused(made, tmp_path):
    (tmp_path / "三线_三线审查报告.html").mkdir()
    (tmp_path / "三线_三线审查报告.html" / "mine").write_text("mine")
    with pytest.raises(RedlineError) as caught:
        write_report(made, tmp_path, ["html"])
    assert caught.value.code == "cannot_write"
    assert (tmp_path / "三线_三线审查报告.html" / "mine").read_text() == "mine"


def test_a_file_that_cannot_be_replaced_is_named(made, tmp_path):
    """One that something is mounted on can no more be replaced than an open one in Windows."""
    target, other = tmp_path / "out" / "三线_三线审查报告.html", tmp_path / "other"
    target.parent.mkdir()
    target.write_text("old")
    other.write_text("held")
    if not shutil.which("mount") or subprocess.run(["mount", "--bind", other, target], capture_output=True).returncode:
        pytest.skip("mounting needs root")
    try:
        with pytest.raises(RedlineError) as caught:
            write_report(made, target.parent, ["html"])
        assert caught.value.code == "report_target_open" and caught.value.details["path"] == str(target)
        assert target.read_text() == "held"
    finally:
        subprocess.run(["umount", target], check=True)
    assert names(target.parent) == [target.name] and target.read_text() == "old"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_cancel_leaves_nothing(made, tmp_path, kind):
    with pytest.raises(Cancelled):
        write_report(made, tmp_path / "out", [kind], cancelled=lambda: True)
    assert names(tmp_path / "out") == []


def test_a_write_protected_file_stays(made, tmp_path):
    files, _ = write_report(made, tmp_path / "out", ["html"])
    files["html"].chmod(0o444)
    if os.access(files["html"], os.W_OK):
        pytest.skip("root may write to what is write-protected")
    with pytest.raises(RedlineError) as caught:
        write_report(made, tmp_path / "out", ["html"])
    assert caught.value.code == "package_read_only"
