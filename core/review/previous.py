"""What changed since an earlier run: findings keep their identity and number, and those that are gone are listed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely

from ..profile import Changes
from . import schema
from .decisions import CHECKLIST_FIELDS, DECISION_FIELDS, NUMBER_FIELDS
from .gpkg import as_multi
from .opened import Package

NEW, UNCHANGED, GROWN, SHRUNK, GONE = "new", "unchanged", "grown", "shrunk", "gone"
_SERIAL = re.compile(r"(\d+)$", re.ASCII)
_FIGURES = {field.name: float for field in schema.FINDINGS if field.type == "real"}
_GROUP = ["town_id", "line", "kind"]


class Previous:
    """The findings of an earlier run, to be compared with town by town. Closes ``package``.

    :param package: the earlier package, None for a first run: all findings are then new.
    :param changes: by how much the area of an unchanged finding may differ.
    :param crs: CRS of the findings to come; earlier ones are transformed where theirs differs. None: it is the same.
    """

    def __init__(self, package: Package | None, changes: Changes, crs: pyproj.CRS | None = None):
        self._package, self._changes = package, changes
        self._transformer = None
        if package and crs and not package.crs.equals(crs, ignore_axis_order=True):
            self._transformer = pyproj.Transformer.from_crs(package.crs, crs, always_xy=True)
        self._largest: dict[str, int] = {}  # serial last given, by what stands before it

    def __enter__(self) -> Previous:
        return self

    def __exit__(self, *_: object) -> None:
        if self._package:
            self._package.close()

    def match(self, findings: pd.DataFrame, ledger: pd.DataFrame | None = None) -> pd.DataFrame:
        """The findings with ``finding_id``, ``number`` and ``state`` set, then the earlier ones that are gone.

        A finding is the earlier one of exactly its land in the same town, line and kind; else the one that had its id,
        if they share more than half of either's area; else the one of the same town, line and kind it shares that
        much with, largest first; else the one that had its id, if they share any land. So ids that a new delivery
        gave to other features do not carry a decision to other land.

        :param findings: all findings of some towns, each id once; ``number`` holds what stands before the serial.
        :param ledger: rows town_id, line, checked_pct of the same towns. What lies on a line that was not, or only
            partly, checked is not listed as gone. None: all lines were checked, in the towns that have findings.
        """
        towns = set(findings["town_id"]) | (set(ledger["town_id"]) if ledger is not None else set())
        earlier = self._earlier(towns, list(findings.columns))
        found = findings.reset_index(drop=True).copy()
        of = _pairs(earlier, found)
        matched = of >= 0
        gone_before = np.zeros(len(found), dtype=bool)
        gone_before[matched] = (earlier["state"].to_numpy(object) == GONE)[of[matched]]
        found["state"] = self._states(found, earlier, np.where(gone_before, -1, of))
        ids = found["finding_id"].to_numpy(object, copy=True)
        ids[matched] = earlier["finding_id"].to_numpy(object)[of[matched]]
        gone = np.setdiff1d(np.arange(len(earlier)), of[matched])
        found["finding_id"] = _distinct(ids, matched, set(earlier["finding_id"].iloc[gone]))
        found["number"] = self._numbers(found, towns)
        return self._with_gone(found, earlier.iloc[gone], ledger)

    def decisions(self) -> pd.DataFrame:
        """The decisions of the earlier package, for `PackageWriter.carry_events`."""
        return self._package.decisions() if self._package else _empty(DECISION_FIELDS)

    def checklist(self) -> pd.DataFrame:
        """The answers to the checklist in the earlier package, for `PackageWriter.carry_events`."""
        return self._package.checklist() if self._package else _empty(CHECKLIST_FIELDS)

    def numbers(self) -> pd.DataFrame:
        """The numbers given up to the earlier package, for `PackageWriter.carry_numbers`."""
        return self._package.numbers() if self._package else _empty(NUMBER_FIELDS)

    def _earlier(self, towns: set[str], columns: list[str]) -> pd.DataFrame:
        if not self._package:
            return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
        earlier = self._package.findings(sorted(towns)).reindex(columns=columns)
        if self._transformer:
            earlier["geometry"] = shapely.transform(earlier["geometry"].to_numpy(object), self._transform)
        return earlier

    def _transform(self, xy: np.ndarray) -> np.ndarray:
        return np.column_stack(self._transformer.transform(xy[:, 0], xy[:, 1]))

    def _states(self, found: pd.DataFrame, earlier: pd.DataFrame, of: np.ndarray) -> np.ndarray:
        states = np.full(len(found), NEW, dtype=object)
        rows = np.flatnonzero(of >= 0)
        before = earlier["area_m2"].to_numpy(float)[of[rows]]
        change = found["area_m2"].to_numpy(float)[rows] - before
        same = (np.abs(change) <= self._changes.limit_m2) & (np.abs(change) <= before * self._changes.limit_pct / 100)
        states[rows] = np.select([same | (change == 0), change > 0], [UNCHANGED, GROWN], SHRUNK)
        return states

    def _numbers(self, found: pd.DataFrame, towns: set[str]) -> np.ndarray:
        """Numbers: the one a finding ever had, else the next serial of its town and line."""
        numbers = found["number"].to_numpy(object).copy()
        given = self._package.numbers(sorted(towns)) if self._package else _empty(NUMBER_FIELDS)
        kept = found["finding_id"].map(dict(zip(given["finding_id"], given["number"], strict=True)))
        known = kept.notna().to_numpy()
        largest: dict[tuple[str, str], int] = defaultdict(int)
        for town, line, number in zip(given["town_id"], given["line"], given["number"], strict=True):
            largest[town, line] = max(largest[town, line], _serial(number))
        fresh = found[~known]
        for (town, line, prefix), some in fresh.groupby(["town_id", "line", "number"], sort=False, dropna=False):
            first = max(largest[town, line], self._last(prefix)) + 1
            numbers[some.index] = [f"{prefix}{serial:03d}" for serial in range(first, first + len(some))]
            largest[town, line] = self._largest[prefix] = first + len(some) - 1
        numbers[known] = kept.to_numpy(object)[known]
        return numbers

    def _last(self, prefix: str) -> int:
        """The largest serial ever given behind ``prefix``: by another town too, that had this one's name before."""
        if prefix not in self._largest:
            there = self._package.numbers_beginning(prefix) if self._package and prefix else []
            rests = [number[len(prefix) :] for number in there]
            self._largest[prefix] = max((int(rest) for rest in rests if rest.isdecimal()), default=0)
        return self._largest[prefix]

    @staticmethod
    def _with_gone(found: pd.DataFrame, gone: pd.DataFrame, ledger: pd.DataFrame | None) -> pd.DataFrame:
        if ledger is not None and len(gone):
            whole = ledger[ledger["checked_pct"].to_numpy(float) >= 100]
            checked = pd.MultiIndex.from_frame(whole[["town_id", "line"]])
            known = pd.MultiIndex.from_frame(gone[["town_id", "line"]]).isin(checked)
            gone = gone[known | (gone["state"] == GONE).to_numpy()]
        gone = gone.assign(state=GONE).astype(_FIGURES)
        parts = [part for part in (found, gone) if len(part)]
        return pd.concat(parts, ignore_index=True) if parts else found


