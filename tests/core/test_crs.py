"""One CRS for the overlay, and one fixed, trustworthy operation to get there."""

import math

import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.crs import Transformation, overlay_crs, same_crs, split_long_edges
from redline_review.core.inputs.files import FileSource

CRS = pyproj.CRS.from_user_input
JILIN = shapely.Point(126.2, 43.8).buffer(0.01)

# As Chinese software writes a Gauss-Krüger zone: no authority, names that PROJ does not know.
UNNAMED_ZONE = (
    'PROJCS["CGCS2000 GK {meridian}",GEOGCS["GCS_CGCS2000",DATUM["D_CGCS2000",SPHEROID["CGCS2000",6378137.0,'
    '298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],'
    'PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def geoms(*items):
    return np.array([*items, None], dtype=object)[:-1]


@pytest.mark.parametrize("code", [4490, 4530, 4513, 4551, 4491, 4502, 2362, 4326, 27700, 2056])
def test_esri_wkt_is_the_same_crs(code):
    esri = pyproj.CRS.from_wkt(CRS(code).to_wkt("WKT1_ESRI"))
    assert same_crs(esri, CRS(code))
    assert Transformation(esri, CRS(code)).identity
    assert not same_crs(esri, CRS(3857))


def test_a_height_or_a_null_shift_makes_no_other_crs():
    assert same_crs(CRS("EPSG:4530+5737"), CRS(4530))
    null_shift = pyproj.crs.BoundCRS(
        CRS(4530), CRS(4326), pyproj.crs.coordinate_operation.ToWGS84Transformation(CRS(4490), 0, 0, 0)
    )
    assert same_crs(null_shift, CRS(4530))


@pytest.mark.parametrize(
    ("towns", "longitude", "expected"),
    [
        (4530, 125.0, 4530),  # projected in metres: stays, whatever the centre
        (2362, 114.0, 2362),
        (4490, 125.25, 4551),
        (4490, 124.49, 4550),
        (4490, 75.0, 4534),
        (4490, 135.9, 4554),
    ],
)
def test_overlay_crs(towns, longitude, expected):
    assert overlay_crs(CRS(towns), (longitude, 43.8)).to_epsg() == expected


@pytest.mark.parametrize(("towns", "longitude", "meridian"), [(4326, 9.5, 9), (4610, 126.2, 126), (3857, -1.6, -3)])
def test_overlay_crs_elsewhere(towns, longitude, meridian):
    crs = overlay_crs(CRS(towns), (longitude, 43.8))
    assert crs.geodetic_crs.equals(CRS(towns).geodetic_crs, ignore_axis_order=True)
    x, y = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(meridian, 43.8)
    ellipsoid = crs.get_geod()
    quarter = ellipsoid.inv(meridian, 0, meridian, 43.8)[2]
    assert (x, y) == (pytest.approx(500_000, abs=1e-6), pytest.approx(quarter, abs=1e-3))


@pytest.mark.parametrize(
    ("source", "target"),
    [(4610, 4490), (2362, 4530), (2436, 4530), (4555, 4490), (4214, 4490), (2436, 4326), (4530, 2362)],
)
def test_ballpark_is_refused_unless_allowed(source, target):
    with pytest.raises(RedlineError) as error:
        Transformation(CRS(source), CRS(target), layer="基本农田")
    assert error.value.code == "ballpark_transformation"
    assert error.value.details["layer"] == "基本农田"
    allowed = Transformation(CRS(source), CRS(target), allow_ballpark=True)
    assert allowed.ballpark
    assert allowed.accuracy is None or allowed.accuracy > 10


@pytest.mark.parametrize(
    ("source", "target", "accuracy"),
    [
        (4530, 4490, 0.0),
        (4490, 4530, 0.0),
        (4551, 4552, 0.0),
        (4490, 4326, 1.0),
        (4326, 4530, 1.0),
        (3857, 4530, 1.0),
        (UNNAMED_ZONE.format(meridian=126), 4530, 1.0),
        (4326, 27700, 2.0),
        (21781, 2056, 1.6),  # by a third datum: the direct one needs a grid file
    ],
)
def test_good_operations_are_accepted(source, target, accuracy):
    transformation = Transformation(CRS(source), CRS(target))
    assert not transformation.ballpark
    assert transformation.accuracy <= accuracy
    assert transformation.description
    assert "allpark" not in transformation.description


def test_no_crs():
    with pytest.raises(RedlineError) as error:
        Transformation(None, CRS(4530), layer="地块")
    assert (error.value.code, error.value.details) == ("no_crs", {"layer": "地块"})


def test_coordinates_are_east_first_and_right():
    """Against the series of the meridian arc and of Gauss-Krüger, written out here."""
    longitude, latitude = 126.3, 43.8
    (point,) = Transformation(CRS(4490), CRS(4530))(geoms(shapely.Point(longitude, latitude)))
    geod = CRS(4490).get_geod()
    arc = geod.inv(0, 0, 0, latitude)[2]
    phi, offset = math.radians(latitude), math.radians(longitude - 126)
    normal = geod.a / math.sqrt(1 - geod.es * math.sin(phi) ** 2)
    t2, eta2 = math.tan(phi) ** 2, geod.es / (1 - geod.es) * math.cos(phi) ** 2
    along = offset * math.cos(phi)
    x = normal * (along + along**3 / 6 * (1 - t2 + eta2) + along**5 / 120 * (5 - 18 * t2 + t2**2 + 14 * eta2))
    y = arc + normal * math.tan(phi) * (along**2 / 2 + along**4 / 24 * (5 - t2 + 9 * eta2 + 4 * eta2**2))
    assert (point.x, point.y) == (pytest.approx(42_500_000 + x, abs=1e-3), pytest.approx(y, abs=1e-3))


def test_wards_of_trafford(shared_data):
    """The figures of a plain `to_crs(27700)`, to 1e-6."""
    wards = FileSource(shared_data / "trafford" / "trafford_ward_full_resolution.geojson")
    reference = pd.read_csv(shared_data / "trafford" / "reference_trafford_wards_27700.csv")
    (batch,) = wards.batches()
    areas = shapely.area(Transformation(wards.crs, CRS(27700))(batch.geometry))
    hectares = next(column for column in reference.columns if "area" in column.lower() or "ha" in column.lower())
    np.testing.assert_allclose(np.sort(areas) / 1e4, np.sort(reference[hectares]), rtol=1e-6)


def test_the_projects_pipeline_is_taken():
    pipeline = "+proj=pipeline +step +proj=affine +xoff=1000 +yoff=-5"
    transformation = Transformation(CRS(2362), CRS(4530), pipeline, max_edge=1e9)
    (moved,) = transformation(geoms(shapely.box(0, 0, 1, 1)))
    assert moved.bounds == (1000, -5, 1001, -4)
    assert (transformation.description, transformation.accuracy) == (pipeline, None)
    # One that PROJ itself calls ballpark is no better for coming from the project.
    ballpark = pyproj.Transformer.from_crs(2362, 4530, always_xy=True).definition
    spelt = " ".join("+" + word for word in ballpark.split())
    with pytest.raises(RedlineError, match="tens of metres"):
        Transformation(CRS(2362), CRS(4530), spelt)
    with pytest.raises(RedlineError) as error:
        Transformation(CRS(2362), CRS(4530), "+proj=hgridshift +grids=absent.gsb")
    assert error.value.code == "no_transformation"


@pytest.mark.parametrize("code", [4490, 4530, 4326, 32652])
def test_parameters_that_stand_in_the_crs_are_taken(code):
    """A zone of Xian 1980 with the seven parameters a survey gives for it, as a CRS made in QGIS has them."""
    shift = (24.1, -123.4, -94.2, 0.02, -0.25, 0.13, 1.1)
    zone = f"+proj=tmerc +lon_0=126 +x_0=500000 +a=6378140 +rf=298.257 +towgs84={','.join(map(str, shift))} +type=crs"
    own, east, north = CRS(zone), 512_345.678, 4_851_234.567
    way = Transformation(own, CRS(code), max_edge=math.inf)
    assert way.accuracy is None and way.best_available and not way.ballpark
    (moved,) = way(geoms(shapely.Point(east, north)))
    # By the formulas PROJ has for each step, without a CRS.
    steps = (
        "+inv +proj=tmerc +lon_0=126 +x_0=500000 +a=6378140 +rf=298.257", "+proj=cart +a=6378140 +rf=298.257",
        "+proj=helmert +x={} +y={} +z={} +rx={} +ry={} +rz={} +s={} +convention=position_vector".format(*shift),
        "+inv +proj=cart +ellps=GRS80", "+proj=unitconvert +xy_in=rad +xy_out=deg",
    )  # fmt: skip
    by_hand = pyproj.Transformer.from_pipeline("+proj=pipeline " + " ".join(f"+step {step}" for step in steps))
    ellipsoidal = CRS(4490) if code in (4490, 4530) else CRS(4326)
    to_degrees = pyproj.Transformer.from_crs(CRS(code), ellipsoidal, always_xy=True)
    assert to_degrees.transform(moved.x, moved.y) == pytest.approx(by_hand.transform(east, north), abs=1e-9)
    (back,) = Transformation(CRS(code), own, max_edge=math.inf)(geoms(moved))
    assert (back.x, back.y) == pytest.approx((east, north), abs=0.002)  # small angles are not turned back exactly


def test_the_input_stays_and_nothing_comes_of_nothing():
    source = geoms(JILIN, None, shapely.Polygon())
    before = shapely.to_wkb(source)
    result = Transformation(CRS(4490), CRS(4530))(source)
    assert shapely.to_wkb(source).tolist() == before.tolist()
    assert result[1] is None
    assert result[2].is_empty
    same = Transformation(CRS(4490), CRS(4490))
    assert same(source) is source


def test_many_geometries_come_out_in_order():
    """Over all threads' chunks."""
    points = shapely.points(np.linspace(124, 128, 5000), 43.8)
    result = Transformation(CRS(4490), CRS(4530))(points)
    there = shapely.get_x(result)
    assert (np.diff(there) > 0).all()
    assert there[2500] == pytest.approx(Transformation(CRS(4490), CRS(4530))(points[2500:2501])[0].x, abs=1e-9)


@pytest.mark.parametrize("bad", [math.inf, math.nan, 1e30, 42_500_000.0])
def test_impossible_coordinates_come_out_infinite(bad):
    ring = shapely.linearrings([[126, 43], [bad, 43], [126, 44], [126, 43]])
    result = Transformation(CRS(4490), CRS(4530))(geoms(JILIN, shapely.polygons(ring)))
    assert result[0].is_valid
    assert np.isinf(shapely.get_coordinates(result[1])).any()


def test_a_straight_edge_stays_straight_on_its_own_ground():
    """A 4.5 km edge in the next zone: its chord is up to metres away, its split edge is not (peers.md)."""
    west, east = CRS(4551), CRS(4552)
    corners = [(600_000, 4_850_000), (600_000, 4_854_500), (604_500, 4_850_000)]
    triangle = geoms(shapely.Polygon(corners))
    split = Transformation(west, east)(triangle)
    chord = Transformation(west, east, max_edge=1e9)(triangle)
    exact = Transformation(west, east, max_edge=1.0)(triangle)
    error = shapely.area(shapely.symmetric_difference(split, exact))[0]
    assert error < shapely.area(shapely.symmetric_difference(chord, exact))[0] / 100


COORDINATE = st.integers(-1_000_000, 1_000_000).map(lambda value: value / 128)


@given(st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12), st.floats(1, 1000))
def test_split_edges_are_short_and_lie_on_the_old_ones(corners, max_edge):
    ring = shapely.LinearRing(corners)
    small = shapely.box(0, 0, 0.5, 0.5)
    source = geoms(shapely.Polygon(ring), small)
    result = split_long_edges(source, max_edge)
    lengths = np.hypot(*np.diff(shapely.get_coordinates(result[0]), axis=0).T)
    assert lengths.max(initial=0) <= max_edge * (1 + 1e-9)
    assert result[1] is small
    old, new = np.asarray(ring.coords), shapely.get_coordinates(result[0])
    assert {tuple(point) for point in old} <= {tuple(point) for point in new}
    assert shapely.distance(shapely.points(new), shapely.LineString(old)).max() < 1e-6
    assert shapely.length(result[0]) == pytest.approx(ring.length, rel=1e-9, abs=1e-9)
    if np.hypot(*np.diff(old, axis=0).T).max() < max_edge * (1 - 1e-9):
        assert result[0] is source[0]


