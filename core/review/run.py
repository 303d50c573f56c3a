"""One review run: layers in, findings and summaries out, into files and the review package."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..analysis.assess import Assessment, Assessor
from ..analysis.judge import VIOLATION
from ..analysis.parallel import THREADS, workers
from ..analysis.pieces import Pieces
from ..analysis.robust import Overlay
from ..analysis.roles import LAND_USE
from ..analysis.store import BUDGET, PieceStore
from ..errors import Issue, RedlineError
from ..report.texts import Texts
from . import intensity_schema
from .checking import check_request, moved
from .frames import Frames, back_to_towns
from .intensity import GroupIntensity, Intensity
from .intensity_frames import IntensityFrames, class_sums, occupied_frame
from .intensity_layers import not_given
from .lines import read_lines
from .manifest import manifest_rows
from .package import is_package, open_package
from .previous import Previous
from .reading import LineReader
from .reading_towns import read_towns
from .request import Progress, ReviewOutcome, ReviewRequest
from .results import Results
from .town_fields import TownFields

_TOWNS, _LINES, _ASSESSED, _WRITTEN = 2.0, 70.0, 95.0, 98.0  # percent of a run's time after each step
_CHECKED = 50.0  # percent of the time, where the layers are checked first


def run_review(
    request: ReviewRequest,
    progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: int = THREADS,
    budget: int = BUDGET,
) -> ReviewOutcome:
    """Review the towns against the lines and write what was asked for.

    Every file is built beside its place and put there at the end; a run that fails before leaves nothing behind.

    :param threads: results do not depend on it, nor on ``budget``, the vertices held in memory.
    :raises RedlineError: input that has to be mended, or a target that cannot be written.
    :param progress: what it raises ends the run; after the step ``placing`` a cancel comes too late.
    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    profile = request.profile.with_tolerance(request.min_area, request.min_width)
    request = replace(request, profile=profile)
    _check(request)
    run_id, started = str(uuid.uuid4()), datetime.now(UTC)
    issues: list[Issue] = []
    checked = None
    if request.check_data:
        checked = check_request(request, _part(progress, 0.0, _CHECKED), cancelled, threads, budget)
        progress = _part(progress, _CHECKED, 100.0)
    overlay = Overlay()
    with ExitStack() as stack:
        pool = stack.enter_context(workers(cancelled, threads))
        progress(0, "reading_towns")
        table = read_towns(request, issues)
        pool.check()
        intensity = Intensity(request, table, overlay, pool, issues) if request.intensity else None
        if request.package and intensity:
            issues += not_given(request)
        results = Results(request, table.crs)
        stack.callback(results.abort)
        previous = stack.enter_context(_previous(request, table.crs))
        # Towns stay in memory as delivered, as overlaid and written out: the more there are, the fewer pieces.
        left = max(budget // 4, budget - 3 * int(shapely.get_num_coordinates(table.towns.overlay).sum()))
        store = stack.enter_context(PieceStore(len(table.towns), left))

        back = back_to_towns(table.overlay_crs, table.crs)

        def near(line: str, zone: np.ndarray, source_id: np.ndarray, geometry: np.ndarray) -> None:
            results.near(line, zone, source_id, back(geometry))

        def lines_read(share: float) -> None:
            progress(_TOWNS + (_LINES - _TOWNS) * share, "reading_lines" if request.lines else "reading_layers")

        reader = LineReader(table, request, overlay, pool, issues, near if results.wants_package else None)
        extents = read_lines(request, reader, store, issues, lines_read, intensity.layers(reader) if intensity else ())
        assessor = Assessor(
            table.towns, profile, request.review_object, extents, table.measure, overlay, pool, results.wants_package
        )
        texts = Texts(request.language)
        frames = Frames(table, assessor.lines, profile, texts, extents)
        of_towns = TownFields(table, intensity_schema.INTENSITY)
        results.open(frames.summary_fields, of_towns.fields)

        def group(members: np.ndarray, pieces: dict[str, Pieces]) -> tuple[Assessment, GroupIntensity | None]:
            assessment = assessor.group(members, pieces)
            return assessment, intensity.group(pieces, assessment) if intensity else None

        assessing = "assessing" if request.lines else "measuring"
        summaries, ledgers, found = [], [], 0
        for assessment, measured in pool.in_order(group, store.groups()):
            progress(_LINES + (_ASSESSED - _LINES) * sum(map(len, summaries)) / len(table.towns), assessing)
            found += assessment.finding_count
            ledgers.append(frames.ledger(assessment))
            summaries.append(frames.summary(assessment))
            if results.wants_findings:
                findings = previous.match(frames.findings(assessment), ledgers[-1])
                results.group(findings, frames.conflicts(assessment))
                if measured and measured.inside is not None:
                    system = intensity.systems[LAND_USE]
                    results.land_use(
                        occupied_frame(measured.inside, findings, assessment.occupied_m2, system, table, texts)
                    )
            if measured:
                intensity.add(measured)
        progress(_ASSESSED, "reading_cover" if intensity and request.intensity.land_cover else "writing")
        summary = pd.concat(summaries).sort_index()
        if intensity:
            known = IntensityFrames(intensity.known(), table, profile, texts, request.review_object)
            measures = known.towns()
            results.intensity(of_towns.layer(measures), measures, _intensity_tables(known))
            summary = summary.assign(**{field.name: measures[field.name] for field in intensity_schema.OF_TOWNS})
        manifest = manifest_rows(request, table, extents, reader, overlay, run_id, started, intensity)
        found_before = moved(checked, table.overlay_crs) if checked else []
        listed = frames.issues([*issues, *found_before])
        results.finish(summary, pd.concat(ledgers), listed, previous, manifest)
        pool.check()
        progress(_WRITTEN, "placing")  # from here on it is too late to cancel
        results.commit()
        progress(100, "done")
    violations = int((summary["verdict"] == VIOLATION).sum())
    return ReviewOutcome(len(table.towns), found, violations, issues, run_id, checked)


def _part(progress: Progress, first: float, last: float) -> Progress:
    """Progress of one of several steps, as a part of the whole."""
    return lambda percent, code: progress(first + percent * (last - first) / 100, code)


def _previous(request: ReviewRequest, crs: pyproj.CRS) -> Previous:
    """The earlier run to compare with: the one asked for, else the one in the package that is written to."""
    path = request.previous or (request.package if request.package and is_package(request.package) else None)
    return Previous(open_package(path) if path else None, request.profile.changes, crs)


def _check(request: ReviewRequest) -> None:
    """What can be told before anything is read."""
    if not request.lines and request.intensity is None:
        raise RedlineError("no_line")
    for line, source in request.lines.items():
        if line not in {known.id for known in request.profile.lines}:
            raise RedlineError("line_not_in_profile", layer=source.name, line=line)
    of_intensity = request.intensity.sources.values() if request.intensity else ()
    for source in (request.towns, *request.lines.values(), request.construction, request.coverage, *of_intensity):
        if source is not None:
            source.require_polygons()


def _intensity_tables(frames: IntensityFrames) -> dict[str, pd.DataFrame]:
    land_use = frames.land_use()
    return {
        "indicators": frames.indicators(), "land_use": land_use, "land_classes": class_sums(land_use),
        "town_rules": frames.town_rules(),
    }  # fmt: skip
