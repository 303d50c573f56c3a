"""A report reads in its own language, whatever language the run wrote in; and never hides what was not checked."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sample_review import sample_review

from redline_review.core.report.content import Content
from redline_review.core.report.rule_texts import in_language
from redline_review.core.report.units import rows_adding_up

pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize(("ran", "said"), [("en", "zh_CN"), ("zh_CN", "en")])
def test_what_a_run_wrote_in_one_language_is_said_in_the_other(tmp_path, ran, said):
    content = Content(sample_review(tmp_path, ran), said)
    tables = content.town(0).tables
    texts = [tables["indicators"][name] for name in ("name", "source", "reason", "other_source")]
    texts += [tables["town_rules"][name] for name in ("name", "unit", "remark", "source", "clause")]
    words = {one for column in texts for one in column if re.search("[一-鿿]|[A-Za-z]{3}", one or "")}
    assert len(words) > 30
    assert {one for one in words if bool(CHINESE.search(one)) != (said == "zh_CN")} == set()


def test_several_remarks_in_one_cell_are_each_said():
    assert in_language("清单内；低于标准", "en") == "on the list; below the threshold"
    assert in_language("清单内；自己的说明", "en") == "清单内；自己的说明"


def test_a_hit_in_a_town_that_was_only_partly_checked_says_so(tmp_path):
    content = Content(sample_review(tmp_path), "zh_CN")
    towns = [content.town(row) for row in content.rows(["QH07", "QH11"])]
    assert "永久基本农田未核查（超出数据覆盖范围）" in towns[0].conclusion
    assert "占用永久基本农田1.9482公顷（占1.13%）（仅核查36.85%）" in towns[1].conclusion


@given(arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 6)), elements=st.floats(0, 1e6)), st.integers(0, 4))
def test_every_row_adds_up_to_its_total(parts, decimals):
    printed, unit = rows_adding_up(parts, decimals, parts.sum(axis=1)), 10.0**-decimals
    assert np.allclose(printed.sum(axis=1), np.round(parts.sum(axis=1), decimals), atol=unit / 100 + 1e-6)
    assert (np.abs(printed - parts) < unit * (1 + 1e-6)).all()


def test_what_is_unknown_stays_so_and_other_totals_are_not_forced():
    nan = np.nan
    printed = rows_adding_up(np.array([[0.4, 0.4, nan], [1.04, 2.04, 0]]), 0, np.array([0.8, 99]))
    assert np.array_equal(printed, [[1, 0, nan], [1, 2, 0]], equal_nan=True)
