"""Decisions without a window: recorded from a table, exported to a file, merged back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorLayer,
)

from ..i18n import tr
from .package_tools import PackageTool
from .sources import table_from_parameter

if TYPE_CHECKING:
    pass


class DecisionAlgorithm(PackageTool):
    """An algorithm on the decisions of a package."""

    DECISIONS = "DECISIONS"


class DecideAlgorithm(DecisionAlgorithm):
    """`redline:decide`."""

    AUTHOR = "AUTHOR"
    EVENT_COUNT = "EVENT_COUNT"

    def name(self) -> str:
        return "decide"

    def displayName(self) -> str:
        return tr("Record decisions")

    def shortDescription(self) -> str:
        return tr("Records decisions on findings from a table in a review package.")

    def shortHelpString(self) -> str:
        return tr(
            "A row for each decision: the number or id of the finding, the decision (open, needs adjustment, accepted "
            "exception, false positive, resolved, verified, undone), and its reason, legal basis, author and facts. "
            "Undone takes back the author's own last decision on the finding, or confirmation; it stays in the history."
            " All rows are recorded or none. Decisions are only ever added, and change the reviewed verdict alone."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        tables = [Qgis.ProcessingSourceType.Vector]
        self.add(
            QgsProcessingParameterVectorLayer(self.DECISIONS, tr("Table of decisions"), tables),
            tr(
                "Columns: number or finding_id, decision; reason, legal_basis, author, remark; for exceptions "
                "authority, authority_level, document, approved_on, approved_m2, valid_until (a date, or 长期: "
                "permanent). Chinese names do too."
            ),
        )
        self.add(
            QgsProcessingParameterString(self.AUTHOR, tr("Author of rows that name none"), optional=True),
            tr("Who decides. Every decision has an author."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.EVENT_COUNT, tr("Number of decisions recorded")))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """On the main thread, where layers may be looked at."""
        self.require_libraries()
        self._table = self.explained(lambda: table_from_parameter(self, parameters, self.DECISIONS, context))
        return True

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.review.decision_table import decide

        package = self.parameterAsFile(parameters, self.PACKAGE, context)
        author = self.parameterAsString(parameters, self.AUTHOR, context)
        return {self.EVENT_COUNT: decide(package, self._table, author)}


class ExportDecisionsAlgorithm(DecisionAlgorithm):
    """`redline:exportdecisions`."""

    EVENT_COUNT = "EVENT_COUNT"

    def name(self) -> str:
        return "exportdecisions"

    def displayName(self) -> str:
        return tr("Export decisions")

    def shortDescription(self) -> str:
        return tr("Writes all decisions of a review package to a small file for a colleague.")

    def shortHelpString(self) -> str:
        return tr(
            "The file holds every decision with its author and time. A colleague merges it into the same package, or "
            "into a later run of it; nothing is added twice."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        self.add(
            QgsProcessingParameterFileDestination(self.DECISIONS, tr("File of decisions"), tr("Decisions (*.json)")),
            tr("A text file (JSON), small enough for an e-mail."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.EVENT_COUNT, tr("Number of decisions exported")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.review.exchange import export_decisions

        package = self.parameterAsFile(parameters, self.PACKAGE, context)
        target = self.parameterAsFileOutput(parameters, self.DECISIONS, context)
        return {self.DECISIONS: target, self.EVENT_COUNT: export_decisions(package, target)}


class MergeDecisionsAlgorithm(DecisionAlgorithm):
    """`redline:mergedecisions`."""

    MERGED_COUNT = "MERGED_COUNT"
    KNOWN_COUNT = "KNOWN_COUNT"
    CONTRADICTING_COUNT = "CONTRADICTING_COUNT"

    def name(self) -> str:
        return "mergedecisions"

    def displayName(self) -> str:
        return tr("Merge decisions")

    def shortDescription(self) -> str:
        return tr("Adds a colleague's decisions to a review package: nothing twice, nothing lost.")

    def shortHelpString(self) -> str:
        return tr(
            "Decisions that are there already are left alone. Where you and your colleague have decided differently on "
            "a finding, both stay in its history, the finding is named here, and neither decision counts until one of "
            "you decides anew."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        self.add(
            QgsProcessingParameterFile(self.DECISIONS, tr("File of decisions"), fileFilter=tr("Decisions (*.json)")),
            tr("A file that was exported from the same package or an earlier run of it."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.MERGED_COUNT, tr("Number of decisions merged")))
        self.addOutput(QgsProcessingOutputNumber(self.KNOWN_COUNT, tr("Number of decisions known before")))
        self.addOutput(QgsProcessingOutputNumber(self.CONTRADICTING_COUNT, tr("Number of contradictions")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.review.exchange import merge_decisions

        package = self.parameterAsFile(parameters, self.PACKAGE, context)
        source = self.parameterAsFile(parameters, self.DECISIONS, context)
        merged, texts = merge_decisions(package, source), self.texts()
        for one in merged.contradictions:
            sides = {"ours": texts.word("decision", one.ours), "theirs": texts.word("decision", one.theirs)}
            authors = {"our_author": one.our_author, "their_author": one.their_author}
            feedback.pushWarning(texts.say("contradiction", number=one.number, **sides, **authors))
        for one in merged.disagreements:
            sides = {"ours": texts.word("answer", one.ours), "theirs": texts.word("answer", one.theirs)}
            authors = {"our_author": one.our_author, "their_author": one.their_author}
            feedback.pushWarning(texts.say("disagreement", town=one.town_name, asked=one.asked, **sides, **authors))
        if merged.unknown:
            feedback.pushWarning(texts.say("decisions_left_out", findings=", ".join(merged.unknown)))
        if merged.unknown_towns:
            feedback.pushWarning(texts.say("answers_left_out", towns=", ".join(merged.unknown_towns)))
        return {
            self.MERGED_COUNT: merged.merged,
            self.KNOWN_COUNT: merged.known,
            self.CONTRADICTING_COUNT: len(merged.contradictions) + len(merged.disagreements),
        }
