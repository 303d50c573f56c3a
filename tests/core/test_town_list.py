"""The provincial list: the state of each town, and what the list cannot tell."""

import numpy as np
import pytest
from support import MemorySource

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.tables import CsvSource
from redline_review.core.profile import load_profile
from redline_review.core.review.town_list import read_town_list

IDS = np.array(["XZ001", "XZ002", "XZ003"], dtype=object)
NAMES = np.array(["北山小镇", "松花湖小镇", "查干湖小镇"], dtype=object)
PROFILE = load_profile()


def listed(source=None, names=NAMES, **options):
    issues = []
    return read_town_list(source, IDS, names, PROFILE, issues, **options), issues


def the_list(**columns):
    return MemorySource("清单", [None] * len(next(iter(columns.values()))), columns)


def told(issues):
    return [(issue.code, issue.severity, issue.layer, issue.feature, issue.details) for issue in issues]


def test_without_a_list_nothing_is_known():
    read, issues = listed()
    assert read.status.tolist() == ["no_data"] * 3
    assert read.batch.tolist() == read.year.tolist() == [""] * 3 and issues == []


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_a_list_as_delivered(tmp_path, encoding):
    path = tmp_path / "省级清单.csv"
    text = "序号,小镇名称,批次,年份,清单状态\n1,查干湖小镇,第二批,2022,除名\n2,长白小镇,第一批,2021,清单内\n"
    path.write_text(text + "3,北山小镇,第一批,2021,清单内\n", encoding=encoding)
    read, issues = listed(CsvSource(path))
    assert read.status.tolist() == ["listed", "not_listed", "removed"]
    assert read.batch.tolist() == ["第一批", "", "第二批"] and read.year.tolist() == ["2021", "", "2022"]
    assert issues == []  # towns of other counties are no issue


@pytest.mark.parametrize(
    ("text", "status"),
    [("清单内", "listed"), (" 已入清单", "listed"), ("拟申报", "proposed"), ("未纳入", "not_listed"),
     ("Not Listed", "not_listed"), ("更名", "renamed"), ("清理", "cleared"), ("淘汰", "removed")],
)  # fmt: skip
def test_states(text, status):
    read, issues = listed(the_list(名称=["松花湖小镇"], 状态=[text]))
    assert read.status.tolist() == ["not_listed", status, "not_listed"] and issues == []


def test_a_list_without_states_and_years_as_numbers():
    read, issues = listed(the_list(code=["xz002", "XZ001"], YEAR=[2021, 2022.0]))
    assert read.status.tolist() == ["listed", "listed", "not_listed"]
    assert read.year.tolist() == ["2022", "2021", ""] and read.batch.tolist() == [""] * 3
    assert [issue.code for issue in issues] == ["list_without_status"]


def test_a_column_of_states_under_another_name():
    """Or a town that was struck off would count as listed."""
    read, issues = listed(the_list(名称=["松花湖小镇", "北山小镇"], 处理结果=["除名", "清单内"]))
    assert sorted(read.status) == ["listed", "not_listed", "removed"]
    assert told(issues) == [("list_status_found", "notice", "清单", "", {"field": "处理结果"})]


@pytest.mark.parametrize("text", ["未申报", "清单内？", None])
def test_a_state_that_is_not_known_is_no_data(text):
    read, issues = listed(the_list(名称=["松花湖小镇", "长白小镇"], 状态=[text, "某"]))
    assert read.status.tolist() == ["not_listed", "no_data", "not_listed"]
    assert told(issues) == [
        ("list_status_unknown", "warning", "清单", "0", {"value": text or "", "town": "XZ002"}),
    ]


def test_rows_that_are_not_surely_a_towns_are_no_data():
    names = np.array(["北山小镇", "北山小镇", "查干湖小镇"], dtype=object)
    source = the_list(名称=["北山小镇", "查干湖小镇", "查干湖小镇"], 状态=["清单内", "更名", "清单内"])
    read, issues = listed(source, names)
    assert read.status.tolist() == ["no_data"] * 3
    assert [issue.code for issue in issues] == ["row_matches_two_towns", "town_has_two_rows"]


def test_a_list_of_other_towns_is_warned_of():
    read, issues = listed(the_list(小镇名称=["长白小镇", "集安小镇"], 批次=["一", "二"]))
    assert read.status.tolist() == ["not_listed"] * 3 and read.batch.tolist() == [""] * 3
    assert told(issues) == [("list_matches_no_town", "warning", "清单", "", {})]


def test_a_column_of_towns_under_another_name():
    source = the_list(批次=["XZ003"], 甲=["松花湖小镇"], 乙=["XZ001"])
    read, issues = listed(source)
    assert read.status.tolist() == ["listed", "not_listed", "not_listed"]
    assert told(issues) == [
        ("town_column_found", "notice", "清单", "", {"field": "乙"}),
        ("list_without_status", "warning", "清单", "", {}),
    ]
    read, issues = listed(source, town_column="甲")
    assert read.status.tolist() == ["not_listed", "listed", "not_listed"]


def test_a_table_that_is_no_list_of_towns():
    with pytest.raises(RedlineError) as error:
        listed(the_list(县=["甲县"], 人口=[5]))
    assert error.value.code == "table_matches_no_town"
    assert error.value.details == {"layer": "清单", "towns": "XZ001, XZ002, XZ003"}
    with pytest.raises(RedlineError) as error:
        listed(the_list(名称=["北山小镇"]), town_column="编码")
    assert (error.value.code, error.value.details["field"]) == ("no_such_field", "编码")
