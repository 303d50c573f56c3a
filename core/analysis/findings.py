"""Findings: where a town meets a keep-out line, leaves a stay-inside line or lies in a doubtful zone of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from ..profile import CLEAR, NOTICE, WARNING, Judgement, Line, Profile
from . import judge
from .area import AreaMeasure
from .cover import Coverer
from .parallel import Workers
from .pieces import Pieces, land_parts, widths
from .robust import Overlay, collect
from .towns import Towns

OVERLAP, OUTSIDE, ZONE = "overlap", "outside", "zone"


@dataclass
class Findings:
    """Arrays of one length, one entry per finding. ``geometry``: overlay CRS; ``area_m2``: balanced to the town;
    ``size``: the largest size among its connected pieces (`judge.FULL` …)."""

    town: np.ndarray
    kind: np.ndarray
    zone: np.ndarray
    source_id: np.ndarray
    severity: np.ndarray
    size: np.ndarray
    judgement: np.ndarray
    area_m2: np.ndarray
    geometry: np.ndarray

    def __len__(self) -> int:
        return len(self.town)

    @classmethod
    def join(cls, parts: list[Findings]) -> Findings:
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__dataclass_fields__))


class Finder:
    """Makes the findings of one line.

    :param construction: shape (m,), planned construction land in each town (overlay CRS, None where there is none):
        that part of a planned area is judged as a site.
    """

    def __init__(
        self, towns: Towns, profile: Profile, review_object: str, construction: np.ndarray,
        measure: AreaMeasure, coverer: Coverer, overlay: Overlay, workers: Workers,
    ):  # fmt: skip
        self._towns, self._profile, self._object = towns, profile, review_object
        self._construction, self._measure, self._coverer = construction, measure, coverer
        self._overlay, self._workers = overlay, workers

    def overlaps(self, line: Line, pieces: Pieces, area: np.ndarray, union: np.ndarray) -> tuple[Findings, np.ndarray]:
        """One finding per piece of a keep-out line, and the land below tolerance in each town, m², shape (m,).

        The size of a piece is that of the connected piece of the line's union it belongs to, so that a line delivered
        in many small features is judged like the same line in one; a feature wholly inside the town is always full.

        :param area: balanced area of each piece, m².
        """
        part, town = land_parts(union)
        size = self._sizes(part, town, line)
        piece_size = np.full(len(pieces), judge.FULL)
        doubtful = np.isin(pieces.town, town[size < judge.FULL])
        if doubtful.any():
            piece, owner = land_parts(np.where(doubtful, pieces.geometry, None))
            inside = _part_of(piece, pieces.town[owner], part, town)
            known = inside >= 0
            whole = inside[known & pieces.whole[owner]]
            size[whole] = judge.FULL
            sizes = np.zeros(len(pieces), dtype=np.int64)
            np.maximum.at(sizes, owner, np.where(known, size[inside], judge.BELOW))
            piece_size = np.where(doubtful & ~pieces.whole, sizes, judge.FULL)
        below = size == judge.BELOW
        below_m2 = np.bincount(town[below], self._areas(part[below], town[below]), minlength=len(self._towns))
        found = self._findings(
            line, pieces.town, OVERLAP, pieces.zone, pieces.source_id, piece_size, area, pieces.geometry
        )
        return found, below_m2

    def outside(self, line: Line, outside: np.ndarray) -> tuple[Findings, np.ndarray]:
        """One finding per connected piece outside a stay-inside line, one for all its pieces below tolerance.

        :param outside: shape (m,), the checked land of each town outside the line; None where nothing was checked.
        """
        part, town = land_parts(outside)
        area = self._areas(part, town)
        size = judge.piece_size(area, widths(part), line)
        below = size == judge.BELOW
        below_m2 = np.bincount(town[below], area[below], minlength=len(self._towns))
        small = np.unique(town[below])
        gathered = np.empty(len(small), dtype=object)
        gathered[:] = [collect(part[below & (town == t)]) for t in small]
        town = np.concatenate([town[~below], small])
        geometry = np.concatenate([part[~below], gathered])
        size = np.concatenate([size[~below], np.full(len(small), judge.BELOW)])
        area = np.concatenate([area[~below], below_m2[small]])
        blank = np.full(len(town), "", dtype=object)
        return self._findings(line, town, OUTSIDE, blank, blank, size, area, geometry, line.judgement), below_m2

    def zones(self, line: Line, pieces: Pieces, union: np.ndarray) -> Findings:
        """One finding per town and zone of a stay-inside line that is not plainly allowed there.

        :param union: of all pieces of each town, shape (m,).
        """
        labels, zone = np.unique(pieces.zone.astype(str), return_inverse=True)
        found = []
        for z, label in enumerate(labels):
            rows = zone == z
            judged = judge.judgement_of(line, label)
            if line.unknown_zone is None or judge.worst([judged.site, judged.planned_area]) == judge.CLEAR:
                continue
            land = union if rows.all() else self._coverer.unite(pieces.town[rows], pieces.geometry[rows])
            town = np.flatnonzero(land != None)  # noqa: E711 - elementwise
            land = land[town]
            part, owner = land_parts(land)
            size = np.zeros(len(town), dtype=np.int64)
            np.maximum.at(size, owner, self._sizes(part, town[owner], line))
            area = self._areas(land, town)
            names, blank = np.full(len(town), label, dtype=object), np.full(len(town), "", dtype=object)
            found.append(self._findings(line, town, ZONE, names, blank, size, area, land, judged))
        return Findings.join(found) if found else self._findings(line, *_nothing())

    def _findings(
        self, line: Line, town: np.ndarray, kind: str, zone: np.ndarray, source_id: np.ndarray, size: np.ndarray,
        area: np.ndarray, geometry: np.ndarray, judged: Judgement | None = None,
    ) -> Findings:  # fmt: skip
        label, labels = pd.factorize(zone)
        known = [judged or judge.judgement_of(line, text) for text in labels]
        kind_of, kinds = pd.factorize(self._towns.kind.astype(str))
        table = np.empty((3, len(known), len(kinds)), dtype=object)
        for size_, label_, kind_ in np.ndindex(table.shape):
            table[size_, label_, kind_] = self._severity(size_, known[label_], kinds[kind_])
        severity = table[size, label, kind_of[town]]
        judgement = np.array([*known, None], dtype=object)[label]
        if self._object == judge.PLANNED_AREA:
            self._judge_construction(line, town, geometry, judgement, size, severity)
        made = np.full(len(town), kind, dtype=object)
        return Findings(town, made, zone, source_id, severity, size, judgement, area, geometry)

    def _severity(self, size: int, judgement: Judgement, kind: str) -> str:
        full = judge.severity(judgement, self._object, kind)
        full = NOTICE if full == CLEAR else full  # a finding is never "clear" itself
        return judge.severity_of_size(size, full, self._object)

    def _judge_construction(
        self, line: Line, town: np.ndarray, geometry: np.ndarray, judgement: np.ndarray, size: np.ndarray,
        severity: np.ndarray,
    ) -> None:  # fmt: skip
        """Raise the severity of findings that reach into planned construction land to that of a site."""
        rows = np.flatnonzero((self._construction[town] != None) & (size > judge.BELOW))  # noqa: E711 - elementwise
        built = self._workers.map(self._overlay.intersection, geometry[rows], self._construction[town[rows]], step=500)
        part, owner = land_parts(built)
        sizes = self._sizes(part, town[rows[owner]], line)
        reached = np.zeros(len(rows), dtype=np.int64)
        np.maximum.at(reached, owner, sizes)
        for row, largest in zip(rows[reached > judge.BELOW], reached[reached > judge.BELOW], strict=True):
            as_site = judge.severity(judgement[row], judge.SITE, self._towns.kind[town[row]])
            severity[row] = judge.worst([severity[row], judge.severity_of_size(largest, as_site, judge.SITE)])

    def _sizes(self, part: np.ndarray, town: np.ndarray, line: Line) -> np.ndarray:
        """Size of connected pieces; only those whose planar area comes near the tolerance are measured."""
        area = shapely.area(part)
        if line.min_area_m2 is not None:
            near = area < 2 * line.min_area_m2
            area[near] = self._areas(part[near], town[near])
        return judge.piece_size(area, widths(part), line)

    def _areas(self, geometry: np.ndarray, town: np.ndarray) -> np.ndarray:
        return self._measure.of_parts(geometry) * self._towns.balance[town]


def _part_of(piece: np.ndarray, piece_town: np.ndarray, part: np.ndarray, part_town: np.ndarray) -> np.ndarray:
    """For each piece the row of the union's part it belongs to, -1 where none is found."""
    found = np.full(len(piece), -1)
    a, b = shapely.STRtree(part).query(shapely.point_on_surface(piece), predicate="intersects")
    same = piece_town[a] == part_town[b]
    found[a[same]] = b[same]
    return found


def _nothing() -> tuple:
    none = np.array([], dtype=object)
    return np.array([], dtype=np.int64), ZONE, none, none, np.array([], dtype=np.int64), np.array([]), none


def rule_code(size: int, severity: str) -> str | None:
    """Code of the text that stands for the rule where the size, not the line, decides; None for the line's own rule."""
    if size == judge.BELOW:
        return "rule_below_tolerance"
    return "rule_narrow" if size == judge.NARROW and severity == WARNING else None
