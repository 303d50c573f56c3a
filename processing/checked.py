"""What a check of layers found, in QGIS: each kind with its number in the log, and words for the codes of a layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

from ..i18n import tr
from .styling import ResultWords

if TYPE_CHECKING:
    from ..core.report.texts import Texts


class IssueWords(ResultWords):
    """The interface's words for a layer of data issues."""

    def alias(self, field: str, style: str | None) -> str:
        return self._texts.words("check_page").get(field, field)

    def codes(self, field: str) -> Mapping[str, str]:
        """Words by code for a coded field, empty for others."""
        kinds = {"kind": "check_kind", "severity": "report_level"}
        return self._texts.words(kinds[field]) if field in kinds else {}


def list_found(counts: Counter[tuple[str, str, str]], texts: Texts, feedback: QgsProcessingFeedback) -> None:
    """The worst first."""
    from ..core.report.check_page import kind_word
    from ..core.review.checking import by_kind

    if not counts:
        feedback.pushInfo(tr("The check of the layers found nothing."))
        return
    for severity, code, layer, count in by_kind(counts):
        show = feedback.pushInfo if severity == "notice" else feedback.pushWarning
        level, kind = texts.word("report_level", severity), kind_word(texts, code)
        show(tr("Check, {level}: {kind}, {layer}: {n}").format(level=level, kind=kind, layer=layer, n=count))
