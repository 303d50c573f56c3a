"""A town's sheet: its map at a round scale, call-outs, table, legend and texts."""

from __future__ import annotations

import numpy as np
import shapely
from qgis.core import QgsRectangle
from qgis.PyQt.QtCore import QRectF

from ...core.report.content import Content, TownContent
from ...core.report.sheet_texts import Imprint, crs_name, town_texts
from ...core.report.sheets.anchors import anchor_points, labelled, too_small
from ...core.report.sheets.boundary_points import points_tables
from ...core.report.sheets.tables import ABOVE, SheetTable, findings_table, notes_table, short_number
from ...core.report.units import HA_DECIMALS, number
from ...core.review.opened import Package
from .callout_item import draw_callouts
from .detail_item import MOST, draw_details, part_of_strip
from .further_pages import write_tables
from .inset_item import draw_place
from .legend_item import Entry, draw_legend, symbols
from .map_frame import Land, draw_scale_bar, show, show_nothing
from .map_layers import MapLayers
from .sheet import CALLOUTS, Sheet
from .signoff_item import SIGNERS, draw_signoff

NONE, OF_TOWNS, OF_FINDINGS = range(3)
ROOM = 0.74  # of the map's frame that the town takes; the rest is for its call-outs
INSET_ROOM = 0.9
SMALL_MM = 1.5  # a side of a finding that gets a dot, as resources/styles/sheet_findings.qml has it


