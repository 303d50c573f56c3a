"""Map sheets of a package, filled and looked at."""

import shutil
import subprocess
from datetime import date

import pytest
from qgis.core import QgsLayoutFrame, QgsLayoutItemLabel

from redline_review.core.report.content import Content
from redline_review.core.report.sheet_texts import Imprint
from redline_review.processing.maps.atlas import Look, open_atlas
from redline_review.processing.maps.typeface import chosen

FACE = chosen("", "三线套合审查图", "title")
IMPRINT = Imprint("清河县自然资源局", "张三", date(2026, 5, 1), "秘密")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not here")


def text_of(pdf):
    command = ["pdftotext", "-raw", str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def sheets(path, language="zh_CN", look=None, base=()):
    return open_atlas(Content(path, language), look or Look(FACE), IMPRINT, base)


def labels(layout):
    return [item for item in layout.items() if isinstance(item, QgsLayoutItemLabel) and item.isVisible()]


def callouts(layout):
    return [item for item in labels(layout) if item.frameEnabled()]


def cells(layout):
    """The texts of all tables."""
    tables = [item.multiFrame() for item in layout.items() if isinstance(item, QgsLayoutFrame)]
    return [str(cell.content()) for table in tables for row in table.tableContents() for cell in row]
