"""Features that lie over each other: of one layer, and of two control lines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import shapely

from ...analysis.apart import set_aside
from ...analysis.area import AreaMeasure
from ...analysis.pieces import Pieces, widths
from ...analysis.robust import Overlay, polygons_only
from ...profile import Text
from .grid import Grid
from .layer import LINE, TOWNS, CheckedLayer
from .listing import MOST, Listing

TOPOLOGY_M = 0.001  # what topology checks in practice work at: thinner overlaps are rounding
TRIGGER_M2 = 1.0  # and what reviews in practice look at: a smaller overlap is worth no more than a notice
_FEW = 64  # features of a cell: so few are compared with one another where they are not drawn along each other
_OWN = 0.95  # of the vertices: where that many are no neighbour's, features are not drawn along each other
_SAME = 1e-9  # of the area, that two drawings of the same polygon may differ by


@dataclass
class Pairs:
    """Two features each that share land: their names, the land (CRS of the grid) and its area, the larger of their
    planar areas, infinite where they cannot be the same, and whether the land may go on in another cell."""

    one: np.ndarray
    other: np.ndarray
    common: np.ndarray
    area: np.ndarray
    larger: np.ndarray
    open: np.ndarray


@dataclass
class _Sum:
    """Land of one pair, gathered from the cells."""

    larger: float = 0.0
    area: float = 0.0
    shapes: list[shapely.Geometry] = field(default_factory=list)


class OverlapChecks:
    """Looks at the cells of a grid and lists what lies over each other.

    layers: by their key in the store. measure: of areas in the CRS of the grid, None for planar ones.
    """

    def __init__(self, layers: dict[str, CheckedLayer], grid: Grid, measure: AreaMeasure | None, overlay: Overlay):
        self._layers, self._grid, self._measure, self._overlay = layers, grid, measure, overlay
        self._open: dict[tuple[str, str, str, str], _Sum] = {}
        lines = [key for key, layer in layers.items() if layer.role == LINE]
        self._across = list(combinations(lines, 2))

    def look(self, cell: int, pieces: dict[str, Pieces]) -> dict[tuple[str, str], Pairs]:
        """Pairs in one cell by the keys of their layers; may be called from any thread."""
        found = {}
        for key, of_layer in pieces.items():
            if self._layers[key].overlaps and len(of_layer) > 1:
                found[key, key] = self._within(cell, of_layer)
        for one, other in self._across:
            if one in pieces and other in pieces:
                found[one, other] = self._between(cell, pieces[one], pieces[other])
        return {keys: pairs for keys, pairs in found.items() if len(pairs.one)}

    def list(self, found: dict[tuple[str, str], Pairs], listing: Listing) -> None:
        """List pairs that are whole, keep the others until `finish`. To be called by one thread, cell by cell."""
        for keys, pairs in found.items():
            whole = np.flatnonzero(~pairs.open)
            self._add(
                keys, pairs.one[whole], pairs.other[whole], pairs.common[whole], pairs.area[whole], pairs.larger[whole],
                listing,
            )  # fmt: skip
            for row in np.flatnonzero(pairs.open):
                key = (*keys, pairs.one[row], pairs.other[row])
                total = self._open.setdefault(key, _Sum())
                if len(self._open) <= MOST:
                    total.shapes.append(pairs.common[row])
                total.area += float(pairs.area[row])
                total.larger += float(pairs.larger[row])

    def finish(self, listing: Listing) -> None:
        for (one, other, first, second), total in self._open.items():
            common = polygons_only(shapely.union_all(np.array(total.shapes, dtype=object))) if total.shapes else None
            self._add(
                (one, other), np.array([first]), np.array([second]), np.array([common]), np.array([total.area]),
                np.array([total.larger]), listing,
            )  # fmt: skip
        self._open.clear()

    def _within(self, cell: int, pieces: Pieces) -> Pairs:
        geometry = pieces.geometry
        aside = np.ones(len(geometry), dtype=bool)
        if len(geometry) > _FEW or _share_vertices(geometry):
            aside, _ = set_aside(geometry)
        if not aside.any():
            return _none()
        look = np.flatnonzero(aside)
        a, b = shapely.STRtree(geometry).query(geometry[look], predicate="intersects")
        a = look[a]
        # Of two that are both looked at the pair is found twice.
        kept = (a != b) & (~aside[b] | (a < b)) & (pieces.source_id[a] != pieces.source_id[b])
        return self._land(cell, pieces, pieces, np.minimum(a, b)[kept], np.maximum(a, b)[kept])

    def _between(self, cell: int, one: Pieces, other: Pieces) -> Pairs:
        if len(one) > len(other):
            pairs = self._between(cell, other, one)
            return replace(pairs, one=pairs.other, other=pairs.one)
        a, b = shapely.STRtree(other.geometry).query(one.geometry)
        shapely.prepare(one.geometry)
        inside = shapely.contains_properly(one.geometry[a], other.geometry[b])
        meet = inside.copy()
        meet[~inside] = shapely.intersects(one.geometry[a[~inside]], other.geometry[b[~inside]])
        shapely.destroy_prepared(one.geometry)  # an index takes many times the memory, and pieces stay to the end
        return self._land(cell, one, other, a[meet], b[meet], inside[meet])

    def _land(
        self, cell: int, one: Pieces, other: Pieces, a: np.ndarray, b: np.ndarray, inside: np.ndarray | None = None
    ) -> Pairs:
        """Those of the pairs of rows that share land. Two uncut features that meet in several cells are told in one of
        them. inside: pairs whose second lies in the first."""
        first, second = shapely.bounds(one.geometry[a]), shapely.bounds(other.geometry[b])
        uncut = one.whole[a] & other.whole[b]
        mine = ~uncut | (self._grid.cell(np.maximum(first[:, :2], second[:, :2])) == cell)
        a, b, first, second, uncut = a[mine], b[mine], first[mine], second[mine], uncut[mine]
        common = other.geometry[b].copy()
        cross = np.ones(len(a), dtype=bool) if inside is None else ~inside[mine]
        common[cross] = self._overlay.intersection(one.geometry[a[cross]], other.geometry[b[cross]])
        land = widths(common) > TOPOLOGY_M
        a, b, first, second, uncut, common = a[land], b[land], first[land], second[land], uncut[land], common[land]
        # A cut feature and one that lies in this cell only share land here alone.
        alone = (self._grid.alone(first) & one.whole[a]) | (self._grid.alone(second) & other.whole[b])
        larger = np.maximum(shapely.area(one.geometry[a]), shapely.area(other.geometry[b]))
        larger[one.whole[a] != other.whole[b]] = np.inf  # one is cut and the other not: they are not the same
        return Pairs(one.source_id[a], other.source_id[b], common, self._areas(common), larger, ~uncut & ~alone)

    def _add(
        self, keys: tuple[str, str], one: np.ndarray, other: np.ndarray, common: np.ndarray, area: np.ndarray,
        larger: np.ndarray, listing: Listing,
    ) -> None:  # fmt: skip
        first, second = self._layers[keys[0]], self._layers[keys[1]]
        if keys[0] != keys[1]:
            names: dict[str, Text] = {"line": first.title or first.name, "other_line": second.title or second.name}
            self._rows("check_lines_overlap", "warning", first.name, one, other, area, common, listing, names)
            return
        with np.errstate(invalid="ignore"):
            same = shapely.area(common) >= (1 - _SAME) * larger
        severity = "error" if first.role == TOWNS else "warning"
        code = "check_towns_overlap" if first.role == TOWNS else "check_overlap"
        for which, kind, level in ((same, "check_duplicate", severity), (~same, code, severity)):
            self._rows(kind, level, first.name, one[which], other[which], area[which], common[which], listing, {})

    @staticmethod
    def _rows(code, severity, layer, one, other, area, common, listing: Listing, names: dict[str, Text]) -> None:
        for rows, level in ((area >= TRIGGER_M2, severity), (area < TRIGGER_M2, "notice")):
            told = np.flatnonzero(rows)

            def details(row: int, told: np.ndarray = told) -> dict[str, object]:
                return {"other": other[told[row]], "area_m2": float(area[told[row]]), **names}

            listing.add_rows(code, level, layer, one[told], details, common[told])

    def _areas(self, common: np.ndarray) -> np.ndarray:
        return shapely.area(common) if self._measure is None else self._measure.of_parts(common)


def _none() -> Pairs:
    blank = np.empty(0, dtype=object)
    return Pairs(blank, blank, blank, np.empty(0), np.empty(0), np.empty(0, dtype=bool))


def _share_vertices(geometry: np.ndarray) -> bool:
    """Whether features are drawn along each other, as in a survey; where not, `set_aside` is of no use."""
    xy = shapely.get_coordinates(geometry)
    return len(np.unique(xy.view(complex))) < _OWN * len(xy)
