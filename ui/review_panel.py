"""The review panel (三线审查面板): a package's towns and findings, where they are, and the decisions on them."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.gui import QgisInterface
from qgis.PyQt import uic
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from qgis.PyQt.QtWidgets import QWidget

from ..i18n import language, tr
from . import banner, settings
from .checklist_page import ChecklistPage
from .chips import Chips
from .columns import Columns, Unit, units
from .filter_bar import FilterBar
from .finding_detail import FindingDetail
from .map_link import MapLink
from .opening import Opening
from .package_bar import PackageBar
from .steps import Steps
from .tables import Tables

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

SEARCH_MS = 150  # after the last key
WIDE = 1.6  # so many times as wide as high, the panel lies at the window's foot
AROUND = 1.6  # of a finding's extent is shown, and of a town's
AROUND_TOWN = 1.1


class ReviewPanel(QWidget):
    """Shows one package. `open` another; everything else follows what is chosen in it.

    :ivar opened: a package or a layer is shown.
    """

    opened = pyqtSignal()

    def __init__(self, iface: QgisInterface, parent: QWidget | None = None):
        super().__init__(parent)
        from ..core.report.texts import Texts

        uic.loadUi(str(Path(__file__).with_suffix(".ui")), self)
        self._texts = Texts(language())
        self.browsed: Browsed | None = None
        self._names: dict[str, str] = {}  # of lines by their ids
        self._adds_layers = True
        self._units = units()
        self._columns = Columns(self._texts, self.palette())
        self.tables = Tables(self.townTable, self.findingTable, self._columns, self)
        self.bar, self.map = PackageBar(self), MapLink(iface, self)
        self.chips, self.filters = Chips(self._texts, self._columns.colours), FilterBar()
        self.pages, self.checklist = FindingDetail(self.detail, self._texts, self), ChecklistPage(self._texts)
        self.steps, self._opening = Steps(self), Opening(self)
        self._search = QTimer(self)
        self._search.setSingleShot(True)
        self._search.setInterval(SEARCH_MS)
        self._build()
        self._connect()
        self.pages.show_package(None, {})
        self.checklist.show_package(None, [], False)

    def _build(self) -> None:
        self.chipLayout.addWidget(self.chips)
        self.filterLayout.addWidget(self.filters)
        self.filters.hide()
        self.unitCombo.addItems([unit.name for unit in self._units])
        self.unitCombo.setCurrentIndex(settings.unit())
        self.unitCombo.setToolTip(tr("Unit of areas"))
        self.packageLabel.setText(tr("No review package is open."))
        self.search.setPlaceholderText(tr("Search towns and numbers"))
        self.detail.addTab(self.checklist, "")
        titles = (tr("About"), tr("Decide"), tr("History"), tr("Feature of the line"), tr("Checklist"))
        for place, title in enumerate(titles):
            self.detail.setTabText(place, title)
        self.splitter.setSizes([150, 220, 260])
        for button, icon, title in (
            (self.reloadButton, "/mActionRefresh.svg", tr("Read the package again")),
            (self.filterButton, "/mActionFilter2.svg", tr("Filters")),
            (self.extentButton, "/mActionZoomToArea.svg", tr("Only findings in the map's extent")),
            (self.pickButton, "/mActionIdentify.svg", tr("Click a finding on the map")),
        ):
            button.setIcon(QgsApplication.getThemeIcon(icon))
            button.setToolTip(title)
        self.detail.setCornerWidget(self.steps)
        self.setAcceptDrops(True)

    def _connect(self) -> None:
        self.bar.open_package.connect(self.open)
        self.bar.open_layer.connect(self.open_layer)
        self.bar.tool_ended.connect(self._tool_ended)
        self.bar.failed.connect(self._fail)
        self.bar.told.connect(lambda said: self._warn([escape(said)]))
        self.reloadButton.clicked.connect(self.reload)
        self.banner.linkActivated.connect(self._follow)
        self.unitCombo.currentIndexChanged.connect(self._show_unit)
        self.search.textChanged.connect(lambda text: self._search.start())
        self._search.timeout.connect(self._narrow)
        self.filterButton.toggled.connect(self.filters.setVisible)
        self.filters.changed.connect(self._search.start)
        self.chips.changed.connect(self._narrow)
        self.extentButton.toggled.connect(lambda on: self._narrow())
        self.map.moved.connect(lambda: self._narrow() if self.extentButton.isChecked() else None)
        self.map.picked.connect(self.select_findings)
        self.map.failed.connect(self._fail)
        self.pickButton.toggled.connect(self.map.pick_by_click)
        self.map.tool.deactivated.connect(lambda: self.pickButton.setChecked(False))
        self.steps.stepped.connect(self.tables.step)
        self.tables.towns_chosen.connect(self._towns_chosen)
        self.tables.findings_chosen.connect(self._findings_chosen)
        self.pages.recorded.connect(self._recorded)
        self._opening.done.connect(self._show)
        self._opening.failed.connect(self._not_opened)

    def open(self, path: str | Path, add_layers: bool = True) -> None:
        """Read a package beside the window and show it, `opened` then; why not, in the banner.

        :param add_layers: put its layers on the map where they are not.
        """
        self._adds_layers = add_layers
        self.status.setText(tr("Reading {name}…").format(name=Path(path).name))
        self._opening.package(path)

    def open_layer(self, layer_id: str) -> None:
        """Show the findings of a layer with the contract's fields, to look at."""
        self._opening.layer(layer_id)

    def reload(self) -> None:
        """Read the package again, whatever has become of it."""
        if self.browsed is not None and self.browsed.path is not None:
            self.open(self.browsed.path, add_layers=False)

    def end(self) -> None:
        """Let go of the map and the project; the panel is not used afterwards."""
        self._opening.forget()
        self._search.stop()
        self.map.end()

    def select_findings(self, finding_ids: list[str]) -> bool:
        """Select findings of the package; False where none of them is shown."""
        return self.browsed is not None and self.tables.select_findings(finding_ids)

    def _not_opened(self, error: Exception) -> None:
        self.status.clear()
        self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Why something could not be done, in the banner."""
        from ..core.errors import RedlineError

        self._warn([escape(self._texts.error(error) if isinstance(error, RedlineError) else str(error))])

    def _show(self, browsed: Browsed, layer_id: str) -> None:
        from ..core.review.checklist import questions_of
        from ..core.review.line_names import lines_of
        from ..processing.package_layers import add_layers

        lines = lines_of(browsed.facts)
        before = self.browsed
        kept = [] if before is None or before.path != browsed.path else before.ids(self.tables.chosen_findings)
        self.browsed = browsed
        self._names = {line.id: self._texts.pick(line.name) for line in lines.lines}
        self.status.clear()
        self.bar.show(browsed.path)
        self.packageLabel.setText(browsed.path.name if browsed.path else self.map.name_of(layer_id))
        self.packageLabel.setToolTip(str(browsed.path or ""))
        self._warn(banner.warnings(browsed, self._names, self._texts))
        self.map.show(browsed, layer_id)
        self.pages.show_package(browsed, self._names)
        self.checklist.show_package(browsed.path, questions_of(browsed.facts), browsed.writable)
        self.chips.count(browsed)
        self.filters.show(browsed, self._names, self._texts)
        columns = self._columns
        self.tables.show(browsed, columns.towns(browsed, lines), columns.findings(browsed, self._names), self._unit)
        self._show_unit()
        self._narrow()
        if kept:
            self.select_findings(kept)
        if browsed.path is not None and self._adds_layers:
            add_layers(browsed.path, lines, self._texts)
        self.opened.emit()

    @property
    def _unit(self) -> Unit:
        return self._units[max(0, self.unitCombo.currentIndex())]

    def _show_unit(self) -> None:
        settings.set_unit(self.unitCombo.currentIndex())
        self.filters.show_unit(self._unit)
        self.pages.show_unit(self._unit)
        self.tables.show_unit(self._unit)

    def _narrow(self) -> None:
        from ..core.review.narrow import Wanted

        if self.browsed is None:
            return
        box = self.map.extent() if self.extentButton.isChecked() else None
        self.tables.narrow(Wanted(
            self.chips.verdicts, self.chips.undecided, self.search.text(), self.filters.values(),
            self.filters.least_sizes(), box,
        ))  # fmt: skip
        count = self.filters.count
        self.filterButton.setText(str(count) if count else "")
        self._count()

    def _count(self) -> None:
        shown, all_of = self.tables.findings.rowCount(), len(self.browsed.findings)
        self.status.setText(tr("{n} of {all} findings").format(n=f"{shown:,}", all=f"{all_of:,}"))

    def _towns_chosen(self, rows: list[int]) -> None:
        from ..core.errors import RedlineError
        from ..core.review.browse import extent_of

        self._count()
        one = rows[0] if len(rows) == 1 else -1
        town = self.browsed.towns.iloc[one] if one >= 0 else {"town_id": "", "town_name": ""}
        try:
            self.map.outline(one)
            self.checklist.show_town(town["town_id"], town["town_name"])
        except RedlineError as error:  # the package is gone, or another program has it
            self._fail(error)
        if rows and self._zooms:
            self.map.zoom(extent_of(self.browsed.town_boxes[rows]), AROUND_TOWN)

    def _findings_chosen(self, rows: list[int]) -> None:
        from ..core.errors import RedlineError
        from ..core.review.browse import extent_of

        self.map.select(rows)
        if rows and self._zooms:
            self.map.zoom(extent_of(self.browsed.boxes[rows]), AROUND)
        try:
            self.pages.show(rows)
            if len(rows) == 1 and settings.flag("flash"):
                self.map.flash(rows[0])
        except RedlineError as error:  # the package is gone, or another program has it
            self._fail(error)

    @property
    def _zooms(self) -> bool:
        """While the map's extent filters, what is selected must not move it."""
        return settings.flag("zoom") and not self.extentButton.isChecked()

    def _recorded(self, go_on: bool) -> None:
        following = self.tables.following() if go_on else None
        self._refresh()
        if following is None or not self.select_findings([following]):
            self.pages.show(self.tables.chosen_findings)

    def _refresh(self) -> None:
        """Take in what was decided, here or by others."""
        from ..core.errors import RedlineError
        from ..core.review.browse import refreshed

        if self.browsed is None or self.browsed.path is None:
            return
        try:
            rows = refreshed(self.browsed)
        except RedlineError as error:
            self._fail(error)
            return
        if rows:
            self.chips.count(self.browsed)
            self.filters.show(self.browsed, self._names, self._texts)
            self.tables.show_decisions(rows)
            self._narrow()

    def _tool_ended(self) -> None:
        self._refresh()
        self.pages.show(self.tables.chosen_findings)

    def _follow(self, link: str) -> None:
        if link == banner.AGAIN:
            self.bar.run_again()
        elif link == banner.MIGRATE:
            self._opening.copy_of(self.browsed.path)

    def _warn(self, said: list[str]) -> None:
        self.banner.setText("<br>".join(said))
        self.banner.setVisible(bool(said))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() > WIDE * self.height()
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path.lower().endswith(".json"):
            self.bar.merge(path)
        elif path:
            self.open(path)
        event.acceptProposedAction()


def _dropped(event: QDropEvent) -> str:
    """The one package or file of decisions that is dropped; empty for anything else."""
    paths = [url.toLocalFile() for url in event.mimeData().urls()]
    return paths[0] if len(paths) == 1 and paths[0].lower().endswith((".gpkg", ".json")) else ""
