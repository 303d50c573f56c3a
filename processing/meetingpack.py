"""`redline:meetingpack`: maps, papers, package and decisions of a review in one file."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
)

from ..i18n import tr
from .package_tools import PackageAlgorithm

ALL_PAPERS = [0, 1, 2]  # FORMATS of redline:exportreport
PDF, PNG = 0, 2  # FORMAT of redline:exportmaps
PICTURE_DPI = 110  # of the maps in the papers


class MeetingPackAlgorithm(PackageAlgorithm):
    """`redline:meetingpack`."""

    PAPER, PACK = "PAPER", "PACK"

    def name(self) -> str:
        return "meetingpack"

    def displayName(self) -> str:
        return tr("Meeting pack")

    def tags(self) -> list[str]:
        return ["zip", "meeting", "上会", "材料"]

    def shortDescription(self) -> str:
        return tr("All that lies on the table at the meeting, in one zip file with an index page.")

    def shortHelpString(self) -> str:
        return tr(
            "Maps of all towns (PDF), the report as a document, workbook and page, the review package itself and its "
            "decisions as a file. Unpacked anywhere, index.html leads to all of it."
        )

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading  # it draws maps

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_package()
        self.add_language()
        paper = QgsProcessingParameterEnum(self.PAPER, tr("Paper"), ["A4", "A3", "A2", "A1", "A0"], defaultValue=1)
        self.add(paper, tr("Of the maps; A3 is usual in meetings."))
        self.add_imprint()
        self.add(
            QgsProcessingParameterBoolean(self.CONFIDENTIAL, tr("Confidential"), False),
            tr("No layer from the network is drawn, and no path of this computer is written."),
        )
        self.add(
            QgsProcessingParameterFileDestination(self.PACK, tr("Meeting pack"), tr("Zip files (*.zip)")),
            tr("The file that holds all of it."),
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from ..core.report.content import Content
        from ..core.report.pack import Part, write_pack
        from ..core.review.exchange import copy_package, export_decisions

        package = Path(self.parameterAsFile(parameters, self.PACKAGE, context))
        target = Path(self.parameterAsFileOutput(parameters, self.PACK, context))
        content = Content(package, self.language(parameters, context))
        texts, imprint = content.texts, self.imprint(parameters, context, date.today())
        given = {name: parameters[name] for name in (self.PACKAGE, self.LANGUAGE, self.UNIT_NAME, self.AUTHOR,
                 self.SECRECY, self.CONFIDENTIAL) if name in parameters}  # fmt: skip
        steps = QgsProcessingMultiStepFeedback(4, feedback)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
            maps, pictures, papers, rest = (Path(made) / name for name in ("maps", "pictures", "papers", "rest"))
            rest.mkdir()
            drawn = {**given, self.PAPER: parameters.get(self.PAPER, 1)}
            steps.setCurrentStep(0)
            _run("redline:exportmaps", {**drawn, "FORMAT": PDF, "FOLDER": str(maps)}, context, steps)
            steps.setCurrentStep(1)
            seen = {**drawn, "FORMAT": PNG, "DPI": PICTURE_DPI, "FOLDER": str(pictures)}
            _run("redline:exportmaps", seen, context, steps)
            steps.setCurrentStep(2)
            told = {**given, "FORMATS": ALL_PAPERS, "MAPS": str(pictures), "FOLDER": str(papers)}
            _run("redline:exportreport", told, context, steps)
            steps.setCurrentStep(3)
            copy_package(package, rest / package.name)
            export_decisions(package, rest / "decisions.json")
            parts = [
                *(Part(path, texts.say("pack_maps"), texts.say("pack_maps")) for path in sorted(maps.iterdir())),
                *(Part(path, texts.say("pack_papers"), texts.listed(texts.say("pack_papers"), [path.name]))
                  for path in sorted(papers.iterdir())),
                Part(rest / package.name, texts.say("pack_package"), texts.say("pack_package")),
                Part(rest / "decisions.json", texts.say("pack_package"), texts.say("pack_decisions")),
            ]  # fmt: skip
            write_pack(parts, target, content, imprint.unit)
        return {self.PACK: str(target)}


def _run(
    name: str, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> dict[str, Any]:
    """Another algorithm's outputs; its message where it fails."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
    heard = _Heard(feedback)
    results, sound = algorithm.run(parameters, context, heard)
    if not sound:
        told = tr("{tool} could not be finished.").format(tool=algorithm.displayName())
        raise QgsProcessingException(heard.error or told)
    return results


class _Heard(QgsProcessingFeedback):
    """Passes on what a tool says, and keeps why it failed."""

    def __init__(self, other: QgsProcessingFeedback):
        super().__init__(False)
        self._other, self.error = other, ""
        other.canceled.connect(self.cancel)
        self.progressChanged.connect(other.setProgress)

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.error = error
        self._other.reportError(error, False)

    def pushWarning(self, warning: str) -> None:
        self._other.pushWarning(warning)

    def pushInfo(self, info: str) -> None:
        self._other.pushInfo(info)
