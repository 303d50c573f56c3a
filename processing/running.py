"""How a run goes: snapshots on the main thread, the work beside it, results handed to QGIS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingUtils

from ..i18n import tr
from .base import RedlineAlgorithm
from .outputs import Destination, destination

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..core.review.layers import LayerWriter
    from ..core.review.request import ReviewOutcome, ReviewRequest
    from .background import Background
    from .libraries import Need
    from .styling import ResultWords


class RunAlgorithm(RedlineAlgorithm):
    """Makes a request in `make_request`, fills in its outputs in `outputs`, and runs it."""

    # Each algorithm defines these. What the tool does, a paragraph each:
    help_paragraphs: Callable[[], tuple[str, ...]]
    # On the main thread, of parameters and context: the request without its outputs.
    make_request: Callable[[dict[str, Any], QgsProcessingContext], ReviewRequest]
    # Puts the writers of the layers asked for, by their parameters, and the package's path into ``self._request``.
    outputs: Callable[[dict[str, LayerWriter], str], None]

    # Whatever the interface speaks, the toolbox search knows the tool in both languages.
    TAGS: ClassVar[tuple[str, ...]] = ()
    # Layers that may be asked for, by their parameters: the style of each, None for a table.
    STYLES: ClassVar[dict[str, str | None]] = {}
    # Those of points.
    POINTS: ClassVar[tuple[str, ...]] = ()
    # Those whose fields' names are too long for a Shapefile.
    LONG_NAMES: ClassVar[tuple[str, ...]] = ()

    def tags(self) -> list[str]:
        return [*self.TAGS]

    def shortHelpString(self) -> str:
        return "".join(f"<p>{paragraph}</p>" for paragraph in self.help_paragraphs())

    def check_values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        from .checks import check_outputs
        from .request import check_request

        self.check_inputs(parameters)
        check_request(self, parameters, context)
        check_outputs(self, parameters, context)

    def check_inputs(self, parameters: dict[str, Any]) -> None:
        """:raises RedlineError: where what is given is not enough to run."""

    def further_libraries(self, parameters: dict[str, Any]) -> tuple[Need, ...]:
        """Libraries that only these inputs need."""
        return ()

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """On the main thread: snapshots of the layers are taken, so that nothing in QGIS is touched later."""
        self.require_libraries(self.further_libraries(parameters))
        self._request = self.explained(lambda: self.make_request(parameters, context))
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self.explained(lambda: self._process(parameters, context, feedback))

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """On the main thread, where post-processors of layers must be made."""
        from .announce import announcer
        from .styling import ResultStyle, ResultWords

        words = ResultWords(self._request.profile, self.texts())
        for name, (found, layer) in self._written.items():
            found.load(layer, context, ResultStyle(self.STYLES[name], words, tell=not self._request.package))
        if not self._written and self._request.package:
            self._load_package(self._request.package, words, context)
        if self._request.package:
            announcer.package_written.emit(str(self._request.package))
        return {}

    def counts(self, outcome: ReviewOutcome) -> dict[str, Any]:
        """The numbers among the outputs."""
        return {}

    def _process(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from .background import Background

        background = Background(feedback)
        wanted = {name: destination(self, parameters, name, context) for name in self.STYLES}
        layers = {name: found for name, found in wanted.items() if found is not None}
        writers = {name: found.writer(context, background, name in self.POINTS) for name, found in layers.items()}
        package = self.parameterAsFileOutput(parameters, "REVIEW", context) if "REVIEW" in parameters else ""
        self.outputs(writers, package)
        outcome = self._run(background, feedback)
        self.list_issues(outcome.issues, feedback)
        self._written = {name: (found, found.written(writers[name])) for name, found in layers.items()}
        results: dict[str, Any] = {name: layer for name, (_, layer) in self._written.items()}
        if package:
            results["REVIEW"] = package
        return results | self.counts(outcome)

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> ReviewOutcome:
        from ..core.review.run import run_review

        request, progress = self._request, self.worked_on(background)
        return background.run(lambda: run_review(request, progress, background.cancelled))

    def worked_on(self, background: Background) -> Callable[[float, str], None]:
        """What the worker tells its progress; reading the request's layers of QGIS ends with a cancel."""
        from .readers import QgisSource

        for source in self._request.sources:
            if isinstance(source, QgisSource):
                source.cancelled = background.cancelled
        return background.reporter(self.texts())

    def _load_package(self, package: Path, words: ResultWords, context: QgsProcessingContext) -> None:
        """The package's own layers, read-only: decisions are made in the dock, not in an attribute table."""
        from .styling import ResultStyle

        for layer, title in (("towns", tr("Verdicts by town")), ("findings", tr("Findings"))):
            details = QgsProcessingContext.LayerDetails(
                title, context.project(), layer, QgsProcessingUtils.LayerHint.Vector
            )
            source = f"{package}|layername={layer}"
            Destination(source, title, details).load(source, context, ResultStyle(layer, words, read_only=True))
