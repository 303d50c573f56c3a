"""Pages of text in one typeface, written and read back."""

import re
import shutil
import subprocess
import sys

import pytest
from qgis.core import Qgis, QgsLayout, QgsLayoutExporter, QgsLayoutItemLabel, QgsProject, QgsTextFormat
from qgis.PyQt.QtCore import QRectF
from qgis.PyQt.QtGui import QFont, QFontInfo

SANS, SERIF = "Noto Sans CJK SC", "Noto Serif CJK SC"
# Those of the development packages, and what Windows brings along.
FACES = (SANS, SERIF, "WenQuanYi Zen Hei", "AR PL UMing CN")
FACES += ("SimHei", "SimSun", "Microsoft YaHei") if sys.platform == "win32" else ()
SENTENCE = (
    "经套合分析，范围总面积12.34公顷，不涉及生态保护红线，不占用永久基本农田，位于城镇开发边界内5.67公顷、外6.67公顷。"
)

needs_pdftotext = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not here")


def there(family):
    return QFontInfo(QFont(family)).family() == family


def need(*families):
    """Skip the test where one of these is not installed."""
    for family in families:
        if not there(family):
            pytest.skip(f"{family} is not installed")


def text_format(font, size=16):
    made = QgsTextFormat()
    made.setFont(font)
    made.setSize(size)
    return made


def add_label(layout, text, font, box):
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setTextFormat(text_format(font))
    layout.addLayoutItem(label)
    label.attemptSetSceneRect(QRectF(*box))


def layout_of(text, font):
    """A page of A1."""
    layout = QgsLayout(QgsProject.instance())
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize("A1")
    add_label(layout, text, font, (5, 5, 830, 580))
    return layout


def write_pdf(layout, path):
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText
    assert QgsLayoutExporter(layout).exportToPdf(str(path), settings) == QgsLayoutExporter.ExportResult.Success
    return path


def write_svg(layout, path, text_render_format):
    settings = QgsLayoutExporter.SvgExportSettings()
    settings.textRenderFormat = text_render_format
    assert QgsLayoutExporter(layout).exportToSvg(str(path), settings) == QgsLayoutExporter.ExportResult.Success
    return path.read_text(encoding="utf-8")


def pages_of(path):
    """The text of each page as it is copied from a reader."""
    return _said("pdftotext", "-raw", path, "-").split("\f")[:-1]


def copied(path):
    return re.sub(r"\n", "", "".join(pages_of(path)))


def fonts_in(path):
    """A line on each font."""
    return _said("pdffonts", path).splitlines()[2:]


def _said(*command):
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert not done.stderr  # of a damaged file they tell there
    return done.stdout
