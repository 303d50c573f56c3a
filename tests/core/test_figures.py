"""Figures of towns: where they are found, their units, and what cannot be used."""

import math
from datetime import date

import numpy as np
import pytest
from support import MemorySource

from redline_review.core.errors import RedlineError
from redline_review.core.inputs.tables import CsvSource
from redline_review.core.profile import load_profile
from redline_review.core.review.figures import FIGURES, TEXTS, FigureRequest, read_figures

IDS = np.array(["XZ001", "XZ002"], dtype=object)
NAMES = np.array(["北山小镇", "松花湖小镇"], dtype=object)
PROFILE = load_profile()


def table(**columns):
    columns = {"小镇编号": list(IDS)} | columns
    return MemorySource("统计表", [None] * 2, columns)


def figures(fields=None, table=None, money_unit=None, attributes=None, town_column=None):
    """Figures and issues of two towns."""
    issues = []
    attributes = {name: np.array(values, dtype=object) for name, values in (attributes or {}).items()}
    request = FigureRequest(fields or {}, table, money_unit, town_column)
    return read_figures(request, IDS, NAMES, "小镇", attributes, PROFILE, issues), issues


def one(figure, header, value, **options):
    """What a figure of the first town is read as from a chosen column, and the codes of the issues."""
    read, issues = figures({figure: header}, table(**{header: [value, None]}), **options)
    return read.numbers[figure][0], [issue.code for issue in issues]


def failed(*arguments, **options):
    with pytest.raises(RedlineError) as error:
        figures(*arguments, **options)
    return error.value.code, error.value.details


def told(issues):
    return [(issue.code, issue.severity, issue.layer, issue.feature, issue.details) for issue in issues]


def test_nothing_given_is_nothing_known():
    read, issues = figures()
    assert set(read.numbers) | set(TEXTS) == set(FIGURES) and set(read.numbers).isdisjoint(TEXTS)
    assert all(values.dtype == float and np.isnan(values).all() for values in read.numbers.values())
    assert read.kind.tolist() == read.start.tolist() == ["", ""]
    assert read.used == {} and issues == []


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_a_text_file_of_figures(tmp_path, encoding):
    path = tmp_path / "年报.csv"
    text = "小镇名称,常住人口,GDP（万元）,年游客数（万人次）,绿化覆盖率(%),小镇类型,开工时间\n"
    path.write_text(text + '松花湖小镇,"12,345",1.13,62.5,35％,文旅类,2024-05\n', encoding=encoding)
    read, issues = figures(table=CsvSource(path))
    assert read.numbers["residents"][1] == 12345
    assert read.numbers["gdp"][1] == 11300
    assert read.numbers["visitors"][1] == 625_000
    assert read.numbers["green_pct"][1] == 35
    assert all(np.isnan(values[0]) for values in read.numbers.values())
    assert (read.kind.tolist(), read.start.tolist()) == (["", "文旅类"], ["", "2024-05"])
    assert read.used == {
        "residents": ("年报", "常住人口"), "gdp": ("年报", "GDP（万元）"), "visitors": ("年报", "年游客数（万人次）"),
        "green_pct": ("年报", "绿化覆盖率(%)"), "kind": ("年报", "小镇类型"), "start": ("年报", "开工时间"),
    }  # fmt: skip
    found = [issue.details["figure"] for issue in issues if issue.code == "figure_found"]
    assert found == [figure for figure in FIGURES if figure in read.used]
    assert [issue.code for issue in issues if issue.code != "figure_found"] == ["town_without_row"]
    gdp = {"figure": "gdp", "field": "GDP（万元）"}
    assert ("figure_found", "notice", "年报", "", gdp) in told(issues)


def test_a_chosen_column_is_the_tables_first_and_needs_no_notice():
    attributes = {"职工": [7, 8], "税": ["3", "4"]}
    read, issues = figures({"jobs": "职工", "tax": "税"}, table(职工=[1, 2]), "wan", attributes)
    assert read.numbers["jobs"].tolist() == [1, 2]
    assert read.numbers["tax"].tolist() == [30_000, 40_000]
    assert read.used == {"jobs": ("统计表", "职工"), "tax": ("小镇", "税")}
    assert issues == []


