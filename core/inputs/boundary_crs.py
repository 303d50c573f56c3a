"""Where the boundary points of a plot lie: their CRS, from the coordinates themselves and from the file's header.

The coordinates win: a zone's number before the eastings is written point by point, a header is often copied from the
file before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj

from ..errors import RedlineError
from .gauss_kruger import BEIJING54, CGCS2000, GEOGRAPHIC, PREFIX_STEP, WGS84, XIAN80, Zone, width_of, zone_of

NORTHINGS = 300_000.0, 6_200_000.0  # m; 3° to 56° N
EASTINGS = 100_000.0, 900_000.0  # m, without the zone's number; a 6° zone is 670 km wide at most
LATITUDES, LONGITUDES = (3.0, 55.0), (70.0, 140.0)

# What tells a datum in the ways it is written: 2000国家大地坐标系, 1980西安坐标系, 西安80, 80国家坐标系, 54北京 …
_DATUMS = (("2000", CGCS2000), ("CGCS", CGCS2000), ("西安", XIAN80), ("XIAN", XIAN80), ("80", XIAN80),
           ("北京", BEIJING54), ("BEIJING", BEIJING54), ("54", BEIJING54), ("WGS", WGS84))  # fmt: skip


Doubt = tuple[str, dict[str, Any]]  # code of a warning and its details


@dataclass
class Placed:
    """Where a plot lies.

    xy: (n, 2) coordinates in `crs`, x (east) first. zone: None where the CRS is none of the zones.
    """

    xy: np.ndarray
    crs: pyproj.CRS
    zone: Zone | None = None
    doubts: list[Doubt] = field(default_factory=list)


def place(north: np.ndarray, east: np.ndarray, header: Mapping[str, str], given: pyproj.CRS | None = None) -> Placed:
    """The CRS of points (n,), the X (north) and Y (east) of a file with this header.

    given: the CRS of files that do not tell theirs: local coordinates, a datum that is not known, no zone anywhere.
    Columns in the other order are put right, with a warning.
    Raises RedlineError: 'boundary_out_of_place' and 'boundary_two_zones' (both with `point`, the index of the first in
    question), 'boundary_no_zone', 'boundary_datum_unknown'. Layer, plot and line are the caller's to add.
    """
    stated = _Stated(header, given)
    for fits, placed in ((_in_degrees, stated.geographic), (_in_zone, stated.projected)):
        for y, x, swapped in ((north, east, False), (east, north, True)):
            if fits(y, x).all():
                found = placed(y, x)
                found.doubts += [("boundary_swapped", {})] if swapped else []
                return found
    if given is not None and stated.zone is None:
        return stated.as_given(north, east)
    raise _at("boundary_out_of_place", north, east, ~_in_zone(north, east))


def _in_degrees(north: np.ndarray, east: np.ndarray) -> np.ndarray:
    # A metre is the fifth decimal of a degree: with fewer these are metres of a local system.
    both = np.r_[north, east]
    fine = (np.abs(both - np.round(both, 4)) > 1e-9).any()
    return _between(north, LATITUDES) & _between(east, LONGITUDES) & fine


def _in_zone(north: np.ndarray, east: np.ndarray) -> np.ndarray:
    number = np.floor(east / PREFIX_STEP)
    known = (number == 0) | ((number >= 13) & (number <= 45) & (number != 24))
    return _between(north, NORTHINGS) & known & _between(east - number * PREFIX_STEP, EASTINGS)


def _between(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    return (values >= limits[0]) & (values <= limits[1])


class _Stated:
    """What the header states, filled up by the CRS given for what it does not."""

    def __init__(self, header: Mapping[str, str], given: pyproj.CRS | None):
        self._header, self._given = header, given
        self.zone = zone_of(given) if given is not None else None
        said = _plain(header.get("坐标系", "")).upper().replace(" ", "")
        self._datum = next((datum for mark, datum in _DATUMS if mark in said), None)
        if self._datum is None and self.zone is not None:
            self._datum = self.zone.datum
        self._assumed = not said and given is None
        if self._assumed:
            self._datum = CGCS2000
        self._width = {"3": 3, "三": 3, "6": 6, "六": 6}.get(_first("[36三六]", header.get("几度分带", "")))
        self._number = self._stated_number()

    def geographic(self, latitude: np.ndarray, longitude: np.ndarray) -> Placed:
        if self._datum is None:
            return self.as_given(latitude, longitude)
        crs = pyproj.CRS.from_epsg(GEOGRAPHIC[self._datum])
        return Placed(np.column_stack([longitude, latitude]), crs, None, list(self._doubts()))

    def projected(self, north: np.ndarray, east: np.ndarray) -> Placed:
        prefix = np.floor(east / PREFIX_STEP).astype(int)
        if (prefix != prefix[0]).any():
            raise _at("boundary_two_zones", north, east, prefix != prefix[0])
        if self._datum in (None, WGS84):
            return self.as_given(north, east)
        number = int(prefix[0]) or self._number or (self.zone.number if self.zone else 0)
        if not number:
            if self._given is not None:
                return self.as_given(north, east)
            raise RedlineError("boundary_no_zone")
        zone = Zone(self._datum, width_of(number), number, bool(prefix[0]))
        return Placed(np.column_stack([east, north]), zone.crs, zone, list(self._doubts(zone)))

    def as_given(self, north: np.ndarray, east: np.ndarray) -> Placed:
        if self._given is None:
            raise RedlineError("boundary_datum_unknown", datum=self._header.get("坐标系", ""))
        return Placed(np.column_stack([east, north]), self._given)

    def _doubts(self, zone: Zone | None = None) -> Iterator[Doubt]:
        if self._assumed:
            yield "boundary_datum_assumed", {}
        if zone and (self._number not in (0, zone.number) or self._width not in (None, zone.width)):
            keys = ("几度分带", "带号", "中央子午线")
            said = ", ".join(f"{key}={self._header[key]}" for key in keys if self._header.get(key))
            yield "boundary_zone_differs", {"stated": said, "zone": zone.number, "width": zone.width}

    def _stated_number(self) -> int:
        """The zone's number, 0 where the header has none of China's."""
        number, meridian = (int(_first(r"\d{1,9}", self._header.get(key, "")) or 0) for key in ("带号", "中央子午线"))
        if 70 < number < 140:  # a central meridian where the number should stand
            number, meridian = 0, number
        if not number and meridian:
            number = (meridian + 3) // 6 if self._width == 6 else meridian // 3
        return number if width_of(number) else 0


def _at(code: str, north: np.ndarray, east: np.ndarray, wrong: np.ndarray) -> RedlineError:
    point = int(np.argmax(wrong))
    return RedlineError(code, point=point, x=float(north[point]), y=float(east[point]))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, _plain(text), re.ASCII)
    return found[0] if found else ""
