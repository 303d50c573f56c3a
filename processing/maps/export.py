"""Writing map sheets: one PDF of all pages, or a file for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from osgeo import gdal
from qgis.core import Qgis, QgsAbstractLayoutIterator, QgsFeedback, QgsLayout, QgsLayoutExporter

from ...core.errors import Cancelled, RedlineError
from ...core.report.map_files import ATLAS, beyond, map_file
from ...core.report.sheets.seals import is_sealed, seal
from ...core.review.layers import cannot_write
from .pdf_text import mend_text
from .placing import not_written, place

PDF, PDF_EACH, PNG, SVG = range(4)
SUFFIXES = {PDF: ".pdf", PDF_EACH: ".pdf", PNG: ".png", SVG: ".svg"}


@dataclass(frozen=True)
class Job:
    """One sheet to be made: ``name``: for its file and for messages; ``fill``: makes the layout, ready to be written,
    and says which of its texts do not fit."""

    name: str
    title: str
    fill: Callable[[], tuple[QgsLayout, list[str]]]


@dataclass
class Exported:
    """``files`` that were written; ``pages`` in them; ``failed``: titles of sheets that could not be made, with the
    reason; ``tight``: titles of sheets and what does not fit on them; ``removed``: pages of an earlier export that the
    sheets of this one no longer have; ``left``: files that look like such, but may be somebody else's, and those of
    sheets that failed now."""

    files: list[Path] = field(default_factory=list)
    pages: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    tight: list[tuple[str, str]] = field(default_factory=list)
    removed: list[Path] = field(default_factory=list)
    left: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """How sheets are written. ``family``: the typeface of their text; ``outlines``: text in SVG as shapes, so that no
    typeface is needed to see it; ``confidential``: nothing hidden goes along, no CRS, no names of layers."""

    format: int = PDF
    family: str = ""
    dpi: float = 300
    outlines: bool = False
    confidential: bool = False


def export(jobs: list[Job], folder: Path, way: Way, feedback: QgsFeedback) -> Exported:
    """Write all sheets into a folder, which is made. A sheet that fails is told, and the rest goes on.

    :raises RedlineError: ``cannot_write``, ``disk_full``; ``map_target_open`` where another program has a file open.
    :raises Cancelled: between two sheets; nothing of what is one file is there then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    made = Exported()
    if way.format == PDF:
        _one_pdf(jobs, map_file(folder, ATLAS, ".pdf"), way, feedback, made)
    else:
        for number, job in enumerate(jobs):
            _check(feedback, number, len(jobs))
            layout, target = _filled(job, made), map_file(folder, job.name, SUFFIXES[way.format])
            if layout is not None:
                _one_file(layout, target, way, made)
            elif target.exists():
                made.left += [target, *beyond(target, 1)]
    return made


def _filled(job: Job, made: Exported) -> QgsLayout | None:
    try:
        layout, tight = job.fill()
    except RedlineError:
        raise
    except Exception as error:  # one town's sheet must not cost the others theirs
        made.failed.append((job.title, f"{type(error).__name__}: {error}"))
        return None
    made.tight += [(job.title, name) for name in tight]
    made.pages += layout.pageCollection().pageCount()
    return layout


def _one_pdf(jobs: list[Job], target: Path, way: Way, feedback: QgsFeedback, made: Exported) -> None:
    def write(path: Path) -> None:
        pages = _Pages(jobs, made, feedback)
        result, message = QgsLayoutExporter.exportToPdf(pages, str(path), _pdf_settings(way), feedback)
        if feedback.isCanceled():
            raise Cancelled
        _check_result(result, message, target)
        mend_text(path, (way.family,))

    if jobs:
        made.files += place(target, write)


def _one_file(layout: QgsLayout, target: Path, way: Way, made: Exported) -> None:
    def write(path: Path) -> None:
        exporter = QgsLayoutExporter(layout)
        if way.format == PNG:
            settings = QgsLayoutExporter.ImageExportSettings()
            settings.dpi = way.dpi
            settings.exportMetadata = settings.generateWorldFile = False
            gdal.PushErrorHandler("CPLQuietErrorHandler")  # QGIS tries to write the CRS into each PNG, and cannot
            try:
                result = exporter.exportToImage(str(path), settings)
            finally:
                gdal.PopErrorHandler()
        elif way.format == SVG:
            result = exporter.exportToSvg(str(path), _svg_settings(way))
        else:
            result = exporter.exportToPdf(str(path), _pdf_settings(way))
            if result == QgsLayoutExporter.ExportResult.Success:
                mend_text(path, (way.family,))
        _check_result(result, exporter.errorMessage() or exporter.errorFile(), target)
        for page in path.parent.iterdir():
            seal(page)

    pages = place(target, write)
    made.files += pages
    for page in beyond(target, len(pages)):
        _take_away(page, made)


def _take_away(page: Path, made: Exported) -> None:
    """A page of an earlier export, which would be taken for one of this; only if nobody else has written to it."""
    try:
        if is_sealed(page):
            page.unlink()
            made.removed.append(page)
            return
    except OSError:
        pass  # open in another program, or write-protected
    made.left.append(page)


def _pdf_settings(way: Way) -> QgsLayoutExporter.PdfExportSettings:
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = way.dpi
    settings.appendGeoreference = not way.confidential
    settings.exportMetadata = False  # of the user's project
    settings.textRenderFormat = Qgis.TextRenderFormat.AlwaysText
    settings.simplifyGeometries = True
    return settings


def _svg_settings(way: Way) -> QgsLayoutExporter.SvgExportSettings:
    settings = QgsLayoutExporter.SvgExportSettings()
    settings.dpi = way.dpi
    settings.exportMetadata = settings.exportAsLayers = False
    formats = Qgis.TextRenderFormat
    settings.textRenderFormat = formats.AlwaysOutlines if way.outlines else formats.AlwaysText
    return settings


def _check_result(result: QgsLayoutExporter.ExportResult, message: str, target: Path) -> None:
    if result != QgsLayoutExporter.ExportResult.Success:
        raise not_written(target, message or str(result))


def _check(feedback: QgsFeedback, number: int, count: int) -> None:
    if feedback.isCanceled():
        raise Cancelled
    feedback.setProgress(100 * number / max(1, count))


class _Pages(QgsAbstractLayoutIterator):
    """The sheets of all jobs one after the other, as QGIS takes them for one PDF."""

    def __init__(self, jobs: list[Job], made: Exported, feedback: QgsFeedback):
        super().__init__()
        self._jobs, self._made, self._feedback = jobs, made, feedback
        self._left: Iterator[tuple[int, Job]] = iter(())
        self._layout: QgsLayout | None = None

    def layout(self) -> QgsLayout | None:
        return self._layout

    def beginRender(self) -> bool:
        self._left = iter(enumerate(self._jobs))
        return True

    def endRender(self) -> bool:
        return True

    def count(self) -> int:
        return len(self._jobs)

    def next(self) -> bool:
        for number, job in self._left:
            if self._feedback.isCanceled():
                return False
            self._feedback.setProgress(100 * number / len(self._jobs))
            self._layout = _filled(job, self._made)
            if self._layout is not None:
                return True
        return False

    def filePath(self, base: str, extension: str) -> str:
        return f"{base}.{extension}"
