"""Map files: whatever an id holds, a file of that name can be made on Windows too, and no two are alike; how those of
an earlier export are known."""

import re
import struct
import zlib

import pytest

from redline_review.core.report.map_files import beyond, map_file
from redline_review.core.report.papers.pictures import whole_png
from redline_review.core.report.sheets.seals import is_sealed, seal


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


def test_pages_beyond_those_of_a_map(tmp_path):
    names = ["QH01.png", "QH01_2.png", "QH01_3.png", "QH01_12.png", "QH01_03.png", "QH01_x.png", "QH01_3.svg",
             "QH011_3.png", "QH01_3_4.png", "QH01_2.png.bak"]  # fmt: skip
    for name in names:
        (tmp_path / name).write_bytes(b"")
    path = tmp_path / "QH01.png"
    assert [one.name for one in beyond(path, 1)] == ["QH01_2.png", "QH01_3.png", "QH01_12.png"]
    assert [one.name for one in beyond(path, 2)] == ["QH01_3.png", "QH01_12.png"]
    assert beyond(tmp_path / "QH02.png", 1) == [] and beyond(tmp_path / "a[b](c.png", 1) == []


PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" + b"\x00\x00\x00\x00IEND\xaeB`\x82"


@pytest.mark.parametrize(("name", "content"), [("a.png", PNG), ("a.SVG", "<svg>图斑</svg>\n".encode())])
def test_a_seal_holds_until_somebody_writes_to_the_file(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert not is_sealed(path)
    seal(path)
    sealed = path.read_bytes()
    assert is_sealed(path) and content[:-12] in sealed
    for changed in (sealed.replace(b"pixels", b"Pixels").replace("图".encode(), "圆".encode()), sealed[:-1],
                    sealed + b"\n", b"", content):  # fmt: skip
        path.write_bytes(changed)
        assert not is_sealed(path)
    assert not is_sealed(tmp_path / "nowhere.png") and not is_sealed(tmp_path)


def test_a_sealed_picture_is_a_whole_png(tmp_path):
    path = tmp_path / "a.png"
    head = struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0\xff")
    pixels = struct.pack(">I", len(data)) + b"IDAT" + data
    chunks = b"".join(one + struct.pack(">I", zlib.crc32(one[4:])) for one in (head, pixels))
    path.write_bytes(PNG[:8] + chunks + PNG[-12:])
    bare = whole_png(path.read_bytes())
    seal(path)
    assert whole_png(path.read_bytes()) == bare is not None


def test_what_cannot_be_sealed_stays_as_it_is(tmp_path):
    for name, content in (("a.pdf", b"%PDF %%EOF"), ("a.png", b"cut off")):
        (tmp_path / name).write_bytes(content)
        seal(tmp_path / name)
        assert (tmp_path / name).read_bytes() == content and not is_sealed(tmp_path / name)
