"""A report written to files: all are built aside, then put in their places."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ...errors import RedlineError
from ...review.aside import Aside
from ...review.layers import cannot_write
from ...review.request import Progress
from .chapters import Report

DOCX, XLSX, HTML = FORMATS = "docx", "xlsx", "html"


def write_report(
    report: Report, folder: Path, formats: Sequence[str], progress: Progress = lambda percent, code: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[dict[str, Path], list[str]]:  # fmt: skip
    """Write a report in these `FORMATS`; the files, and what could not be put into them, in words.

    The folder is made where it is not there. Files of the same names are replaced, but not before all are whole.

    :param progress: steps ``report_writing``, ``placing`` (from where on a cancel comes too late) and ``done``.
    :raises RedlineError: ``cannot_write``, ``disk_full``, ``package_read_only``, ``report_target_open``.
    :raises Cancelled: soon after ``cancelled()`` turns true; nothing is written then.
    """
    name = f"{report.content.path.stem}_{report.content.texts.say('report_file')}"
    targets = {kind: folder / f"{name}.{kind}" for kind in formats}
    said: list[str] = []
    with ExitStack() as stack:
        built = {}
        for done, (kind, target) in enumerate(targets.items()):
            built[kind] = _aside(target, stack)

            def part(percent: float, code: str, done: int = done) -> None:
                progress((done + percent / 100) * 99 / len(targets), code)

            try:
                said += _write(kind, report, built[kind].path, part, cancelled)
                _on_disk(built[kind].path)
            except OSError as error:
                raise _explained(target, error) from error
        progress(99, "placing")
        for kind, target in targets.items():
            try:
                built[kind].put()
            except OSError as error:
                raise _not_put(target, error) from error
    progress(100, "done")
    return targets, list(dict.fromkeys(said))


def _aside(target: Path, stack: ExitStack) -> Aside:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # Renaming would put a new file in the place of a write-protected one.
        if target.exists() and not os.access(target, os.W_OK):
            raise RedlineError("package_read_only", path=str(target))
        aside = Aside(target)
    except OSError as error:
        raise _explained(target, error) from error
    stack.callback(aside.discard)
    return aside


def _write(kind: str, report: Report, path: Path, progress: Progress, cancelled: Callable[[], bool]) -> list[str]:
    """Each library is imported only where its format is asked for."""
    if kind == DOCX:
        from .document import write_document

        return write_document(report, path, progress, cancelled)
    if kind == XLSX:
        from .workbook import write_workbook

        write_workbook(report, path, progress, cancelled)
        return []
    from .page import write_page

    return write_page(report, path, progress, cancelled)


def _on_disk(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _not_put(target: Path, error: OSError) -> RedlineError:
    if isinstance(error, PermissionError) or error.errno == errno.EBUSY:
        return RedlineError("report_target_open", path=str(target))
    return _explained(target, error)


def _explained(target: Path, error: OSError) -> RedlineError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RedlineError("disk_full", path=str(target))
    return cannot_write(target, error)
