"""Files that are no layers as they come: what cannot be read at all, and what is brought in as a layer first.

Needs no library beside Python's own, so that a file can be told while it is dragged over a window.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import RedlineError
from .boundary_txt import is_boundary_txt

DRAWING = ".dxf"
# What GDAL does not read, or not everywhere, and what is said of it: whom to ask for what instead.
UNREADABLE = {".dwg": "unreadable_dwg", ".mdb": "unreadable_mdb", ".vct": "unreadable_vct"}


def suffix_of(path: str | Path) -> str:
    return Path(path).suffix.casefold()


def refuse_unreadable(path: str | Path) -> None:
    """:raises RedlineError: ``unreadable_dwg``, ``unreadable_mdb``, ``unreadable_vct`` for files of these formats."""
    code = UNREADABLE.get(suffix_of(path))
    if code is not None:
        raise RedlineError(code, path=str(path))


def refuse_as_layer(path: str | Path) -> None:
    """:raises RedlineError: ``drawing_as_layer``, ``boundary_as_layer`` for what a tool makes a layer of first."""
    if suffix_of(path) == DRAWING:
        raise RedlineError("drawing_as_layer", path=str(path))
    if is_boundary_txt(path):
        raise RedlineError("boundary_as_layer", path=str(path))


def makes_plots(path: str | Path) -> bool:
    """Whether a tool makes a layer of plots of this file: a drawing (DXF) or boundary points (TXT)."""
    return (suffix_of(path) == DRAWING and Path(path).is_file()) or is_boundary_txt(path)
