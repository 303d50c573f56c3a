"""What is wrong is said with file, line and what to do; one bad plot or file does not cost the others."""

import random
import re

import pytest
from boundaries import PLOT, SQUARE, imported, rows, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redline_review.core.errors import Cancelled, RedlineError
from redline_review.core.inputs.boundary_layer import import_boundaries
from redline_review.core.report.texts import Texts
from redline_review.core.review.layers import FileWriter

GOOD = PLOT.replace("地块一", "好地块")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "坏 文件.txt"


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\t \r\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9, "is no text file"),
        (b"PK\x03\x04" + random.Random(1).randbytes(5000), "is no text file"),
        (b"SQLite format 3\0" + b"\0" * 100 + b"CREATE TABLE", "is no text file"),
        ("镇名,面积\n北山镇,1.5\n".encode(), "is no boundary-point file"),
        ("1,1,4850100.000,42501000.000\n2,1,4850100.000,42501100.000\n3,1,4850200.000,42501100.000\n", "is no bound"),
        ("[属性描述]\n坐标系=2000国家大地坐标系\n", "is no boundary-point file"),
        ("[属性描述]\n坐标系=2000国家大地坐标系\n[地块坐标]\n", "is no boundary-point file"),
        ('{"type": "FeatureCollection", "features": []}', "is no boundary-point file"),
        ("<html><body>404</body></html>", "is no boundary-point file"),
    ],
)  # fmt: skip
def test_what_is_no_such_file(path, content, said):
    result = imported(written(path, content))
    assert result.plots is None and result.outcome.plot_count == 0
    (message,) = result.said
    assert message.startswith("坏 文件.txt") and said in message and "Choose" in message
    assert "请" in imported(path, language="zh_CN").said[0]


def test_a_file_that_is_not_there_or_is_a_folder(path, tmp_path):
    assert "cannot be read" in imported(path).said[0]
    assert "cannot be read" in imported(tmp_path).said[0]


BAD = {  # the rows of a plot, the line that is named, what is said
    "no points": ([], 13, "no boundary points"),
    "one point": (rows()[:1], 14, "ring 1 has 1 points"),
    "two points": (rows()[:2], 14, "ring 1 has 2 points"),
    "two points, closed": ([*rows()[:2], rows()[0]], 14, "ring 1 has 2 points"),
    "the same point again and again": (rows()[:1] * 5, 14, "ring 1 has 1 points"),
    "a good ring and one of two points": ([*rows(), *rows(SQUARE[:2], 2, 5)], 19, "ring 2 has 2 points"),
    "on one line": (rows(((0, 0), (10, 10), (20, 20))), 14, "lie on one line"),
    "no number": (
        [*rows()[:2], "J3,1,四百八十五万,42501100.000", *rows()[3:]],
        16,
        "“J3,1,四百八十五万,42501100.000” is no",
    ),
    "letters": ([*rows()[:2], "J3,1,48502oo.000,42501100.000", *rows()[3:]], 16, "is no boundary point"),
    "not finite": ([*rows()[:2], "J3,1,nan,inf", *rows()[3:]], 16, "is no boundary point"),
    "endless": ([*rows()[:2], f"J3,1,{'9' * 400},42501100.000", *rows()[3:]], 16, "999…” is no boundary point"),
    "a field is missing": ([*rows()[:2], "J3,4850200.000,42501100.000", *rows()[3:]], 16, "is no boundary point"),
    "underscores": ([*rows()[:2], "J3,1,4_850_200,42501100.000", *rows()[3:]], 16, "is no boundary point"),
    "a digit short": ([*rows()[:2], "J3,1,4850200.000,4250110.000", *rows()[3:]], 16, "Y 4250110 is no place in China"),
    "two zones": ([*rows()[:2], "J3,1,4850200.000,43501100.000", *rows()[3:]], 16, "another zone number"),
    "with and without zone": ([*rows()[:2], "J3,1,4850200.000,501100.000", *rows()[3:]], 16, "another zone number"),
    "zone 24": (rows(east=24_500_000), 14, "is no place in China"),
    "nowhere": (rows(((-4_850_000, 0), (0, 1), (1, 1))), 14, "X 0, Y 42500000 is no place in China"),
    "cut in a row": ([*rows()[:3], "J4,1,4850"], 17, "“J4,1,4850” is no boundary point"),
    "cut in an id": ([*rows()[:3], "J4"], 17, "“J4” is no boundary point"),
    "cut between rows": (rows()[:3], 13, "5 points are declared, the file has 3, and the last ring is left open"),
}


