"""What is recorded in the panel, and what of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What was recorded then can never be taken back any more, by this desk.
_PAST = ("nothing_to_undo", "decided_since", "contradiction_not_undone", "decision_without_finding")


@dataclass
class Act:
    """What was recorded in one go: ``decision`` its code, ``events`` their ids by those of the findings."""

    decision: str
    events: dict[str, str]


class Recorder:
    """Writes decisions in packages, and knows those of this panel since QGIS started. All methods raise RedlineError,
    those of `record` and `undo`; nothing is written then."""

    def __init__(self) -> None:
        self._acts: dict[Path, list[Act]] = {}

    def record(self, path: Path, finding_ids: list[str], made: Mapping[str, Any]) -> None:
        """The same decision on each of these; ``made``: what a `Decided` has. On disk when this returns."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import Decided, record

        decided = [Decided(one, **{**made, "details": dict(made["details"])}) for one in finding_ids]
        events = record(path, decided, wait=WRITE_SECONDS)
        self._acts.setdefault(path, []).append(Act(made["decision"], dict(zip(finding_ids, events, strict=True))))

    def last(self, path: Path | None) -> Act | None:
        """What was recorded last in a package and has not been taken back."""
        acts = self._acts.get(path)
        return acts[-1] if acts else None

    def undo_last(self, path: Path, author: str) -> None:
        """Take that back. Where somebody has decided since, it is no longer the last that can be taken back."""
        from ..core.errors import RedlineError
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import undo

        acts = self._acts[path]
        try:
            undo(path, list(acts[-1].events), author, WRITE_SECONDS, events=list(acts[-1].events.values()))
        except RedlineError as error:
            if error.code in _PAST:
                acts.pop()
            raise
        acts.pop()

    def undo_own(self, path: Path, finding_ids: list[str], author: str) -> None:
        """Take back the author's own last decision on each of these, whenever and wherever it was recorded."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import undo

        undo(path, finding_ids, author, WRITE_SECONDS)
        self._forget(path, finding_ids)

    def _forget(self, path: Path, finding_ids: Iterable[str]) -> None:
        """What has been taken back on these findings is none of what can be."""
        acts = self._acts.get(path, [])
        for finding in finding_ids:
            act = next((act for act in reversed(acts) if finding in act.events), None)
            if act is not None:
                del act.events[finding]
        acts[:] = [act for act in acts if act.events]
