"""Boundary-point TXT written as surveyors do: points numbered from the north-west corner, clockwise, areas in ha."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyproj
import shapely

from ..analysis.area import ELLIPSOID, AreaMeasure
from ..errors import Cancelled, Issue, RedlineError
from ..review.aside import Aside
from .boundary_numbering import numbered_rings, polygon_of_rings
from .crs import Transformation, horizontal
from .gauss_kruger import CGCS2000, GEOGRAPHIC, Zone, zone_at, zone_of
from .repair import usable_polygons
from .source import Source, as_texts

GBK, UTF8 = "gb18030", "utf-8"
TEXTS = ("name", "number", "use", "code")  # what a plot row says besides its points and area
_HECTARE = 10_000.0
_AREA_DECIMALS = 4
_CLOSING = str.maketrans({",": "，", "@": "＠", "\r": " ", "\n": " ", "\t": " "})  # would end a field or the row
_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Style:
    """How the files are written.

    prefix: whether the zone's number stands before the easting; as in the layer's CRS where None (with it where that is
    no zone). decimals: of coordinates in metres. unit_name: 数据产生单位. day: 数据产生日期.
    """

    encoding: str = GBK
    prefix: bool | None = None
    decimals: int = 3
    area_method: str = ELLIPSOID
    unit_name: str = ""
    day: date = field(default_factory=date.today)


@dataclass
class Exported:
    """Files written, plots in them, features left out, and what is to be said of them."""

    files: list[Path] = field(default_factory=list)
    plot_count: int = 0
    left_out: int = 0
    issues: list[Issue] = field(default_factory=list)


def export_boundaries(
    source: Source,
    fields: Mapping[str, str | None],
    target: Path | None,
    folder: Path | None,
    style: Style,
    cancelled: Callable[[], bool] = lambda: False,
    placing: Callable[[], None] = lambda: None,
) -> Exported:
    """Write the polygons of a layer: all in the file `target`, or each in a file of its own in `folder`, or both.

    fields: the layer's fields by `TEXTS`; plots are counted where name or number is not given or empty.
    placing: called when all is read and only writing is left.
    The layer must be in a Gauss-Krüger zone of CGCS2000 or is transformed to the 3° zone of its centre, point by point.
    Raises RedlineError: 'not_polygons', 'no_crs', 'empty_layer', 'no_such_field', 'boundary_no_zone_here',
    'ballpark_transformation', 'no_transformation', 'boundary_nothing_to_write', 'package_read_only', 'cannot_write',
    'cancelled'. What was there before is then as it was.
    """
    outcome = Exported()
    geometry, texts = _read(source, fields, outcome, cancelled)
    zone, geometry = _in_zone(source, geometry, texts["label"], outcome)
    plots: list[tuple[int, list[np.ndarray]]] = []
    for row in np.flatnonzero(~shapely.is_missing(geometry)):
        if cancelled():
            raise Cancelled
        rings = numbered_rings(geometry[row], style.decimals)
        if rings:
            plots.append((int(row), rings))
        else:
            outcome.issues.append(Issue("boundary_too_small", "warning", source.name, texts["label"][row]))
    outcome.plot_count, outcome.left_out = len(plots), len(geometry) - len(plots)
    if not plots:
        raise RedlineError("boundary_nothing_to_write", layer=source.name)
    blocks = _blocks(plots, texts, zone, style, source.name, outcome)
    placing()
    head = _head(zone, style)
    if target is not None:
        outcome.files += _put(target.parent, {target.name: head + "".join(blocks)}, style)
    if folder is not None:
        names = _file_names([texts["number"][row] or texts["name"][row] for row, _ in plots])
        outcome.files += _put(folder, {name: head + block for name, block in zip(names, blocks, strict=True)}, style)
    return outcome


def _read(
    source: Source, fields: Mapping[str, str | None], outcome: Exported, cancelled: Callable[[], bool]
) -> tuple[np.ndarray, dict[str, list[str]]]:
    """The layer's polygons (None for what is left out), and its texts, fit for a row of the file; 'label' is what
    messages call a feature."""
    source.require_polygons()
    columns = list(dict.fromkeys(name for name in fields.values() if name))
    geometry: list[np.ndarray] = []
    values: dict[str, list[np.ndarray]] = {name: [] for name in columns}
    fids: list[np.ndarray] = []
    for batch in source.batches(columns):
        if cancelled():
            raise Cancelled
        polygons, issues, _ = usable_polygons(batch.geometry, batch.fid, source.name)
        geometry.append(polygons)
        fids.append(batch.fid)
        outcome.issues += issues
        for name in columns:
            values[name].append(as_texts(batch.fields[name]))
    if not sum(map(len, geometry)):
        raise RedlineError("empty_layer", layer=source.name)
    fid = np.concatenate(fids)
    texts: dict[str, list[str]] = {"label": [str(one) for one in fid]}
    changed = 0
    for role in TEXTS:
        name = fields.get(role)
        given = [""] * len(fid) if not name else np.concatenate(values[name]).tolist()
        texts[role] = [text.translate(_CLOSING).strip() for text in given]
        changed += sum(one != other for one, other in zip(given, texts[role], strict=True))
    if changed:
        outcome.issues.append(Issue("boundary_text_changed", "notice", source.name, details={"count": changed}))
    return np.concatenate(geometry), texts


def _in_zone(source: Source, geometry: np.ndarray, labels: Sequence[str], outcome: Exported) -> tuple[Zone, np.ndarray]:
    """The zone the layer is in or goes to, and its polygons there."""
    if source.crs is None:
        raise RedlineError("no_crs", layer=source.name)
    crs = horizontal(source.crs)
    zone = zone_of(crs)
    if zone is not None and zone.datum == CGCS2000:
        return zone, geometry
    west, south, east, north = shapely.total_bounds(geometry)
    if not np.isfinite([west, south, east, north]).all():
        raise RedlineError("boundary_nothing_to_write", layer=source.name)
    degrees = pyproj.CRS.from_epsg(GEOGRAPHIC[CGCS2000])
    middle = np.array([shapely.Point((west + east) / 2, (south + north) / 2)], dtype=object)
    to_degrees = Transformation(crs, degrees, source.pipeline(degrees), layer=source.name)
    longitude = float(shapely.get_x(to_degrees(middle))[0])
    zone = zone_at(longitude) if np.isfinite(longitude) else None
    if zone is None:
        raise RedlineError("boundary_no_zone_here", layer=source.name, crs=crs.name)
    # No vertices are added along the edges: each would become a boundary point.
    to_zone = Transformation(crs, zone.crs, source.pipeline(zone.crs), max_edge=np.inf, layer=source.name)
    details = {"source": crs.name, "target": zone.crs.name}
    outcome.issues.append(Issue("boundary_reprojected", "warning", source.name, details=details))
    moved, issues, _ = usable_polygons(to_zone(geometry), labels, source.name)
    outcome.issues += [issue for issue in issues if issue.code != "no_geometry"]
    return zone, moved


def _blocks(
    plots: Sequence[tuple[int, list[np.ndarray]]],
    texts: Mapping[str, list[str]],
    zone: Zone,
    style: Style,
    layer: str,
    outcome: Exported,
) -> list[str]:
    """The rows of each plot."""
    written = zone if style.prefix is None else zone.with_prefix(style.prefix)
    polygons = np.array([polygon_of_rings(rings) for _, rings in plots], dtype=object)
    for place in np.flatnonzero(~shapely.is_valid(polygons)):
        feature = texts["label"][plots[place][0]]
        outcome.issues.append(Issue("boundary_rounding", "warning", layer, feature, {"decimals": style.decimals}))
    areas = AreaMeasure(zone.crs, style.area_method).of(polygons) / _HECTARE
    blocks = []
    for serial, ((row, rings), area) in enumerate(zip(plots, areas, strict=True), 1):
        number, name, use, code = (texts[role][row] for role in ("number", "name", "use", "code"))
        points = sum(len(ring) + 1 for ring in rings)
        head = f"{points},{area:.{_AREA_DECIMALS}f},{number or serial},{name or f'地块{serial}'},面,,{use},{code},@"
        blocks.append("\r\n".join([head, *_point_rows(rings, zone.shift_to(written), style.decimals)]) + "\r\n")
    return blocks


def _point_rows(rings: Sequence[np.ndarray], shift: float, decimals: int) -> list[str]:
    rows, first = [], 1
    for number, ring in enumerate(rings, 1):
        names = [*range(first, first + len(ring)), first]  # a ring ends with its first point once more
        closed = [*ring.tolist(), ring[0].tolist()]
        rows += [
            f"J{name},{number},{north:.{decimals}f},{east + shift:.{decimals}f}"
            for name, (east, north) in zip(names, closed, strict=True)
        ]
        first += len(ring)
    return rows


def _head(zone: Zone, style: Style) -> str:
    facts = {
        "格式版本号": "1.01版本",
        "数据产生单位": style.unit_name.translate(_CLOSING).strip(),
        "数据产生日期": style.day.isoformat(),
        "坐标系": "2000国家大地坐标系",
        "几度分带": zone.width,
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": zone.number,
        "精度": f"{10.0**-style.decimals:.{style.decimals}f}",
        "转换参数": ",,,,,,",
    }
    return "\r\n".join(["[属性描述]", *(f"{key}={value}" for key, value in facts.items()), "[地块坐标]", ""])


def _file_names(names: Sequence[str]) -> list[str]:
    """A file name for each plot that every system takes, no two alike whatever the case."""
    taken: set[str] = set()
    found = []
    for serial, name in enumerate(names, 1):
        stem = _NO_FILE_NAME.sub("_", name)[:_LONGEST_NAME].strip(" .") or str(serial)
        stem = f"_{stem}" if _DEVICES.match(stem) else stem
        unique, again = stem, 1
        while unique.casefold() in taken:
            again += 1
            unique = f"{stem}_{again}"
        taken.add(unique.casefold())
        found.append(f"{unique}.txt")
    return found


def _put(folder: Path, contents: Mapping[str, str], style: Style) -> list[Path]:
    """Write the files into the folder, all of them or none."""
    places = [folder / name for name in contents]
    for place in places:
        if place.exists() and not os.access(place, os.W_OK):  # renaming would put a new one in its place
            raise RedlineError("package_read_only", path=str(place))
    aside = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Aside(places[0])
        for name, text in contents.items():
            (aside.path.parent / name).write_bytes(text.encode(style.encoding, "replace"))
        aside.put()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RedlineError("cannot_write", path=str(places[0]), reason=reason) from error
    finally:
        if aside is not None:
            aside.discard()
    return places
