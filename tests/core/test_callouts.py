"""Call-outs on a page: whatever the findings and the room, nothing covers or crosses what it must not."""

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import affinity

from redline_review.core.report.sheets.callouts import CLEAR, GAP, MARGIN, place
from redline_review.core.report.sheets.leaders import TOUCH

FRAME = (10.0, 20.0, 290.0, 220.0)
FURNITURE = [(270.0, 24.0, 286.0, 44.0), (12.0, 180.0, 60.0, 218.0)]
EASY = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def blob(rng, frame, fill, stretch):
    """A star-shaped town that fills so much of the frame."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radii = 1 + sum(0.3 * rng.normal() / k * np.cos(k * angles + rng.uniform(0, 6)) for k in range(2, 8))
    shape = np.column_stack([np.cos(angles) * stretch, np.sin(angles)]) * np.clip(radii, 0.3, 2)[:, None]
    town = shapely.Polygon(shape).buffer(0)
    left, top, right, bottom = town.bounds
    size = fill * min((frame[2] - frame[0]) / (right - left), (frame[3] - frame[1]) / (bottom - top))
    town = affinity.scale(town, size, size, origin=((left + right) / 2, (top + bottom) / 2))
    return affinity.translate(town, (frame[0] + frame[2] - left - right) / 2, (frame[1] + frame[3] - top - bottom) / 2)


def sizes(count, width=18.0, height=5.0):
    return np.tile([width, height], (count, 1))


def check(placed, anchors, wanted, frame, subject, avoid):
    """Everything that must hold of call-outs."""
    assert placed.boxes.shape == (len(anchors), 4) and placed.leaders.shape == (len(anchors), 2, 2)
    rows = np.flatnonzero(~np.isnan(placed.boxes[:, 0]))
    assert (np.isnan(placed.boxes).any(axis=1) == np.isnan(placed.leaders).any(axis=(1, 2))).all()
    boxes, leaders = placed.boxes[rows], placed.leaders[rows]
    np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], wanted[rows], atol=1e-9)
    assert (boxes[:, :2] >= np.array(frame[:2]) + MARGIN - 1e-9).all()
    assert (boxes[:, 2:] <= np.array(frame[2:]) - MARGIN + 1e-9).all()
    shapes, lines = shapely.box(*boxes.T), shapely.linestrings(leaders)

    np.testing.assert_array_equal(leaders[:, 1], anchors[rows])
    assert (shapely.distance(shapely.points(leaders[:, 0]), shapely.boundary(shapes)) < 1e-9).all()

    one, other = np.triu_indices(len(rows), 1)
    assert (shapely.distance(shapes[one], shapes[other]) >= GAP - 1e-9).all(), "labels overlap"
    one, other = np.nonzero(~np.eye(len(rows), dtype=bool))
    assert not shapely.intersects(lines[one], shapes[other]).any(), "a leader runs under a label"
    assert (shapely.length(shapely.intersection(lines, shapes)) < 1e-9).all(), "a leader runs under its own label"
    # Findings at one point have leaders that meet there.
    apart = np.hypot(*(leaders[one, 1] - leaders[other, 1]).T) > 2 * TOUCH
    assert not shapely.intersects(lines[one[apart]], lines[other[apart]]).any(), "leaders cross"
    for box in shapely.box(*np.reshape(avoid, (-1, 4)).T):
        assert not shapely.intersects(shapes, box).any() and not shapely.intersects(lines, box).any()
    for i, shape in enumerate(shapes):
        assert not shapely.intersects(shape, shapely.points(np.delete(anchors, rows[i], axis=0))).any()
    if subject is not None:
        assert (placed.inside[rows] >= shapely.intersects(shapes, subject)).all()
        assert (shapely.distance(shapes, subject)[placed.inside[rows]] < CLEAR).all()
    assert not np.delete(placed.inside, rows).any()
    return len(rows)


@EASY
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 50),
    fill=st.sampled_from([0.3, 0.6, 0.75, 0.9, 1.3]),
    stretch=st.sampled_from([0.3, 1.0, 3.0]),
    lie=st.sampled_from(["anywhere", "cluster", "grid", "twice", "outside"]),
    corner=st.sampled_from([(290.0, 220.0), (120.0, 260.0), (60.0, 60.0)]),
    furniture=st.booleans(),
)
def test_nothing_covers_or_crosses_what_it_must_not(seed, count, fill, stretch, lie, corner, furniture):
    rng = np.random.default_rng(seed)
    frame = (10.0, 20.0, *corner)
    town = blob(rng, frame, fill, stretch)
    middle, half = np.array(frame).reshape(2, 2).mean(axis=0), np.subtract(frame[2:], frame[:2]) / 2
    anchors = middle + rng.uniform(-0.8, 0.8, (count, 2)) * half * fill
    if lie == "cluster":
        anchors = anchors[:1] + rng.normal(0, 3, (count, 2))
    elif lie == "grid":  # leaders that are level pass right through other anchors
        anchors = np.round(anchors / 10) * 10
    elif lie == "twice":
        anchors = anchors[rng.integers(0, max(1, count // 3), count)]
    elif lie == "outside":
        anchors *= 1.5
    wanted = np.column_stack([rng.uniform(4, 28, count), rng.uniform(3, 8, count)])
    avoid = [box for box in FURNITURE if furniture]
    placed = place(anchors, wanted, frame, town, avoid)
    check(placed, anchors, wanted, frame, town, avoid)
    again = place(anchors, wanted, frame, town, avoid)
    np.testing.assert_array_equal(placed.boxes, again.boxes)


@pytest.mark.parametrize("seed", range(8))
def test_sixty_findings_of_a_town_with_room_about_it_are_all_labelled_outside_it(seed):
    rng = np.random.default_rng(seed)
    town = blob(rng, FRAME, 0.72, 1.0)
    anchors = np.array([point.coords[0] for point in inside(rng, town, 60)])
    placed = place(anchors, sizes(60), FRAME, town, FURNITURE)
    assert check(placed, anchors, sizes(60), FRAME, town, FURNITURE) == 60
    assert not placed.inside.any()


def inside(rng, town, count):
    left, top, right, bottom = town.bounds
    points = shapely.points(rng.uniform((left, top), (right, bottom), (count * 20, 2)))
    return points[shapely.contains(town, points)][:count]


def test_labels_stand_in_columns_level_with_their_findings():
    town = shapely.box(100, 60, 200, 180)
    anchors = np.array([[120.0, 80], [180, 90], [130, 120], [170, 150]])
    placed = place(anchors, sizes(4), FRAME, town)
    check(placed, anchors, sizes(4), FRAME, town, [])
    np.testing.assert_array_equal(placed.boxes[[0, 2], 2], placed.boxes[0, 2])  # the left column ends at one line
    np.testing.assert_array_equal(placed.boxes[[1, 3], 0], placed.boxes[1, 0])
    np.testing.assert_allclose(placed.leaders[:, 0, 1], anchors[:, 1], atol=0.25)


def test_a_wide_town_is_labelled_above_and_below():
    town = shapely.box(15, 100, 285, 140)
    anchors = np.column_stack([np.linspace(30, 270, 12), np.tile([110.0, 130], 6)])
    placed = place(anchors, sizes(12), FRAME, town)
    assert check(placed, anchors, sizes(12), FRAME, town, []) == 12
    assert not placed.inside.any() and len(np.unique(placed.boxes[:, 1])) == 2


def test_a_town_that_fills_the_frame_is_labelled_inside_and_says_so():
    rng = np.random.default_rng(5)
    town = shapely.box(*FRAME)
    anchors = rng.uniform((80, 50), (260, 170), (15, 2))
    placed = place(anchors, sizes(15), FRAME, town, FURNITURE)
    assert check(placed, anchors, sizes(15), FRAME, town, FURNITURE) == placed.inside.sum() == 15


def test_in_a_concave_town_labels_stand_in_its_bays():
    """About an L and a comb, columns and rows are far from most findings: leaders of half the page, were it not for
    the bays."""
    bays = shapely.union_all([shapely.box(100, y, 240, y + 25) for y in (65, 115, 165)])
    for town in (shapely.box(70, 45, 230, 195) - shapely.box(105, 20, 240, 160), shapely.box(70, 45, 230, 195) - bays):
        rng = np.random.default_rng(0)
        anchors = np.array([point.coords[0] for point in inside(rng, town, 24)])
        placed = place(anchors, sizes(24), FRAME, town, FURNITURE)
        assert check(placed, anchors, sizes(24), FRAME, town, FURNITURE) == 24 and not placed.inside.any()
        length = np.hypot(*(placed.leaders[:, 0] - placed.leaders[:, 1]).T)
        assert length.mean() < 20 and length.max() < 60
        in_bays = shapely.within(shapely.box(*placed.boxes.T), town.convex_hull)
        assert in_bays.sum() >= 5


def test_the_most_important_are_served_where_room_is_short():
    frame = (0.0, 0.0, 60.0, 60.0)
    rng = np.random.default_rng(2)
    anchors = rng.uniform(26, 34, (60, 2))
    placed = place(anchors, sizes(60), frame, shapely.box(25, 25, 35, 35))
    count = check(placed, anchors, sizes(60), frame, shapely.box(25, 25, 35, 35), [])
    there = ~np.isnan(placed.boxes[:, 0])
    assert 4 <= count < 40
    assert there[: count // 2].mean() > there[count // 2 :].mean()


def test_no_room_at_all():
    anchors = np.array([[5.0, 5.0], [6.0, 5.0]])
    placed = place(anchors, sizes(2), (0, 0, 10, 10), shapely.box(4, 4, 7, 7))
    assert np.isnan(placed.boxes).all() and np.isnan(placed.leaders).all() and not placed.inside.any()


def test_one_finding_none_and_one_that_is_off_the_page():
    placed = place([[150, 120]], sizes(1), FRAME, shapely.box(100, 80, 200, 160))
    assert check(placed, np.array([[150.0, 120]]), sizes(1), FRAME, shapely.box(100, 80, 200, 160), []) == 1
    placed = place(np.empty((0, 2)), np.empty((0, 2)), FRAME)
    assert placed.boxes.shape == (0, 4) and placed.leaders.shape == (0, 2, 2) and placed.inside.shape == (0,)
    anchors = np.array([[np.nan, np.nan], [150, 120], [500, 120]])
    placed = place(anchors, sizes(3), FRAME)
    np.testing.assert_array_equal(np.isnan(placed.boxes[:, 0]), [True, False, True])


def test_a_finding_under_the_inset_gets_no_leader_across_it():
    anchors = np.array([[30.0, 200.0], [150.0, 120.0]])
    placed = place(anchors, sizes(2), FRAME, shapely.box(20, 60, 200, 210), FURNITURE)
    np.testing.assert_array_equal(np.isnan(placed.boxes[:, 0]), [True, False])
