"""Tells whoever listens in the desktop what a run has made. Without a window nobody does."""

from qgis.PyQt.QtCore import QObject, pyqtSignal


class Announcer(QObject):
    """:ivar package_written: path of a review package. :ivar findings_loaded: id of a layer of findings, of a run
    without a package."""

    package_written = pyqtSignal(str)
    findings_loaded = pyqtSignal(str)


announcer = Announcer()