def _pairs(earlier: pd.DataFrame, found: pd.DataFrame) -> np.ndarray:
    """Row in ``earlier`` that each row of ``found`` is, -1 for none; shape (len(found),). No order of rows matters."""
    of = np.full(len(found), -1)
    if not len(earlier) or not len(found):
        return of
    old_shape, new_shape = (as_multi(frame["geometry"].to_numpy(object)) for frame in (earlier, found))
    row_of = pd.Series(np.arange(len(earlier)), index=earlier["finding_id"].to_numpy(object))
    same_id = found["finding_id"].map(row_of).to_numpy(float)
    new = np.flatnonzero(~np.isnan(same_id))
    old = same_id[new].astype(np.int64)
    unseen = shapely.is_missing(old_shape[old]) | shapely.is_missing(new_shape[new])
    same = unseen | shapely.equals_exact(old_shape[old], new_shape[new])
    of[new[same]] = old[same]
    if (of >= 0).all():
        return of

    groups = pd.concat([earlier[_GROUP], found[_GROUP]]).groupby(_GROUP, dropna=False).ngroup().to_numpy()
    land = _Land(old_shape, new_shape, groups[: len(earlier)], groups[len(earlier) :])
    names = earlier["finding_id"].to_numpy(str), found["finding_id"].to_numpy(str)
    land.pair_equal(of, *names)
    free = (of[new] < 0) & ~np.isin(old, of)
    new, old = new[free], old[free]
    common = _common_area(old_shape[old], new_shape[new])
    mostly = common > _half(old_shape[old], new_shape[new])
    of[new[mostly]] = old[mostly]
    land.pair_by_overlap(of, *names, earlier["state"].to_numpy(object) == GONE)

    # A gathered finding (all slivers, a whole zone) is known by its id wherever it lies.
    gathered = (found["kind"].iloc[new] != "overlap").to_numpy()
    rest = (of[new] < 0) & ~np.isin(old, of) & ((common > 0) | gathered)
    of[new[rest]] = old[rest]
    return of


