"""The Processing provider `redline`: the plugin's algorithms in the toolbox, in models and in qgis_process."""

from pathlib import Path

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..i18n import tr

CLOSING_SECONDS = 5.0  # what a cancelled run may keep a closing QGIS waiting
ICON = Path(__file__).resolve().parents[1] / "resources" / "icons" / "redline_review.svg"


class RedlineProvider(QgsProcessingProvider):
    """Registers each algorithm. Their modules import no analysis library, so that QGIS starts as fast as without."""

    def loadAlgorithms(self):
        from .checkdata import CheckDataAlgorithm
        from .compare import CompareAlgorithm
        from .decisions import DecideAlgorithm, ExportDecisionsAlgorithm, MergeDecisionsAlgorithm
        from .exportboundarytxt import ExportBoundaryTxtAlgorithm
        from .exportmaps import ExportMapsAlgorithm
        from .exportreport import ExportReportAlgorithm
        from .importboundarytxt import ImportBoundaryTxtAlgorithm
        from .importdxf import ImportDxfAlgorithm
        from .intensity import IntensityAlgorithm
        from .meetingpack import MeetingPackAlgorithm
        from .overlap import OverlapAlgorithm
        from .review import ReviewRunAlgorithm

        reviews = (OverlapAlgorithm, IntensityAlgorithm, ReviewRunAlgorithm)
        decisions = (DecideAlgorithm, ExportDecisionsAlgorithm, MergeDecisionsAlgorithm)
        meeting = (ExportMapsAlgorithm, ExportReportAlgorithm, MeetingPackAlgorithm)
        exchange = (ImportBoundaryTxtAlgorithm, ExportBoundaryTxtAlgorithm, ImportDxfAlgorithm)
        for algorithm in (*reviews, CheckDataAlgorithm, CompareAlgorithm, *decisions, *meeting, *exchange):
            self.addAlgorithm(algorithm())

    def unload(self):
        from .background import wait_for_workers

        wait_for_workers(CLOSING_SECONDS)

    def id(self):
        return "redline"

    def name(self):
        return tr("Redline Review")

    def longName(self):
        return self.name()

    def icon(self):
        return QIcon(str(ICON))

    def svgIconPath(self):
        return str(ICON)
