"""A table of decisions in a planner's own words."""

import json

import pytest
from packages import box, findings, review
from support import MemorySource

from redline_review.core.errors import RedlineError
from redline_review.core.report.texts import Texts
from redline_review.core.review.decision_table import COLUMNS, FACTS, decide
from redline_review.core.review.package import open_package

FINDING = "B/eco_redline/E1"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "成果.gpkg"
    review(path, findings([("B", "eco_redline", "E1", box(0, 0, 100))]))
    return path


def table(**columns):
    source = MemorySource("决定表", [None] * len(next(iter(columns.values()))), columns)
    source.geometry_kind = "none"
    return source


def verdict(path):
    with open_package(path) as package:
        return package.towns()["reviewed_verdict"][0]


def approval(until):
    return table(
        图斑编号=[FINDING], 处理决定=["已批准占用"], 理由=["重点项目"], 批准机关=["省自然资源厅"], 批准文号=["1号"],
        批准日期=["2025-03-01"], 批准面积=["10000"], 有效期至=[until],
    )  # fmt: skip


@pytest.mark.parametrize("until", ["长期", "永久", "Permanent", "long-term"])
def test_an_approval_without_end(path, until):
    assert decide(path, approval(until), "张三") == 1
    assert verdict(path) == "conditional"
    with open_package(path) as package:
        assert json.loads(package.decisions().details[0])["valid_until"] == until  # as it was written


@pytest.mark.parametrize("word", ["撤销", "undone", "Undone"])
def test_a_decision_is_taken_back(path, word):
    decide(path, approval("长期"), "张三")
    taken_back = table(图斑编号=[FINDING], 处理决定=[word])
    with pytest.raises(RedlineError, match="张三"):
        decide(path, taken_back, "李四")
    assert decide(path, taken_back, "张三") == 1
    assert verdict(path) == "violation"
    both = table(finding_id=[FINDING, FINDING], decision=["resolved", word])
    assert decide(path, both, "李四") == 2


@pytest.mark.parametrize(
    ("rows", "english", "chinese"),
    [
        (table(number=["B镇-9"], decision=["open"]), "“B镇-9” is no known finding number", "不是有效的图斑编号"),
        (table(number=[FINDING], decision=["drop"]), "“drop” is no known decision", "不是有效的处理决定"),
        (table(number=[FINDING], what=["open"]), "处理决定, 决定, decision", "处理决定、决定、decision"),
        (approval("近期"), "not readable: valid until", "无法识别：有效期至"),
        (table(number=[FINDING], decision=["撤销"]), "no decision to take back", "没有可撤销的决定"),
    ],
    ids=["finding", "decision", "column", "fact", "undo"],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(path, rows, english, chinese):
    with pytest.raises(RedlineError) as caught:
        decide(path, rows, "张三")
    assert english in Texts("en").error(caught.value) and chinese in Texts("zh_CN").error(caught.value)
    assert verdict(path) == "violation"


def test_errors_call_a_column_as_the_table_may(path):
    for key, names in {**COLUMNS, **FACTS}.items():
        assert Texts("zh_CN").word("decision_field", key) in names
