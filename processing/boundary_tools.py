"""What the tools for boundary-point files have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

from ..i18n import tr
from .base import ISSUES_SHOWN, RedlineAlgorithm

if TYPE_CHECKING:
    from ..core.errors import Issue

TAGS = (
    "boundary", "points", "txt", "cadastre", "survey", "plot", "coordinates",
    "界址点", "勘测定界", "报盘", "坐标", "地块", "拐点坐标", "征地", "报批",
)  # fmt: skip
TXT = ".txt"


class BoundaryAlgorithm(RedlineAlgorithm):
    """A tool that reads or writes boundary-point files."""

    def group(self) -> str:
        return tr("Data exchange")

    def groupId(self) -> str:
        return "exchange"

    def tags(self) -> list[str]:
        return [*TAGS]

    def list_issues(self, issues: list[Issue], feedback: QgsProcessingFeedback) -> None:
        """Errors, what was left out, all of them and first; of the rest the first of each kind."""
        texts = self.texts()
        told: dict[str, int] = {}
        for issue in sorted(issues, key=lambda issue: ("error", "warning", "notice").index(issue.severity)):
            told[issue.code] = told.get(issue.code, 0) + 1
            if issue.severity == "error":
                feedback.reportError(texts.issue(issue))
            elif told[issue.code] <= ISSUES_SHOWN:
                show = feedback.pushWarning if issue.severity == "warning" else feedback.pushInfo
                show(texts.issue(issue))
        for code, count in told.items():
            if count > ISSUES_SHOWN and any(issue.code == code and issue.severity != "error" for issue in issues):
                feedback.pushInfo(tr("{n} in all of this kind: {example}").format(
                    n=count, example=texts.issue(next(issue for issue in issues if issue.code == code))))  # fmt: skip
