"""The review dock (三线审查面板): a package's towns and findings, where they are, and the decisions on them."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsGeometry, QgsProject, QgsRectangle
from qgis.gui import QgisInterface
from qgis.PyQt import uic
from qgis.PyQt.QtCore import QItemSelectionModel, Qt, QTimer
from qgis.PyQt.QtWidgets import QAbstractItemView, QDockWidget, QFileDialog, QTableView, QToolButton, QWidget

from ..i18n import language, tr
from .array_table import ArrayTable
from .columns import finding_columns, town_columns, units
from .decision_form import DecisionForm

if TYPE_CHECKING:
    from ..core.review.browse import Browsed

CHIPS = ("violation", "warning", "not_checked", "clear")
UNDECIDED = "undecided"
SEARCH_MS = 150  # after the last key


class ReviewDock(QDockWidget):
    """Shows one package. `open` another; everything else follows the selection."""

    def __init__(self, iface: QgisInterface, parent: QWidget | None = None):
        super().__init__(tr("Redline Review"), parent)
        self.setObjectName("RedlineReviewDock")
        self._iface = iface
        self._browsed: Browsed | None = None
        self.panel = QWidget()
        uic.loadUi(str(Path(__file__).with_name("review_dock.ui")), self.panel)
        self.setWidget(self.panel)
        from ..core.report.texts import Texts

        self._texts = Texts(language())
        self.towns, self.findings = ArrayTable(self), ArrayTable(self)
        self._prepare(self.panel.townTable, self.towns)
        self._prepare(self.panel.findingTable, self.findings)
        self.panel.findingTable.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._units = units()
        self.panel.unitCombo.addItems([unit.name for unit in self._units])
        words = {code: self._texts.word("decision", code) for code in ("open", "verified", "resolved")}
        words |= {
            c: self._texts.word("decision", c) for c in ("needs_adjustment", "accepted_exception", "false_positive")
        }
        self.form = DecisionForm(self.panel.formLayout, words, self)
        self._search = QTimer(self)
        self._search.setSingleShot(True)
        self._search.setInterval(SEARCH_MS)
        self._make_chips()
        self._name_widgets()
        self._connect()
        self._show_selection()

    def _prepare(self, view: QTableView, model: ArrayTable) -> None:
        view.setModel(model)
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + 6)

    def _make_chips(self) -> None:
        self.chips: dict[str, QToolButton] = {}
        for code in (*CHIPS, UNDECIDED):
            chip = QToolButton()
            chip.setCheckable(True)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            chip.toggled.connect(self._filter)
            self.panel.chipLayout.addWidget(chip)
            self.chips[code] = chip
        self.panel.chipLayout.addStretch(1)

    def _name_widgets(self) -> None:
        panel = self.panel
        panel.openButton.setText(tr("Open…"))
        panel.reloadButton.setText(tr("Reload"))
        panel.packageLabel.setText(tr("No review package is open."))
        panel.search.setPlaceholderText(tr("Search names and numbers"))
        for place, title in enumerate((tr("About"), tr("Decide"), tr("History"))):
            panel.detail.setTabText(place, title)
        panel.splitter.setSizes([180, 260, 240])

    def _connect(self) -> None:
        panel = self.panel
        panel.openButton.clicked.connect(self._choose)
        panel.reloadButton.clicked.connect(self.reload)
        panel.unitCombo.currentIndexChanged.connect(self._show_tables)
        panel.search.textChanged.connect(lambda text: self._search.start())
        self._search.timeout.connect(self._filter)
        panel.townTable.selectionModel().selectionChanged.connect(lambda new, old: self._town_chosen())
        panel.findingTable.selectionModel().selectionChanged.connect(lambda new, old: self._show_selection())
        self.form.recorded.connect(self._record)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("Open a review package"), "", tr("Review package (*.gpkg)"))
        if path:
            self.open(path)

    def open(self, path: str | Path) -> bool:
        """Show a package; False, with the reason in the banner, where it cannot be shown."""
        from ..core.errors import RedlineError
        from ..core.review.browse import browse

        try:
            self._browsed = browse(path)
        except RedlineError as error:
            self._warn([self._texts.error(error)])
            return False
        self.panel.packageLabel.setText(Path(path).name)
        self.panel.packageLabel.setToolTip(str(path))
        self._warn(self._warnings())
        self._count_chips()
        self._show_tables()
        return True

    def reload(self) -> None:
        """Read the package again."""
        if self._browsed:
            self.open(self._browsed.path)

    def _warnings(self) -> list[str]:
        said = []
        if self._browsed.changed:
            names = ", ".join(self._line(role) for role in self._browsed.changed)
            said.append(tr("Changed since this run: {sources}. Run the review again.").format(sources=names))
        if not self._browsed.writable:
            said.append(tr("The package is write-protected: decisions cannot be recorded."))
        return said

    def _warn(self, said: list[str]) -> None:
        self.panel.banner.setText("\n".join(said))
        self.panel.banner.setVisible(bool(said))

    def _line(self, code: str) -> str:
        names = {
            "eco_redline": tr("Ecological redline"),
            "farmland": tr("Permanent basic farmland"),
            "urban_boundary": tr("Urban development boundary"),
            "towns": tr("Towns"),
            "coverage": tr("Area that the line layers cover"),
        }
        return names.get(code, self._texts.word("intensity_source", code))

    def _show_tables(self) -> None:
        if self._browsed is None:
            return
        unit = self._units[max(0, self.panel.unitCombo.currentIndex())]
        lines = {code: self._line(code) for code in set(self._browsed.findings["line"])}
        self.towns.set_columns(town_columns(self._browsed, self._texts, unit))
        self.findings.set_columns(finding_columns(self._browsed, self._texts, unit, lines))
        for view in (self.panel.townTable, self.panel.findingTable):
            view.resizeColumnsToContents()
        self._filter()

    def _count_chips(self) -> None:
        verdicts = self._browsed.towns["reviewed_verdict"]
        for code, chip in self.chips.items():
            count = int(self._browsed.undecided.sum()) if code == UNDECIDED else int((verdicts == code).sum())
            word = tr("undecided") if code == UNDECIDED else self._texts.word("verdict", code)
            chip.setText(f"{word} {count}")

    def _filter(self) -> None:
        """Towns by the chips and the search; findings by those, the chosen town and "undecided"."""
        if self._browsed is None:
            return
        towns, found = self._browsed.towns, self._browsed.findings
        chosen = [code for code in CHIPS if self.chips[code].isChecked()]
        text = self.panel.search.text().strip().casefold()
        town_mask = towns["reviewed_verdict"].isin(chosen).to_numpy(bool) if chosen else np.ones(len(towns), dtype=bool)
        names = towns["town_name"].astype(str).str.casefold()
        named = names.str.contains(text, regex=False).to_numpy(bool) if text else np.ones(len(towns), dtype=bool)
        mask = found["town_id"].isin(towns["town_id"][town_mask]).to_numpy(bool)
        if text:
            numbered = found["number"].astype(str).str.casefold().str.contains(text, regex=False).to_numpy(bool)
            mask &= numbered | found["town_id"].isin(towns["town_id"][named]).to_numpy(bool)
            town_mask &= named | towns["town_id"].isin(found["town_id"][numbered]).to_numpy(bool)
        if self.chips[UNDECIDED].isChecked():
            mask &= self._browsed.undecided
        self._mask = mask
        self.towns.set_filter(town_mask)
        self.findings.set_filter(mask)
        self._show_selection()

    def _town_chosen(self) -> None:
        rows = self.panel.townTable.selectionModel().selectedRows()
        if not rows or self._browsed is None:
            self.findings.set_filter(getattr(self, "_mask", None))
            return
        town = self._browsed.towns["town_id"].iloc[self.towns.row_of(rows[0])]
        of_town = (self._browsed.findings["town_id"] == town).to_numpy(bool)
        self.findings.set_filter(self._mask & of_town)
        boxes = self._browsed.boxes[of_town]
        if len(boxes) and np.isfinite(boxes).any():
            self._zoom(np.concatenate([np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)]))
        self._show_selection()

    def selected(self) -> list[int]:
        """Rows of the findings that are selected."""
        return [self.findings.row_of(index) for index in self.panel.findingTable.selectionModel().selectedRows()]

    def select_finding(self, finding_id: str) -> bool:
        """Select one finding, where it is shown."""
        found = np.flatnonzero((self._browsed.findings["finding_id"] == finding_id).to_numpy(bool))
        place = self.findings.place_of(int(found[0])) if len(found) else -1
        if place < 0:
            return False
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.panel.findingTable.selectionModel().setCurrentIndex(self.findings.index(place, 0), flags)
        return True

    def _show_selection(self) -> None:
        rows = self.selected() if self._browsed else []
        if not rows:
            self.panel.about.clear()
            self.panel.history.clear()
            self.form.show_subject(tr("Select findings to decide on them."), False)
            return
        found = self._browsed.findings.iloc[rows]
        numbers = found["number"].tolist()
        subject = numbers[0] if len(rows) == 1 else tr("{n} findings selected").format(n=len(rows))
        self.form.show_subject(subject, self._browsed.writable)
        self.form.say("")
        if len(rows) > 1:
            self.panel.about.setPlainText("\n".join(numbers))
            self.panel.history.clear()
            return
        from ..core.errors import RedlineError

        try:
            self._show_one(found.iloc[0])
            if np.isfinite(self._browsed.boxes[rows[0]]).all():
                self._zoom(self._browsed.boxes[rows[0]], 1.6)
                self._flash(found["finding_id"].iloc[0])
        except RedlineError as error:  # the package is gone, or another program has it
            self._warn([self._texts.error(error)])

    def _show_one(self, finding: Any) -> None:
        from ..core.review.browse import events_of, land_in

        unit = self._units[max(0, self.panel.unitCombo.currentIndex())]
        rows = [
            (tr("Town"), finding["town_name"]),
            (tr("Line"), self._line(finding["line"])),
            (tr("Severity"), self._texts.word("severity", finding["severity"])),
            (tr("Area"), f"{unit.text(finding['area_m2'])} {unit.name}"),
            (tr("Rule"), finding["rule"]),
        ]
        for name, area in land_in(self._browsed.path, finding["finding_id"]).items():
            if name != "area_m2" and area >= 0.005:
                word = self._texts.word("table_field", name).partition("（")[0].partition(" (")[0]
                rows.append((word, f"{unit.text(area)} {unit.name}"))
        self.panel.about.setHtml(f"<h3>{escape(finding['number'])}</h3>{_html(rows)}")
        events = events_of(self._browsed.path, finding["finding_id"])
        told = [
            (event.recorded_at[:16].replace("T", " "), " · ".join(filter(None, (
                self._texts.word("decision", event.decision), event.author, event.reason, event.remark))))
            for event in events.itertuples()
        ]  # fmt: skip
        self.panel.history.setHtml(_html(told))

    def _record(self, made: dict[str, Any]) -> None:
        """On disk when this returns; where it cannot be, the form keeps what was typed and says why."""
        from ..core.errors import RedlineError
        from ..core.review.recording import Decided, record

        chosen = self._browsed.findings["finding_id"].iloc[self.selected()].tolist()
        try:
            record(
                self._browsed.path,
                [Decided(finding, **{**made, "details": dict(made["details"])}) for finding in chosen],
            )
        except RedlineError as error:
            self.form.say(self._texts.error(error))
            return
        self.form.clear()
        self._after_recording(chosen)

    def _after_recording(self, chosen: list[str]) -> None:
        from ..core.review.browse import refreshed

        self._browsed = refreshed(self._browsed)
        self._count_chips()
        self._show_tables()
        if len(chosen) == 1:
            self.select_finding(chosen[0])
        self.form.say(tr("Recorded."))

    def _crs(self) -> QgsCoordinateReferenceSystem:
        crs = QgsCoordinateReferenceSystem()
        crs.createFromUserInput(self._browsed.facts.get("crs", ""))
        return crs

    def _zoom(self, box: np.ndarray, factor: float = 1.1) -> None:
        canvas = self._iface.mapCanvas()
        crs = self._crs()
        extent = QgsRectangle(*map(float, box))
        if crs.isValid():
            to_map = QgsCoordinateTransform(crs, canvas.mapSettings().destinationCrs(), QgsProject.instance())
            extent = to_map.transformBoundingBox(extent)
        extent.scale(factor)
        canvas.setExtent(extent)
        canvas.refresh()

    def _flash(self, finding_id: str) -> None:
        from ..core.review.browse import finding_wkb

        wkb = finding_wkb(self._browsed.path, finding_id)
        if wkb:
            shape = QgsGeometry()
            shape.fromWkb(wkb)
            self._iface.mapCanvas().flashGeometries([shape], self._crs())


def _html(rows: list[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td><b>{escape(a)}</b>&nbsp;</td><td>{escape(str(b))}</td></tr>" for a, b in rows)
    return f"<table cellspacing='2'>{cells}</table>"