def test_a_column_is_found_in_the_table_then_among_the_towns_own():
    attributes = {"Jobs": [7, 8], "population": [5, 6], "GDP": [1, 2]}
    read, issues = figures({"gdp": "产值（元）"}, table(就业人数=[1, 2], **{"产值（元）": [3, 4]}), None, attributes)
    assert read.used == {
        "residents": ("小镇", "population"), "jobs": ("统计表", "就业人数"), "gdp": ("统计表", "产值（元）"),
    }  # fmt: skip
    assert (read.numbers["jobs"].tolist(), read.numbers["gdp"].tolist()) == ([1, 2], [3, 4])
    assert [(issue.layer, issue.details["figure"]) for issue in issues] == [("小镇", "residents"), ("统计表", "jobs")]


def test_names_of_the_profile_go_before_later_ones():
    read, _ = figures(table=table(population=[1, 2], 常住人口=[3, 4]))
    assert read.used["residents"] == ("统计表", "常住人口")


@pytest.mark.parametrize(
    "header",
    ["gdp(万元)", "ＧＤＰ［万元］", " GDP 【单位：万元】", "GDP（现价，万元）", "gdp_万元", "GDP（2024年）（万元/年）",
     "gdp (wan yuan)"],
)  # fmt: skip
def test_units_in_headers(header):
    read, issues = figures(table=table(**{header: [2, 3]}))
    assert read.numbers["gdp"].tolist() == [20_000, 30_000]
    assert [issue.code for issue in issues] == ["figure_found"]


@pytest.mark.parametrize(
    ("figure", "header", "factor"),
    [("tax", "税（元）", 1), ("tax", "税（人民币元）", 1), ("tax", "税（千元）", 1e3), ("tax", "税（百万元）", 1e6),
     ("tax", "税（亿元）", 1e8), ("tax", "税（万）", 1e4), ("tax", "税 (CNY)", 1),
     ("residents", "人口", 1), ("residents", "人口（人）", 1), ("residents", "人口（万人）", 1e4),
     ("jobs", "就业（含外来人员）", 1), ("visitors", "游客（千人次）", 1e3), ("visitors", "游客（人次/年）", 1),
     ("research_pct", "研发（‰）", 0.1), ("research_pct", "研发（%）", 1)],
)  # fmt: skip
def test_what_a_unit_multiplies_by(figure, header, factor):
    value, codes = one(figure, header, "2")
    assert value == 2 * factor and codes == []


def test_a_column_chosen_without_a_unit_of_money_stops_the_run():
    for header in ("税收", "税收（2024年）", "税收（万美元）", "税收（万元/亩）"):
        details = {"layer": "统计表", "field": header}
        assert failed({"tax": header}, table(**{header: [1, 2]})) == ("money_unit_missing", details)


@pytest.mark.parametrize("header", ["税收", "税收（万美元）"])
def test_a_column_found_without_a_unit_of_money_is_left_out(header):
    read, issues = figures(table=table(**{header: [1, 2]}))
    assert np.isnan(read.numbers["tax"]).all() and read.used == {}
    details = {"figure": "tax", "field": header}
    assert told(issues) == [("money_unit_missing", "warning", "统计表", "", details)]


@pytest.mark.parametrize(("unit", "factor"), [("yuan", 1), ("wan", 1e4), ("yi", 1e8)])
def test_the_unit_that_is_given(unit, factor):
    columns = {"GDP": [2, 3], "税收": [4, 5], "累计投资": [6, 7], "特色产业投资": [1, 2], "就业人数": [8, 9]}
    read, _ = figures(table=table(**columns), money_unit=unit)
    first = [read.numbers[figure][0] for figure in ("gdp", "tax", "investment", "trade_investment", "jobs")]
    assert first == [2 * factor, 4 * factor, 6 * factor, 1 * factor, 8]


def test_two_units_that_contradict():
    assert one("gdp", "产值（万元）", 2, money_unit="wan") == (20_000, [])
    for header in ("产值（亿元）", "产值（美元）"):
        code, details = failed({"gdp": header}, table(**{header: [1, 2]}), "wan")
        assert code == "money_unit_contradicts"
        assert details == {"layer": "统计表", "field": header, "unit": "万元"}


