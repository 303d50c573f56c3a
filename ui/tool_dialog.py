"""A tool's dialog, its inputs suggested from the project where nobody has chosen them."""

from __future__ import annotations

from typing import Any

from qgis.core import Qgis

from ..i18n import tr

SHOWN = 4  # reasons in the dialog's message bar; all of them in its log


def open_tool(name: str, parameters: dict[str, Any] | None = None) -> Any:
    """Open the dialog of an algorithm, with these parameters or, where None, with what the project's layers suggest."""
    from qgis import processing

    from ..processing.suggested import suggested

    reasons: list[str] = []
    if parameters is None:
        parameters, reasons = suggested(name)
    dialog = processing.createAlgorithmDialog(name, parameters)
    if reasons:
        told = reasons if len(reasons) <= SHOWN else [*reasons[:SHOWN], "…"]
        dialog.messageBar().pushMessage(tr("Suggested, please check"), "\n".join(told), Qgis.MessageLevel.Info, 0)
        dialog.setInfo("\n".join([tr("Suggested, please check"), *reasons]), False, True)
    dialog.show()
    return dialog
