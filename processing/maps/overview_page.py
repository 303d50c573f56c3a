"""The overview sheet: all towns by their reviewed verdict."""

from __future__ import annotations

import numpy as np
import shapely

from ...core.report.content import Content
from ...core.report.sheet_texts import Imprint, overview_texts
from ...core.report.sheets.tables import overview_table
from ...core.review.opened import Package
from .callout_item import draw_names
from .further_pages import write_tables
from .legend_item import Entry, draw_legend, symbols
from .map_frame import Land, draw_scale_bar, show, show_nothing
from .map_layers import MapLayers
from .sheet import CALLOUTS, Sheet
from .signoff_item import SIGNERS, draw_signoff

ROOM = 0.86
NAMES = 4  # times as many towns are named as findings are labelled on a town's sheet


class OverviewPage:
    """Fills a sheet for all towns of a package."""

    def __init__(self, content: Content, package: Package, layers: MapLayers, imprint: Imprint, land: Land):
        self._content, self._package, self._layers = content, package, layers
        self._imprint, self._land = imprint, land
        self._box = land.bounds(content.browsed.town_boxes)

    def landscape(self) -> bool:
        return self._box is None or self._box.width() >= self._box.height()

    @np.errstate(invalid="ignore")  # GEOS leaves the processor's flag behind, not a wrong result
    def fill(self, sheet: Sheet) -> list[str]:
        """Make the sheet the overview; ids of texts that do not fit their place."""
        sheet.clear()
        texts = self._content.texts
        written = overview_texts(self._content, self._imprint)
        tight = [name for name, text in written.items() if not sheet.write(name, text)]
        inset = sheet.map("inset")
        if inset is not None:
            inset.setVisibility(False)
        if self._box is None:
            show_nothing(sheet, texts.say("sheet_no_towns"))
        else:
            area, item = sheet.area("map"), sheet.map()
            denominator = show(item, area, self._land, self._box, self._layers.of_overview(), ROOM)
            self._layers.grow(denominator, sheet.text_factor)
            draw_scale_bar(sheet, area, denominator)
            self._name_towns(sheet)
        draw_signoff(sheet, [texts.say(f"sheet_{name}") for name in SIGNERS])
        if not self._draw_legend(sheet):
            tight.append("legend")
        write_tables(sheet, [overview_table(self._content)], written, texts)
        return tight

    def _name_towns(self, sheet: Sheet) -> None:
        """The largest towns by name."""
        browsed, extent, area = self._content.browsed, sheet.map().extent(), sheet.area("map")
        boxes = browsed.town_boxes
        size = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        rows = np.argsort(-np.nan_to_num(size), kind="stable")[: NAMES * CALLOUTS[sheet.paper]]
        shapes = [self._package.shape("towns", int(browsed.town_fids[row])) for row in rows]
        drawn = np.array([self._land.outline(shape, extent, area) for shape in shapes], dtype=object)
        towns = shapely.union_all(shapely.simplify(drawn, 1.0))
        names = [str(name) for name in browsed.towns["town_name"].iloc[rows]]
        draw_names(sheet, names, browsed.towns["reviewed_verdict"].iloc[rows].tolist(), drawn, towns)

    def _draw_legend(self, sheet: Sheet) -> bool:
        content, texts = self._content, self._content.texts
        verdicts = set(content.browsed.towns["reviewed_verdict"])
        entries = [Entry(texts.word("reviewed_verdict", code), symbol, code in verdicts)
                   for code, symbol in symbols(self._layers.verdicts).items()]  # fmt: skip
        lines = symbols(self._layers.lines)
        for line in content.lines.lines:
            if f"{line.short}_check" in content.browsed.towns:
                entries.append(Entry(texts.pick(line.name), lines.get(line.id, lines[""])))
        return draw_legend(sheet, texts.say("sheet_legend"), texts.say("sheet_legend_rest"), entries)
