"""Review (审查): the lines, land-use intensity, land use in findings and the town rules, in one run and one package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterBoolean

from ..i18n import tr
from .intensity_inputs import IntensityInputs
from .review_inputs import ReviewAlgorithm

if TYPE_CHECKING:
    from ..core.review.layers import LayerWriter
    from ..core.review.request import ReviewOutcome, ReviewRequest
    from .background import Background


class ReviewRunAlgorithm(IntensityInputs, ReviewAlgorithm):
    """`redline:review`: all that can be told of the towns from what is given, in one review package."""

    CHECK_DATA = "CHECK_DATA"

    TAGS = (
        "review", "redline", "intensity", "characteristic town", "package", "audit",
        "审查", "三线审查", "审查成果包", "特色小镇", "压占", "地类", "土地利用强度",
    )  # fmt: skip

    def name(self) -> str:
        return "review"

    def displayName(self) -> str:
        return tr("Review")

    def shortDescription(self) -> str:
        return tr("Red lines, land-use intensity and town rules in one run and one review package.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
            tr(
                "Runs the red-line overlap and land-use intensity together and writes one review package: verdicts, "
                "findings with the land use inside them, indicators, and the rules a characteristic town is measured "
                "by."
            ),
            tr(
                "Give what you have. What the data do not allow is listed as not checked or no data, never as clear. "
                "The town rules stand in a column of their own and never change the verdict on the lines."
            ),
            tr(
                "A package that is there already is refilled: its decisions and finding numbers stay, and findings are "
                "marked new, grown, shrunk or gone."
            ),
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_review_parameters()
        self.add_intensity_parameters()
        self.add(
            QgsProcessingParameterBoolean(self.CHECK_DATA, tr("Check the layers first"), defaultValue=False),
            tr(
                "What “Check layers” finds goes into the package's data issues, and its numbers into the log. It takes "
                "about as long again as the review."
            ),
        )
        self.add_package(optional=False)
        self.add_counts()

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
        from .intensity_request import intensity_request
        from .request import review_request

        request = review_request(self, parameters, context)
        intensity = intensity_request(self, parameters, context)
        of_towns = {field.name for field in request.towns.fields}
        if intensity.figures.table and request.kind_field not in of_towns:  # a column of the table of figures
            request = replace(request, kind_field=None)
        return replace(
            request, intensity=intensity, check_data=self.parameterAsBoolean(parameters, self.CHECK_DATA, context)
        )

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> ReviewOutcome:
        from .checked import list_found

        outcome = super()._run(background, feedback)
        if outcome.checked is not None:
            list_found(outcome.checked, self.texts(), feedback)
        return outcome

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        self._request.package = Path(package)
