"""The data check of a review's inputs: as a run of its own, and as a step of the review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..analysis.parallel import THREADS
from ..analysis.store import BUDGET
from ..errors import Issue
from ..inputs.checks.code_checks import named
from ..inputs.checks.layer import COVERAGE, LAND_USE, LINE, OTHER, TOWNS, CheckedLayer
from ..inputs.checks.run import Checked, check_layers
from ..inputs.crs import horizontal
from ..inputs.source import Field, Source, as_texts
from ..report.texts import Texts
from .layers import LayerWriter
from .lines import line_named
from .request import Progress, ReviewRequest

FIELDS = [Field(name, "text") for name in ("layer", "feature", "kind", "severity", "detail", "advice")]
_NO_CRS = pyproj.CRS.from_epsg(4490)  # of layers in which nothing has a place
_CHECKED = 95.0  # percent of the time


@dataclass
class CheckOutputs:
    """What the check writes; None for what was not asked for."""

    points: LayerWriter | None = None
    areas: LayerWriter | None = None
    page: Path | None = None


def layers_of(request: ReviewRequest) -> list[CheckedLayer]:
    """The layers of a review with the part each plays, the towns first."""
    profile, towns = request.profile, request.towns
    names = {field.name for field in towns.fields}
    known = [name if name in names else None for name in (request.town_id_field, request.town_name_field)]
    layers = [CheckedLayer(towns, TOWNS, id_field=known[0], name_field=known[1])]
    for line in profile.lines:
        source = request.lines.get(line.id)
        if source is not None:
            own = request.id_fields.get(line.id) or named(source.fields, line.id_fields)
            layers.append(CheckedLayer(source, LINE, line.id, line.name, own))
    if request.construction is not None:
        layers.append(CheckedLayer(request.construction, OTHER, overlaps=False))
    if request.intensity is not None:
        systems = {system.id: system for system in profile.class_systems}
        for given in request.intensity.land_uses.values():
            system = systems.get(given.system) if given.system else None
            layers.append(CheckedLayer(given.source, LAND_USE, code_field=given.code_field, system=system))
        if request.intensity.buildings is not None:
            layers.append(CheckedLayer(request.intensity.buildings, OTHER))
    if request.coverage is not None:
        layers.append(_coverage(request, request.coverage))
    return layers


def check_request(
    request: ReviewRequest, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False, threads: int = THREADS, budget: int = BUDGET,
) -> Checked:  # fmt: skip
    """Check the layers of a review; issues have their places in the CRS of the towns where that can be right.

    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    checked = check_layers(layers_of(request), request.profile, progress, cancelled, threads, budget)
    return _placed(checked, request.towns.crs)


def run_check(
    request: ReviewRequest, outputs: CheckOutputs, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False, threads: int = THREADS,
) -> Checked:  # fmt: skip
    """Check the layers of a review and write what was found.

    :param progress: after the step ``placing`` a cancel comes too late.
    :raises RedlineError: a target that cannot be written. :raises Cancelled: nothing is written then.
    """
    from ..report.check_page import write_check_page  # a review has no need of it

    texts = Texts(request.language)
    checked = check_request(
        request, lambda percent, code: progress(percent * _CHECKED / 100, code), cancelled, threads
    )  # fmt: skip
    rows = _frame(checked.issues, texts)
    crs = checked.crs or _NO_CRS
    geometry = rows["geometry"].to_numpy(object)
    area = np.isin(shapely.get_type_id(geometry), (3, 6))
    points = geometry.copy()
    extended = shapely.get_type_id(geometry) > 0
    points[extended] = shapely.point_on_surface(geometry[extended])
    parts = ((outputs.points, rows.assign(geometry=points)), (outputs.areas, rows[area]))
    with ExitStack() as stack:
        writers = [(writer, frame) for writer, frame in parts if writer is not None]
        for writer, frame in writers:
            stack.callback(writer.abort)
            writer.open(FIELDS, crs)
            writer.write(frame)
        progress(_CHECKED, "placing")
        if outputs.page is not None:
            write_check_page(checked, outputs.page, texts)
        for writer, _ in writers:
            writer.close()
    progress(100, "done")
    return checked


def moved(checked: Checked, crs: pyproj.CRS) -> list[Issue]:
    """The issues with their places in another CRS."""
    return _placed(checked, crs).issues


def by_kind(counts: Counter) -> list[tuple[str, str, str, int]]:
    """Severity, code, layer and number of what was found, the worst first."""
    ranks = ("error", "warning", "notice")
    order = sorted(counts, key=lambda key: (ranks.index(key[2]), key[1], key[0]))
    return [(severity, code, layer, counts[layer, code, severity]) for layer, code, severity in order]


def _coverage(request: ReviewRequest, source: Source) -> CheckedLayer:
    field = request.coverage_line_field
    if field not in {known.name for known in source.fields}:
        return CheckedLayer(source, COVERAGE, overlaps=False)
    lines = {text: line_named(request.profile, text) for text in set(as_texts(source.values(field)))}
    speaks_of = {text: "?" if line is None else line for text, line in lines.items()}
    return CheckedLayer(source, COVERAGE, code_field=field, overlaps=False, speaks_of=speaks_of)


def _placed(checked: Checked, crs: pyproj.CRS | None) -> Checked:
    if checked.crs is None or crs is None or checked.crs.equals(crs, ignore_axis_order=True):
        return checked
    try:
        to = pyproj.Transformer.from_crs(checked.crs, horizontal(crs), always_xy=True)
    except pyproj.exceptions.ProjError:
        return checked

    def move(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(to.transform(xy[:, 0], xy[:, 1]))

    places = np.array([None, *(issue.geometry for issue in checked.issues)], dtype=object)[1:]
    places = shapely.transform(places, move)
    finite = np.isfinite(shapely.bounds(places)).all(axis=1)
    issues = [
        replace(issue, geometry=place if sound else None)
        for issue, place, sound in zip(checked.issues, places, finite, strict=True)
    ]
    return replace(checked, issues=issues, crs=crs)


def _frame(issues: list[Issue], texts: Texts) -> pd.DataFrame:
    """A row for each issue, in the language asked for."""
    rows = [
        (issue.layer, issue.feature, issue.code, issue.severity, texts.issue(issue), advice(texts, issue.code))
        for issue in issues
    ]
    frame = pd.DataFrame(rows, columns=[field.name for field in FIELDS], dtype=object)
    places = np.full(len(issues), None, dtype=object)
    places[:] = [issue.geometry for issue in issues]
    return frame.assign(geometry=list(places))


def advice(texts: Texts, code: str) -> str:
    """What to do about an issue."""
    words = texts.words("check_advice")
    return words.get(code, words["other"])
