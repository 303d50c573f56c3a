"""The review panel on a small package."""

import pytest
from panels import read, small_package
from qgis.core import QgsCoordinateReferenceSystem, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QEvent


@pytest.fixture
def package(tmp_path):
    return small_package(tmp_path / "成果 包.gpkg")


@pytest.fixture
def panel(qgis_iface, qgis_new_project, qtbot):
    from redline_review.ui.review_panel import ReviewPanel

    QgsSettings().remove("redline_review")
    qgis_iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4530"))
    made = ReviewPanel(qgis_iface)
    made.resize(600, 800)
    made.show()
    yield made
    made.end()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def opened(panel, package, qtbot):
    read(qtbot, panel, lambda: panel.open(package))
    return panel
