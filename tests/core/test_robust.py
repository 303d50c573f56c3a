"""Unions that GEOS (3.11) gets wrong without a word, found among random surveys in disorder, come out right."""

import numpy as np
import pytest
import shapely
from support import ORIGIN, review

from redline_review.core.analysis.robust import Overlay

# In metres from the test county's corner. The first lies within the last but for its hole; GEOS leaves it beside the
# union, so that its land is there twice.
LEFT_BESIDE = [
    [[(397.56737103, 112.092829574), (502.75362344, 112.446205585), (393.321513444, 127.20614234),
      (394.73679931, 122.168371418), (396.15208517, 117.130600496)]],
    [[(54.7218415, 606.626739692), (34.49384725, 664.455290855), (30.81576795, 677.462483018)]],
    [[(94.7568211, 606.547383857), (34.129303955, 601.0282480735), (18.984946, 606.29275131)]],
    [[(103.26507967, 509.839536515), (101.025288686, 414.807843338), (102.71708674, 409.156559672)]],
    [[(315.0143101, 104.509824871), (397.56737103, 112.092829574), (393.321513444, 127.20614234)]],
    [[(470.63390164, -8.077270692), (-11.55624015, 297.781371295), (698.862508446, 627.184117953)],
     [(393.321513444, 127.20614234), (397.56737103, 112.092829574), (415.75393303, 112.613265803)]],
]  # fmt: skip
# Two polygons far apart and two slivers of a nanometre: of the union the last polygon is missing.
LOST = [
    [[(184.3138494, 812.988690187), (190.88108106, 812.829042818), (194.164697066, 812.749219129)]],
    [[(96.39538919, 711.069743429), (96.781093515, 712.928024125), (95.27729232, 705.682876522)]],
    [[(8.146672465, 509.855070729), (14.49701904, 587.489733597), (114.81836505, 609.943884204)]],
    [[(99.74967982, 727.230344151), (95.27729232, 705.682876522), (-8.191491105, 711.690285835),
      (0.17879533, 753.666865449)]],
]  # fmt: skip


def polygons(rings):
    return np.array([shapely.Polygon(ORIGIN + shell, [ORIGIN + hole for hole in holes]) for shell, *holes in rings])


def on_a_grid(geometry):
    return shapely.area(shapely.union_all(geometry, grid_size=1e-4))


@pytest.mark.parametrize("rings", [LEFT_BESIDE, LOST])
def test_a_union_has_all_its_land_once(rings):
    geometry = polygons(rings)
    union = Overlay().union(geometry)
    assert union.is_valid
    assert union.area == pytest.approx(on_a_grid(geometry), abs=1)
    assert shapely.area(shapely.difference(geometry, union)).max() < 0.5


@pytest.mark.parametrize("rings", [LEFT_BESIDE, LOST])
def test_so_it_is_in_a_review(rings):
    geometry = polygons(rings)
    town = shapely.box(*(ORIGIN - 9999), *(ORIGIN + 9999))
    summary, _, _ = review([town], {"farmland": list(geometry)}, coverage=[town])
    assert summary.farm_m2[0] == pytest.approx(on_a_grid(geometry), abs=1)
