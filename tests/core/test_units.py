"""Printed numbers, and rows that add up to their total as printed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redline_review.core.report.units import adding_up, ha, mu, number


def test_hectares_and_mu_as_planners_print_them():
    assert (ha(12_345.678), mu(2000), ha(None), mu(float("nan"))) == ("1.2346", "3.00", "", "")
    assert number(-0.00001, 2) == "0.00" and number(-1.5, 1) == "-1.5" and number(1234567.891, 2) == "1,234,567.89"


def test_thirds_add_up():
    assert adding_up([1 / 3, 1 / 3, 1 / 3], 2).tolist() == [0.34, 0.33, 0.33]
    assert adding_up([0.4, 0.4, np.nan], 0)[:2].tolist() == [1, 0] and np.isnan(adding_up([np.nan], 0)[0])


def test_a_total_of_other_things_is_not_forced_on_them():
    assert adding_up([1.004, 2.004], 2, 99).tolist() == [1.0, 2.0]


@given(st.lists(st.floats(0, 1e7), max_size=60), st.integers(0, 4))
def test_any_rows_add_up_each_by_less_than_a_unit(values, decimals):
    printed, unit = adding_up(values, decimals), 10.0**-decimals
    assert printed.sum() == pytest.approx(round(float(np.sum(values)), decimals), abs=unit / 100 + 1e-6)
    assert np.abs(printed - np.asarray(values, dtype=float)).max(initial=0) < unit * (1 + 1e-6)
