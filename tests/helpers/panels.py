"""Driving the review panel in tests, as a planner drives it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from packages import CRS, box, findings, review
from qgis.gui import QgsProcessingAlgorithmDialogBase
from qgis.PyQt.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from qgis.PyQt.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from qgis.PyQt.QtWidgets import QApplication

from redline_review.core.review.gpkg import know_geometry
from redline_review.core.review.opening import open_package

READ_MS = 20_000
SAMPLE = Path(__file__).parents[2] / "resources" / "sample" / "qinghe.gpkg"
COPY = Qt.DropAction.CopyAction
LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
LAYERS = {"TOWNS": "TSXZ_GHFW", "FARMLAND": "YJJBNTTB", "ECO_REDLINE": "STBHHX", "URBAN_BOUNDARY": "CZKFBJ"}  # in it


def small_package(path):
    """Two towns: A with five findings on farmland in a row, B with one on the ecological redline; one question."""
    rows = [("A", "farmland", f"F{n}", box(200 * n, 0, 100 + n)) for n in range(5)]
    rows += [("B", "eco_redline", "E1", box(20_000, 0, 100))]
    written(path, findings(rows))
    asked = {"id": "plan", "question": {"en": "Is there a sound plan?", "zh_CN": "规划是否科学？"}, "group": "五有"}
    set_fact(path, "profile", {"checklist": [asked]})
    return path


def written(path, frame, **options):
    """A package of these findings that says where it lies."""
    review(path, frame, **options)
    set_fact(path, "crs", CRS.to_string())


def set_fact(path, key, value):
    """Change the manifest of a package."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM run WHERE key = ?", [key])
        connection.execute("INSERT INTO run (key, value) VALUES (?, ?)", [key, json.dumps(value)])


def change(path, statement, *values):
    """Change a layer of a package behind everybody's back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        know_geometry(connection)
        connection.execute(statement, values)


def read(qtbot, panel, begin):
    """Wait until what ``begin`` opens is shown."""
    with qtbot.waitSignal(panel.opened, timeout=READ_MS):
        begin()


def failed(qtbot, panel, begin):
    with qtbot.waitSignal(panel._opening.failed, timeout=READ_MS):
        begin()
    return panel.banner.text()


def dialogs():
    """Those of tools that are there, open or closed."""
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, QgsProcessingAlgorithmDialogBase)]


def drop(widget, *paths):
    """Drag files over a widget and drop them, as Qt hands it over; whether they were taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place = QPoint(3, 3)
    events = (
        QDragEnterEvent(place, COPY, data, LEFT, NO_KEY), QDragMoveEvent(place, COPY, data, LEFT, NO_KEY),
        QDropEvent(QPointF(place), COPY, data, LEFT, NO_KEY),
    )  # fmt: skip
    taken = []
    for event in events:
        event.setAccepted(isinstance(event, QDragMoveEvent) and taken[-1:] == [True])
        QApplication.sendEvent(widget, event)
        taken.append(event.isAccepted())
    return taken == [True] * 3


def column(model, key):
    """What a column shows, row by row."""
    place = next(n for n, one in enumerate(model.columns) if one.key == key)
    return [model.index(row, place).data() for row in range(model.rowCount())]


def ids(panel):
    return panel.browsed.ids(panel.tables.chosen_findings)


def towns(panel):
    return panel.browsed.towns["town_id"].iloc[panel.tables.chosen_towns].tolist()


def events(path):
    with open_package(path) as opened:
        return opened.decisions()


def choose(combo, code):
    combo.setCurrentIndex(combo.findData(code))


def decide(panel, decision, author="张三", reason="", button="record"):
    form = panel.pages.form
    choose(form.decision, decision)
    form.reason.setText(reason)
    form.author.setText(author)
    getattr(form, button).click()
    return form.message.text()
