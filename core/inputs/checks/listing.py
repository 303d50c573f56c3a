"""The issues a check lists: every one is counted, of each kind in a layer so many are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from ...errors import Issue

MOST = 1000  # issues of one kind in a layer: nobody mends more by hand, and memory must not grow with the disorder
Key = tuple[str, str, str]  # layer, code, severity


class Listing:
    """``issues``: what is listed. ``counts``: how many there are, listed or not, by layer, code and severity."""

    def __init__(self, most: int = MOST):
        self.issues: list[Issue] = []
        self.counts: Counter[Key] = Counter()
        self._listed: Counter[Key] = Counter()
        self._most = most

    def add(self, issue: Issue) -> None:
        key = issue.layer, issue.code, issue.severity
        if self._listed[key] < self._most:
            self._listed[key] += 1
            self.issues.append(issue)
        self.counts[key] += 1

    def room(self, layer: str, code: str, severity: str) -> int:
        """How many more of a kind will be listed."""
        return self._most - self._listed[layer, code, severity]

    def add_rows(
        self, code: str, severity: str, layer: str, features: Sequence[Any],
        details: Callable[[int], dict[str, Any]] = lambda row: {}, geometry: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        """An issue for each of ``features``; ``details`` of a row, and its ``geometry``, are asked for only where it
        is listed. geometry: of each row; or its place (n, 2), not finite where it has none."""
        if not len(features):
            return
        listed = min(self.room(layer, code, severity), len(features))
        if geometry is not None and geometry.ndim == 2:
            geometry = _points(geometry[:listed])
        for row in range(listed):
            where = None if geometry is None else geometry[row]
            self.issues.append(Issue(code, severity, layer, str(features[row]), details(row), where))
        self._listed[layer, code, severity] += listed
        self.counts[layer, code, severity] += len(features)

    def merge(self, other: Listing) -> None:
        """Take over what another list has, as far as there is room."""
        for issue in other.issues:
            key = issue.layer, issue.code, issue.severity
            if self._listed[key] < self._most:
                self._listed[key] += 1
                self.issues.append(issue)
        self.counts.update(other.counts)

    def finish(self) -> None:
        """Of each kind that has more than are listed, say so."""
        for (layer, code, severity), count in self.counts.items():
            more = count - self._listed[layer, code, severity]
            if more:
                self.issues.append(Issue("check_more", severity, layer, details={"count": more, "issue_kind": code}))


def _points(xy: np.ndarray) -> np.ndarray:
    points = np.full(len(xy), None, dtype=object)
    known = np.isfinite(xy).all(axis=1)
    points[known] = shapely.points(xy[known])
    return points
