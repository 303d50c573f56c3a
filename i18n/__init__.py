"""The interface's strings: `tr` translates one, `install` loads the language QGIS speaks.

One context serves the whole plugin, so that a string reads the same in a menu, an algorithm and a page. Messages
behind codes of `core` stand in the catalogues beside this file, not here. docs/development.md tells how to add strings.
"""

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

CONTEXT = "RedlineReview"


def tr(text: str) -> str:
    """`text` in the interface's language. Only literals: `tr("{n} towns").format(n=n)`, never an f-string."""
    return QCoreApplication.translate(CONTEXT, text)


def language() -> str:
    """`zh_CN` where QGIS speaks any Chinese, else `en`. Told at its start (`--lang`), by its setting or the system."""
    spoken = QgsApplication.instance().translation() or QgsApplication.locale()
    return "zh_CN" if spoken.lower().startswith("zh") else "en"


def install() -> QTranslator | None:
    """Install the translator of the interface's language; the caller keeps and removes it. None for English."""
    translator = QTranslator()
    if not translator.load(str(Path(__file__).with_name(f"redline_review_{language()}.qm"))):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