def test_two_columns_of_one_name_are_not_guessed_between():
    columns = {"GDP（2023年，万元）": [1, 2], "GDP（2024年，万元）": [3, 4]}
    read, issues = figures(table=table(**columns), attributes={"GDP（元）": [5, 6]})
    assert np.isnan(read.numbers["gdp"]).all() and "gdp" not in read.used
    details = {"figure": "gdp", "fields": "GDP（2023年，万元）, GDP（2024年，万元）"}
    assert told(issues) == [("figure_ambiguous", "warning", "统计表", "", details)]
    read, issues = figures({"gdp": "GDP（2024年，万元）"}, table(**columns))
    assert read.numbers["gdp"].tolist() == [30_000, 40_000] and issues == []


def test_a_chosen_column_that_is_nowhere():
    details = {"layer": "统计表", "field": "职工"}
    # neither the profile's name nor an attribute stands in for what was chosen
    assert failed({"jobs": "职工"}, table(就业人数=[1, 2])) == ("no_such_field", details)
    assert failed({"jobs": "职工"}) == ("no_such_field", {"layer": "小镇", "field": "职工"})


def test_a_table_without_figures_is_said():
    read, issues = figures(table=table(备注=["甲", "乙"]))
    assert told(issues) == [("table_without_figures", "warning", "统计表", "", {})]
    assert read.used == {}


def test_whose_a_row_is():
    source = MemorySource("统计表", [None] * 2, {"小镇编号": list(IDS), "旧编号": list(IDS[::-1]), "jobs": [1, 2]})
    assert figures(table=source)[0].numbers["jobs"].tolist() == [1, 2]
    assert figures(table=source, town_column="旧编号")[0].numbers["jobs"].tolist() == [2, 1]
    strangers = MemorySource("统计表", [None], {"小镇编号": ["XZ009"], "jobs": [1]})
    assert failed(table=strangers)[0] == "table_matches_no_town"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1,234,567.5", 1234567.5), ("１，２３４", 1234), (" 　12 ", 12), ("1 234", 1234), ("+5", 5), (".5", 0.5),
     ("3.", 3), ("1.2E3", 1200), (7, 7), (7.25, 7.25), (np.int64(9), 9), (0, 0)],
)  # fmt: skip
def test_numbers_as_people_write_them(value, expected):
    assert one("jobs", "职工", value) == (expected, [])


@pytest.mark.parametrize("value", [None, "", " 　", math.nan])
def test_what_is_blank_is_unknown_without_an_issue(value):
    number, codes = one("jobs", "职工", value)
    assert np.isnan(number) and codes == []


@pytest.mark.parametrize(
    ("figure", "value"),
    [("jobs", "约300"), ("jobs", "-1"), ("jobs", -1), ("jobs", "1,5"), ("jobs", "1,2345"), ("jobs", "inf"),
     ("jobs", math.inf), ("jobs", "1e999"), ("jobs", "1e9999999"), ("jobs", "nan"), ("jobs", True),
     ("jobs", "35%"), ("jobs", "1_000"), ("green_pct", "100.1"), ("green_pct", -0.5), ("green_pct", "%")],
)  # fmt: skip
def test_what_is_no_figure_is_told_and_unknown(figure, value):
    read, issues = figures({figure: "值"}, table(值=[5, value]))
    assert read.numbers[figure][0] == 5 and np.isnan(read.numbers[figure][1])
    details = {"figure": figure, "field": "值", "value": str(value)}
    assert told(issues) == [("figure_not_usable", "warning", "统计表", "XZ002", details)]


@pytest.mark.parametrize(("value", "expected"), [("0", 0), ("100", 100), ("35 %", 35), ("35％", 35), (62.5, 62.5)])
def test_shares(value, expected):
    assert one("new_economy_pct", "三新", value) == (expected, [])


def test_texts_of_kind_and_start():
    read, issues = figures(
        {"kind": "类", "start": "开工"}, attributes={"类": [" 文旅 ", None], "开工": [date(2024, 5, 1), 2023.0]}
    )
    assert (read.kind.tolist(), read.start.tolist()) == (["文旅", ""], ["2024-05-01", "2023"])
    assert read.used == {"kind": ("小镇", "类"), "start": ("小镇", "开工")} and issues == []
