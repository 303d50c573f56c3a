"""The overview sheet: all towns by their reviewed verdict."""

from __future__ import annotations

import numpy as np

from ...core.report.content import Content
from ...core.report.sheet_texts import Imprint, overview_columns, overview_rows, overview_texts
from .callout_item import draw_callouts
from .legend_item import Entry, draw_legend, symbols
from .map_frame import Land, draw_scale_bar, show
from .map_layers import MapLayers
from .sheet import CALLOUTS, Sheet
from .signoff_item import SIGNERS, draw_signoff
from .table_item import draw_table

ROOM = 0.86


class OverviewPage:
    """Fills a sheet for all towns of a package."""

    def __init__(self, content: Content, layers: MapLayers, imprint: Imprint, land: Land):
        self._content, self._layers, self._imprint, self._land = content, layers, imprint, land
        self._box = land.bounds(content.browsed.town_boxes)

    def landscape(self) -> bool:
        return self._box is None or self._box.width() >= self._box.height()

    def fill(self, sheet: Sheet) -> list[str]:
        """Make the sheet the overview; ids of texts that do not fit their place."""
        sheet.clear()
        texts = self._content.texts
        written = overview_texts(self._content, self._imprint)
        tight = [name for name, text in written.items() if not sheet.write(name, text)]
        inset = sheet.map("inset")
        if inset is not None:
            inset.setVisibility(False)
        if self._box is not None:
            area, item = sheet.area("map"), sheet.map()
            denominator = show(item, area, self._land, self._box, self._layers.of_overview(), ROOM)
            draw_scale_bar(sheet, area, denominator)
            self._name_towns(sheet)
        draw_signoff(sheet, [texts.say(f"sheet_{name}") for name in SIGNERS])
        if not self._draw_legend(sheet):
            tight.append("legend")
        continued = texts.say("sheet_continued", title=written["title"])
        draw_table(sheet, overview_columns(self._content), overview_rows(self._content), continued)
        return tight

    def _name_towns(self, sheet: Sheet) -> None:
        """The largest towns by name."""
        browsed, item, area = self._content.browsed, sheet.map(), sheet.area("map")
        boxes = browsed.town_boxes
        centres = np.column_stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)])
        size = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        rows = np.argsort(-np.nan_to_num(size), kind="stable")[: 2 * CALLOUTS[sheet.paper]]
        anchors = self._land.on_page(centres[rows], item.extent(), area)
        names = [str(name) for name in browsed.towns["town_name"].iloc[rows]]
        draw_callouts(sheet, names, browsed.towns["reviewed_verdict"].iloc[rows].tolist(), anchors, None)

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
