"""Profiles: what ships is valid, and a mistake is named by its key and what it must be."""

import json

import pytest
from support import review, square

from redline_review.core.analysis.judge import zone_of
from redline_review.core.errors import RedlineError
from redline_review.core.profile import NATIONAL, PROFILES, Question, load_profile


@pytest.fixture
def edited(tmp_path):
    """Write the national profile with a change and return its path."""

    def write(change):
        data = json.loads(NATIONAL.read_text(encoding="utf-8"))
        change(data)
        path = tmp_path / "省级规则 1.json"
        path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8-sig")
        return path

    return write


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.json")), ids=lambda path: path.stem)
def test_shipped_profiles_hold_the_three_lines(path):
    profile = load_profile(path)
    assert {line.id: (line.test, line.required) for line in profile.lines} == {
        "eco_redline": ("keep_out", True), "farmland": ("keep_out", True), "urban_boundary": ("stay_inside", True),
    }  # fmt: skip
    # No source gives a width or a cap: they stay empty until a province sets them.
    assert all(line.min_width_m is None and line.max_below_tolerance_m2 is None for line in profile.lines)


@pytest.mark.parametrize("text", ["非核心区", "非核心保护区", "核心保护区外", "核心区以外", "一般控制区"])
def test_what_lies_outside_a_core_zone_is_not_read_as_one(text):
    core, other = load_profile().line("eco_redline").zones
    assert zone_of(load_profile().line("eco_redline"), text) == other
    assert zone_of(load_profile().line("eco_redline"), "国家公园核心保护区") == core


def test_a_fourth_line_is_one_more_entry(edited):
    line = {
        "id": "nature_reserve", "short": "nr", "mark": "保", "name": "自然保护地", "test": "keep_out",
        "layer_names": ["ZRBHD", "自然保护地"], "judgement": {"site": "violation", "planned_area": "warning"},
    }  # fmt: skip
    line["data"] = {"title": "吉林省自然保护地", "number": "吉政函〔2023〕1号", "date": "2023-05-01"}
    profile = load_profile(edited(lambda data: data["lines"].append(line)))
    assert profile.line_of_layer("吉林省自然保护地_2024").id == "nature_reserve"
    assert not profile.line("nature_reserve").required
    assert profile.line("nature_reserve").data == line["data"] and profile.line("farmland").data == {}


def set_at(data, path, value):
    *way, last = path
    for key in way:
        data = data[key]
    data[last] = value


@pytest.mark.parametrize(
    ("path", "value", "code", "key"),
    [
        (("min_aera",), 1, "must_be_known", "min_aera"),
        (("lines", 0, "tset"), "keep_out", "must_be_known", "lines[0].tset"),
        (("lines", 1, "test"), "keep out", "must_be_one_of", "lines[1].test"),
        (("lines", 0, "min_area_m2"), -1, "must_be_number", "lines[0].min_area_m2"),
        (("lines", 0, "min_area_m2"), "1 m²", "must_be_number", "lines[0].min_area_m2"),
        (("lines", 0, "min_area_m2"), True, "must_be_number", "lines[0].min_area_m2"),
        (("lines", 0, "short"), "redline", "must_be_short", "lines[0].short"),
        (("lines", 0, "short"), "area", "must_not_be", "lines[0].short"),
        (("lines", 0, "short"), "FARM", "must_be_unique", "lines[].short"),
        (("lines", 0, "id"), "生态", "must_be_identifier", "lines[0].id"),
        (("lines", 0, "mark"), "农", "must_be_unique", "lines[].mark"),
        (("lines", 0, "required"), "yes", "must_be_flag", "lines[0].required"),
        (("lines", 0, "judgement", "site"), "illegal", "must_be_one_of", "lines[0].judgement.site"),
        (("lines", 0, "zones", 1, "names"), "核心区", "must_be_list_of_words", "lines[0].zones[1].names"),
        (("lines", 0, "zones", 0), [], "must_be_object", "lines[0].zones[0]"),
        (("lines",), [], "must_be_list", "lines"),
        (("max_edge_m",), 0, "must_be_positive", "max_edge_m"),
        (("name",), 3, "must_be_text", "name"),
        (("schema",), 2, "must_be_schema", "schema"),
        (("lines", 1, "data"), {"approval": "国函1号"}, "must_be_known", "lines[1].data.approval"),
        (("lines", 1, "data"), {"number": 5}, "must_be_text", "lines[1].data.number"),
    ],
)
def test_a_mistake_is_named(edited, path, value, code, key):
    with pytest.raises(RedlineError) as caught:
        load_profile(edited(lambda data: set_at(data, path, value)))
    assert (caught.value.code, caught.value.details["key"]) == (code, key)
    assert key in str(caught.value) and "省级规则 1.json" in str(caught.value)


def test_zones_need_a_judgement_for_unknown_ones(edited):
    with pytest.raises(RedlineError) as caught:
        load_profile(edited(lambda data: data["lines"][0].pop("unknown_zone")))
    assert caught.value.code == "must_be_given_with_zones"


def test_a_missing_key_is_named(edited):
    with pytest.raises(RedlineError) as caught:
        load_profile(edited(lambda data: data["lines"][2].pop("judgement")))
    assert (caught.value.code, caught.value.details["key"]) == ("must_be_given", "lines[2].judgement")


