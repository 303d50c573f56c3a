"""The map sheet of the chosen town, opened in QGIS's layout designer."""

from __future__ import annotations

from datetime import date

from qgis.gui import QgisInterface

from ..core.review.browse import Browsed
from ..i18n import language
from . import settings


def open_town_map(iface: QgisInterface, browsed: Browsed, row: int) -> None:
    """Make the sheet and open it, ready to be changed, printed or exported.

    :raises RedlineError: those of `town_layout`.
    """
    from ..core.report.sheet_texts import Imprint
    from ..processing.maps.designer import town_layout

    imprint = Imprint(author=settings.author(), day=date.today())
    town = str(browsed.towns["town_id"].iloc[row])
    iface.openLayoutDesigner(town_layout(browsed.path, town, language(), imprint))
