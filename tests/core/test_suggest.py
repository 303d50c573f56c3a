"""Which layer is which, by its name, its group and its fields."""

import pytest

from redline_review.core.inputs.suggest import BY_FIELDS, BY_GROUP, BY_NAME, Described, suggest, suggest_fields
from redline_review.core.profile import load_profile

PROFILE = load_profile()


def chosen(*layers):
    return {one.role: (one.layer, one.because, one.found) for one in suggest(layers, PROFILE)}


def test_layers_by_their_usual_names():
    names = ("TSXZ_GHFW", "220100STBHHX2024", "YJJBNTBHTB", "城镇开发边界（最终）", "DLTB", "GHYD", "建筑物")
    names += ("覆盖范围",)
    found = chosen(*(Described(name, name) for name in names))
    assert {role: layer for role, (layer, _, _) in found.items()} == {
        "towns": "TSXZ_GHFW", "eco_redline": "220100STBHHX2024", "farmland": "YJJBNTBHTB",
        "urban_boundary": "城镇开发边界（最终）", "land_use": "DLTB", "planned_land_use": "GHYD", "buildings": "建筑物",
        "coverage": "覆盖范围",
    }  # fmt: skip
    assert found["farmland"][1:] == (BY_NAME, "YJJBNT")


def test_by_group_and_by_fields_where_the_name_says_nothing():
    layers = (
        Described("a", "新建图层", ("BSM", "YJJBNTTBMJ")), Described("b", "面", ("BSM",), ("生态保护红线", "数据")),
        Described("c", "xyz", ("BSM",)),
    )  # fmt: skip
    farmland, redline = ("a", BY_FIELDS, "YJJBNTTBMJ"), ("b", BY_GROUP, "生态保护红线")
    assert chosen(*layers) == {"farmland": farmland, "eco_redline": redline}


def test_the_surer_guess_takes_the_role_and_no_layer_has_two():
    land_use = Described("old", "DLTB_农田", ("TBMJ",))
    found = chosen(land_use, Described("new", "永久基本农田保护图斑", ("YJJBNTTBMJ", "DLMC")))
    assert found["farmland"][0] == "new" and found["land_use"][0] == "old"


def test_nothing_is_suggested_for_layers_that_say_nothing():
    assert chosen(Described("a", "Polygon"), Described("b", "图层1", ("fid", "x"))) == {}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [(("fid", "XZBH", "XZMC"), {"id": "XZBH", "name": "XZMC"}), (("xzqdm", "xzqmc"), {"id": "xzqdm", "name": "xzqmc"}),
     (("a", "b"), {}), (("县",), {"name": "县"})],
)  # fmt: skip
def test_fields_of_towns(fields, expected):
    assert suggest_fields(fields) == expected
