"""The Gauss-Krüger zones of China's datums: a zone's EPSG entry, and the zone of an EPSG entry."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import pyproj

CGCS2000, XIAN80, BEIJING54, WGS84 = "CGCS2000", "Xian 1980", "Beijing 1954", "WGS 84"
GEOGRAPHIC = {CGCS2000: 4490, XIAN80: 4610, BEIJING54: 4214, WGS84: 4326}
ZONES = {3: range(25, 46), 6: range(13, 24)}  # numbers that meet China; those of the two widths never coincide
PREFIX_STEP = 1_000_000  # m; the zone's number stands before the seven places of an easting

# EPSG's entry of each list's first zone, the others follow: with the zone's number before the easting, and without.
_FIRST = {
    (CGCS2000, 3): (4513, 4534),
    (CGCS2000, 6): (4491, 4502),
    (XIAN80, 3): (2349, 2370),
    (XIAN80, 6): (2327, 2338),
    (BEIJING54, 3): (2401, 2422),
    (BEIJING54, 6): (21413, 21453),
}


@dataclass(frozen=True)
class Zone:
    """A zone; `prefixed`: its number stands before the easting."""

    datum: str
    width: int
    number: int
    prefixed: bool

    @property
    def meridian(self) -> int:
        """The central meridian in degrees east."""
        return 3 * self.number if self.width == 3 else 6 * self.number - 3

    @property
    def epsg(self) -> int:
        with_number, without = _FIRST[self.datum, self.width]
        return (with_number if self.prefixed else without) + self.number - ZONES[self.width].start

    @property
    def crs(self) -> pyproj.CRS:
        return _crs(self.epsg)

    def with_prefix(self, prefixed: bool) -> Zone:
        return replace(self, prefixed=prefixed)

    def shift_to(self, other: Zone) -> float | None:
        """Metres to add to eastings that are to be written as in `other`; None where it is another zone."""
        if self.with_prefix(other.prefixed) != other:
            return None
        return float((other.prefixed - self.prefixed) * self.number * PREFIX_STEP)


@lru_cache(maxsize=64)
def _crs(epsg: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(epsg)


def width_of(number: int) -> int | None:
    """3 or 6, the width of the zones that have this number in China; None for no such number."""
    return next((width for width, numbers in ZONES.items() if number in numbers), None)


def zone_of(crs: pyproj.CRS) -> Zone | None:
    """The zone a CRS is; None for any other CRS."""
    code = crs.to_epsg()
    if code is None:
        return None
    for (datum, width), firsts in _FIRST.items():
        for prefixed, first in zip((True, False), firsts, strict=True):
            number = code - first + ZONES[width].start
            if number in ZONES[width]:
                return Zone(datum, width, number, prefixed)
    return None


def zone_at(longitude: float) -> Zone | None:
    """The 3° zone of CGCS2000 whose central meridian is nearest, its number before the easting; None beyond China."""
    number = math.floor(longitude / 3 + 0.5)
    return Zone(CGCS2000, 3, number, True) if number in ZONES[3] else None
