"""Coordinate reference systems: where the overlay is done, and how layers get there."""

from __future__ import annotations

import math
import re
import warnings

import numpy as np
import pyproj
import shapely
from pyproj.aoi import AreaOfInterest
from pyproj.crs import BoundCRS, ProjectedCRS
from pyproj.crs.coordinate_operation import ToWGS84Transformation, TransverseMercatorConversion
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from ..errors import RedlineError
from ..threads import map_chunks

MAX_EDGE = 100.0  # m; chords of edges under 100 m move an area by less than 1e-8 (domain.md §5)

_CGCS2000 = 4490
_CGCS2000_ZONE_75E = 4534  # EPSG 4534-4554: central meridians 75°-135° E, no zone number before the easting
_LONGEST_DEGREE = 6_399_594.0  # m per radian: the polar radius of curvature, the longest there is
_MOST_PIECES = 500_000  # of one edge: at 100 m, more than once around the Earth
_POLYGON, _MULTIPOLYGON = 3, 6  # shapely's type ids
_ROUGH = 10.0  # m; PROJ's operations between Beijing 1954 and WGS 84 are 15 and hold for one oil field

# Datums realised on the ITRF and kept within about a metre of each other. EPSG has no transformation between CGCS2000
# and WGS 84, so PROJ calls the null shift "ballpark" here too, although it is the accepted one; it is not between
# these and Xian 1980 or Beijing 1954. The names are as EPSG, Esri and Chinese software write them.
_ITRF_DATUMS = {
    "worldgeodeticsystem1984",
    "worldgeodeticsystem1984ensemble",
    "wgs1984",
    "wgs84",
    "china2000",
    "cgcs2000",
    "chinageodeticcoordinatesystem2000",
    "chinesegeodeticcoordinatesystem2000",
}
_ITRF_ACCURACY = 1.0
_MERCATOR = re.compile(r"^(Popular Visualisation Pseudo[- ]Mercator|Mercator)")


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """`crs` without its height, without a null TOWGS84, and as its EPSG entry where it is one under another name."""
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if crs.is_bound and crs.source_crs is not None and not any(crs.coordinate_operation.towgs84 or [1]):
        crs = crs.source_crs
    code = crs.to_epsg()  # confidence 70: the same parameters, whatever the names
    return crs if code is None else pyproj.CRS.from_epsg(code)


def is_placeholder(crs: pyproj.CRS) -> bool:
    """Whether it stands for no CRS, as GeoPackage's "Undefined geographic SRS" and "Undefined Cartesian SRS" do."""
    return crs.name.lower().startswith(("undefined", "unknown engineering"))


