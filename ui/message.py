"""Messages of more than a line in a message bar, which QGIS's own show by one line only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from qgis.core import Qgis
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

SHOWN = 4  # lines


def tell(
    bar: QgsMessageBar,
    title: str,
    lines: list[str],
    level: Qgis.MessageLevel,
    then: Mapping[str, Callable[[], Any]] | None = None,
) -> None:
    """Say the first lines, each whole. ``then``: what a click does, by what its button says."""
    shown = lines if len(lines) <= SHOWN else [*lines[:SHOWN], "…"]
    widget, row = QWidget(), QHBoxLayout()
    label = QLabel("<br>".join([f"<b>{escape(title)}</b>", *map(escape, shown)]))
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    row.addWidget(label, 1)
    row.setContentsMargins(0, 0, 0, 0)
    for text, act in (then or {}).items():
        button = QPushButton(text)
        button.clicked.connect(lambda checked=False, act=act: act())
        row.addWidget(button)
    widget.setLayout(row)
    bar.pushWidget(widget, level)
