"""Check of layers: whatever is delivered ends in a list of issues, with texts for all of them."""

import datetime

import numpy as np
import pyproj
import shapely
from checking import check, line_layer, town_layer
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ORIGIN

from redline_review.core.inputs.checks.layer import COVERAGE, LAND_USE
from redline_review.core.report.check_page import page
from redline_review.core.report.texts import Texts

CRSS = [None, *(pyproj.CRS.from_epsg(code) for code in (4530, 4551, 4490, 4326, 3857, 2056, 2366, 4610, 27700, 5773))]
NUMBERS = st.one_of(
    st.integers(-300, 300).map(float), st.floats(-1e3, 1e3), st.sampled_from([np.nan, np.inf, -np.inf, 1e300, 1e-300])
)
VALUES = st.one_of(
    st.none(), st.text(st.characters(exclude_characters="{}"), max_size=20), st.integers(), st.floats(),
    st.booleans(), st.dates(),
    st.sampled_from([datetime.datetime(2025, 1, 1), "0103", "05H1", "220102", "9" * 18, "ÄÏ¹ØÇø", "\ufffd", "??", ""]),
)  # fmt: skip
NAMES = ["BSM", "XZQDM", "DLBM", "MJ", "TBMJ", "QYMJ", "YJJBNTMJ", "MC", "名称", "ÏØ"]


@st.composite
def geometries(draw):
    """Rings of any numbers, here or at the county's place, alone, with holes, in parts and collections; nothing."""
    kind = draw(
        st.sampled_from(["polygon", "polygon", "holes", "parts", "collection", "point", "line", "empty", "none"])
    )
    place = draw(st.sampled_from([ORIGIN, np.zeros(2), np.array([126.0, 43.0])]))

    def ring():
        vertices = np.array(draw(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=8))) + place
        vertices[0] = np.where(np.isnan(vertices[0]), 0.0, vertices[0])  # else it could not be closed
        return vertices

    if kind == "none":
        return None
    if kind == "empty":
        return draw(st.sampled_from([shapely.Polygon(), shapely.MultiPolygon(), shapely.GeometryCollection()]))
    if kind == "point":
        return shapely.Point(ring()[0])
    if kind == "line":
        return shapely.LineString(ring())
    if kind == "holes":
        return shapely.Polygon(ring(), [ring(), ring()])
    if kind == "polygon":
        return shapely.Polygon(ring())
    parts = [shapely.Polygon(ring()), shapely.Polygon(ring())]
    if kind == "parts":
        return shapely.MultiPolygon(parts)
    return shapely.GeometryCollection([*parts, shapely.Point(ring()[0])])


@st.composite
def layers(draw, make, **options):
    shapes = draw(st.lists(geometries(), min_size=1, max_size=6))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    columns = {name: draw(st.lists(VALUES, min_size=len(shapes), max_size=len(shapes))) for name in names}
    layer = make(*shapes, **columns, **options)
    layer.source.crs = draw(st.sampled_from(CRSS))
    return layer


@given(layers(town_layer), layers(line_layer), layers(line_layer, name="eco", line="eco_redline"), layers(line_layer))
@settings(max_examples=150, deadline=None)
def test_whatever_is_delivered(towns, farm, eco, other):
    farm.id_field, towns.name_field, eco.code_field = "NONE", None, "NONE"
    other.role = LAND_USE if len(other.source.fields) % 2 else COVERAGE
    with np.errstate(all="ignore"):
        found = check(farm, eco, other, towns=towns)
    assert sum(found.counts.values()) >= len(found.issues)
    for language in ("en", "zh_CN"):
        texts = Texts(language)
        assert all("{" not in texts.issue(issue) for issue in found.issues)
        assert "".join(page(found, texts)).endswith("</html>\n")