@dataclass
class _Land:
    """Shapes of earlier and present findings, and the group (town, line, kind) of each: only within one they pair."""

    old_shape: np.ndarray
    new_shape: np.ndarray
    old_group: np.ndarray
    new_group: np.ndarray

    def pair_equal(self, of: np.ndarray, old_id: np.ndarray, new_id: np.ndarray) -> None:
        """Enter in ``of`` those of exactly the same land; of several, in the order of their ids."""
        old, new = self._free(of)
        sides = []
        for rows, shape, group, name in (
            (old, self.old_shape, self.old_group, old_id),
            (new, self.new_shape, self.new_group, new_id),
        ):
            wkb = shapely.to_wkb(shapely.normalize(shape[rows]))
            side = pd.DataFrame({"row": rows, "land": wkb, "group": group[rows]}).iloc[np.argsort(name[rows])]
            side = side[side["land"].notna()]
            sides.append(side.assign(turn=side.groupby(["land", "group"]).cumcount()))
        pairs = sides[0].merge(sides[1], on=["land", "group", "turn"])
        of[pairs["row_y"].to_numpy(np.int64)] = pairs["row_x"].to_numpy(np.int64)

    def pair_by_overlap(self, of: np.ndarray, old_id: np.ndarray, new_id: np.ndarray, gone: np.ndarray) -> None:
        """Enter in ``of`` those that share more than half of either, one to one, largest first."""
        old, new = self._free(of)
        b, a = shapely.STRtree(self.old_shape[old]).query(self.new_shape[new], predicate="intersects")
        a, b = old[a], new[b]
        alike = self.old_group[a] == self.new_group[b]
        a, b = a[alike], b[alike]
        common = _common_area(self.old_shape[a], self.new_shape[b])
        enough = common > _half(self.old_shape[a], self.new_shape[b])
        a, b, common = a[enough], b[enough], common[enough]
        taken = np.zeros(len(self.old_shape), dtype=bool)
        # Those that were gone come last, equal areas in the order of their ids: the order of rows decides nothing.
        for pair in np.lexsort((new_id[b], old_id[a], -common, gone[a])):
            if not taken[a[pair]] and of[b[pair]] < 0:
                taken[a[pair]] = True
                of[b[pair]] = a[pair]

    def _free(self, of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows of earlier and of present findings without a partner yet."""
        return np.setdiff1d(np.arange(len(self.old_shape)), of), np.flatnonzero(of < 0)


def _common_area(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Area in common of each pair, in the CRS's units; 0 where one is missing."""
    equal = shapely.equals_exact(old, new)
    area = np.where(equal, shapely.area(new), 0.0)
    rows = np.flatnonzero(~equal & ~shapely.is_missing(old) & ~shapely.is_missing(new))
    try:
        area[rows] = shapely.area(shapely.intersection(old[rows], new[rows]))
    except shapely.errors.GEOSException:
        # Rounding in the file or a change of CRS may have made a ring touch itself.
        area[rows] = shapely.area(shapely.intersection(*(shapely.make_valid(side[rows]) for side in (old, new))))
    return area


def _half(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.minimum(np.nan_to_num(shapely.area(old)), np.nan_to_num(shapely.area(new))) / 2


def _distinct(ids: np.ndarray, kept: np.ndarray, gone: set[str]) -> np.ndarray:
    """Ids with a count behind those of new findings that an earlier finding, kept or gone, has."""
    taken = gone | set(ids[kept])
    for row in np.flatnonzero(~kept):
        own, count = ids[row], 1
        while ids[row] in taken:
            count += 1
            ids[row] = f"{own}#{count}"
        taken.add(ids[row])
    return ids


def _serial(number: str) -> int:
    digits = _SERIAL.search(number)
    return int(digits[1]) if digits else 0


def _empty(fields: list) -> pd.DataFrame:
    return pd.DataFrame({field.name: pd.Series(dtype=object) for field in fields})
