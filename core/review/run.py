"""One review run: layers in, findings and summaries out, into files and the review package."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import shapely

from ..analysis.assess import CONSTRUCTION, COVERAGE, Assessor
from ..analysis.coverage import LineExtent
from ..analysis.judge import BELOW_TOLERANCE, VIOLATION
from ..analysis.parallel import THREADS, workers
from ..analysis.robust import Overlay
from ..analysis.store import BUDGET, PieceStore
from ..errors import Issue, RedlineError
from ..report.texts import Texts
from . import schema
from .frames import Frames
from .layers import LayerWriter
from .manifest import manifest_rows
from .package import PackageWriter, is_package, open_package
from .previous import Previous
from .reading import LineReader, TownTable, id_field_of, read_towns, require_polygons, zone_field_of
from .request import Progress, ReviewOutcome, ReviewRequest

_READ, _ASSESSED = 70.0, 95.0  # percent of a run's time after reading and after assessing


def run_review(
    request: ReviewRequest,
    progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
    threads: int = THREADS,
    budget: int = BUDGET,
) -> ReviewOutcome:
    """Review the towns against the lines and write what was asked for.

    Nothing is written unless all of it can be: every file is built beside its place and put there at the end.

    :param threads: results do not depend on it, nor on ``budget``, the vertices held in memory.
    :raises RedlineError: input that has to be mended, or a target that cannot be written.
    :raises Cancelled: soon after ``cancelled()`` turns true.
    """
    with ExitStack() as stack:
        run = _Run(request, progress, stack.enter_context(workers(cancelled, threads)))
        stack.callback(run.abort)
        outcome = run.review(stack, budget)
    return outcome


class _Run:
    def __init__(self, request: ReviewRequest, progress: Progress, pool):
        profile = request.profile.with_tolerance(request.min_area, request.min_width)
        self._request = replace(request, profile=profile)
        self._progress, self._workers = progress, pool
        self._issues: list[Issue] = []
        self._overlay = Overlay()
        self._id, self._started = str(uuid.uuid4()), datetime.now(UTC)
        self._open: list[LayerWriter | PackageWriter] = []

    def review(self, stack: ExitStack, budget: int) -> ReviewOutcome:
        request = self._request
        if not request.lines:
            raise RedlineError("no_line")
        for source in (*request.lines.values(), *filter(None, (request.construction, request.coverage))):
            require_polygons(source)
        self._progress(0, "reading_towns")
        table = read_towns(request, self._issues)
        store = stack.enter_context(PieceStore(shapely.bounds(table.towns.overlay)[:, 0], budget))
        package = self._start_package(table)
        reader = LineReader(
            table, request, self._overlay, self._workers, self._issues, self._near_writer(package, table)
        )
        extents = self._read_layers(reader, store)
        assessor = Assessor(
            table.towns, request.profile, request.review_object, extents, table.measure, self._overlay, self._workers
        )
        frames = Frames(table, assessor.lines, request.profile, Texts(request.language), extents)
        writers = self._start_writers(table, frames, package)
        previous = stack.enter_context(self._previous(table))
        summaries, ledgers, counted = [], [], 0
        for members, pieces in store.groups():
            self._progress(_READ + (_ASSESSED - _READ) * len(summaries) / 20, "assessing")
            assessment = assessor.group(members, pieces)
            ledger = frames.ledger(assessment)
            findings = previous.match(frames.findings(assessment), ledger)
            counted += int(((findings["severity"] != BELOW_TOLERANCE) & (findings["state"] != "gone")).sum())
            _write(writers["findings"], findings)
            _write(writers["line_conflicts"], frames.conflicts(assessment))
            summaries.append(frames.summary(assessment))
            ledgers.append(ledger)
        self._progress(_ASSESSED, "writing")
        summary = pd.concat(summaries).sort_index()
        _write(writers["summary"], summary)
        verdicts = summary["verdict"].to_numpy()
        if package:
            _write(writers["towns"], summary.assign(reviewed_verdict=verdicts))
            package.layer("data_issues", schema.ISSUES, table.crs).write(frames.issues(self._issues))
            package.table("ledger", schema.LEDGER, pd.concat(ledgers))
            package.carry_decisions(previous.decisions())
            package.carry_numbers(previous.numbers())
            facts = reader.transformations, self._overlay, self._id, self._started
            package.table("run", schema.RUN, manifest_rows(request, table, extents, *facts))
        self._workers.check()
        self._commit()
        self._progress(100, "done")
        return ReviewOutcome(len(table.towns), counted, int((verdicts == VIOLATION).sum()), self._issues, self._id)

    def abort(self) -> None:
        """Throw away what was not put in place; does nothing after a commit."""
        for writer in self._open:
            writer.abort()

    def _read_layers(self, reader: LineReader, store: PieceStore) -> dict[str, LineExtent]:
        request, profile = self._request, self._request.profile
        jobs = [(line.id, request.lines[line.id]) for line in profile.lines if line.id in request.lines]
        jobs += [(CONSTRUCTION, request.construction)] if request.construction else []
        spoken: set[str] = set()
        extents: dict[str, LineExtent] = {}
        total = sum(source.count or 0 for _, source in jobs) or 1
        done = 0
        if request.coverage:
            spoken = self._read_coverage(reader, store)
        for line_id, source in jobs:
            line = profile.line(line_id) if line_id != CONSTRUCTION else None
            extent = reader.extent(source, bool(spoken & {"", line_id}))
            zone = zone_field_of(source, request.zone_fields.get(line_id), line.zone_fields) if line else None
            field, gaps = id_field_of(source, request.id_fields.get(line_id), line.id_fields) if line else (None, None)
            if gaps:
                self._issues.append(Issue("ids_not_unique", "notice", source.name, details={"field": gaps}))

            def step(count: int, done: int = done) -> None:
                self._progress(2 + (_READ - 2) * min(1.0, (done + count) / total), "reading_lines")

            for pieces in reader.read(line_id, source, zone, field, extent, step):
                store.add(line_id, pieces)
            done += source.count or 0
            if line:
                extents[line_id] = extent
        return extents

    def _read_coverage(self, reader: LineReader, store: PieceStore) -> set[str]:
        """Read the coverage polygons; the ids of the lines they speak of, ``""`` for all lines."""
        request, source = self._request, self._request.coverage
        spoken: set[str] = set()
        met = False
        names = {text.casefold(): line.id for line in request.profile.lines for text in (line.id, *_all(line.name))}
        field = request.coverage_line_field
        for value in source.values(field) if field else [""]:
            text = str(value or "").strip()
            line = "" if not text else names.get(text.casefold()) or _line_id(request.profile.line_of_layer(text))
            if line is None:
                raise RedlineError("coverage_of_unknown_line", layer=source.name, field=field, value=text)
            names[text.casefold()] = line
            spoken.add(line)
        extent = reader.extent(source, declared=False)
        for pieces in reader.read(COVERAGE, source, field, None, extent, lambda count: None):
            pieces.zone = np.array([names.get(zone.casefold(), "") for zone in pieces.zone], dtype=object)
            met = met or len(pieces) > 0
            store.add(COVERAGE, pieces)
        if not met:
            raise RedlineError("coverage_meets_no_town", layer=source.name, towns=request.towns.name)
        return spoken

    def _start_package(self, table: TownTable) -> PackageWriter | None:
        if not self._request.package:
            return None
        package = PackageWriter(self._request.package)
        self._open.append(package)
        return package

    def _near_writer(self, package: PackageWriter | None, table: TownTable) -> Callable | None:
        if package is None:
            return None
        writer = package.layer("lines", schema.LINES, table.crs)
        to_towns = _back(table)

        def write(line: str, zone: np.ndarray, source_id: np.ndarray, geometry: np.ndarray) -> None:
            if line == CONSTRUCTION:
                return
            there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
            columns = {"line": line.lstrip("@"), "zone": zone[there], "source_id": source_id[there]}
            _write(writer, pd.DataFrame({**columns, "geometry": to_towns(geometry[there])}))

        return write

    def _start_writers(
        self, table: TownTable, frames: Frames, package: PackageWriter | None
    ) -> dict[str, list[LayerWriter]]:
        request = self._request
        wanted = {"summary": request.summary, "findings": request.findings}
        fields = {"summary": frames.summary_fields, "findings": schema.FINDINGS}
        writers: dict[str, list[LayerWriter]] = {"summary": [], "findings": [], "line_conflicts": [], "towns": []}
        for name, writer in wanted.items():
            if writer:
                self._open.append(writer)
                writer.open(fields[name], table.crs)
                writers[name].append(writer)
        if package:
            writers["findings"].append(package.layer("findings", schema.FINDINGS, table.crs))
            writers["line_conflicts"].append(package.layer("line_conflicts", schema.CONFLICTS, table.crs))
            towns = [*frames.summary_fields, schema.REVIEWED]
            writers["towns"].append(package.layer("towns", towns, table.crs))
        return writers

    def _previous(self, table: TownTable) -> Previous:
        """The earlier run to compare with: the one asked for, else the one the package to be written holds."""
        request = self._request
        path = request.previous or (request.package if request.package and is_package(request.package) else None)
        return Previous(open_package(path) if path else None, request.profile.changes, table.crs)

    def _commit(self) -> None:
        while self._open:
            writer = self._open[0]
            writer.commit() if isinstance(writer, PackageWriter) else writer.close()
            self._open.pop(0)


def _write(writers: list[LayerWriter] | LayerWriter, frame: pd.DataFrame) -> None:
    for writer in writers if isinstance(writers, list) else [writers]:
        writer.write(frame)


def _all(text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text.values())


def _line_id(line) -> str | None:
    return line.id if line else None


def _back(table: TownTable) -> Callable[[np.ndarray], np.ndarray]:
    from .frames import back_to_towns

    return back_to_towns(table.overlay_crs, table.crs)