def test_splitting_mends_nothing_unseen():
    """An invalid polygon stays as invalid as it was, holes and parts in their places, so that its repair is listed."""
    bow_tie = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    hole = shapely.Polygon(shapely.box(0, 0, 40, 40).exterior, [shapely.box(5, 5, 9, 9).exterior])
    two_holes = shapely.Polygon(hole.exterior, [*hole.interiors, shapely.box(15, 5, 35, 9).exterior])
    source = geoms(bow_tie, hole, shapely.MultiPolygon([shapely.box(50, 0, 60, 3), two_holes, hole]), two_holes)
    result = split_long_edges(source, 3.0)
    assert [geom.geom_type for geom in result] == [geom.geom_type for geom in source]
    assert not result[0].is_valid
    assert shapely.length(result).tolist() == pytest.approx(shapely.length(source).tolist())
    assert shapely.area(result).tolist() == pytest.approx(shapely.area(source).tolist())
    assert result[1:3].tolist() != source[1:3].tolist()
    assert shapely.equals(result[1], source[1])
    assert shapely.equals(result[3], source[3])
    assert [len(part.interiors) for part in result[2].geoms] == [0, 2, 1]


@pytest.mark.parametrize("latitude", [0.0, 43.8, 85.0])
def test_degrees_are_split_by_metres_on_the_ground(latitude):
    transformation = Transformation(CRS(4490), CRS(4326), max_edge=100.0)
    (result,) = transformation(geoms(shapely.box(126, latitude, 126.02, latitude + 0.02)))
    lon, lat = shapely.get_coordinates(result).T
    lengths = CRS(4490).get_geod().line_lengths(lon, lat)
    assert lengths.max() <= 100.01
    assert lengths.max() > 95


def test_nothing_long_is_the_same_array():
    source = geoms(JILIN, None)
    assert split_long_edges(source, 1.0) is source
    assert split_long_edges(geoms(None), 1.0)[0] is None


def test_absurd_edges_do_not_exhaust_memory():
    absurd = geoms(shapely.box(0, 0, 1e30, 1), shapely.LineString([[0, 0], [math.inf, 0], [500, 0]]))
    assert split_long_edges(absurd, 1.0) is absurd
