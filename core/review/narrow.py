"""Which towns and findings of a package are asked for: verdicts, a search, values, sizes, a part of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .browse import Browsed, searchable

SIZES = ("area_m2", "share_pct", "width_m")


@dataclass(frozen=True)
class Wanted:
    """``verdicts``: reviewed verdicts of towns; ``undecided``: only findings without a decision; ``text``: in a
    town's name or id, or a finding's number; ``values``: of the findings' columns (`browse.CODED` and ``decision``),
    any of them, None: not stated; ``least``: of `SIZES`, in their units; ``box``: (left, bottom, right, top) in the
    package's CRS that a finding's bounds touch. What is empty leaves everything."""

    verdicts: frozenset[str] = frozenset()
    undecided: bool = False
    text: str = ""
    values: Mapping[str, frozenset[str | None]] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    box: tuple[float, float, float, float] | None = None

    @property
    def of_findings(self) -> bool:
        """Whether anything is asked of the findings themselves."""
        return self.undecided or bool(self.values) or bool(self.least) or self.box is not None


def narrowed(browsed: Browsed, wanted: Wanted) -> tuple[np.ndarray, np.ndarray]:
    """Masks of towns and of findings, bool (n,). Where something is asked of the findings, towns without one go; where
    something is asked of the towns, findings of none go."""
    towns = np.ones(len(browsed.towns), dtype=bool)
    found = np.ones(len(browsed.findings), dtype=bool)
    if wanted.verdicts:
        towns = browsed.towns["reviewed_verdict"].isin(wanted.verdicts).to_numpy(bool, copy=True)
        found = _of_their_towns(browsed, towns)
    for name, values in wanted.values.items():
        found &= _is_one_of(browsed, name, values)
    for name, least in wanted.least.items():
        found &= browsed.findings[name].to_numpy(float) >= least
    if wanted.undecided:
        found &= browsed.undecided
    if wanted.box is not None:
        left, bottom, right, top = wanted.box
        bounds = browsed.boxes
        found &= (bounds[:, 0] <= right) & (bounds[:, 2] >= left) & (bounds[:, 1] <= top) & (bounds[:, 3] >= bottom)
    text = wanted.text.strip().casefold()
    if text:
        names = zip(browsed.towns["town_name"], browsed.towns["town_id"], strict=True)
        named = np.array([text in searchable(name) or text in searchable(one) for name, one in names], dtype=bool)
        numbered = np.array([text in number for number in browsed.searched], dtype=bool)
        found &= numbered | _of_their_towns(browsed, named)
        towns &= named | _with_any(browsed, found)
    if wanted.of_findings:
        towns &= _with_any(browsed, found)
    return towns, found


def _of_their_towns(browsed: Browsed, towns: np.ndarray) -> np.ndarray:
    return np.append(towns, False)[browsed.town_rows]  # a finding of no town, -1, is none of theirs


def _with_any(browsed: Browsed, found: np.ndarray) -> np.ndarray:
    rows = browsed.town_rows[found]
    return np.bincount(rows[rows >= 0], minlength=len(browsed.towns)).astype(bool)


def _is_one_of(browsed: Browsed, name: str, values: frozenset[str | None]) -> np.ndarray:
    if name == "decision":
        return np.array([decision in values for decision in browsed.decisions], dtype=bool)
    codes, names = browsed.codes[name]
    return np.isin(codes, [place for place, value in enumerate(names) if value in values])
