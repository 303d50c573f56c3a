"""What the manifest tells of how a run was asked for and how features were identified."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from support import MemorySource, review, square

from redline_review.core.profile import load_profile
from redline_review.core.report.content import Content
from redline_review.core.review.package import open_package
from redline_review.core.review.reading import geometry_hashes


@pytest.fixture
def facts(tmp_path):
    def facts(lines, **options):
        path = tmp_path / "review.gpkg"
        review([square(0, 0, 1000)], lines, package=path, **options)
        with open_package(path) as package:
            return package.manifest()

    return facts


def test_the_field_that_identified_features_is_named_line_by_line(facts):
    patches = [square(0, 0, 100), square(200, 0, 100)]
    found = facts(
        {
            "eco_redline": MemorySource("eco", patches, {"bsm": ["1", "2"], "NO": ["a", "b"]}),
            "farmland": MemorySource("farm", patches, {"BSM": ["1", "1"]}),  # twice: identifies nothing
            "urban_boundary": MemorySource("udb", patches, {"BSM": ["1", "2"], "NO": ["a", "b"]}),
        },
        id_fields={"urban_boundary": "NO"},
        coverage=[square(-10, -10, 5000)],
    )
    assert found["fields"]["ids_used"] == {"eco_redline": "bsm", "farmland": "", "urban_boundary": "NO"}
    assert found["fields"]["ids"] == {"urban_boundary": "NO"}


def test_what_the_caller_wants_to_read_again_is_passed_on(facts):
    tool = {"algorithm": "redline:overlap", "parameters": {"MIN_AREA": 5.0, "TOWNS": "/县/towns.gpkg"}}
    reopen = {"eco_redline": {"source": "/县/eco.shp|option:ENCODING=GBK"}}
    found = facts({"eco_redline": [square(0, 0, 100)], "farmland": [square(0, 0, 9)]}, tool=tool, reopen=reopen)
    assert found["tool"] == tool
    assert found["sources"]["eco_redline"]["reopen"] == reopen["eco_redline"]
    assert "reopen" not in found["sources"]["farmland"]


def test_a_run_that_was_asked_for_without_a_tool_says_so(facts):
    assert facts({"farmland": [square(0, 0, 100)]})["tool"] is None


def test_the_hash_of_a_feature_is_the_source_id_of_its_finding(tmp_path):
    patch = square(-50, 0, 100)
    _, findings, _ = review([square(0, 0, 1000)], {"farmland": [patch]})
    turned = shapely.Polygon(np.roll(shapely.get_coordinates(patch)[:-1], 1, axis=0))
    copies = np.array([patch, shapely.multipolygons([patch]), turned, None], dtype=object)
    assert geometry_hashes(copies).tolist() == [*findings["source_id"].tolist() * 3, ""]


def test_which_data_a_line_was_is_told_by_its_layer_or_else_by_the_rules(facts):
    rules = load_profile()
    approved = {"title": {"zh_CN": "永久基本农田", "en": "Basic farmland"}, "version": "2023年版", "number": "国函1号"}
    lines = tuple(replace(line, data=approved) if line.id != "urban_boundary" else line for line in rules.lines)
    eco = MemorySource("eco", [square(0, 0, 100)])
    eco.about = {"title": "红线2024"}
    given = {"eco_redline": eco, "farmland": [square(0, 0, 9)], "urban_boundary": [square(0, 0, 9)]}
    sources = facts(given, profile=replace(rules, lines=lines))["sources"]
    assert sources["eco_redline"]["about"] == {"title": "红线2024"}  # not with the number of another edition
    assert sources["farmland"]["about"] == approved
    assert "about" not in sources["urban_boundary"] and "about" not in sources["towns"]


def test_papers_tell_it_in_their_language(tmp_path, facts):
    data = {"date": "2023-05-01", "title": {"zh_CN": "永久基本农田", "en": "Basic farmland"}, "number": "国函1号"}
    rules = load_profile()
    lines = tuple(replace(line, data=data if line.id == "farmland" else {}) for line in rules.lines)
    facts({"farmland": [square(0, 0, 9)]}, profile=replace(rules, lines=lines))
    for language, said in (
        ("zh_CN", "永久基本农田、国函1号、2023-05-01"),
        ("en", "Basic farmland, 国函1号, 2023-05-01"),
    ):
        assert Content(tmp_path / "review.gpkg", language).versions == {"farmland": said}


class Remote(MemorySource):
    """A layer behind an address."""

    location = ""

    def fingerprint(self):
        return {"location": self.location, "features": self.count}


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("PG:host=db user=planner password=geheim tables=farm", "PG:host=db user=planner …"),
        ("OCI:planner/geheim@db:farm", "…"),
        ("https://host/wfs?TYPENAME=a&tk=geheim", "https://host/wfs?TYPENAME=a&…"),
        ("/vsicurl/https://planner:geheim@host/a.gpkg", "/vsicurl/https…"),  # pragma: allowlist secret
        ("dbname='plan' user='planner' key='id' table=\"public\".\"farm\"", None),
        ("/数据/passwords/token.gpkg|layername=key", None),
    ],
)
def test_no_secret_of_an_address_gets_into_the_manifest(facts, address, kept):
    source = Remote("farm", [square(0, 0, 100)])
    source.location = address
    assert facts({"farmland": source})["sources"]["farmland"]["location"] == (kept or address)
