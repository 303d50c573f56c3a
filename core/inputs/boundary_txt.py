"""Boundary-point TXT (勘测定界 界址点坐标, 报盘 TXT): the text of a file as plots, row by row as they stand there.

What the rows mean is for others: `boundary_rings` makes rings and polygons of them, `boundary_crs` finds where they
lie. docs/boundary-txt.md has the format and what is seen of it in the wild.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Issue, RedlineError

ENCODINGS = ("utf-8-sig", "gb18030")  # the order they are tried in

# The lines of the header by what software writes before the "=".
_HEADER = {
    "格式版本号": ("格式版本",),
    "数据产生单位": ("数据生产单位", "产生单位"),
    "数据产生日期": ("数据生产日期", "产生日期"),
    "坐标系": ("坐标系统", "坐标系名称", "平面坐标系"),
    "几度分带": ("分带", "分带方式", "度带"),
    "投影类型": ("投影方式", "投影"),
    "计量单位": ("单位", "坐标单位"),
    "带号": ("投影带号", "分带号"),
    "精度": ("坐标精度",),
    "转换参数": (),
    "中央子午线": ("中央经线",),
}
HEADER = tuple(_HEADER)
_KEYS = {said: key for key, others in _HEADER.items() for said in (key, *others)}

KINDS = ("面", "线", "点")
_END = ("@", "＠")
_SECTION = re.compile(r"^[\[【](.+?)[\]】]")
_PAIR = re.compile(r"^([^=＝,，]+?)\s*[=＝]\s*(.*)$")
_BEFORE = "\ufeff\u200b\xa0 \t\u3000-–—―－"  # of a row: byte order marks, blanks, dashes
_LEGEND = ("界址点数", "点号", "界址点号")  # how rows begin that explain the format
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COUNT = re.compile(r"\d+(?:\.0*)?", re.ASCII)
_POINT_FIELDS = 4
_PLOT_FIELDS = 8
_SHOWN = 40  # characters of a row in a message
_HEAD = 65_536  # bytes of a file within which its first plot begins


@dataclass
class Plot:
    """A plot (地块) as its file has it: attributes as written, ``""`` for what is missing, and its boundary points.

    header: the lines above it by name, those of `HEADER` under the names there. line: where its row stands, from 1.
    count, area: declared number of points and area, as written. further: what stands behind the class code.
    ids, rings, north, east, lines: of each point its id, ring, X and Y in the order of the file (X should be the
    northing) and line. decimals: the most that a coordinate is written with.
    row: False where the points stand there without a plot row. faults: what makes it unusable.
    """

    header: dict[str, str]
    line: int
    count: str = ""
    area: str = ""
    number: str = ""
    name: str = ""
    kind: str = ""
    sheet: str = ""
    use: str = ""
    code: str = ""
    further: str = ""
    row: bool = True
    ids: list[str] = field(default_factory=list)
    rings: list[int] = field(default_factory=list)
    north: list[float] = field(default_factory=list)
    east: list[float] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    decimals: int = 0
    faults: list[Issue] = field(default_factory=list)

    @property
    def label(self) -> str:
        """How messages call it, beside its line."""
        return " ".join(part for part in (self.number, self.name) if part) or "–"


def read_plots(path: str | Path, encoding: str | None = None) -> list[Plot]:
    """The plots of a file, at least one.

    encoding: ``utf-8-sig`` or ``gb18030``; found out where None.
    Raises RedlineError: 'cannot_read', 'boundary_empty', 'boundary_not_text', 'boundary_wrong_encoding',
    'boundary_no_plots'.
    """
    name = Path(path).name
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise RedlineError("cannot_read", layer=name, path=str(path), reason=error.strerror or str(error)) from error
    plots = list(_Reader(name).plots(text_of(data, name, encoding)))
    if not _are_plots(plots):
        raise RedlineError("boundary_no_plots", layer=name)
    return plots


def is_boundary_txt(path: str | Path) -> bool:
    """Whether a text file (.txt) begins as one of boundary points; its first part is read, no more."""
    path = Path(path)
    if path.suffix.casefold() != ".txt":
        return False
    try:
        with open(path, "rb") as file:
            text = text_of(file.read(_HEAD), path.name)
    except (OSError, RedlineError):
        return False
    return _are_plots(_Reader(path.name).plots(text))


def _are_plots(plots: Iterable[Plot]) -> bool:
    """Points alone are what many a table of numbers looks like."""
    return any(plot.row or not plot.faults for plot in plots)


def text_of(data: bytes, name: str, encoding: str | None = None) -> str:
    """The text of a file's bytes; what is left of a character at a cut end is dropped."""
    if not data.strip():
        raise RedlineError("boundary_empty", layer=name)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    tried = (encoding,) if encoding else ("utf-16",) if marked else ENCODINGS
    text = next((text for one in tried if (text := _decoded(data, one)) is not None), None)
    if text is None and encoding and b"\0" not in data:
        raise RedlineError("boundary_wrong_encoding", layer=name, encoding=encoding.removesuffix("-sig").upper())
    if text is None:  # programs that count bytes cut a Chinese name within a character
        text = _decoded(data, ENCODINGS[-1], "replace")
    text = text.rstrip("\x1a\0 \r\n\t")  # old programs end or fill up a file with the first two
    strange = sum(mark == "\ufffd" or (mark < " " and not mark.isspace()) for mark in text)
    if "\0" in text or strange * 50 > len(text):
        raise RedlineError("boundary_not_text", layer=name)
    if not text:
        raise RedlineError("boundary_empty", layer=name)
    return text


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)(errors).decode(data)
    except UnicodeError:
        return None


