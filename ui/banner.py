"""What the panel's banner says of a package, as HTML with links."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from ..i18n import tr

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed

AGAIN, MIGRATE = "again", "migrate"  # links


def warnings(browsed: Browsed, names: Mapping[str, str], texts: Texts) -> list[str]:
    """Why it cannot be worked on as usual; empty where it can. ``names``: of lines by their ids."""
    if browsed.path is None:
        return [escape(tr("A layer is shown, to look at: decisions are kept in review packages."))]
    said = []
    if browsed.changed:
        names_of = ", ".join(_source(role, names, texts) for role in browsed.changed)
        told = tr("Changed since this run: {sources}.").format(sources=names_of)
        said.append(f"{escape(told)} {_link(AGAIN, tr('Run this review again…'))}")
    if browsed.older:
        told = tr("An earlier version of the plugin made this package; it can only be read.")
        said.append(f"{escape(told)} {_link(MIGRATE, tr('Go on in a copy'))}")
    elif browsed.newer:
        said.append(escape(tr("A newer version of the plugin made this package; it can only be read.")))
    elif not browsed.writable:
        said.append(escape(tr("The package is write-protected: decisions cannot be recorded.")))
    return said


def _link(where: str, text: str) -> str:
    return f"<a href='{where}'>{escape(text)}</a>"


def _source(role: str, names: Mapping[str, str], texts: Texts) -> str:
    of_towns = {
        "towns": tr("Towns"),
        "coverage": tr("Area that the line layers cover"),
        "construction": tr("Planned construction land"),
    }
    return names.get(role) or of_towns.get(role) or texts.word("intensity_source", role)
