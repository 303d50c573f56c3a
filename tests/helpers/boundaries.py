"""Boundary-point files for tests, and what becomes of them."""

from types import SimpleNamespace

from support import FrameWriter

from redline_review.core.inputs.boundary_layer import import_boundaries
from redline_review.core.report.texts import Texts

HEADER = (
    "格式版本号=1.01版本", "数据产生单位=清河县测绘队", "数据产生日期=2025-06-15", "坐标系=2000国家大地坐标系",
    "几度分带=3", "投影类型=高斯克吕格", "计量单位=米", "带号=42", "精度=0.001", "转换参数=,,,,,,",
)  # fmt: skip
PLOT = "5,1.0000,DK001,地块一,面,K52G001,耕地,0103,@"
SQUARE = ((100, 1000), (100, 1100), (200, 1100), (200, 1000))  # X, Y from the origin: 1 ha
NORTH, EAST = 4_850_000, 42_500_000


def rows(corners=SQUARE, ring=1, first=1, closed=True, east=EAST, id="J{n}", row="{id},{ring},{x:.3f},{y:.3f}"):
    """Point rows of one ring; corners are X, Y in metres from the origin."""
    numbers = [first + n for n in range(len(corners))]
    points = list(zip(numbers, corners, strict=True))
    points += points[:1] if closed else []
    return [row.format(id=id.format(n=n), ring=ring, x=NORTH + x, y=east + y) for n, (x, y) in points]


def text(*body, header=HEADER, end="\r\n"):
    """A file; `body` are lines or lists of lines below [地块坐标], one good plot where none is given."""
    lines = []
    for part in body or (PLOT, rows()):
        lines += [part] if isinstance(part, str) else part
    return end.join([*(["[属性描述]", *header] if header else []), "[地块坐标]", *lines, ""])


def imported(*paths, language="en", **options):
    """Plots as a data frame (None where nothing was written), issues, and what they read like."""
    writer, texts = FrameWriter(), Texts(language)
    outcome = import_boundaries(paths, writer, texts, **options)
    return SimpleNamespace(
        plots=writer.frame, outcome=outcome, epsg=outcome.crs and outcome.crs.to_epsg(),
        codes=[issue.code for issue in outcome.issues], said=[texts.issue(issue) for issue in outcome.issues],
        issues=outcome.issues, fields=writer.fields,
    )  # fmt: skip
