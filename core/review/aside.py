"""Files are built aside and put in their place when they are whole; what a killed run left behind is swept."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import sys
import uuid
import zlib
from pathlib import Path

_PREFIX = ".redline-"
_REPLACED = "replaced"
# Indexes that other programs keep beside a Shapefile: worthless, and misleading, once its features are others.
_STALE = (".qix", ".sbn", ".sbx", ".idm", ".ind")
_STILL_ACTIVE, _QUERY_LIMITED_INFORMATION, _ACCESS_DENIED = 259, 0x1000, 5


class Aside:
    """A folder of its own beside ``target``, on the same disk, in which ``path`` is built under the target's name.

    The folder's name carries the machine and the process, so that `sweep` takes away only what no process works on:
    the target may lie on a network drive that others use too. Raises OSError where the folder cannot be made.
    """

    def __init__(self, target: Path):
        sweep(target.parent)
        self._target = target
        self._folder = target.parent / f"{_PREFIX}{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._folder.mkdir()
        self.path = self._folder / target.name

    def put(self) -> None:
        """Move all that was built to its place. Raises OSError with the old files back in theirs."""
        built = [item for item in sorted(self._folder.iterdir()) if item.name != _REPLACED]
        if len(built) == 1 and not self._target.is_dir():
            os.replace(built[0], self._target)
        else:
            self._put_several(built)
        self.discard()

    def _put_several(self, built: list[Path]) -> None:
        """Several files cannot take their places in one step: the old ones are kept until all new ones are there."""
        replaced = self._folder / _REPLACED
        names = [item.name for item in built] + [self._target.stem + suffix for suffix in _STALE]
        replaced.mkdir()
        moved: list[Path] = []
        try:
            for name in names:
                old = self._target.parent / name
                if old.exists():
                    os.replace(old, replaced / name)
            for item in built:
                os.replace(item, self._target.parent / item.name)
                moved.append(item)
        except OSError:
            for item in moved:
                os.replace(self._target.parent / item.name, item)
            _restore(replaced)
            raise
        replaced.rename(self._folder / "done")

    def discard(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Take away what killed runs left in ``folder``; files they were just replacing go back to their places."""
    for left in folder.glob(f"{_PREFIX}{_machine()}-*-*"):
        process = left.name.split("-")[-2]
        if not process.isdigit() or _is_running(int(process)):
            continue
        try:
            if (left / _REPLACED).is_dir():
                _restore(left / _REPLACED)
            shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue  # held open by someone: the next run tries again


def _restore(replaced: Path) -> None:
    """Put the replaced files back. The folder goes last, so that a second try finds what the first could not move."""
    for old in replaced.iterdir():
        place = replaced.parent.parent / old.name
        if old.is_dir() and place.is_dir():
            shutil.rmtree(place)
        os.replace(old, place)
    replaced.rmdir()


def _machine() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _is_running(process: int) -> bool:
    if process == os.getpid():
        return True
    if sys.platform == "win32":  # os.kill(process, 0) would end the process there
        return _is_running_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs, under another user
        return True
    return True


def _is_running_on_windows(process: int) -> bool:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, process)
    if not handle:
        return ctypes.get_last_error() == _ACCESS_DENIED
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
    kernel.CloseHandle(ctypes.c_void_p(handle))
    return not known or code.value == _STILL_ACTIVE
