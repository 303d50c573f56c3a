"""Files told by their names and their first bytes."""

import shutil

import pytest

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.formats import makes_plots, refuse_as_layer, refuse_unreadable

HEADER = "[属性描述]\n坐标系=2000国家大地坐标系\n[地块坐标]\n"
PLOT = "3,1.0,DK1,地块,面,,,,@\nJ1,1,4850000,42500000\nJ2,1,4850100,42500000\nJ3,1,4850000,42500100\n"


@pytest.fixture
def sample(root):
    return root / "resources" / "sample"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("text", [HEADER + PLOT, PLOT, HEADER + PLOT * 2000])
def test_boundary_points_by_how_they_begin(tmp_path, encoding, text):
    path = tmp_path / "界址点.TXT"
    path.write_bytes(text.encode(encoding))
    assert makes_plots(path)
    with pytest.raises(RedlineError, match="redline:importboundarytxt"):
        refuse_as_layer(path)


def test_every_real_file_is_told(shared_data):
    files = sorted((shared_data / "boundary_txt").glob("[0-9]*.txt"))
    assert len(files) == 12 and all(makes_plots(path) for path in files)


def test_other_texts_are_none(tmp_path, sample):
    for name in ("qinghe_figures.csv", "qinghe_list.csv", "README.md"):
        shutil.copy(sample / name, tmp_path / f"{name}.txt")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "zeros.txt").write_bytes(bytes(1000))
    (tmp_path / "folder.txt").mkdir()
    points = "1,1,4850000,42500000\n" * 5
    (tmp_path / "numbers.txt").write_text(points)
    for path in [*tmp_path.iterdir(), tmp_path / "nowhere.txt", tmp_path / "nowhere.dxf", sample / "qinghe.gpkg"]:
        assert not makes_plots(path), path
    (tmp_path / "plots.csv").write_text(HEADER + PLOT, encoding="utf-8")  # has the layers' own readers
    assert not makes_plots(tmp_path / "plots.csv")


def test_drawings_and_what_nobody_reads(tmp_path):
    drawing = tmp_path / "总图.DXF"
    drawing.write_text("0\nSECTION\n")
    assert makes_plots(drawing)
    refuse_unreadable(drawing)
    for name, asked in (("a.DWG", "DXF"), ("县.mdb", ".gdb"), ("b.VCT", ".gdb")):
        assert not makes_plots(tmp_path / name)
        with pytest.raises(RedlineError, match=asked) as refused:
            refuse_unreadable(tmp_path / name)
        assert refused.value.details == {"path": str(tmp_path / name)}
