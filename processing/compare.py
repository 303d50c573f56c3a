"""Compare two reviews (两次审查对比): what changed per town, line and finding, with the land won and lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterVectorDestination,
)

from ..i18n import tr
from .running import RunAlgorithm

if TYPE_CHECKING:
    from ..core.profile import Profile
    from ..core.review.compare import Comparison
    from ..core.review.layers import LayerWriter
    from .background import Background


@dataclass
class CompareRequest:
    """Two packages, and where the results go; ``profile`` names the lines."""

    old: Path
    new: Path
    profile: Profile
    layer: LayerWriter | None = None
    table: LayerWriter | None = None
    package: Path | None = None  # none is written


class CompareAlgorithm(RunAlgorithm):
    """`redline:compare`: hands two review packages to `core.review.compare`."""

    TAGS = (
        "compare", "difference", "change", "review", "package", "won", "lost", "redline",
        "对比", "比较", "变化", "两次审查", "审查成果包", "新增", "已消除", "图斑变化",
    )  # fmt: skip
    OLD = "OLD"
    NEW = "NEW"
    OUTPUT = "OUTPUT"
    TABLE = "TABLE"
    PROFILE = "PROFILE"  # what outputs are checked against; there is no such parameter
    NEW_COUNT = "NEW_COUNT"
    GONE_COUNT = "GONE_COUNT"
    CHANGED_COUNT = "CHANGED_COUNT"
    STYLES: ClassVar[dict[str, str | None]] = {OUTPUT: "changes", TABLE: None}
    LONG_NAMES = tuple(STYLES)

    def name(self) -> str:
        return "compare"

    def displayName(self) -> str:
        return tr("Compare two reviews")

    def shortDescription(self) -> str:
        return tr("What changed between two review packages: per town, line and finding, with the land won and lost.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
            tr(
                "Compares two review packages. Findings are recognised as in a re-run: by their land first, then by "
                "their id, so that sources numbered anew, split or merged do no harm."
            ),
            tr(
                "Every finding is new, grown, shrunk, unchanged or gone, with its severity, area and decision in "
                "either review. Won is land that only the new finding covers, lost is land that only the old one "
                "covered."
            ),
            tr(
                "A finding on a line that the new review did not check in all of the town is marked not checked, never "
                "gone. Towns that only one of the reviews has are marked as such."
            ),
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for name, label, help_text in (
            (self.OLD, tr("Earlier review"), tr("The review package to compare with. It is only read.")),
            (
                self.NEW,
                tr("Later review"),
                tr("The review package that shows how it is now. It is only read, and the results are in its CRS."),
            ),
        ):
            package = QgsProcessingParameterFile(name, label, fileFilter=tr("Review package (*.gpkg)"))
            self.add(package, help_text)
        polygons, table = Qgis.ProcessingSourceType.VectorPolygon, Qgis.ProcessingSourceType.Vector
        self.add(
            QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Changes of findings"), polygons),
            tr(
                "One feature per finding of either review: its change, areas, land won and lost, severities and "
                "decisions. Its field names need a GeoPackage, not a Shapefile."
            ),
        )
        self.add(
            QgsProcessingParameterVectorDestination(
                self.TABLE, tr("Changes by town and line"), table, optional=True, createByDefault=False
            ),
            tr("A row per town with both verdicts, then a row per line: areas, land won and lost, number of changes."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.NEW_COUNT, tr("Number of new findings")))
        self.addOutput(QgsProcessingOutputNumber(self.GONE_COUNT, tr("Number of findings gone")))
        self.addOutput(QgsProcessingOutputNumber(self.CHANGED_COUNT, tr("Number of findings grown or shrunk")))

    def check_values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        from .checks import check_outputs

        check_outputs(self, parameters, context)

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> CompareRequest:
        from ..core.profile import load_profile

        old, new = (Path(self.parameterAsFile(parameters, name, context)) for name in (self.OLD, self.NEW))
        return CompareRequest(old, new, load_profile())

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        self._request.layer, self._request.table = writers.get(self.OUTPUT), writers.get(self.TABLE)

    def counts(self, outcome: Comparison) -> dict[str, Any]:
        counts = outcome.counts
        return {
            self.NEW_COUNT: counts["new"],
            self.GONE_COUNT: counts["gone"],
            self.CHANGED_COUNT: counts["grown"] + counts["shrunk"],
        }

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> Comparison:
        from ..core.review.compare import compare

        request = self._request
        feedback.setProgressText(tr("Comparing the findings of both reviews"))

        def progress(percent: float, code: str) -> None:
            if code == "placing":
                background.settle()
            background.later(lambda: feedback.setProgress(percent))

        return background.run(
            lambda: compare(request.old, request.new, request.layer, request.table, progress, background.cancelled)
        )
