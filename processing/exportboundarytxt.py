"""`redline:exportboundarytxt`: polygons as boundary-point files (勘测定界 界址点 TXT)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..core.errors import RedlineError
from ..i18n import tr
from .boundary_tools import TXT, BoundaryAlgorithm
from .sources import file_behind, is_given, layer_from_parameter, source_from_parameter, spoken_name

if TYPE_CHECKING:
    from ..core.inputs.boundary_txt_writer import Style

ENCODINGS = ("gb18030", "utf-8")
PREFIXES = (None, True, False)
AREA_METHODS = ("ellipsoid", "planar")
DECIMALS = 3


class ExportBoundaryTxtAlgorithm(BoundaryAlgorithm):
    """Hands the layer to `core.inputs.boundary_txt_writer`."""

    INPUT, UNIT_NAME, AREA_METHOD = "INPUT", "UNIT_NAME", "AREA_METHOD"
    NAME_FIELD, NUMBER_FIELD, USE_FIELD, CODE_FIELD = "NAME_FIELD", "NUMBER_FIELD", "USE_FIELD", "CODE_FIELD"
    ENCODING, ZONE_PREFIX, PRECISION = "ENCODING", "ZONE_PREFIX", "PRECISION"
    OUTPUT, FOLDER = "OUTPUT", "FOLDER"
    PLOT_COUNT, FILE_COUNT = "PLOT_COUNT", "FILE_COUNT"

    def name(self) -> str:
        return "exportboundarytxt"

    def displayName(self) -> str:
        return tr("Export boundary-point TXT")

    def shortDescription(self) -> str:
        return tr("Polygons as boundary-point files of the land survey, points numbered as surveyors do.")

    def shortHelpString(self) -> str:
        paragraphs = (
            tr(
                "Writes each polygon as a plot of a boundary-point file (勘测定界 界址点 TXT): all in one file, or a "
                "file for each. Points are numbered from the north-west corner, outer rings clockwise, holes after "
                "them anticlockwise; each ring ends with its first point. Areas are in hectares, of the points as "
                "written."
            ),
            tr(
                "The layer should be in a Gauss-Krüger zone of CGCS2000. Another one is transformed to the 3° zone of "
                "its centre, point by point, with a warning; where nothing reliable leads there (Xian 1980, Beijing "
                "1954) it is refused."
            ),
        )
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_polygons(self.INPUT, tr("Polygons"), tr("Each feature becomes a plot."), optional=False)
        for name, label, help_text in (
            (self.NAME_FIELD, tr("Field with the plot's name"), tr("Plots are counted where it is empty.")),
            (self.NUMBER_FIELD, tr("Field with the plot's number"), tr("Plots are counted where it is empty.")),
            (self.USE_FIELD, tr("Field with the plot's use"), tr("What the land is used for (地块用途).")),
            (self.CODE_FIELD, tr("Field with the class code"), tr("Code of the land use class (地类编码).")),
        ):
            self.add_field(name, label, self.INPUT, help_text)
        unit = QgsProcessingParameterString(self.UNIT_NAME, tr("Making unit"), optional=True)
        self.add(unit, tr("Stands in the header (数据产生单位)."))
        self._add_choice(
            self.ENCODING, tr("Encoding"), ["GBK (GB18030)", "UTF-8"],
            tr("Most programs of the land survey read GBK."),
        )  # fmt: skip
        self._add_choice(
            self.ZONE_PREFIX, tr("Zone number before the easting"),
            [tr("As in the layer's CRS"), tr("With (8 digits)"), tr("Without (6 digits)")],
            tr("A layer that is transformed gets it, unless you choose otherwise."),
        )  # fmt: skip
        decimals = QgsProcessingParameterNumber(self.PRECISION, tr("Decimals of coordinates"), defaultValue=DECIMALS)
        decimals.setMinimum(0)
        decimals.setMaximum(6)
        self.add(decimals, tr("3 are millimetres."))
        self._add_choice(
            self.AREA_METHOD, tr("Areas"), [tr("Official ellipsoid area"), tr("Planar area in the zone of the file")],
            tr("The ellipsoid area follows the official formula of the land survey."),
        )  # fmt: skip
        text_files = tr("Boundary-point files (*.txt)")
        self.add(
            QgsProcessingParameterFileDestination(self.OUTPUT, tr("One file"), text_files, optional=True),
            tr("All plots in one file."),
        )
        self.add(
            QgsProcessingParameterFolderDestination(
                self.FOLDER, tr("Folder of files"), optional=True, createByDefault=False
            ),
            tr("A file for each plot, named by its number."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.PLOT_COUNT, tr("Number of plots")))
        self.addOutput(QgsProcessingOutputNumber(self.FILE_COUNT, tr("Number of files")))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """On the main thread, where layers may be looked at."""
        self.require_libraries()
        self._source = self.explained(lambda: source_from_parameter(self, parameters, self.INPUT, context))
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self.explained(lambda: self._export(parameters, context, feedback))

    def _export(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.inputs.boundary_txt_writer import export_boundaries
        from .readers import QgisSource

        if isinstance(self._source, QgisSource):
            self._source.cancelled = feedback.isCanceled
        fields = {
            role: self.parameterAsString(parameters, name, context)
            for role, name in (("name", self.NAME_FIELD), ("number", self.NUMBER_FIELD), ("use", self.USE_FIELD),
                               ("code", self.CODE_FIELD))
        }  # fmt: skip
        target = self.parameterAsFileOutput(parameters, self.OUTPUT, context) if self._asked(parameters) else ""
        folder = self.parameterAsString(parameters, self.FOLDER, context)
        outcome = export_boundaries(
            self._source, fields, Path(target) if target else None, Path(folder) if folder else None,
            self._style(parameters, context), feedback.isCanceled,
        )  # fmt: skip
        self.list_issues(outcome.issues, feedback)
        results = {self.PLOT_COUNT: outcome.plot_count, self.FILE_COUNT: len(outcome.files)}
        return results | ({self.OUTPUT: target} if target else {}) | ({self.FOLDER: folder} if folder else {})

    def _style(self, parameters: dict[str, Any], context: QgsProcessingContext) -> Style:
        from ..core.inputs.boundary_txt_writer import Style

        return Style(
            ENCODINGS[self.parameterAsEnum(parameters, self.ENCODING, context)],
            PREFIXES[self.parameterAsEnum(parameters, self.ZONE_PREFIX, context)],
            self.parameterAsInt(parameters, self.PRECISION, context),
            AREA_METHODS[self.parameterAsEnum(parameters, self.AREA_METHOD, context)],
            self.parameterAsString(parameters, self.UNIT_NAME, context),
        )

    def check_values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """:raises RedlineError: ``boundary_no_output``, ``boundary_not_txt``, ``output_is_input``."""
        if not self._asked(parameters):
            if not is_given(parameters, self.FOLDER):
                raise RedlineError("boundary_no_output")
            return
        target = self.parameterAsFileOutput(parameters, self.OUTPUT, context)
        if Path(target).suffix.lower() != TXT:
            raise RedlineError("boundary_not_txt", path=target)
        layer = layer_from_parameter(self, parameters, self.INPUT, context)
        if layer is not None and file_behind(layer) and Path(file_behind(layer)).resolve() == Path(target).resolve():
            title = self.parameterDefinition(self.OUTPUT).description()
            raise RedlineError("output_is_input", output=title, layer=spoken_name(layer), path=target)

    def _asked(self, parameters: dict[str, Any]) -> bool:
        return is_given(parameters, self.OUTPUT)

    def _add_choice(self, name: str, label: str, options: list[str], help_text: str) -> None:
        self.add(QgsProcessingParameterEnum(name, label, options, defaultValue=0), help_text)
