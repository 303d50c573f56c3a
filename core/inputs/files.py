"""Layers of files, any format of OGR's."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
from pyproj.exceptions import CRSError

from ..errors import RedlineError
from .crs import is_placeholder
from .encodings import misread
from .source import BATCH_FEATURES, Batch, Field, Source, geometry_kind

_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


class FileSource(Source):
    """A layer of a file, a folder (File Geodatabase) or a GDAL virtual path.

    path: also 'folder.gdb' or '/vsizip/…'. layer: name, the first where None.
    encoding: of the attributes, where the file does not say it itself (Shapefiles in GBK).
    engine: 'pyogrio' or 'fiona'; None takes pyogrio where it is there. Both give equal batches.
    Raises RedlineError: 'cannot_read', 'no_such_layer', 'wrong_encoding', 'wrong_encoding_likely'.
    """

    def __init__(
        self, path: str | Path, layer: str | None = None, encoding: str | None = None, engine: str | None = None
    ):
        self.path = str(path)
        self.encoding = encoding or None
        is_shapefile = self.encoding and Path(self.path).suffix.lower() == ".shp" and Path(self.path).is_file()
        self.shapefile = (self.path, self.encoding) if is_shapefile else None
        self._reader = _reader(engine or ("pyogrio" if importlib.util.find_spec("pyogrio") else "fiona"))
        self._layer = self._reader.Layer(self.path, layer, self.encoding)
        self.name = self._layer.name
        self.fields = self._layer.fields
        self.count = self._layer.count
        self.geometry_kind = geometry_kind(self._layer.geometry_type)
        self.crs = crs_of(self._layer.crs)

    def in_encoding(self, encoding: str) -> FileSource:
        """The same source with its texts read in another encoding."""
        other = copy.copy(self)
        other.encoding, other.shapefile = encoding, (self.path, encoding)
        other._layer = self._reader.Layer(self.path, self._layer.name, encoding)
        other.fields = other._layer.fields
        return other

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
        fields = [self._field(name) for name in columns]
        return self._explained_batches(self._layer.batches(fields, bbox, size))

    def values(self, column: str) -> np.ndarray:
        field = self._field(column)
        with self._explained():
            return self._layer.column(field)

    def _explained_batches(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        with self._explained():
            yield from batches

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Where texts are in another encoding, and the bytes tell which, that is said."""
        try:
            yield
        except RedlineError as error:
            likely = self._likely_encoding() if error.code == "wrong_encoding" else None
            if likely is None:
                raise
            raise RedlineError("wrong_encoding_likely", **error.details, likely=likely) from error

    def _likely_encoding(self) -> str | None:
        try:
            return misread(*self.shapefile) if self.shapefile is not None else None
        except OSError:
            return None

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
