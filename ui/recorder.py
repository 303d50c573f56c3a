"""What is recorded in the panel, and what of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .writer import Writing

# What was recorded then can never be taken back any more, by this desk.
_PAST = ("nothing_to_undo", "decided_since", "contradiction_not_undone", "decision_without_finding")


@dataclass(eq=False)
class Act:
    """What was recorded in one go: ``decision`` its code, ``events`` their ids by those of the findings."""

    decision: str
    events: dict[str, str]


class Recorder:
    """What writes decisions in packages, and what of this panel's since QGIS started can be taken back. A `Writing`
    raises RedlineError, those of `record` and `undo`; nothing is written then."""

    def __init__(self) -> None:
        self._acts: dict[Path, list[Act]] = {}

    def recording(self, path: Path, finding_ids: list[str], made: Mapping[str, Any]) -> Writing:
        """The same decision on each of these; ``made``: what a `Decided` has."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import Decided, record

        def write() -> list[str]:
            decided = [Decided(one, **{**made, "details": dict(made["details"])}) for one in finding_ids]
            return record(path, decided, wait=WRITE_SECONDS)

        def noted(events: list[str]) -> None:
            act = Act(made["decision"], dict(zip(finding_ids, events, strict=True)))
            self._acts.setdefault(path, []).append(act)

        return Writing(len(finding_ids), write, noted)

    def last(self, path: Path | None) -> Act | None:
        """What was recorded last in a package and has not been taken back."""
        acts = self._acts.get(path)
        return acts[-1] if acts else None

    def undoing_last(self, path: Path, author: str) -> Writing:
        """Taking that back. Where somebody has decided since, it is no longer the last that can be taken back."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import undo

        acts = self._acts[path]
        act = acts[-1]
        findings, events = list(act.events), list(act.events.values())
        return Writing(
            len(findings),
            lambda: undo(path, findings, author, WRITE_SECONDS, events=events),
            lambda ids: acts.remove(act),
            lambda error: acts.remove(act) if getattr(error, "code", "") in _PAST else None,
        )

    def undoing_own(self, path: Path, finding_ids: list[str], author: str) -> Writing:
        """Taking back the author's own last decision on each of these, whenever and wherever it was recorded."""
        from ..core.review.browse import WRITE_SECONDS
        from ..core.review.recording import undo

        return Writing(
            len(finding_ids),
            lambda: undo(path, finding_ids, author, WRITE_SECONDS),
            lambda ids: self._forget(path, finding_ids),
        )

    def _forget(self, path: Path, finding_ids: Iterable[str]) -> None:
        """What has been taken back on these findings is none of what can be."""
        acts = self._acts.get(path, [])
        for finding in finding_ids:
            act = next((act for act in reversed(acts) if finding in act.events), None)
            if act is not None:
                del act.events[finding]
        acts[:] = [act for act in acts if act.events]
