"""Boundary-point files as one layer of multipolygons with all that they say of their plots."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..analysis.area import AreaMeasure
from ..errors import Cancelled, Issue, RedlineError
from .boundary_plots import Shape, area_doubt, declared_count, shape_of
from .boundary_txt import HEADER, read_plots
from .crs import Transformation, horizontal, same_crs
from .source import Field

if TYPE_CHECKING:
    from ..report.texts import Texts
    from ..review.layers import LayerWriter

# What the files say, under the names these fields have in the trade's databases.
_OF_PLOT = {"DKBH": "number", "DKMC": "name", "DKYT": "use", "DLBM": "code", "TFH": "sheet", "TXSX": "kind",
            "DKQT": "further"}  # fmt: skip
_OF_HEADER = dict(
    zip(("GSBBH", "SJCSDW", "SJCSRQ", "ZBX", "JDFD", "TYLX", "JLDW", "DH", "JD", "ZHCS", "ZYZWX"), HEADER, strict=True)
)
_TYPES = {
    **dict.fromkeys(_OF_PLOT, "text"), "JZDS": "integer", "DKMJ": "real", "area_m2": "real", "planar_m2": "real",
    "points": "integer", "rings": "integer", "remark": "text", **dict.fromkeys(_OF_HEADER, "text"), "QTXX": "text",
    "src_file": "text", "src_line": "integer",
}  # fmt: skip
FIELDS = [Field(name, kind) for name, kind in _TYPES.items()]

_OF_FILE = ("boundary_datum_assumed", "boundary_zone_differs", "boundary_swapped", "boundary_old_datum",
            "boundary_damaged_text")  # fmt: skip
_LONGEST_TEXT = 250  # characters; a Shapefile holds 254 bytes and cuts the rest itself


@dataclass
class Imported:
    """What became of the files: the CRS of the layer (None where no plot could be used), plots in it and left out."""

    crs: pyproj.CRS | None = None
    plot_count: int = 0
    left_out: int = 0
    issues: list[Issue] = field(default_factory=list)


def import_boundaries(
    paths: Sequence[str | Path],
    writer: LayerWriter,
    texts: Texts,
    encoding: str | None = None,
    given: pyproj.CRS | None = None,
    progress: Callable[[float, str], None] = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Imported:
    """Write the plots of the files as one layer, in the CRS of the first plot; nothing where no plot can be used.

    encoding, given: as for `read_plots` and `place`. texts: the language of the field ``remark``.
    A file or plot that cannot be used is listed among the issues and does not cost the others. Plots in another CRS are
    transformed, point by point; where no reliable transformation leads there they are left out.
    Raises RedlineError: 'cancelled', or what the writer raises.
    """
    outcome = Imported()
    shapes: list[tuple[str, Shape]] = []
    for done, path in enumerate(paths):
        progress(80.0 * done / len(paths), "reading_layers")
        shapes += _shapes(Path(path), encoding, given, outcome, cancelled)
    rows = _rows(shapes, outcome) if shapes else []
    outcome.plot_count = len(rows)
    if not rows:
        return outcome
    progress(90.0, "placing")
    try:
        writer.open(FIELDS, outcome.crs)
        writer.write(_frame(rows, texts))
        writer.close()
    except BaseException:
        writer.abort()
        raise
    return outcome


def _shapes(path: Path, encoding, given, outcome: Imported, cancelled) -> Iterator[tuple[str, Shape]]:
    try:
        plots = read_plots(path, encoding)
    except RedlineError as error:
        outcome.issues.append(Issue(error.code, "error", path.name, "", _without_layer(error)))
        return
    for plot in plots:
        if cancelled():
            raise Cancelled
        shape, errors = shape_of(plot, path.name, given)
        outcome.issues += errors
        outcome.left_out += shape is None
        if shape is not None:
            yield path.name, shape


@dataclass
class _Row:
    file: str
    shape: Shape
    geometry: Any
    planar: float
    official: float
    area_ha: float | None = None


def _rows(shapes: list[tuple[str, Shape]], outcome: Imported) -> list[_Row]:
    """The plots in one CRS, measured in their own; what is to be said of them goes to the issues."""
    groups: dict[Any, list[int]] = {}
    for place, (_, shape) in enumerate(shapes):
        groups.setdefault(shape.placed.zone or shape.placed.crs, []).append(place)
    outcome.crs = shapes[0][1].placed.crs
    rows: dict[int, _Row] = {}
    for places in groups.values():
        own = [shapes[place] for place in places]
        crs, geometry = own[0][1].placed.crs, np.array([shape.polygon for _, shape in own], dtype=object)
        moved = _moved(geometry, own, shapes[0][1], outcome)
        if moved is None:
            outcome.left_out += len(own)
            continue
        official = AreaMeasure(horizontal(crs)).of(geometry)
        planar = shapely.area(geometry) if crs.is_projected else np.full(len(geometry), math.nan)
        for place, (file, shape), *figures in zip(places, own, moved, planar, official, strict=True):
            rows[place] = _Row(file, shape, *figures)
    kept = [rows[place] for place in sorted(rows)]
    outcome.issues += _doubts(kept)
    return kept


def _moved(geometry: np.ndarray, own: list[tuple[str, Shape]], first: Shape, outcome: Imported) -> np.ndarray | None:
    """The polygons in the CRS of the first plot, vertex by vertex; None where nothing reliable leads there."""
    placed, target = own[0][1].placed, first.placed
    if placed.crs is target.crs or same_crs(placed.crs, target.crs):
        return geometry
    names = {"source": placed.crs.name, "target": target.crs.name}
    files = list(dict.fromkeys(file for file, _ in own))
    shift = placed.zone.shift_to(target.zone) if placed.zone and target.zone else None
    if shift is None:
        try:
            moved = Transformation(placed.crs, target.crs, max_edge=math.inf, layer=files[0])(geometry)
            if not np.isfinite(shapely.bounds(moved)).all():
                raise RedlineError("no_transformation", layer=files[0], reason="", **names)
        except RedlineError:
            outcome.issues += [Issue("boundary_other_datum", "error", file, details=names) for file in files]
            return None
    else:
        xy = shapely.get_coordinates(geometry)
        moved = shapely.set_coordinates(geometry.copy(), xy + np.array([shift, 0.0]))
    outcome.issues += [Issue("boundary_transformed", "notice", file, details=names) for file in files]
    return moved


def _doubts(rows: list[_Row]) -> Iterator[Issue]:
    """Warnings by file and plot; those that are a file's are told once of it."""
    told: set[str] = set()
    for row in rows:
        row.area_ha, doubt = area_doubt(row.shape, row.planar, row.official)
        row.shape.doubts += [doubt] if doubt else []
        plot = row.shape.plot
        for code, details in row.shape.doubts:
            key = f"{row.file} {code} {details}"
            if code in _OF_FILE and key in told:
                continue
            told.add(key)
            yield Issue(code, "warning", row.file, plot.label, {"line": plot.line, **details})