@pytest.mark.parametrize("wrong", BAD)
def test_one_bad_plot_is_named_and_does_not_cost_the_others(path, wrong):
    bad, line, said = BAD[wrong]
    for body in ((PLOT, bad, GOOD, rows()), (PLOT, bad)):
        result = imported(written(path, text(*body)))
        assert result.outcome.left_out == 1 and [issue.severity for issue in result.issues] == ["error"]
        assert result.said[0].startswith(f"坏 文件.txt, line {line}, plot DK001 地块一: ") and said in result.said[0]
        assert "left out" in result.said[0]
        assert (result.plots is None) == (len(body) == 2) and result.outcome.plot_count == len(body) // 2 - 1
        if result.plots is not None:
            assert result.plots.DKMC.tolist() == ["好地块"]


def test_a_plot_whose_rows_are_all_wrong_is_listed_once(path):
    result = imported(written(path, text(PLOT, [f"J{n},1,a,b" for n in range(50)], GOOD, rows())))
    assert result.codes == ["boundary_bad_row"] and result.issues[0].details["line"] == 14


def test_points_before_the_first_plot_row(path):
    """The second half of a file: what stands before the first plot row is half a plot."""
    result = imported(written(path, "\n".join([*rows()[2:], GOOD, *rows()])))
    assert result.codes[0] == "boundary_no_plot_row" and "line 1: the boundary points" in result.said[0]
    assert result.plots.DKMC.tolist() == ["好地块"]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_file_cut_anywhere_keeps_its_whole_plots_as_they_are(path, encoding):
    """What is cut off is never taken for a whole plot of other land, unless its points are all there."""
    long = rows(((0, 0), (0, 100), (300, 100), (300, 0)))
    whole = text(GOOD, rows(), PLOT.replace("1.0000", "3.0000"), long).encode(encoding)
    for length in range(0, len(whole), 7):
        result = imported(written(path, whole[:length]))
        for plot in [] if result.plots is None else result.plots.itertuples():
            m2 = 10_000 if plot.DKMC == "好地块" else 30_000
            assert plot.geometry.area == pytest.approx(m2, abs=1)
        assert result.plots is not None or result.issues


def test_a_bad_file_does_not_cost_the_good_ones(path, tmp_path):
    good = written(tmp_path / "good.txt", text())
    result = imported(written(path, b"\0\1\2"), good, tmp_path / "away.txt")
    assert result.plots.src_file.tolist() == ["good.txt"]
    assert result.codes == ["boundary_not_text", "cannot_read"]


def test_cancelling_writes_nothing(path):
    with pytest.raises(Cancelled):
        imported(written(path, text()), cancelled=lambda: True)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_no_input_ends_in_a_traceback(tmp_path_factory, seed):
    """Lines dropped, doubled and shuffled, bytes changed: plots, or errors with a text in each language."""
    rng = random.Random(seed)
    path = tmp_path_factory.getbasetemp() / "fuzz.txt"
    lines = text(GOOD, rows(), PLOT, rows(), rows(((120, 1020), (160, 1020), (160, 1060)), 2, 5)).split("\r\n")
    for _ in range(rng.randrange(1, 6)):
        place, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind == 0:
            del lines[place]
        elif kind == 1:
            lines.insert(other, lines[place])
        elif kind == 2:
            lines[place], lines[other] = lines[other], lines[place]
        elif kind == 3:
            cut = rng.randrange(len(lines[place]) + 1)
            lines[place] = lines[place][:cut] + rng.choice([*",@-9面=[J\t"]) + lines[place][cut:]
        elif kind == 4:
            lines[place] = lines[place].replace(rng.choice("0123456789,."), rng.choice("0123456789,."))
        else:
            lines[place] = lines[place][: rng.randrange(len(lines[place]) + 1)]
    data = bytearray("\r\n".join(lines).encode(rng.choice(["utf-8", "gbk", "utf-16"])))
    for _ in range(rng.choice([0, 0, 0, 3, 40])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    result = imported(written(path, bytes(data)))
    for issue in result.issues:
        for language in ("en", "zh_CN"):
            assert not re.search("{[a-z]{3,}}", Texts(language).issue(issue))
    assert result.plots is not None or any(issue.severity == "error" for issue in result.issues)
    if result.plots is not None:
        assert all(geometry.is_valid and geometry.area > 0 for geometry in result.plots.geometry)


def test_what_the_writer_refuses_is_raised(path):
    written(path, text())
    with pytest.raises(RedlineError) as error:
        import_boundaries([path], FileWriter(path / "in a file.gpkg"), Texts("en"))
    assert error.value.code == "cannot_write"
