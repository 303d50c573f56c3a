"""Map files are built aside and take their places when they are whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ...core.errors import RedlineError
from ...core.review.aside import Aside
from ...core.review.layers import cannot_write

ENDS = {".pdf": b"%%EOF", ".svg": b"</svg>"}  # what Qt's writers leave out, without a word, where the disk is full
_FULL = 100_000  # bytes that are free on a disk on which nothing has room any more


def place(target: Path, write: Callable[[Path], None]) -> list[Path]:
    """Have a file written, and with it its further pages; the files that are there then.

    :param write: to be given a path; what stands beside it is taken along.
    :raises RedlineError: ``disk_full``, ``map_target_open``, ``cannot_write``: what was there is as it was.
    """
    if target.is_dir():
        raise cannot_write(target, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    try:
        aside = Aside(target)
    except OSError as error:
        raise _explained(target, error) from error
    try:
        write(aside.path)
        built = sorted(aside.path.parent.iterdir())
        for file in built:
            _check(file)
        try:
            aside.put()
        except OSError as error:
            if isinstance(error, PermissionError) or error.errno == errno.EBUSY:
                raise RedlineError("map_target_open", path=str(target)) from error
            raise
        return [target.with_name(file.name) for file in built]
    except OSError as error:
        raise _explained(target, error) from error
    finally:
        aside.discard()


def not_written(target: Path, reason: str) -> RedlineError:
    """The error for a writer of QGIS that tells no cause."""
    full = shutil.disk_usage(target.parent).free < _FULL
    return RedlineError("disk_full", path=str(target)) if full else RedlineError(
        "cannot_write", path=str(target), reason=reason)  # fmt: skip


def _check(file: Path) -> None:
    end = ENDS.get(file.suffix.lower(), b"")
    with open(file, "rb+") as written:
        os.fsync(written.fileno())
        written.seek(max(0, file.stat().st_size - 64))
        if end not in written.read():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _explained(target: Path, error: OSError) -> RedlineError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RedlineError("disk_full", path=str(target))
    return cannot_write(target, error)