def test_files_that_are_no_profile(tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"schema": 1,,}', encoding="utf-8")
    with pytest.raises(RedlineError) as caught:
        load_profile(broken)
    assert (caught.value.code, caught.value.details["line"]) == ("profile_not_json", 1)
    with pytest.raises(RedlineError) as caught:
        load_profile(tmp_path / "absent.json")
    assert caught.value.code == "profile_unreadable"


def test_remarks_are_allowed_and_tolerances_overridden(edited):
    profile = load_profile(edited(lambda data: data.update({"// note": "由省厅 2026 年设定"})))
    changed = profile.with_tolerance(200.0, None)
    assert {line.min_area_m2 for line in changed.lines} == {200.0}
    assert changed.line("farmland").min_width_m is None
    assert profile.with_tolerance(None, None) is profile


def test_a_layer_for_a_line_that_the_rules_lack_is_refused(edited):
    profile = load_profile(edited(lambda rules: rules["lines"].pop(0)))
    with pytest.raises(RedlineError) as caught:
        review([square(0, 0, 100)], {"eco_redline": [square(0, 0, 10)]}, profile=profile)
    assert caught.value.code == "line_not_in_profile"
    assert caught.value.details == {"layer": "eco_redline", "line": "eco_redline"}


def test_a_province_adds_to_what_the_nation_has(edited):
    def change(data):
        for name in ("class_systems", "legends", "intensity"):
            del data[name]
        data["figure_fields"] = {"residents": ["户籍人口"]}
        data["town_list"] = {"statuses": {"removed": ["退出"]}}
        data["town_rules"] = [{"id": "jobs", "figure": "jobs", "name": "就业", "at_least": 1000}]
        asked = {"question": "是否落实生态修复？", "good": None}
        data["checklist"] = [{"id": "restoration", **asked}, {"id": "industry", **asked, "clause": "某省规定"}]

    national, profile = load_profile(), load_profile(edited(change))
    assert profile.figure_fields["residents"] == ("户籍人口",)
    assert profile.figure_fields["jobs"] == national.figure_fields["jobs"]
    assert profile.town_list.fields == national.town_list.fields
    assert profile.town_list.statuses["removed"] == ("退出",) and "listed" in profile.town_list.statuses
    rules = {rule.id: rule for rule in profile.town_rules}
    assert rules["jobs"].at_least == 1000 and len(rules) == len(national.town_rules)
    assert [one.id for one in profile.class_systems] == ["sandiao", "yongdi"] and len(profile.legends) == 4
    assert [one.id for one in profile.checklist] == [*(one.id for one in national.checklist), "restoration"]
    assert profile.checklist[0] == Question("industry", "是否落实生态修复？", clause="某省规定")


def test_a_profile_without_a_checklist_has_the_national_one(edited):
    assert load_profile(edited(lambda data: data.pop("checklist"))).checklist == load_profile().checklist
    assert load_profile(PROFILES / "jilin.json").checklist == load_profile().checklist


@pytest.mark.parametrize(
    ("path", "value", "code", "key"),
    [
        (["checklist"], {}, "must_be_list", "checklist"),
        (["checklist", 0], "x", "must_be_object", "checklist[0]"),
        (["checklist", 1, "id"], "industry", "must_be_unique", "checklist[].id"),
        (["checklist", 0, "id"], "产业", "must_be_identifier", "checklist[0].id"),
        (["checklist", 0, "good"], "maybe", "must_be_one_of", "checklist[0].good"),
        (["checklist", 0, "good"], True, "must_be_one_of", "checklist[0].good"),
        (["checklist", 0, "question"], 3, "must_be_text", "checklist[0].question"),
        (["checklist", 0, "weight"], 3, "must_be_known", "checklist[0].weight"),
        (["checklist", 0], {"id": "a", "question": "甲？"}, "must_be_given", "checklist[0].good"),
    ],
)
def test_mistakes_in_the_checklist_are_named(edited, path, value, code, key):
    with pytest.raises(RedlineError) as caught:
        load_profile(edited(lambda data: set_at(data, path, value)))
    assert (caught.value.code, caught.value.details["key"]) == (code, key) and key in str(caught.value)
    if key.endswith("good") and code == "must_be_one_of":
        assert "yes, no, null" in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["figure_fields", "residnets"], ["x"], "residnets"), (["town_list", "statuses", "lsted"], ["x"], "lsted"),
        (["town_rules", 0, "objects"], ["planed_area"], "objects"), (["town_rules", 0, "figure"], "nothing", "figure"),
        (["town_rules", 0], {"id": "a", "figure": "jobs", "name": "a"}, "at_least"),
        (["town_rules", 0, "at_most"], 0.5, "at_most"), (["legends", 0, "grades", "1"], [50], "grades"),
        (["legends", 0, "no_data"], [50], "grades"), (["legends", 1, "id"], "worldcover", "legends"),
        (["class_systems", 0, "own_codes"], "(", "own_codes"),
        (["class_systems", 0, "classes", 0, "grade"], 5, "grade"),
        (["class_systems", 0, "classes", 0, "class"], "sea", "class"), (["intensity", "floor_height_m"], 0, "floor"),
    ],
)  # fmt: skip
def test_mistakes_in_the_rules_of_intensity_are_named(edited, path, value, said):
    with pytest.raises(RedlineError, match=said):
        load_profile(edited(lambda data: set_at(data, path, value)))