class _Reader:
    """Goes through the lines of one file."""

    def __init__(self, name: str):
        self._name = name
        self._header: dict[str, str] = {}
        self._plot: Plot | None = None
        self._inside = False  # a section of coordinates has begun

    def plots(self, text: str) -> Iterator[Plot]:
        for line, raw in enumerate(re.split(r"\r\n|\r|\n", text), 1):
            row = raw.strip(_BEFORE)
            plain = row if row.isascii() else unicodedata.normalize("NFKC", row)
            if not plain.strip("@,;. "):  # a @ that slipped to a line of its own, separators alone
                continue
            finished = self._plot
            self._take(row, plain, line)
            if finished is not None and finished is not self._plot:
                yield finished
        if self._plot is not None:
            yield self._plot

    def _take(self, row: str, plain: str, line: int) -> None:
        section, pair = _SECTION.match(plain), _PAIR.match(row)
        if section:
            self._inside = "坐标" in section[1]
            if not self._inside and self._plot is not None:  # a second file, joined to the first
                self._header, self._plot = {}, None
            return
        fields = [one.strip() for one in re.split("[,;\t]", plain)]
        point = _point_of(fields)
        if fields[0] in _LEGEND:
            return
        if _is_plot(fields):
            self._inside = True
            self._plot = _plot_of(row, plain, self._header, line)
        elif pair:
            key = pair[1].strip()
            self._header[_KEYS.get(key, key)] = pair[2].strip()
        elif point is not None:
            self._add_point(point, line)
        elif self._plot is not None and re.search(r"\d", plain) and (len(fields) > 1 or plain[0].isascii()):
            self._fault("boundary_bad_row", line=line, text=row if len(row) <= _SHOWN else row[:_SHOWN] + "…")

    def _add_point(self, point: tuple[str, int | None, float, float, int], line: int) -> None:
        if self._plot is None:
            self._plot = Plot(self._header, line, row=False)
            if not self._inside:
                self._fault("boundary_no_plot_row", line=line)
        plot, (name, ring, north, east, decimals) = self._plot, point
        plot.ids.append(name)
        plot.rings.append(ring if ring is not None else plot.rings[-1] if plot.rings else 1)
        plot.north.append(north)
        plot.east.append(east)
        plot.lines.append(line)
        plot.decimals = max(plot.decimals, decimals)

    def _fault(self, code: str, **details) -> None:
        """The first of its kind: a plot out of joint has one in every row."""
        if all(fault.code != code for fault in self._plot.faults):
            self._plot.faults.append(Issue(code, "error", self._name, self._plot.label, details))


def _is_plot(fields: list[str]) -> bool:
    return any(one.endswith("@") for one in fields) or any(one in KINDS for one in fields[1:])


def _plot_of(row: str, plain: str, header: dict[str, str], line: int) -> Plot:
    """A plot row. Its fields are told by where 面 stands, since names hold commas and fields are missing."""
    # Texts stay as written, unless it is something else than commas that parts the fields.
    fields = row.split(",")
    if len(fields) < _PLOT_FIELDS:
        fields = max(fields, re.split("[,;\t]", plain), key=len)
    fields = [one.strip() for one in fields]
    end = max((place for place, one in enumerate(fields) if one.endswith(_END)), default=len(fields) - 1)
    fields[end] = fields[end].rstrip("".join(_END)).strip()
    kinds = [place for place, one in enumerate(fields) if one in KINDS and place]
    kind = min(kinds, key=lambda place: abs(place - 4), default=None)
    before, after = (fields[:4], fields[4:]) if kind is None else (fields[:kind], fields[kind:])
    count, area, *names = [*before, "", ""][: max(len(before), 2)]
    number, name = ("", names[0]) if len(names) == 1 else (names[0] if names else "", ",".join(names[1:]))
    kind, sheet, use, code, *further = [*after, "", "", "", ""][: max(len(after), 4)]
    further = ",".join(further).strip(", ")
    return Plot(header, line, count, area, number, name, kind, sheet, use, code, further)


def _point_of(fields: list[str]) -> tuple[str, int | None, float, float, int] | None:
    """Id, ring, X, Y and decimals of a point row; None where it is none."""
    if len(fields) == 1:
        fields = fields[0].split()
    if len(fields) > _POINT_FIELDS and not fields[0]:
        fields = fields[1:]  # what stands there is the dash before it
    if len(fields) < _POINT_FIELDS:
        return None
    name, ring, north, east = (one.strip() for one in fields[:_POINT_FIELDS])
    if not (_NUMBER.fullmatch(north) and _NUMBER.fullmatch(east)) or (ring and not _COUNT.fullmatch(ring)):
        return None
    x, y = float(north), float(east)
    if not (math.isfinite(x) and math.isfinite(y)) or len(ring) > 9:
        return None
    decimals = max(len(one.partition(".")[2]) for one in (north, east))
    return name.lstrip(_BEFORE), int(float(ring)) if ring else None, x, y, decimals
