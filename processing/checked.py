"""What a check of layers found, in QGIS: each kind with its number in the log, and words for the codes of a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

from ..i18n import tr
from .styling import ResultWords

if TYPE_CHECKING:
    from ..core.inputs.checks.run import Checked
    from ..core.report.texts import Texts


class IssueWords(ResultWords):
    """The interface's words for a layer of data issues."""

    def alias(self, field: str, style: str | None) -> str:
        return self._texts.words("check_page").get(field, field)

    def codes(self, field: str) -> Mapping[str, str]:
        """Words by code for a coded field, empty for others."""
        kinds = {"kind": "check_kind", "severity": "report_level"}
        return self._texts.words(kinds[field]) if field in kinds else {}


def list_found(checked: Checked, texts: Texts, feedback: QgsProcessingFeedback) -> None:
    """The worst first; what has no kind of its own, such as a layer that cannot be read, in full."""
    from ..core.review.checking import by_kind

    if not checked.counts:
        feedback.pushInfo(tr("The check of the layers found nothing."))
    kinds = texts.words("check_kind")
    for issue in checked.issues:
        if issue.code not in kinds:
            feedback.pushWarning(texts.issue(issue))
    for severity, code, layer, count in by_kind(checked.counts):
        if code not in kinds:
            continue
        show = feedback.pushInfo if severity == "notice" else feedback.pushWarning
        level, kind = texts.word("report_level", severity), kinds[code]
        show(tr("Check, {level}: {kind}, {layer}: {n}").format(level=level, kind=kind, layer=layer, n=count))
