"""Rasters of files, any format of GDAL's, read a window at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from ..errors import RedlineError
from .files import crs_of, files_behind, located, state_of

LARGEST_WINDOW = 4_194_304  # pixels
_WINDOW_BYTES = 8_388_608
_TILES = 2048  # pixels to a side of a window of tiles, about
_RGB = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
_EXACT_IN_DOUBLE = 2.0**53
_NOT_CONTENT = (".aux.xml", ".ovr")  # GDAL and QGIS write these beside a raster that is only looked at


class Window(NamedTuple):
    """Some pixels of a raster: the first column and row, and how many of each."""

    column: int
    row: int
    width: int
    height: int


class RasterSource:
    """One band of whole numbers, such as codes of land cover.

    path: also a GDAL virtual path. band: from 1. name: for messages, the file's where None.

    crs: None where the raster has none. transform: (a, b, c, d, e, f) with x = a·column + b·row + c and
    y = d·column + e·row + f. width, height: pixels. nodata: None where not declared. dtype: as stored.

    The file is opened anew for every read: threads may read at once, and GDAL lets go of the blocks it has decoded.
    Raises RedlineError: 'cannot_read', 'raster_is_picture', 'raster_not_classes'.
    """

    def __init__(self, path: str | Path, band: int = 1, name: str | None = None):
        self.path, self.band = str(path), band
        self.name = name or Path(self.path).stem
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            flags = self._described()
        self._all_valid = flags == [MaskFlags.all_valid]
        self._masked = not self._all_valid and flags != [MaskFlags.nodata]

    def _described(self) -> list[MaskFlags]:
        """Sets what the file says of itself; returns how it marks what is not valid."""
        band = self.band
        with self._opened() as dataset:
            if not 1 <= band <= dataset.count:
                raise RedlineError("cannot_read", layer=self.name, path=self.path, reason=f"no band {band}")
            self.crs = crs_of(dataset.crs.to_wkt() if dataset.crs else None)
            self.transform = tuple(dataset.transform)[:6]
            self.width, self.height = dataset.width, dataset.height
            self.dtype, self.nodata = np.dtype(_plain(dataset.dtypes[band - 1])), dataset.nodatavals[band - 1]
            self._block = dataset.block_shapes[band - 1]
            self._files = dataset.files
            bytes_only = all(dtype == "uint8" for dtype in dataset.dtypes)
            if dataset.count in (3, 4) and bytes_only and dataset.colorinterp[:3] == _RGB:
                raise RedlineError("raster_is_picture", layer=self.name, bands=dataset.count)
            if self.dtype.kind not in "iuf":
                raise RedlineError("raster_not_classes", layer=self.name, value=str(self.dtype))
            return dataset.mask_flag_enums[band - 1]

    def fingerprint(self) -> dict[str, Any]:
        """What tells a changed raster from an unchanged one, for the run's manifest."""
        facts: dict[str, Any] = {"location": located(self.path), "band": self.band}
        facts["pixels"] = [self.width, self.height]
        named = [Path(name) for name in self._files if not name.lower().endswith(_NOT_CONTENT)]
        return facts | state_of([part for part in named if part.is_file()] or files_behind(self.path))

    def windows(self) -> Iterator[Window]:
        """Windows that tile the raster, in its order, along the blocks of the file as far as memory allows."""
        limit = min(LARGEST_WINDOW, _WINDOW_BYTES // self.dtype.itemsize)
        rows, columns = self._block
        if columns < self.width:
            columns = min(self.width, columns * max(1, _TILES // columns))
        columns = min(columns, self.width)
        rows *= max(1, limit // columns // rows)
        if columns * rows > limit:  # huge blocks: each is decoded for several windows
            columns = min(columns, _TILES)
            rows = min(rows, limit // columns)
        for row in range(0, self.height, rows):
            for column in range(0, self.width, columns):
                yield Window(column, row, min(columns, self.width - column), min(rows, self.height - row))

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Values, integers of shape (height, width), and whether each is valid: neither nodata, masked nor NaN.

        Raises RedlineError: 'cannot_read', 'raster_not_classes' for a valid value that is not a whole number.
        """
        with self._opened() as dataset:
            area = rasterio.windows.Window(*window)
            values = dataset.read(self.band, window=area)
            valid = dataset.read_masks(self.band, window=area) != 0 if self._masked else self._not_nodata(values)
        return (self._whole(values, valid), valid) if values.dtype.kind == "f" else (values, valid)

    def _not_nodata(self, values: np.ndarray) -> np.ndarray:
        nodata = self.nodata
        if self._all_valid or nodata is None or np.isnan(nodata):
            return np.ones(values.shape, dtype=bool)
        if values.dtype.kind == "f":
            return values != values.dtype.type(nodata)
        bounds = np.iinfo(values.dtype)
        fits = float(nodata).is_integer() and bounds.min <= nodata <= bounds.max
        return values != values.dtype.type(int(nodata)) if fits else np.ones(values.shape, dtype=bool)

    def _whole(self, values: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """``values`` as integers; NaN and infinite ones become invalid."""
        valid &= np.isfinite(values)
        values = np.where(valid, values, 0)
        wrong = (values != np.floor(values)) | (np.abs(values) > _EXACT_IN_DOUBLE)
        if wrong.any():
            raise RedlineError("raster_not_classes", layer=self.name, value=f"{values[wrong][0]:.6g}")
        return values.astype(np.int64)

    @contextmanager
    def _opened(self) -> Iterator[rasterio.DatasetReader]:
        try:
            with rasterio.open(self.path, sharing=False) as dataset:
                yield dataset
        except (RasterioError, OSError, ValueError) as error:
            raise RedlineError("cannot_read", layer=self.name, path=self.path, reason=str(error)) from error


def _plain(dtype: str) -> str:
    """numpy's name of a type of GDAL's; complex ones of whole numbers have none."""
    return "complex64" if dtype.startswith("complex") else dtype
