"""Names of map files: whatever an id holds, a file of that name can be made on Windows too, and no two are alike."""

import re

import pytest

from redline_review.core.report.map_files import map_file


@pytest.mark.parametrize(
    ("name", "file"),
    [("QH01", "QH01"), ("松花镇", "松花镇"), ("松花镇/一期", "松花镇_一期-*"), ('a<b>:"c|d?*', "a_b_c_d_-*"),
     ("..", "town-*"), ("con", "con-*"), ("", "town-*"), ("长" * 300, "长" * 60 + "-*"), ("QH01_2", "QH01_2-*")],
)  # fmt: skip
def test_names_are_sound(tmp_path, name, file):
    path = map_file(tmp_path, name)
    assert re.fullmatch(re.escape(file).replace(r"\*", "[0-9a-f]{8}"), path.stem) and path.suffix == ".png"
    path.write_bytes(b"")
    assert path.exists()


def test_towns_whose_ids_differ_have_files_that_differ(tmp_path):
    names = ["A/1", "A:1", "A_1", "A 1", " A 1", "x" * 81, "x" * 82, "QH01", "QH01_2", "con", "con_"]
    assert len({map_file(tmp_path, name).name.casefold() for name in names}) == len(names)
    assert map_file(tmp_path, "A/1") == map_file(tmp_path, "A/1")
