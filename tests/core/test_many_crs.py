"""The same land in whatever CRS it is delivered: the same official figures; a shared border stays shared."""

import numpy as np
import pyproj
import pytest
import shapely
from support import MemorySource

from redline_review.core.profile import load_profile
from redline_review.core.review.request import ReviewRequest
from redline_review.core.review.run import run_review

DEGREES = pyproj.CRS(4490)
CORNERS = [(125.501, 43.801), (125.529, 43.805), (125.533, 43.824), (125.497, 43.820)]
TOWN = shapely.segmentize(shapely.Polygon(CORNERS), 2e-4)
EAST_HALF = shapely.segmentize(shapely.box(125.515, 43.79, 125.56, 43.84), 2e-4)
# CGCS2000 in degrees and in Gauss-Krüger of either kind and of the next zone, Web Mercator, UTM, an equal-area one.
TOWNS_IN = (4490, 4530, 4529, 4551, 4550, 4502, 3857, 32651, "+proj=laea +lat_0=44 +lon_0=125 +datum=WGS84")


class Kept:
    """Takes a layer as it is written."""

    def __init__(self):
        self.frames = []

    def open(self, fields, crs):
        self.crs = crs

    def write(self, frame):
        self.frames.append(frame)

    def close(self):
        pass

    abort = close


def moved(shape, crs):
    there = pyproj.Transformer.from_crs(DEGREES, crs, always_xy=True)
    return shapely.transform(shape, lambda xy: np.column_stack(there.transform(*xy.T)))


def reviewed(towns, line, town_crs, line_crs):
    summary = Kept()
    request = ReviewRequest(
        towns=MemorySource("towns", towns, crs=pyproj.CRS(town_crs)), profile=load_profile(),
        lines={"farmland": MemorySource("farmland", line, crs=pyproj.CRS(line_crs))}, summary=summary,
    )  # fmt: skip
    outcome = run_review(request)
    return summary.frames[0].iloc[0], outcome


@pytest.fixture(scope="module")
def expected():
    return reviewed([TOWN], [EAST_HALF], 4490, 4490)[0]


@pytest.mark.parametrize("crs", TOWNS_IN, ids=str)
@pytest.mark.parametrize("line_crs", [4490, 4551, 3857])
def test_official_areas_are_the_same_in_every_crs(expected, crs, line_crs):
    row, _ = reviewed([moved(TOWN, crs)], [moved(EAST_HALF, line_crs)], crs, line_crs)
    assert row.area_m2 == pytest.approx(expected.area_m2, rel=1e-6)
    assert row.farm_m2 == pytest.approx(expected.farm_m2, rel=1e-6)
    assert expected.farm_m2 > 2e6


@pytest.mark.parametrize(("town_crs", "line_crs"), [(4530, 4490), (4490, 4530), (4530, 4551), (3857, 4530)])
@pytest.mark.parametrize("spacing", [700, 90])
def test_a_border_that_is_shared_stays_shared(town_crs, line_crs, spacing):
    """4.5 km long, stored with the same ends and with points of other spacing on it on either side."""
    there = pyproj.Transformer.from_crs(4530, 4490, always_xy=True)
    origin = np.array([42_500_000.0, 4_850_000.0])
    town, line = shapely.box(-2000, 0, 0, 4500), shapely.box(0, 0, 2000, 4500)
    beyond = shapely.box(-2600, -600, -2500, 5100)  # so that the town is within what the layer covers
    shapes = [shapely.segmentize(one, at) for one, at in ((town, 90), (line, spacing), (beyond, 90))]
    degrees = [shapely.transform(one, lambda xy: np.column_stack(there.transform(*(xy + origin).T))) for one in shapes]
    lines = [moved(one, line_crs) for one in degrees[1:]]
    row, outcome = reviewed([moved(degrees[0], town_crs)], lines, town_crs, line_crs)
    assert outcome.finding_count == 0 and row.farm_m2 < 60 and row.farm_check in ("clear", "hit")
