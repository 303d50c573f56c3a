"""Round scales and scale bars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redline_review.core.report.sheets.scales import bar_segment, round_scale


@pytest.mark.parametrize(
    ("width", "height", "scale"), [(200, 100, 1000), (1234, 800, 8000), (3000, 2000, 15_000), (90_000, 1, 500_000)]
)
def test_the_largest_round_scale_that_holds_the_land(width, height, scale):
    assert round_scale(width, height, 200, 180) == scale


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(50, 1000), st.floats(50, 1000))
def test_any_land_fits_and_no_smaller_scale_is_taken_than_needed(width, height, paper_width, paper_height):
    scale = round_scale(width, height, paper_width, paper_height)
    used = max(width / scale * 1000 / paper_width, height / scale * 1000 / paper_height)
    assert used <= 1 + 1e-6 and (used > 0.6 or scale <= 10)


@given(st.floats(100, 5e6), st.floats(20, 200), st.integers(1, 4))
def test_a_bar_is_about_as_long_as_wanted_and_of_a_round_length(scale, width, segments):
    segment = bar_segment(scale, width, segments)
    assert 0.3 < segment * segments * 1000 / scale / width <= 1.3
    assert f"{segment:e}"[0] in "125" and float(f"{segment:e}"[1:5]) == 0
