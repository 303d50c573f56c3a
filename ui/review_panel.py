"""The review panel (三线审查面板): a package's towns and findings, where they are, and the decisions on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qgis.gui import QgisInterface
from qgis.PyQt import uic
from qgis.PyQt.QtCore import QSize, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QDragEnterEvent, QDropEvent
from qgis.PyQt.QtWidgets import QWidget

from ..i18n import language, tr
from . import settings
from .banner import AGAIN, MIGRATE, Banner, warnings
from .checklist_page import ChecklistPage
from .chips import Chips
from .columns import Columns, Unit, units
from .decision_form import KEYS
from .drop import dropped, is_decisions
from .field_grid import Elided
from .filter_bar import FilterBar
from .finding_detail import FindingDetail
from .following import Following
from .look import Theme, dress, tab_order
from .map_link import MapLink
from .narrowing import Narrowing
from .opening import Opening
from .package_bar import PackageBar
from .panes import Panes
from .steps import Steps, shortcut
from .tables import Tables
from .town_map import open_town_map

if TYPE_CHECKING:
    import numpy as np

    from ..core.review.browse import Browsed
    from ..core.review.renewal import Renewed

WIDE_SIGNS = 96  # letters


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
        self._layer_id = ""  # of the layer that is shown, empty for a package
        self._names: dict[str, str] = {}  # of lines by their ids
        self._adds_layers = True
        self._units = units()
        self._columns = Columns(self._texts, self.townTable.palette())
        self.tables = Tables(self.townTable, self.findingTable, self._columns, self)
        self._iface, self.bar, self.map = iface, PackageBar(self), MapLink(iface, self)
        self.chips, self.filters = Chips(self._texts, self._columns.colours), FilterBar()
        self.pages, self.checklist = FindingDetail(self.detail, self._texts, self), ChecklistPage(self._texts)
        self.steps, self._opening, self._said = Steps(self), Opening(self), Banner(self.banner, self._texts)
        self._following = Following(self.tables, self.map, self.pages, self.checklist, self._said, self)
        self.narrowing = Narrowing(
            self.search, self.chips, self.filters, self.filterButton, self.extentButton, self.map, self.tables,
            self._following, self,
        )  # fmt: skip
        self._shown = QTimer(self, singleShot=True)
        self._panes, self._theme, self.packageLabel = Panes(self, self.splitter), Theme(self.townTable), Elided()
        self._build()
        self._connect()
        self.pages.show_package(None, {})
        self.checklist.show_package(None, [], False)
        self._show_unit()

    def _build(self) -> None:
        self.chipLayout.addWidget(self.chips)
        self.filterLayout.addWidget(self.filters)
        self.filters.hide()
        self.unitCombo.addItems([unit.name for unit in self._units])
        self.unitCombo.setCurrentIndex(settings.unit())
        self.top.insertWidget(self.top.indexOf(self.unitCombo), self.packageLabel, 1)
        self.packageLabel.say(tr("No review package is open."))
        self.detail.addTab(self.checklist, "")
        dress(self)
        self.detail.setCornerWidget(self.steps)
        shortcut(self, KEYS, lambda: self.pages.form.isVisible() and self.pages.form.record_next.click())
        self.setAcceptDrops(True)
        tab_order([
            self.openButton, self.runButton, self.shareButton, self.reloadButton, self.unitCombo, self.optionsButton,
            *self.chips.buttons.values(), self.search, self.filterButton, self.extentButton, self.pickButton,
            *self.filters.widgets, self.townTable, self.findingTable,
        ])  # fmt: skip

    def _connect(self) -> None:
        self.bar.open_package.connect(self.open)
        self.bar.open_layer.connect(self.open_layer)
        self.bar.tool_ended.connect(self._tool_ended)
        self.bar.failed.connect(self._said.fail)
        self.bar.told.connect(self._said.tell)
        self.bar.map_wanted.connect(self._open_map)
        self.reloadButton.clicked.connect(self.reload)
        self.banner.linkActivated.connect(self._follow)
        self.unitCombo.currentIndexChanged.connect(self._show_unit)
        self.narrowing.narrowed.connect(self._count)
        self._shown.timeout.connect(self._finish)
        self.map.failed.connect(self._said.fail)
        self.pickButton.toggled.connect(self.map.pick_by_click)
        self.map.tool.deactivated.connect(lambda: self.pickButton.setChecked(False))
        self.steps.stepped.connect(self.tables.step)
        self._following.towns_chosen.connect(self._count)
        self._following.hidden.connect(lambda: self.status.setText(tr("The filters hide what is selected on the map.")))
        self.pages.recorded.connect(self._recorded)
        self.pages.taken_back.connect(self._taken_back)
        self.pages.waits.connect(self.checklist.setDisabled)
        self.pages.told.connect(self._said.tell)
        self.pages.failed.connect(self._said.fail)
        self.pages.form.left.connect(self.findingTable.setFocus)
        self.tables.decide.connect(self.pages.decide)
        self._theme.changed.connect(self._recolour)
        self._opening.done.connect(self._read)
        self._opening.failed.connect(self._not_opened)

    def sizeHint(self) -> QSize:
        """As wide as the form is in two columns, where QGIS first docks it."""
        return super().sizeHint().expandedTo(QSize(WIDE_SIGNS * self.fontMetrics().averageCharWidth(), 0))

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
        """Read the package or the layer again, whatever has become of it."""
        if self.browsed is not None and self.browsed.path is None:
            self.open_layer(self._layer_id)
        elif self.browsed is not None:
            self.open(self.browsed.path, add_layers=False)

    def end(self) -> None:
        """Let go of the map and the project; the panel is not used afterwards."""
        self._opening.forget()
        self.narrowing.end()
        self._shown.stop()
        self.pages.end()
        self.map.end()

    def select_findings(self, finding_ids: list[str]) -> bool:
        """Select findings of the package; False where none of them is shown."""
        return self.browsed is not None and self.tables.select_findings(finding_ids)

    def _not_opened(self, error: Exception) -> None:
        self._count()
        self._said.settle()
        self._said.fail(error)

    def _read(self, read: tuple[Browsed, str, np.ndarray]) -> None:
        """Show what was opened, and what was selected where it is the same that was shown before."""
        browsed, layer_id, by_number = read
        before, towns, findings = self.browsed, [], []
        if before is not None and (before.path, self._layer_id) == (browsed.path, layer_id):
            towns = before.towns["town_id"].iloc[self.tables.chosen_towns].tolist()
            findings = before.ids(self.tables.chosen_findings)
        with self._following.still():
            self._show(browsed, layer_id, by_number)
            self.tables.select_towns(towns)
            self.select_findings(findings)
        self._shown.start()

    def _finish(self) -> None:
        """Its layers come to the map once the tables are drawn, so that the window never stands still for long."""
        from ..processing.package_layers import add_layers

        if self.browsed.path is not None and self._adds_layers:
            add_layers(self.browsed.path, self.browsed.lines, self._texts)
        self._refresh()  # of what was recorded while it was read
        self.opened.emit()

    def _show(self, browsed: Browsed, layer_id: str, by_number: np.ndarray) -> None:
        self.browsed, self._layer_id = browsed, layer_id
        self._names = {line.id: self._texts.pick(line.name) for line in browsed.lines.lines}
        self.bar.show(browsed.path)
        self.packageLabel.say(self.map.name_of(layer_id) if layer_id else browsed.path.name, str(browsed.path or ""))
        self._said.stand(warnings(browsed, self._names, self._texts))
        self._following.show(browsed)
        self.map.show(browsed, layer_id)
        self.pages.show_package(browsed, self._names)
        self.checklist.show_package(browsed.path, browsed.questions, browsed.writable)
        self.chips.count(browsed)
        self.filters.offer(browsed, self._names, self._texts)
        towns, findings = self._columns.towns(browsed), self._columns.findings(browsed, self._names, by_number)
        self.tables.show(browsed, towns, findings, self._unit)
        self.narrowing.show(browsed)

    @property
    def _unit(self) -> Unit:
        return self._units[max(0, self.unitCombo.currentIndex())]

    def _show_unit(self) -> None:
        settings.set_unit(self.unitCombo.currentIndex())
        self.filters.show_unit(self._unit)
        self.tables.show_unit(self._unit)
        self._said.tries(lambda: self.pages.show_unit(self._unit))

    def _count(self) -> None:
        if self.browsed is None:
            self.status.clear()
            return
        shown, all_of = self.tables.findings.rowCount(), len(self.browsed.findings)
        self.status.setText(tr("{n} of {all} findings").format(n=f"{shown:,}", all=f"{all_of:,}"))

    def _recorded(self, go_on: bool, read: Renewed | None) -> None:
        following = self.tables.following() if go_on else None
        self._taken_back([following] if following else [], read)

    def _taken_back(self, finding_ids: list[str], read: Renewed | None) -> None:
        """Select these where they are shown; what is selected already is told again, for it may have changed."""
        self._refresh(read)
        before = self.tables.chosen_findings
        if not self.select_findings(finding_ids) or self.tables.chosen_findings == before:
            self._said.tries(lambda: self.pages.show(self.tables.chosen_findings))

    def _refresh(self, read: Renewed | None = None) -> None:
        """Take in what was decided, here or by others; ``read``: what is known of it already."""
        if self.browsed is not None and self.browsed.path is not None:
            self._said.tries(lambda: self._take_in(read))

    def _take_in(self, read: Renewed | None) -> None:
        from ..core.review.renewal import take_in

        rows = take_in(self.browsed, read)
        if rows is None:  # another package lies there now
            self.reload()
        elif rows:
            self.chips.count(self.browsed)
            self.filters.offer(self.browsed, self._names, self._texts)
            self.tables.show_decisions(rows)
            self.narrowing.narrow()

    def _tool_ended(self) -> None:
        self._said.settle()
        self._refresh()
        self._said.tries(lambda: self.pages.show(self.tables.chosen_findings), self.checklist.refresh)

    def _follow(self, link: str) -> None:
        if link == AGAIN:
            self.bar.run_again()
        elif link == MIGRATE and self.browsed is not None and self.browsed.path is not None:
            self._said.hush()  # a second click would make a second copy
            self._adds_layers = True
            self.status.setText(tr("Making a copy…"))
            self._opening.copy_of(self.browsed.path)

    def _open_map(self) -> None:
        towns = self.tables.chosen_towns
        if len(towns) == 1 and self.browsed is not None:
            self._said.tries(lambda: open_town_map(self._iface, self.browsed, towns[0]))
        else:
            self._said.tell(tr("Choose one town first."))

    def _recolour(self) -> None:
        dress(self)
        self._columns.show_palette(self.townTable.palette())
        self.chips.show_colours(self._columns.colours)
        for view in (self.townTable, self.findingTable):
            view.viewport().update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped(event)
        if not path:
            event.ignore()
            return
        event.acceptProposedAction()
        if not is_decisions(path):
            self.open(path)
        elif self.browsed is None or self.browsed.path is None:
            self._said.tell(tr("First open the review package that these decisions belong to."))
        else:
            self.bar.merge(path)
