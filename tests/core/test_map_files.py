"""Names of map files: whatever an id holds, a file of that name can be made on Windows too."""

import pytest

from redline_review.core.report.map_files import map_file


@pytest.mark.parametrize(
    ("name", "file"),
    [("QH01", "QH01.png"), ("松花镇/一期", "松花镇_一期.png"), ('a<b>:"c|d?*', "a_b_c_d_.png"), ("..", "_.png"),
     ("con", "con_.png"), ("", "_.png"), ("x" * 300, "x" * 80 + ".png")],
)  # fmt: skip
def test_names_are_sound(tmp_path, name, file):
    path = map_file(tmp_path, name)
    assert path.name == file
    path.write_bytes(b"")
    assert path.exists()
