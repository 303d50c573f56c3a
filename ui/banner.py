"""The panel's banner: what stands of a package, as HTML with links, and what has just happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING

from qgis.PyQt.QtWidgets import QLabel

from ..i18n import tr

if TYPE_CHECKING:
    from ..core.report.texts import Texts
    from ..core.review.browse import Browsed

AGAIN, MIGRATE = "again", "migrate"  # links
LINK = "color: #5c4400"  # on the banner's own ground, light in the dark theme too
_ROLES = {"list": "town_list"}  # as the catalogue calls them


class Banner:
    """What stands is said until another package is shown; what has just happened, until something else is done."""

    def __init__(self, label: QLabel, texts: Texts):
        self._label, self._texts = label, texts
        self._standing: list[str] = []

    def stand(self, said: list[str]) -> None:
        """Say these (HTML) of the package that is shown now."""
        self._standing = said
        self.settle()

    def settle(self) -> None:
        """What has just happened is over."""
        self._show(self._standing)

    def hush(self) -> None:
        """Say nothing until what is under way has ended."""
        self._show([])

    def tell(self, text: str) -> None:
        """Something has happened."""
        self._show([*self._standing, escape(text)])

    def fail(self, error: Exception) -> None:
        """Why something could not be done; nothing of what the planner has stopped."""
        from ..core.errors import Cancelled, RedlineError

        if isinstance(error, Cancelled):
            return
        self.tell(self._texts.error(error) if isinstance(error, RedlineError) else str(error))

    def tries(self, *steps: Callable[[], object]) -> None:
        """Do these. The package may have gone, or another program have it: that is said, and the next step taken."""
        from ..core.errors import RedlineError

        for step in steps:
            try:
                step()
            except RedlineError as error:
                self.fail(error)

    def _show(self, said: list[str]) -> None:
        self._label.setText("<br>".join(said))
        self._label.setVisible(bool(said))


def warnings(browsed: Browsed, names: Mapping[str, str], texts: Texts) -> list[str]:
    """Why it cannot be worked on as usual; empty where it can. ``names``: of lines by their ids."""
    if browsed.path is None:
        return [escape(tr("A layer is shown, to look at: decisions are kept in review packages."))]
    said = []
    if browsed.changed:
        names_of = texts.comma.join(_source(role, names, texts) for role in browsed.changed)
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
    return f"<a href='{where}' style='{LINK}'>{escape(text)}</a>"


def _source(role: str, names: Mapping[str, str], texts: Texts) -> str:
    own = {
        "towns": tr("Towns"),
        "coverage": tr("Area that the line layers cover"),
        "construction": tr("Planned construction land"),
        "earlier_land_use": tr("Existing land use at an earlier date"),
    }
    return names.get(role) or own.get(role) or texts.word("intensity_source", _ROLES.get(role, role))
