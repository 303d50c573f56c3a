"""Layers of files, any format of OGR's."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from ..errors import RedlineError
from .crs import is_placeholder
from .source import BATCH_FEATURES, Batch, Field, Source, geometry_kind

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


class FileSource(Source):
    """A layer of a file, a folder (File Geodatabase) or a GDAL virtual path.

    path: also 'folder.gdb' or '/vsizip/…'. layer: name, the first where None.
    encoding: of the attributes, where the file does not say it itself (Shapefiles in GBK).
    engine: 'pyogrio' or 'fiona'; None takes pyogrio where it is there. Both give equal batches.
    Raises RedlineError: 'cannot_read', 'no_such_layer', 'wrong_encoding'.
    """

    def __init__(
        self, path: str | Path, layer: str | None = None, encoding: str | None = None, engine: str | None = None
    ):
        self.path = str(path)
        self.encoding = encoding or None
        reader = _reader(engine or ("pyogrio" if importlib.util.find_spec("pyogrio") else "fiona"))
        self._layer = reader.Layer(self.path, layer, self.encoding)
        self.name = self._layer.name
        self.fields = self._layer.fields
        self.count = self._layer.count
        self.geometry_kind = geometry_kind(self._layer.geometry_type)
        self.crs = crs_of(self._layer.crs)

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        return None if self.geometry_kind == "none" else self._layer.bounds()

    def fingerprint(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"location": located(self.path), "layer": self.name, "features": self.count}
        return facts | state_of(files_behind(self.path))

    def batches(
        self,
        columns: Sequence[str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        size: int = BATCH_FEATURES,
    ) -> Iterator[Batch]:
        return self._layer.batches([self._field(name) for name in columns], bbox, size)

    def values(self, column: str) -> np.ndarray:
        return self._layer.column(self._field(column))

    def _field(self, name: str) -> Field:
        field = next((field for field in self.fields if field.name == name), None)
        if field is None:
            raise RedlineError("no_such_field", layer=self.name, field=name)
        return field


def _reader(engine: str):
    if engine == "fiona":
        from . import fiona_reader

        return fiona_reader
    from . import pyogrio_reader

    return pyogrio_reader


def crs_of(definition: str | None) -> pyproj.CRS | None:
    if not definition:
        return None
    try:
        crs = pyproj.CRS.from_user_input(definition)
    except CRSError:
        return None
    return None if is_placeholder(crs) else crs


def state_of(parts: list[Path]) -> dict[str, Any]:
    """Size in bytes and time of the last change of files on disk, taken together; nothing for none."""
    stats = [part.stat() for part in parts]
    if not stats:
        return {}
    modified = max(stat.st_mtime for stat in stats)
    return {"size": sum(stat.st_size for stat in stats), "modified": datetime.fromtimestamp(modified, UTC).isoformat()}


def located(path: str) -> str:
    """A path that stays true whatever folder QGIS is started in; GDAL's virtual paths as they are."""
    return path if path.startswith("/vsi") or ":" in path[2:] else str(Path(path).absolute())


def files_behind(path: str) -> list[Path]:
    """The files on disk that make up `path`; empty for a source that is not on disk."""
    disk = Path(path)
    if path.startswith("/vsi"):
        # '/vsizip//data/county.zip/town.shp': the archive is the longest part of the rest that exists.
        rest = Path(path.split("/", 2)[2])
        disk = next((folder for folder in (rest, *rest.parents) if folder.is_file()), rest)
    if disk.is_dir():
        return [part for part in disk.iterdir() if part.is_file() and part.suffix != ".lock"]
    if disk.suffix.lower() in _SHAPEFILE_PARTS:
        siblings = disk.parent.iterdir() if disk.parent.is_dir() else ()
        return [part for part in siblings if part.stem == disk.stem and part.suffix.lower() in _SHAPEFILE_PARTS]
    return [disk] if disk.is_file() else []
