"""Result layers: what a run hands its features to, and files of any format written beside their place."""

from __future__ import annotations

import os
import sqlite3
from abc import ABC, abstractmethod
from pathlib import Path

import pandas as pd
import pyproj

from ..errors import RedlineError
from ..inputs.source import Field
from .aside import Aside
from .bulk import APPENDING, CONTAINERS, MULTI_POLYGON, POINT, TABLE, LayerFile
from .gpkg import explain
from .replace import WAIT_SECONDS, put_tables


class LayerWriter(ABC):
    """Takes a layer in parts. Until `close` nothing of it shows; after `abort` nothing of it is left."""

    @abstractmethod
    def open(self, fields: list[Field], crs: pyproj.CRS | None) -> None:
        """Start the layer: multipolygons (points, if it is of these) in ``crs`` with these fields; a table without
        geometry where it is None."""

    @abstractmethod
    def write(self, frame: pd.DataFrame) -> None:
        """Add features: a column for each field (None, NaN or NaT for null) and, but for tables, ``geometry``,
        shapely (multi)polygons, or points, in the layer's CRS or None. Columns without a field are left out."""

    @abstractmethod
    def close(self) -> None:
        """Put the layer in its place."""

    @abstractmethod
    def abort(self) -> None:
        """Throw the layer away; does nothing after `close`."""


class FileWriter(LayerWriter):
    """A file of any OGR format that pyogrio or fiona can write, chosen by its suffix, or a table of a GeoPackage.

    It is built in a folder of its own beside ``path``. A new or other file takes its place by renaming; in a
    GeoPackage that is there already the table is put in one transaction and all other tables stay, see `replace`.

    :param layer: its name, the file's without suffix where None. :param engine: as for `FileSource`.
    :param points: whether it is a layer of points.
    :param wait: seconds to wait for another process that is writing to the GeoPackage.

    All raise RedlineError: ``cannot_write`` (with the reason), ``unknown_format``, ``target_holds_layers``,
    ``target_is_package``, ``package_read_only``, and for an existing GeoPackage those of `put_tables`. What is on disk
    is then as it was.
    """

    def __init__(
        self, path: str | Path, layer: str | None = None, engine: str | None = None, wait: float = WAIT_SECONDS,
        points: bool = False,
    ):  # fmt: skip
        self.path = Path(path)
        self.layer = layer or self.path.stem
        self._engine, self._wait, self._points = engine, wait, points
        self._aside: Aside | None = None
        self._file: LayerFile | None = None
        self._waiting: list[pd.DataFrame] = []
        self._count = 0

    def open(self, fields: list[Field], crs: pyproj.CRS | None) -> None:
        from .package import is_package  # it builds on this module

        self._waiting, self._count = [], 0
        with _Explained(self):
            # A layer named like one of its tables would take that one's place, the decisions' too.
            if self.path.suffix.lower() == ".gpkg" and is_package(self.path):
                raise RedlineError("target_is_package", path=str(self.path))
            # Renaming would put a new file in the place of a write-protected one.
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise RedlineError("package_read_only", path=str(self.path))
            self._aside = Aside(self.path)
            kind = TABLE if crs is None else POINT if self._points else MULTI_POLYGON
            self._file = LayerFile(self._aside.path, self.layer, fields, crs, kind, self._engine)
            if self._file.driver in CONTAINERS and self.path.exists():
                raise RedlineError("target_holds_layers", path=str(self.path))
            if self._file.driver in APPENDING:
                self._file.create()

    def write(self, frame: pd.DataFrame) -> None:
        self._count += len(frame)
        if self._file.driver not in APPENDING:
            self._waiting.append(frame)
            return
        with _Explained(self):
            self._file.append(frame)

    def close(self) -> None:
        with _Explained(self):
            if self._file.driver not in APPENDING:
                rows = [frame for frame in self._waiting if len(frame)]
                self._file.replace(pd.concat(rows, ignore_index=True) if rows else self._file.no_rows())
            else:
                self._file.finish()
            # GDAL does not tell of a disk that fills up while it closes a file: what was written is counted.
            found = self._file.count()
            if found != self._count:
                raise OSError(f"{found} of {self._count} features")
            if self._file.driver == "GPKG":
                with open(self._aside.path, "rb+") as file:
                    os.fsync(file.fileno())
            if self._file.driver == "GPKG" and self.path.exists():
                put_tables(self._aside.path, self.path, self._wait)
            else:
                self._aside.put()
        self.abort()

    def abort(self) -> None:
        self._waiting = []
        if self._aside:
            self._aside.discard()
        self._aside = self._file = None


class _Explained:
    """Turns what fails inside into RedlineError and leaves nothing behind."""

    def __init__(self, writer: FileWriter):
        self._writer = writer

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> None:
        if error is None:
            return
        self._writer.abort()
        if isinstance(error, RedlineError) and "path" in error.details:
            error.details["path"] = str(self._writer.path)  # not that of the copy aside
        elif isinstance(error, Exception) and not isinstance(error, RedlineError):
            raise cannot_write(self._writer.path, error) from error


def cannot_write(path: Path, error: Exception) -> RedlineError:
    """The error for what the system or the writing library says; MemoryError and programming errors pass."""
    if isinstance(error, (TypeError, AttributeError, KeyError, NameError, MemoryError)):
        raise error
    if isinstance(error, sqlite3.Error):
        return explain(error, path)
    reason = getattr(error, "strerror", None) or str(error)
    return RedlineError("cannot_write", path=str(path), reason=reason)
