"""`redline:importboundarytxt`: boundary-point files (勘测定界 界址点 TXT) as a layer of polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorDestination,
)

from ..core.errors import RedlineError
from ..i18n import tr
from .boundary_tools import BoundaryAlgorithm
from .running import RunAlgorithm
from .sources import is_given

if TYPE_CHECKING:
    import pyproj

    from ..core.inputs.boundary_layer import Imported
    from ..core.review.layers import LayerWriter
    from .background import Background

ENCODINGS = (None, "utf-8-sig", "gb18030")


@dataclass
class ImportRequest:
    """Which files, how they are read, and where the layer goes."""

    files: list[str]
    encoding: str | None
    given: pyproj.CRS | None
    layer: LayerWriter | None = None


class ImportBoundaryTxtAlgorithm(BoundaryAlgorithm, RunAlgorithm):
    """Hands the files to `core.inputs.boundary_layer`."""

    INPUT, ENCODING, CRS, OUTPUT = "INPUT", "ENCODING", "CRS", "OUTPUT"
    PROFILE = "PROFILE"  # what outputs are checked against; there is no such parameter
    PLOT_COUNT, LEFT_OUT_COUNT = "PLOT_COUNT", "LEFT_OUT_COUNT"
    STYLES: ClassVar[dict[str, str | None]] = {OUTPUT: "plots"}

    def name(self) -> str:
        return "importboundarytxt"

    def displayName(self) -> str:
        return tr("Import boundary-point TXT")

    def shortDescription(self) -> str:
        return tr("Boundary-point files of the land survey as a layer of polygons, with all that they say.")

    def help_paragraphs(self) -> tuple[str, ...]:
        return (
            tr(
                "Reads boundary-point files (勘测定界 界址点 TXT) as they come: UTF-8 or GBK, with or without zone "
                "number, rings closed or open, header lines missing. Each plot becomes a polygon with the attributes "
                "of its row and of the header."
            ),
            tr(
                "The CRS follows from the header and the eastings. Where the two disagree, the zone number before the "
                "eastings holds, with a warning. A ring inside another is a hole, one outside a further part, whatever "
                "its number."
            ),
            tr(
                "Declared areas and point counts are compared with the points. Rings that cross themselves are "
                "reported and repaired in the layer, the file stays as it is. What cannot be used is listed with file, "
                "line and plot, and left out; the other plots come in."
            ),
            tr(
                "Files of several zones come in together, in the CRS of the first plot, and the others are transformed "
                "point by point. Where nothing reliable leads from one datum to the other (Xian 1980, Beijing 1954), "
                "they are left out: import them by themselves."
            ),
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        files = QgsProcessingParameterMultipleLayers(
            self.INPUT, tr("Boundary-point files"), Qgis.ProcessingSourceType.File
        )
        widget = f"{__package__.rpartition('.')[0]}.ui.files_edit.FilesEdit"
        files.setMetadata({"widget_wrapper": {"class": widget, "filter": tr("Boundary points (*.txt *.TXT)")}})
        self.add(files, tr("One or many text files."))
        encodings = [tr("Detect"), "UTF-8", "GBK (GB18030)"]
        self.add(
            QgsProcessingParameterEnum(self.ENCODING, tr("Encoding"), encodings, defaultValue=0),
            tr("Choose it where names come out garbled."), advanced=True,
        )  # fmt: skip
        self.add(
            QgsProcessingParameterCrs(self.CRS, tr("CRS of files that do not tell theirs"), optional=True),
            tr(
                "For files whose zone stands neither in the header nor before the eastings, and for local coordinate "
                "systems. What a file does tell goes first."
            ), advanced=True,
        )  # fmt: skip
        polygons = Qgis.ProcessingSourceType.VectorPolygon
        self.add(
            QgsProcessingParameterVectorDestination(self.OUTPUT, tr("Plots"), polygons),
            tr("One multipolygon per plot. Its field names fit a Shapefile."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.PLOT_COUNT, tr("Number of plots")))
        self.addOutput(QgsProcessingOutputNumber(self.LEFT_OUT_COUNT, tr("Number of plots left out")))

    def check_values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        from .checks import check_outputs

        check_outputs(self, parameters, context)

    def make_request(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ImportRequest:
        from .crs import core_crs

        crs = self.parameterAsCrs(parameters, self.CRS, context) if is_given(parameters, self.CRS) else None
        return ImportRequest(
            self.parameterAsFileList(parameters, self.INPUT, context),
            ENCODINGS[self.parameterAsEnum(parameters, self.ENCODING, context)],
            core_crs(crs) if crs is not None else None,
        )

    def outputs(self, writers: dict[str, LayerWriter], package: str) -> None:
        self._request.layer = writers[self.OUTPUT]

    def counts(self, outcome: Imported) -> dict[str, Any]:
        return {self.PLOT_COUNT: outcome.plot_count, self.LEFT_OUT_COUNT: outcome.left_out}

    def _run(self, background: Background, feedback: QgsProcessingFeedback) -> Imported:
        from ..core.inputs.boundary_layer import import_boundaries

        request, texts = self._request, self.texts()
        feedback.setProgressText(tr("Reading the boundary points"))

        def progress(percent: float, code: str) -> None:
            if code == "placing":
                background.settle()
            background.later(lambda: feedback.setProgress(percent))

        outcome = background.run(
            lambda: import_boundaries(
                request.files, request.layer, texts, request.encoding, request.given, progress, background.cancelled
            )
        )
        if not outcome.plot_count:
            self._refuse(outcome, feedback)
        return outcome

    def _refuse(self, outcome: Imported, feedback: QgsProcessingFeedback) -> None:
        """Where nothing could be used the one reason is the message, several are listed before it."""
        errors = [issue for issue in outcome.issues if issue.severity == "error"]
        if len(errors) == 1:
            raise RedlineError(errors[0].code, layer=errors[0].layer, feature=errors[0].feature, **errors[0].details)
        self.list_issues(outcome.issues, feedback)
        raise RedlineError("boundary_nothing_imported", count=len(errors))

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """On the main thread, where post-processors of layers must be made."""
        from ..core.profile import load_profile
        from .styling import ResultStyle, ResultWords

        words = ResultWords(load_profile(), self.texts())
        for found, layer in self._written.values():
            found.load(layer, context, ResultStyle(None, words))
        return {}
