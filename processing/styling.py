"""How result layers look once QGIS has loaded them: style, words for codes, field aliases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsEditorWidgetSetup,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)

from ..i18n import tr
from .announce import announcer

if TYPE_CHECKING:
    from ..core.profile import Profile
    from ..core.report.texts import Texts
    from ..core.review.line_names import NamedLines

STYLES = Path(__file__).resolve().parents[1] / "resources" / "styles"
VERDICTS = ("violation", "not_checked", "warning", "conditional", "clear", "not_judged")
RESULTS = ("meets", "watch", "no_data")
SEVERITIES = ("violation", "warning", "notice", "below_tolerance")
CHECKS = ("hit", "clear", "partly", "unchecked")
DECISIONS = ("open", "needs_adjustment", "accepted_exception", "false_positive", "resolved", "verified")
DECISIONS += ("contradicting",)
CODES = {
    "verdict": VERDICTS,
    "reviewed_verdict": VERDICTS,
    "severity": SEVERITIES,
    "kind": ("overlap", "outside", "zone"),
    "state": ("new", "unchanged", "grown", "shrunk", "gone"),
    "check": CHECKS,
    "town_rules": RESULTS,
    "result": RESULTS,
    "list_status": ("listed", "proposed", "not_listed", "renamed", "cleared", "removed", "no_data"),
    "period": ("existing", "planned", "earlier"),
    "class": ("farm", "construction", "unused", "unknown", "uncovered"),
    "use": ("cropland", "residential"),
    "change": ("new", "grown", "shrunk", "unchanged", "gone", "not_checked", "town_new", "town_gone"),
    "old_severity": SEVERITIES,
    "new_severity": SEVERITIES,
    "old_verdict": VERDICTS,
    "new_verdict": VERDICTS,
    "old_check": CHECKS,
    "new_check": CHECKS,
    "old_decision": DECISIONS,
    "new_decision": DECISIONS,
}
# From the lowest: the towns' outlines lie on top of what is found in them, a point on top of its area.
ORDER = (None, "intensity", "findings", "changes", "towns", "issue_areas", "issues")
_SAME_WORDS = {"result": "town_rules"}
_SAME_WORDS |= {
    f"{when}_{kind}": kind for when in ("old", "new") for kind in ("severity", "verdict", "check", "decision")
}
# Where the fields of a result are named: towns have attributes of their own, which may be called like an indicator.
_FIELDS_OF = {
    None: ("change_field", "table_field", "field"),
    "changes": ("change_field", "field"),
    "intensity": ("field", "indicator"),
}

_at_work: set[ResultStyle] = set()  # QGIS keeps no reference of its own to a post-processor written in Python


class ResultWords:
    """The interface's words for the fields and codes of result layers, with the lines of one profile."""

    def __init__(self, profile: Profile | NamedLines, texts: Texts):
        self._texts = texts
        self.lines = {line.id: texts.pick(line.name) for line in profile.lines}
        self._line_of_short = {line.short: self.lines[line.id] for line in profile.lines}

    def alias(self, field: str, style: str | None) -> str:
        """The name of a field for readers; the field's own where it is none that this result has from us."""
        short, _, rest = field.partition("_")
        if short in self._line_of_short and rest:
            measure = self._texts.word("field", f"line_{rest}")
            return f"{self._line_of_short[short]} · {measure}"
        words = (self._texts.word(kind, field) for kind in _FIELDS_OF.get(style, ("field",)))
        return next((word for word in words if word != field), field)

    def codes(self, field: str) -> Mapping[str, str]:
        """Words by code for a coded field, empty for others."""
        if field == "line":
            return self.lines
        kind = "check" if field.removesuffix("_check") in self._line_of_short else field
        words = _SAME_WORDS.get(kind, kind)
        return {code: self._texts.word(words, code) for code in CODES.get(kind, ())}

    def label(self, label: str) -> str:
        """The words for a legend entry that a style writes as ``kind:code``."""
        kind, colon, code = label.partition(":")
        if not colon:
            return self._texts.word("legend", label)
        return self.lines.get(code, code) if kind == "line" else self._texts.word(kind, code)


class ResultStyle(QgsProcessingLayerPostProcessorInterface):
    """Styles one result layer on the main thread after QGIS has loaded it."""

    def __init__(self, style: str | None, words: ResultWords, read_only: bool = False, tell: bool = False):
        """:param style: None for a table. :param tell: let the desktop know of a layer of findings."""
        super().__init__()
        self.group = tr("Red-line review")
        self.order = ORDER.index(style)
        self._kind = style
        self._words = words
        self._read_only = read_only
        self._tell = tell
        _at_work.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        _at_work.discard(self)
        if not isinstance(layer, QgsVectorLayer):
            return
        message = dress(layer, self._kind, self._words, self._read_only)
        if message:
            feedback.pushWarning(message)
        layer.triggerRepaint()
        if self._tell and self._kind == "findings":
            announcer.findings_loaded.emit(layer.id())


def dress(layer: QgsVectorLayer, style: str | None, words: ResultWords, read_only: bool = False) -> str:
    """Give a result layer its style and words; why the style could not be loaded, empty where it could."""
    message, styled = layer.loadNamedStyle(str(STYLES / f"{style}.qml")) if style else ("", True)
    speak(layer, words, style)
    layer.setReadOnly(read_only)
    return "" if styled else message


def speak(layer: QgsVectorLayer, words: ResultWords, style: str | None) -> None:
    """Give the legend, the fields and the codes of a result layer the interface's words."""
    renderer = layer.renderer().clone() if layer.renderer() else None
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        for index, category in enumerate(renderer.categories()):
            renderer.updateCategoryLabel(index, words.label(category.label()))
    elif isinstance(renderer, QgsRuleBasedRenderer):
        for rule in renderer.rootRule().descendants():
            rule.setLabel(words.label(rule.label()))
    if renderer:
        layer.setRenderer(renderer)
    for index, field in enumerate(layer.fields()):
        alias = words.alias(field.name(), style)
        layer.setFieldAlias(index, "" if alias == field.name() else alias)
        codes = words.codes(field.name())
        if codes:
            entries = [{word: code} for code, word in codes.items()]
            layer.setEditorWidgetSetup(index, QgsEditorWidgetSetup("ValueMap", {"map": entries}))
