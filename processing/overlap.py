"""Red-line overlap (三线套合分析): towns against the control lines, with verdicts, findings and a review package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
)

from ..i18n import tr
from .outputs import Destination, destination
from .review_inputs import ReviewAlgorithm

if TYPE_CHECKING:
    from ..core.review.request import ReviewOutcome, ReviewRequest
    from .background import Background

# Whatever the interface speaks, the toolbox search knows the tool in both languages.
TAGS = (
    "redline", "red line", "ecological", "farmland", "urban", "development boundary", "town", "overlap", "review",
    "三线", "红线", "三条控制线", "套合", "压占", "占用", "审查", "特色小镇",
    "生态保护红线", "永久基本农田", "城镇开发边界",
)  # fmt: skip


class OverlapAlgorithm(ReviewAlgorithm):
    """`redline:overlap`: reads parameters, calls `core.review.run` and hands its layers to QGIS."""

    SUMMARY = "SUMMARY"
    FINDINGS = "FINDINGS"
    REVIEW = "REVIEW"
    TOWN_COUNT = "TOWN_COUNT"
    FINDING_COUNT = "FINDING_COUNT"
    VIOLATION_COUNT = "VIOLATION_COUNT"

    def name(self) -> str:
        return "overlap"

    def displayName(self) -> str:
        return tr("Red-line overlap")

    def group(self) -> str:
        return tr("Review")

    def groupId(self) -> str:
        return "review"

    def tags(self) -> list[str]:
        return [*TAGS]

    def shortDescription(self) -> str:
        return tr("How much of each town lies on the red lines, with a verdict and every finding.")

    def shortHelpString(self) -> str:
        paragraphs = (
            tr(
                "Reports for each town how much of it lies on the ecological redline and on permanent basic farmland, "
                "and how much lies outside the urban development boundary, with a verdict for each line and each town."
            ),
            tr(
                "Every overlap becomes a finding: a polygon with its number, severity, area, width and the rule behind "
                "it. Pieces below tolerance are listed with their total, never dropped."
            ),
            tr(
                "What is not covered by data is reported as not checked, never as clear. Invalid polygons are repaired "
                "on a copy and listed; your own data stays as it is."
            ),
            tr(
                "The review package (GeoPackage) holds all of it with the facts of the run. Give an earlier package, "
                "and decisions and finding numbers are carried over."
            ),
        )
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_review_parameters()
        polygons = Qgis.ProcessingSourceType.VectorPolygon
        self.add(
            QgsProcessingParameterVectorDestination(self.SUMMARY, tr("Verdicts by town"), polygons, optional=True),
            tr("One feature per town: areas and shares per line, verdicts, what was not checked."),
        )
        self.add(
            QgsProcessingParameterVectorDestination(self.FINDINGS, tr("Findings"), polygons, optional=True),
            tr("One feature per finding. Not computed where it is not asked for."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.REVIEW,
                tr("Review package"),
                tr("Review package (*.gpkg)"),
                optional=True,
                createByDefault=False,
            ),
            tr(
                "One GeoPackage with towns, findings, lines, conflicts, data issues, the ledger and the facts of the "
                "run. A package that is there already is refilled, and its decisions are kept."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(self.TOWN_COUNT, tr("Number of towns")))
        self.addOutput(QgsProcessingOutputNumber(self.FINDING_COUNT, tr("Number of findings above tolerance")))
        self.addOutput(QgsProcessingOutputNumber(self.VIOLATION_COUNT, tr("Number of towns with violations")))

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        from ..core.errors import RedlineError
        from .checks import check_outputs
        from .request import check_request

        try:
            check_request(self, parameters, context)
            check_outputs(self, parameters, context)
        except RedlineError as error:
            return False, self.texts().error(error)
        return super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """On the main thread: snapshots of the layers are taken, so that nothing in QGIS is touched later."""
        self.require_libraries()
        self._request = self.explained(lambda: self._make_request(parameters, context))
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self.explained(lambda: self._review(parameters, context, feedback))

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """On the main thread, where post-processors of layers must be made."""
        from .styling import ResultStyle, ResultWords

        words = ResultWords(self._request.profile, self.texts())
        styles = {self.SUMMARY: "towns", self.FINDINGS: "findings"}
        for name, (found, layer) in self._written.items():
            found.load(layer, context, ResultStyle(styles[name], words))
        if not self._written and self._request.package:
            self._load_package(self._request.package, words, context)
        return {}

    def _make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
        from .request import make_request

        return make_request(self, parameters, context)

    def _review(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .background import Background

        background = Background(feedback)
        wanted = {name: destination(self, parameters, name, context) for name in (self.SUMMARY, self.FINDINGS)}
        layers = {name: found for name, found in wanted.items() if found is not None}
        writers = {name: found.writer(context, background) for name, found in layers.items()}
        package = self.parameterAsFileOutput(parameters, self.REVIEW, context)
        self._request.summary = writers.get(self.SUMMARY)
        self._request.findings = writers.get(self.FINDINGS)
        self._request.package = Path(package) if package else None
        outcome = self._run(background, feedback)
        self.list_issues(outcome.issues, feedback)
        self._written = {name: (found, found.written(writers[name])) for name, found in layers.items()}
        results: dict[str, Any] = {name: layer for name, (_, layer) in self._written.items()}
        if package:
            results[self.REVIEW] = package
        results[self.TOWN_COUNT] = outcome.town_count
        results[self.FINDING_COUNT] = outcome.finding_count
        results[self.VIOLATION_COUNT] = outcome.violation_count
        return results

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> ReviewOutcome:
        from ..core.review.run import run_review
        from .readers import QgisSource

        request = self._request
        for source in (request.towns, request.construction, request.coverage, *request.lines.values()):
            if isinstance(source, QgisSource):
                source.cancelled = background.cancelled
        texts = self.texts()
        step = ""

        def show(percent: float, code: str) -> None:
            nonlocal step
            feedback.setProgress(percent)
            if code != step:
                step = code
                feedback.setProgressText(texts.say(code))

        def progress(percent: float, code: str) -> None:
            if code == "placing":
                background.settle()
            background.later(lambda: show(percent, code))

        return background.run(lambda: run_review(request, progress, background.cancelled))

    def _load_package(self, package: Path, words: Any, context: QgsProcessingContext) -> None:
        """The package's own layers, read-only: decisions are made in the dock, not in an attribute table."""
        from .styling import ResultStyle

        for layer, name in (("towns", self.SUMMARY), ("findings", self.FINDINGS)):
            title = self.parameterDefinition(name).description()
            details = QgsProcessingContext.LayerDetails(
                title, context.project(), name, QgsProcessingUtils.LayerHint.Vector
            )
            source = f"{package}|layername={layer}"
            Destination(source, title, details).load(source, context, ResultStyle(layer, words, read_only=True))