def same_crs(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    """Whether coordinates (x first) mean the same in both, however their definitions are spelt."""
    one, other = horizontal(one), horizontal(other)
    return one.equals(other, ignore_axis_order=True)


def overlay_crs(towns_crs: pyproj.CRS, lon_lat_centre: tuple[float, float]) -> pyproj.CRS:
    """The CRS the overlay is done in.

    The towns' own where it is projected in metres; else Gauss-Krüger on the same geodetic CRS at the multiple of 3°
    nearest to the centre, false easting 500,000 m. Mercator counts as not metric: its lengths are off by a third and
    more at Jilin's latitude, and the width of a finding is a length.
    """
    crs = horizontal(towns_crs)
    if crs.is_projected and _metres_per_unit(crs) == 1.0 and not _MERCATOR.match(crs.coordinate_operation.method_name):
        return crs
    meridian = 3 * math.floor(lon_lat_centre[0] / 3 + 0.5)
    geodetic = horizontal(crs.geodetic_crs)
    if geodetic.to_epsg() == _CGCS2000 and 75 <= meridian <= 135:
        return pyproj.CRS.from_epsg(_CGCS2000_ZONE_75E + (meridian - 75) // 3)
    conversion = TransverseMercatorConversion(
        longitude_natural_origin=meridian, false_easting=500_000, scale_factor_natural_origin=1
    )
    return ProjectedCRS(conversion, name=f"{geodetic.name} / Gauss-Kruger CM {meridian}", geodetic_crs=geodetic)


class Transformation:
    """Takes geometries from one CRS to another by one fixed operation, the same for every coordinate.

    pipeline: a PROJ pipeline (x first) to use instead of PROJ's best for `area` (west, south, east, north in degrees).
    max_edge: longer edges are split first, in metres on the ground.

    description: PROJ's words for the operation; accuracy: metres, None where unknown;
    ballpark: no known relation between the datums, or one PROJ states as worse than 10 m;
    best_available: False where a better operation lacks its grid file;
    identity: both CRSs are the same and coordinates stay as they are.

    Raises RedlineError: 'no_crs', 'ballpark_transformation' unless `allow_ballpark`, 'no_transformation'.
    """

    def __init__(
        self,
        source_crs: pyproj.CRS | None,
        target_crs: pyproj.CRS,
        pipeline: str | None = None,
        allow_ballpark: bool = False,
        *,
        max_edge: float = MAX_EDGE,
        area: tuple[float, float, float, float] | None = None,
        layer: str = "",
    ):
        if source_crs is None:
            raise RedlineError("no_crs", layer=layer)
        self.identity = not pipeline and same_crs(source_crs, target_crs)
        self.description, self.accuracy, self.ballpark, self.best_available = "", 0.0, False, True
        if self.identity:
            return
        source, target = horizontal(source_crs), horizontal(target_crs)
        self._max_edge = max_edge / _metres_per_unit(source)
        names = {"layer": layer, "source": source.name, "target": target.name}
        try:
            definition = self._choose(source, target, pipeline, area)
            # From its definition, because such a Transformer makes itself a PROJ context in every thread.
            self._transformer = pyproj.Transformer.from_pipeline(definition)
        except ProjError as error:
            raise RedlineError("no_transformation", reason=str(error), **names) from error
        if self.ballpark and not allow_ballpark:
            raise RedlineError("ballpark_transformation", **names)

    def __call__(self, geoms: np.ndarray) -> np.ndarray:
        """`geoms` (n,) in the target CRS, as new geometries; the same array where both CRSs are the same.

        Coordinates the operation cannot take come out infinite: `usable_polygons` lists their features.
        """
        if self.identity:
            return geoms
        geoms = split_long_edges(geoms, self._max_edge)
        xy = map_chunks(self._transform, shapely.get_coordinates(geoms))
        return shapely.set_coordinates(geoms.copy(), xy)

    def _transform(self, xy: np.ndarray) -> np.ndarray:
        out = np.column_stack(self._transformer.transform(xy[:, 0], xy[:, 1]))
        out[~np.isfinite(out)] = np.inf  # NaN differs from itself and would leave a ring open
        return out

    def _choose(self, source: pyproj.CRS, target: pyproj.CRS, pipeline: str | None, area) -> str:
        """The definition of the operation to use; its facts go to the attributes."""
        interest = AreaOfInterest(*area) if area is not None else None
        if source.is_bound and not target.is_bound and _on_itrf(target):
            target = _by_wgs84(target)
        elif target.is_bound and not source.is_bound and _on_itrf(source):
            source = _by_wgs84(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a missing grid: `best_available` says it
            group = TransformerGroup(source, target, always_xy=True, area_of_interest=interest)
        self.best_available = group.best_available
        candidates = list(group.transformers)
        if pipeline:
            # A pipeline that PROJ knows too brings its description, and its being a ballpark one, with it.
            chosen = next((one for one in candidates if _words(one.definition) == _words(pipeline)), None)
            if chosen is None:
                self.description, self.accuracy, self.best_available = pipeline, None, True
                return pipeline
        else:
            # PROJ's list is ordered, best first; by way of a third datum it looks only when asked without ballparks.
            chosen = next((one for one in candidates if not _is_rough(one)), None)
            chosen = chosen or _by_third_datum(source, target, interest) or next(iter(candidates), None)
        if chosen is None:
            raise ProjError("no operation")
        self.description = chosen.description.replace("axis order change (2D) + ", "").replace(
            " + axis order change (2D)", ""
        )
        self.accuracy = chosen.accuracy if chosen.accuracy >= 0 else None
        self.ballpark = _is_ballpark(chosen) if pipeline else _is_rough(chosen)
        if _is_ballpark(chosen) and _on_itrf(source) and _on_itrf(target):
            self.ballpark, self.accuracy = False, _ITRF_ACCURACY
            self.description = self.description.replace("Ballpark geographic offset", "Null geographic offset")
        return chosen.definition


def split_long_edges(geoms: np.ndarray, max_edge: float) -> np.ndarray:
    """`geoms` (n,) with every edge longer than `max_edge` (in units of their coordinates) cut in equal parts.

    The same array where no edge is longer. Geometries with infinite coordinates, or edges that reach around the Earth
    and so cannot be real, stay as they are.
    """
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    if len(xy) < 2:
        return geoms
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.diff(xy, axis=0)
        length2 = np.einsum("ij,ij->i", step, step)
        # The step from one ring to the next is no edge: at worst a geometry is looked at in vain.
        inner = owner[1:] == owner[:-1]
        long = inner & (length2 > max_edge**2)
        unreal = inner & ~(length2 <= (max_edge * _MOST_PIECES) ** 2)
    rows = np.setdiff1d(owner[1:][long], owner[1:][unreal])
    if not len(rows):
        return geoms
    split = geoms.copy()
    polygonal = np.isin(shapely.get_type_id(geoms[rows]), (_POLYGON, _MULTIPOLYGON))
    split[rows[~polygonal]] = shapely.segmentize(geoms[rows[~polygonal]], max_edge)
    split[rows[polygonal]] = _split_polygons(geoms[rows[polygonal]], max_edge)
    return split


def _split_polygons(geoms: np.ndarray, max_edge: float) -> np.ndarray:
    """Ring by ring: given whole polygons, GEOS would "mend" invalid ones by buffer(0) unseen, and drop a lobe of a
    bow-tie before `usable_polygons` can list it."""
    parts, owner = shapely.get_parts(geoms, return_index=True)
    parts, owner = parts[~shapely.is_empty(parts)], owner[~shapely.is_empty(parts)]
    rings, part = shapely.get_rings(parts, return_index=True)
    rings = shapely.segmentize(rings, max_edge)
    shell, size = np.unique(part, return_index=True, return_counts=True)[1:]
    split = np.empty(len(parts), dtype=object)
    for count in np.unique(size):
        same = np.flatnonzero(size == count)
        of_part = rings[shell[same, None] + np.arange(count)]
        split[same] = shapely.polygons(of_part[:, 0], holes=of_part[:, 1:] if count > 1 else None)
    result = shapely.multipolygons(split, indices=owner)
    single = shapely.get_type_id(geoms) == _POLYGON
    result[single] = split[single[owner]]
    return result


def _metres_per_unit(crs: pyproj.CRS) -> float:
    """Metres to a unit of the CRS's horizontal axes. For degrees the longest degree of a meridian, so that an edge
    held under a length in degrees is under it on the ground in every direction."""
    factor = crs.axis_info[0].unit_conversion_factor
    return factor * _LONGEST_DEGREE if crs.is_geographic or _is_bound_geographic(crs) else factor


def _by_wgs84(crs: pyproj.CRS) -> pyproj.CRS:
    """A CRS of the ITRF's datums as one with the null shift to WGS 84: PROJ goes by that to a CRS with TOWGS84
    parameters, as surveyors give them, and else knows no way from CGCS2000."""
    return BoundCRS(crs, pyproj.CRS.from_epsg(4326), ToWGS84Transformation(crs.geodetic_crs, 0, 0, 0, 0, 0, 0, 0))


def _is_bound_geographic(crs: pyproj.CRS) -> bool:
    return crs.is_bound and crs.source_crs is not None and crs.source_crs.is_geographic


def _by_third_datum(source: pyproj.CRS, target: pyproj.CRS, interest) -> pyproj.Transformer | None:
    try:
        found = pyproj.Transformer.from_crs(
            source, target, always_xy=True, area_of_interest=interest, allow_ballpark=False
        )
    except ProjError:
        return None
    return None if found.accuracy < 0 or _is_rough(found) else found


def _is_ballpark(transformer: pyproj.Transformer) -> bool:
    return "ballpark" in transformer.description.lower() or any(
        operation.has_ballpark_transformation for operation in transformer.operations or ()
    )


def _is_rough(transformer: pyproj.Transformer) -> bool:
    return transformer.accuracy > _ROUGH or _is_ballpark(transformer)


def _on_itrf(crs: pyproj.CRS) -> bool:
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None or geodetic.ellipsoid is None:
        return False
    name = re.sub("[^a-z0-9]", "", geodetic.datum.name.lower().removeprefix("d_"))
    ellipsoid = geodetic.ellipsoid
    return (
        name in _ITRF_DATUMS
        and abs(ellipsoid.semi_major_metre - 6_378_137) < 0.01
        and abs(ellipsoid.inverse_flattening - 298.2572) < 0.001
    )


def _words(pipeline: str) -> list[str]:
    return [word.lstrip("+") for word in pipeline.split()]
