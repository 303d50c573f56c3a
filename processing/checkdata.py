"""`redline:checkdata` (数据质检): what is wrong with the layers of a review, before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterVectorDestination,
)

from ..i18n import tr
from .intensity_inputs import IntensityInputs
from .review_inputs import ReviewAlgorithm

if TYPE_CHECKING:
    from ..core.inputs.checks.run import Checked
    from ..core.review.layers import LayerWriter
    from ..core.review.request import ReviewRequest
    from .background import Background


class CheckDataAlgorithm(IntensityInputs, ReviewAlgorithm):
    """Hands the layers of a review to `core.review.checking`."""

    TAGS = (
        "check", "quality", "topology", "geometry", "encoding", "crs", "overlap", "gap", "sliver", "codes",
        "数据质检", "质检", "检查", "拓扑", "图形", "乱码", "编码", "坐标系", "重叠", "缝隙", "标识码", "面积",
    )  # fmt: skip
    OUTPUT, AREAS, HTML = "OUTPUT", "AREAS", "HTML"
    ERROR_COUNT, WARNING_COUNT, NOTICE_COUNT = "ERROR_COUNT", "WARNING_COUNT", "NOTICE_COUNT"
    STYLES: ClassVar[dict[str, str | None]] = {OUTPUT: "issues", AREAS: "issue_areas"}
    POINTS = (OUTPUT,)
    # What the review asks for beside its layers; a check needs none of it.
    NOT_ASKED = ("REVIEW_OBJECT", "AREA_METHOD", "KIND_FIELD", "ECO_ZONE_FIELD", "URBAN_ZONE_FIELD")

    def name(self) -> str:
        return "checkdata"

    def displayName(self) -> str:
        return tr("Check layers")

    def shortDescription(self) -> str:
        return tr("What is wrong with the layers of a review, with places and advice, before the review is run.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
            tr(
                "Looks through towns, control lines, land use and buildings as they were delivered and lists what is "
                "wrong: what it means, and what to do. Nothing is changed in your layers."
            ),
            tr(
                "Found are: no or doubtful CRS (zone number, degrees and metres, datum); broken, empty and duplicate "
                "geometry, slivers and spikes; overlaps within a layer, between control lines and between towns, and "
                "gaps between towns; codes that are missing, duplicate or malformed; declared areas that differ from "
                "the official area; garbled text with its right encoding; towns that the data do not reach."
            ),
            tr(
                "Errors have to be mended before a review can be relied on. Warnings change figures or findings. "
                "Notices are worth a look. Of one kind in a layer a thousand are listed, and all are counted."
            ),
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_towns()
        self._add_construction()
        self._add_lines()
        self._add_land_use()
        self._add_buildings()
        self.add_rules()
        self.add_encoding()
        self._add_fields_of_lines()
        for name in (*self.NOT_ASKED, self.FLOORS_FIELD, self.HEIGHT_FIELD):
            if self.parameterDefinition(name):
                self.removeParameter(name)
        self.add(
            QgsProcessingParameterVectorDestination(
                self.OUTPUT, tr("Data issues"), Qgis.ProcessingSourceType.VectorPoint, optional=True
            ),
            tr("A point for each issue, without geometry where it has no place: layer, feature, kind, what to do."),
        )
        self.add(
            QgsProcessingParameterVectorDestination(
                self.AREAS, tr("Areas of data issues"), Qgis.ProcessingSourceType.VectorPolygon, optional=True
            ),
            tr("The polygons of the issues that have one: overlaps, gaps, slivers, land that is not covered."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.HTML, tr("Summary"), tr("Web page (*.html)"), optional=True, createByDefault=True
            ),
            tr("A page with the numbers by layer and kind, the advice, and the issues one by one."),
        )
        for name, label in (
            (self.ERROR_COUNT, tr("Number of errors")),
            (self.WARNING_COUNT, tr("Number of warnings")),
            (self.NOTICE_COUNT, tr("Number of notices")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ReviewRequest:
        from dataclasses import replace

        from .intensity_request import intensity_request
        from .request import review_request

        request = review_request(self, parameters, context)
        page = self.parameterAsFileOutput(parameters, self.HTML, context)
        self._page = Path(page) if page else None
        return replace(request, intensity=intensity_request(self, parameters, context))

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        from ..core.review.checking import CheckOutputs

        self._outputs = CheckOutputs(writers.get(self.OUTPUT), writers.get(self.AREAS), self._page)

    def counts(self, outcome: Checked) -> dict[str, Any]:
        found = dict.fromkeys(("error", "warning", "notice"), 0)
        for (_, _, severity), count in outcome.counts.items():
            found[severity] += count
        page = {self.HTML: str(self._page)} if self._page else {}
        names = zip((self.ERROR_COUNT, self.WARNING_COUNT, self.NOTICE_COUNT), found.values(), strict=True)
        return page | dict(names)

    def list_issues(self, issues: list, feedback: QgsProcessingFeedback) -> None:
        """Each kind with its number, not one by one: that is what the outputs are for."""

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> Checked:
        from ..core.review.checking import run_check
        from .checked import list_found

        texts = self.texts()
        work = self.worked_on(background)
        outcome = background.run(lambda: run_check(self._request, self._outputs, work, background.cancelled))
        list_found(outcome, texts, feedback)
        return outcome

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """On the main thread, where post-processors of layers must be made."""
        from .checked import IssueWords
        from .styling import ResultStyle

        words = IssueWords(self._request.profile, self.texts())
        for name, (found, layer) in self._written.items():
            found.load(layer, context, ResultStyle(self.STYLES[name], words))
        return {}