def _frame(rows: list[_Row], texts: Texts) -> pd.DataFrame:
    plots = [row.shape.plot for row in rows]
    columns: dict[str, Iterable[Any]] = {
        name: [getattr(plot, attribute) for plot in plots] for name, attribute in _OF_PLOT.items()
    }
    columns["JZDS"] = [declared_count(plot) for plot in plots]
    columns["DKMJ"] = [row.area_ha for row in rows]
    columns["area_m2"] = [row.official for row in rows]
    columns["planar_m2"] = [row.planar for row in rows]
    columns["points"] = [len(plot.ids) for plot in plots]
    columns["rings"] = [row.shape.rings for row in rows]
    columns["remark"] = [_remark(row.shape, texts) for row in rows]
    for name, key in _OF_HEADER.items():
        columns[name] = [plot.header.get(key, "") for plot in plots]
    columns["QTXX"] = [
        "; ".join(f"{key}={value}" for key, value in plot.header.items() if key not in HEADER) for plot in plots
    ]
    columns["src_file"] = [row.file for row in rows]
    columns["src_line"] = [plot.line for plot in plots]
    frame = pd.DataFrame({name: pd.Series(list(columns[name]), dtype=object) for name in _TYPES})
    for name, kind in _TYPES.items():
        if kind == "text":
            frame[name] = [text[:_LONGEST_TEXT] or None for text in frame[name]]
    frame["geometry"] = pd.Series([row.geometry for row in rows], dtype=object)
    return frame


def _remark(shape: Shape, texts: Texts) -> str:
    words = dict.fromkeys(texts.word("boundary_remark", code) for code, _ in shape.doubts)
    return texts.separator.join(words)


def _without_layer(error: RedlineError) -> dict[str, Any]:
    return {name: value for name, value in error.details.items() if name != "layer"}