class TownPages:
    """Fills a sheet for one town after the other, from the package alone."""

    def __init__(
        self, content: Content, package: Package, layers: MapLayers, imprint: Imprint, land: Land, points: int = NONE
    ):
        """:param points: of which boundary points there are tables, `NONE`, `OF_TOWNS` or `OF_FINDINGS`."""
        self.content, self._package, self._layers, self._imprint = content, package, layers, imprint
        self._land, self._points = land, points
        self._county = land.bounds(content.browsed.town_boxes)

    def landscape(self, row: int) -> bool:
        """Whether a town lies better on a sheet that is wider than high."""
        box = self._land.bounds(self.content.browsed.town_boxes[[row]])
        return box is None or box.width() >= box.height()

    @np.errstate(invalid="ignore")  # GEOS leaves the processor's flag behind, not a wrong result
    def fill(self, sheet: Sheet, row: int) -> list[str]:
        """Make the sheet that of this town, with as many further pages as its table needs; ids of texts that do not
        fit their place."""
        sheet.clear()
        texts, town = self.content.texts, self.content.town(row)
        written = town_texts(self.content, town, self._imprint)
        tight = [name for name, text in written.items() if not sheet.write(name, text)]
        box = self._land.bounds(self.content.browsed.town_boxes[[row]])
        if box is None:
            show_nothing(sheet, texts.say("sheet_no_shape"))
        else:
            self._draw_map(sheet, town, box)
        draw_signoff(sheet, [texts.say(f"sheet_{name}") for name in SIGNERS])
        if not self._draw_legend(sheet, town, box is not None):
            tight.append("legend")
        tables = [findings_table(self.content, town), notes_table(self.content, town), *self._points_of(town)]
        room = write_tables(sheet, [table for table in tables if table is not None], written, texts)
        if box is not None and room is not None:
            self._draw_details(sheet, town, room)
        return tight

    def _draw_map(self, sheet: Sheet, town: TownContent, box: QgsRectangle) -> None:
        area, item = sheet.area("map"), sheet.map()
        layers = self._layers.of_town(town.town["town_id"])
        denominator = show(item, area, self._land, box, layers, ROOM)
        self._layers.grow(denominator, sheet.text_factor)
        draw_scale_bar(sheet, area, denominator)
        shape = self._package.shape("towns", int(self.content.browsed.town_fids[town.row]))
        inset = sheet.map("inset")
        if inset is not None:
            inset.setVisibility(True)
            place = sheet.area("inset")
            scale = show(inset, place, self._land, self._county, self._layers.of_inset(), INSET_ROOM, False)
            self._layers.grow_inset(scale, sheet.text_factor)
            draw_place(sheet, self._land.outline(shape, inset.extent(), place))
        self._draw_callouts(sheet, town, shape, item.extent(), area)

    def _draw_callouts(
        self, sheet: Sheet, town: TownContent, shape: shapely.Geometry | None, extent: QgsRectangle, area: QRectF
    ) -> None:
        rows, small = labelled(town, CALLOUTS[sheet.paper]), self._small(sheet, town)
        small = small[~np.isin(small, rows)]
        found = town.findings.iloc[[*rows[: CALLOUTS[sheet.paper] - len(small)], *small]]
        if not len(found):
            return
        fids = self.content.browsed.fids[found["row"].to_numpy(int)]
        points = anchor_points(self._package, fids, shapely.from_wkb(self._land.back(extent)))
        numbers = (short_number(mark, town.town["town_name"]) for mark in found["number"])
        texts = [f"{mark}\n{number(ha, HA_DECIMALS)}" for mark, ha in zip(numbers, found["ha"], strict=True)]
        anchors = self._land.on_page(points, extent, area)
        draw_callouts(sheet, texts, found["severity"].tolist(), anchors, self._land.outline(shape, extent, area))

    def _small(self, sheet: Sheet, town: TownContent) -> np.ndarray:
        """Positions of the largest findings that are too small to be seen."""
        return too_small(town, SMALL_MM / 1000 * sheet.map().scale(), MOST)

    def _draw_details(self, sheet: Sheet, town: TownContent, room: QRectF) -> None:
        found, small = [], town.findings.iloc[self._small(sheet, town)]
        within = shapely.from_wkb(self._land.back(sheet.map().extent()))
        middles = self._land.there(anchor_points(self._package, self.content.browsed.fids[small["row"]], within))
        for row, middle in zip(small.itertuples(), middles, strict=True):
            box = self._land.bounds(self.content.browsed.boxes[[row.row]])
            if box is not None:
                box = part_of_strip(box, middle, row.width_m)
                found.append((short_number(row.number, town.town["town_name"]), box))
        draw_details(
            sheet, room, found, self._land, self._layers.of_detail(),
            lambda number, scale: self.content.texts.say("sheet_detail", number=number, scale=f"{scale:,}"),
        )  # fmt: skip

    def _points_of(self, town: TownContent) -> list[SheetTable]:
        browsed, texts = self.content.browsed, self.content.texts
        if self._points == OF_TOWNS:
            places = [(town.town["town_name"], "towns", browsed.town_fids[town.row])]
        elif self._points == OF_FINDINGS:
            found = town.standing[town.standing["severity"].isin(ABOVE)]
            numbers = (short_number(mark, town.town["town_name"]) for mark in found["number"])
            fids = browsed.fids[found["row"].to_numpy(int)]
            places = [(number, "findings", fid) for number, fid in zip(numbers, fids, strict=True)]
        else:
            return []
        shapes = ((name, self._land.moved(self._package.shape(layer, int(fid)))) for name, layer, fid in places)
        return points_tables(shapes, crs_name(self._land.crs.authid() or self._land.crs.toWkt(), texts), texts)

    def _draw_legend(self, sheet: Sheet, town: TownContent, shown: bool) -> bool:
        """:param shown: whether the map shows anything."""
        texts, nothing = self.content.texts, np.array([np.inf, np.inf, -np.inf, -np.inf])
        entries = [Entry(texts.say("sheet_town"), symbols(self._layers.town)[""])]
        lines, findings = symbols(self._layers.lines), symbols(self._layers.findings)
        seen = shapely.bounds(shapely.from_wkb(self._land.back(sheet.map().extent()))) if shown else nothing
        here = self._package.lines_in(seen) if shown else set()
        for line in self.content.lines.lines:
            check = town.town.get(f"{line.short}_check")
            if check is not None:
                entries.append(Entry(texts.pick(line.name), lines.get(line.id, lines[""]), line.id in here))
        drawn = set(town.standing["severity"]) if shown else set()
        for label, symbol in findings.items():
            kind, _, code = label.partition(":")
            if kind == "severity":
                word = texts.word("severity", code)
                entries.append(Entry(texts.listed(texts.say("sheet_findings"), [word]), symbol, code in drawn))
        near = np.delete(self.content.browsed.town_boxes, town.row, axis=0)
        met = ((near[:, :2] <= seen[2:]) & (near[:, 2:] >= seen[:2])).all(axis=1)
        if met.any():
            entries.append(Entry(texts.say("sheet_other_towns"), symbols(self._layers.others)[""]))
        if shown and "small" in findings and len(self._small(sheet, town)):
            entries.append(Entry(texts.say("sheet_small"), findings["small"]))
        return draw_legend(sheet, texts.say("sheet_legend"), texts.say("sheet_legend_rest"), entries)
