"""All checks of all layers, in batches and on all cores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from ...analysis.area import AreaMeasure
from ...analysis.parallel import THREADS, Workers, workers
from ...analysis.pieces import Pieces
from ...analysis.robust import Overlay
from ...analysis.store import BUDGET, PieceStore
from ...errors import Issue, RedlineError
from ...profile import Profile
from ..source import Batch, as_texts
from .area_checks import check_areas
from .coverage_checks import check_coverage
from .geometry_checks import checked_polygons
from .grid import Grid
from .layer import COVERAGE, LINE, TOWNS, CheckedLayer
from .listing import Key, Listing
from .opened import OpenLayer, open_layers, unreadable
from .overlap_checks import OverlapChecks
from .town_checks import check_gaps

Progress = Callable[[float, str], None]
_READ, _CROSSED = 60.0, 95.0  # percent of the time after each step


@dataclass
class Checked:
    """``issues``: what is listed, geometry in ``crs``; ``counts``: how many there are, listed or not; ``layers``: name
    and number of features of each layer; ``crs``: None where no layer has one that can be right."""

    issues: list[Issue]
    counts: Counter[Key]
    layers: list[tuple[str, int]]
    crs: pyproj.CRS | None


@dataclass
class _Seen:
    """What was found in a batch."""

    batch: Batch
    listing: Listing
    polygons: np.ndarray
    official: np.ndarray
    pieces: Pieces | None


def check_layers(
    layers: list[CheckedLayer], profile: Profile, progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False, threads: int = THREADS, budget: int = BUDGET,
) -> Checked:  # fmt: skip
    """Check the layers, the towns first among them, and list what is wrong.

    What cannot be read is listed too, and the other layers are checked. Results do not depend on ``threads``.
    Raises Cancelled soon after ``cancelled()`` turns true.
    """
    with ExitStack() as stack:
        pool = stack.enter_context(workers(cancelled, threads))
        return _Check(profile, progress, pool, stack, budget).run(layers)


class _Check:
    def __init__(self, profile: Profile, progress: Progress, pool: Workers, stack: ExitStack, budget: int):
        self._profile, self._progress, self._pool = profile, progress, pool
        self._stack, self._budget = stack, budget
        self._listing, self._overlay = Listing(), Overlay()

    def run(self, layers: list[CheckedLayer]) -> Checked:
        self._progress(0, "check_reading")
        opened, crs = open_layers(layers, self._profile, self._listing)
        grids, stores = self._spaces(opened)
        counts = {id(layer): 0 for layer in layers}
        read, total = 0, sum(one.layer.source.count or 0 for one in opened) or 1
        for one in opened:
            try:
                for seen in self._pool.in_order(self._look_at, self._batches(one, grids)):
                    self._pool.check()
                    self._take(one, seen, stores)
                    counts[id(one.layer)] += len(seen.batch)
                    read += len(seen.batch)
                    self._progress(_READ * min(1.0, read / total), "check_reading")
            except RedlineError as error:
                self._listing.add(unreadable(one.layer.name, error))
            self._finish(one)
        self._cross(opened, grids, stores, crs)
        self._progress(_CROSSED, "check_towns")
        self._towns(opened, crs)
        self._progress(100, "check_towns")
        self._listing.finish()
        found = [(layer.name, counts[id(layer)]) for layer in layers]
        return Checked(self._listing.issues, self._listing.counts, found, crs)

    def _spaces(self, opened: list[OpenLayer]) -> tuple[dict[int, Grid], dict[int, PieceStore]]:
        """A grid and a store for the layers that are compared with each other, and for each that is not."""
        grids, stores = {}, {}
        for space in {one.space for one in opened}:
            mine = [one for one in opened if one.space == space and one.metric and one.layer.is_compared]
            boxes = [box for one in mine if (box := one.bounds()) is not None]
            if boxes:
                low, high = np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]
                count = sum(one.layer.source.count or 0 for one in mine)
                grids[space] = Grid((*low, *high), count)
                stores[space] = self._stack.enter_context(PieceStore(len(grids[space]), self._budget))
        return grids, stores

    @staticmethod
    def _batches(one: OpenLayer, grids: dict[int, Grid]) -> Iterator[tuple[Batch, OpenLayer, Grid | None]]:
        grid = grids.get(one.space) if one.metric and one.layer.is_compared else None
        for batch in one.layer.source.batches(columns=one.wanted):
            yield batch, one, grid

    def _look_at(self, batch: Batch, one: OpenLayer, grid: Grid | None) -> _Seen:
        self._pool.check()
        listing = Listing()
        moved = one.way(batch.geometry) if one.way is not None else batch.geometry
        polygons = checked_polygons(moved, batch.fid, one.layer.name, one.metric, listing)
        usable = ~shapely.is_missing(polygons)
        official = np.full(len(batch), np.nan)
        if one.measure is not None:
            official[usable] = one.measure.of(batch.geometry[usable])
        pieces = grid.pieces(polygons, batch.fid) if grid is not None else None
        return _Seen(batch, listing, polygons, official, pieces)

    def _take(self, one: OpenLayer, seen: _Seen, stores: dict[int, PieceStore]) -> None:
        if one.way is None:  # nobody knows where that is
            seen.listing.issues[:] = [_without_place(issue) for issue in seen.listing.issues]
        self._listing.merge(seen.listing)
        one.texts.look(seen.batch.fields)
        for name in one.kept:
            one.columns.setdefault(name, []).append(seen.batch.fields[name])
        one.fid.append(seen.batch.fid)
        one.official.append(seen.official)
        bounds = shapely.bounds(seen.polygons)
        one.places.append((bounds[:, :2] + bounds[:, 2:]) / 2)
        with np.errstate(invalid="ignore"):
            one.box[:2] = np.fmin(one.box[:2], np.fmin.reduce(bounds[:, :2]))
            one.box[2:] = np.fmax(one.box[2:], np.fmax.reduce(bounds[:, 2:]))
        if seen.pieces is not None:
            stores[one.space].add(one.key, seen.pieces)
        if one.layer.role in (TOWNS, COVERAGE):
            one.polygons.append(seen.polygons)

    def _finish(self, one: OpenLayer) -> None:
        """What can be said of a layer's attributes when all of it is read."""
        one.texts.check(self._listing)
        if not one.fid:
            return
        fid, middles = np.concatenate(one.fid), np.concatenate(one.places)
        columns = {name: np.concatenate(parts) for name, parts in one.columns.items()}
        if one.way is None:  # nobody knows where that is
            middles[:] = np.nan
        one.codes.check(columns, fid, middles, self._listing)
        official = np.concatenate(one.official)
        for name in one.areas:
            check_areas(one.layer.name, name, columns[name], official, fid, middles, self._listing)
        spoken = one.layer.code_field if one.layer.role == COVERAGE else one.layer.name_field or one.layer.id_field
        kept = one.layer.role in (TOWNS, COVERAGE) and spoken in columns
        one.columns = {spoken: [columns[spoken]]} if kept else {}
        one.places, one.official = [], []

    def _cross(self, opened: list[OpenLayer], grids, stores, crs: pyproj.CRS | None) -> None:
        """What lies over each other, cell by cell."""
        for number, (space, store) in enumerate(stores.items()):
            layers = {one.key: one.layer for one in opened if one.space == space}
            boxes = [one.box for one in opened if one.space == space and np.isfinite(one.box).all()]
            placed = crs is not None and any(one.way is not None for one in opened if one.space == space)
            region = np.concatenate([np.min(boxes, axis=0)[:2], np.max(boxes, axis=0)[2:]]) if boxes else None
            with np.errstate(all="ignore"):  # a wild feature makes a region that is none
                measure = AreaMeasure(crs, threads=1, region=region) if placed else None
            checks = OverlapChecks(layers, grids[space], measure, self._overlay)
            listing, done = Listing(), 0
            for members, pieces in store.groups():
                for found in self._pool.in_order(checks.look, _by_cell(members, pieces)):
                    self._pool.check()
                    checks.list(found, listing)
                done += len(members)
                share = (number + done / len(grids[space])) / len(stores)
                self._progress(_READ + (_CROSSED - _READ) * share, "check_overlaps")
            checks.finish(listing)
            if not placed:
                listing.issues[:] = [_without_place(issue) for issue in listing.issues]
            self._listing.merge(listing)
            store.close()

    def _towns(self, opened: list[OpenLayer], crs: pyproj.CRS | None) -> None:
        """Gaps between towns, and the towns that a line's data do not reach."""
        towns = next((one for one in opened if one.layer.role == TOWNS and one.space == 0 and one.polygons), None)
        if towns is None or crs is None:
            return
        polygons = np.concatenate(towns.polygons)
        names = np.concatenate(towns.fid).astype(str).astype(object)
        for parts in towns.columns.values():
            named = as_texts(np.concatenate(parts))
            names = np.where(named == "", names, named)
        check_gaps(towns.layer.name, polygons, names, AreaMeasure(crs), self._overlay, self._listing)
        covers = [one for one in opened if one.layer.role == COVERAGE and one.space == 0 and one.polygons]
        for one in opened:
            self._pool.check()
            if one.layer.role == LINE and one.space == 0:
                declared = [found for of in covers if len(found := _speaking(of, one.layer.line))]
                cover = self._overlay.union(np.concatenate(declared)) if declared else None
                if not declared and np.isfinite(one.box).all():
                    cover = shapely.box(*one.box)
                check_coverage(
                    one.layer, cover, bool(declared), polygons, names, self._profile.uncovered_limit_pct, self._overlay,
                    self._listing,
                )  # fmt: skip


def _speaking(coverage: OpenLayer, line: str) -> np.ndarray:
    """The polygons of a coverage that speak of a line."""
    polygons = np.concatenate(coverage.polygons)
    known = ~(shapely.is_missing(polygons) | shapely.is_empty(polygons))
    for parts in coverage.columns.values():
        speaks_of = coverage.layer.speaks_of
        known &= np.array([speaks_of.get(text, "") in ("", line) for text in as_texts(np.concatenate(parts))])
    return polygons[known]


def _by_cell(members: np.ndarray, pieces: dict[str, Pieces]) -> Iterator[tuple[int, dict[str, Pieces]]]:
    """Each cell of a group with its pieces by layer."""
    ordered = {key: found.take(np.argsort(found.town, kind="stable")) for key, found in pieces.items()}
    for cell in members:
        here = {}
        for key, found in ordered.items():
            first, last = np.searchsorted(found.town, [cell, cell + 1])
            if first < last:
                here[key] = found.take(slice(first, last))
        if here:
            yield int(cell), here


def _without_place(issue: Issue) -> Issue:
    return Issue(issue.code, issue.severity, issue.layer, issue.feature, issue.details)
