"""Red-line overlap (三线套合分析): towns against the control lines, with verdicts, findings and a review package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingParameterVectorDestination,
)

from ..core.errors import RedlineError
from ..i18n import tr
from .review_inputs import ReviewAlgorithm
from .sources import is_given

if TYPE_CHECKING:
    from ..core.review.layers import LayerWriter
    from ..core.review.request import ReviewRequest


class OverlapAlgorithm(ReviewAlgorithm):
    """`redline:overlap`: reads parameters, calls `core.review.run` and hands its layers to QGIS."""

    TAGS = (
        "redline", "red line", "ecological", "farmland", "urban", "development boundary", "town", "overlap", "review",
        "三线", "红线", "三条控制线", "套合", "压占", "占用", "审查", "特色小镇",
        "生态保护红线", "永久基本农田", "城镇开发边界",
    )  # fmt: skip
    SUMMARY = "SUMMARY"
    FINDINGS = "FINDINGS"
    STYLES: ClassVar[dict[str, str | None]] = {SUMMARY: "towns", FINDINGS: "findings"}

    def name(self) -> str:
        return "overlap"

    def displayName(self) -> str:
        return tr("Red-line overlap")

    def shortDescription(self) -> str:
        return tr("How much of each town lies on the red lines, with a verdict and every finding.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
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
        self.add_package(optional=True)
        self.add_counts()

    def check_inputs(self, parameters: dict[str, Any]) -> None:
        if not any(is_given(parameters, name) for name in (*self.LINES, self.EXTRA_LINES)):
            raise RedlineError("no_line")

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
        from .request import review_request

        return review_request(self, parameters, context)

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        self._request.summary = writers.get(self.SUMMARY)
        self._request.findings = writers.get(self.FINDINGS)
        self._request.package = Path(package) if package else None
