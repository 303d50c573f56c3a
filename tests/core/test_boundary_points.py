"""The table of boundary points: every ring closed, north before east, nothing left out without a word."""

import shapely

from redline_review.core.report.sheets.boundary_points import LIMIT, points_tables
from redline_review.core.report.texts import Texts

TEXTS = Texts("zh_CN")


def test_each_ring_closes_with_its_first_point_and_north_comes_first():
    shape = shapely.box(500_000, 4_850_000, 500_100, 4_850_050).difference(
        shapely.box(500_010, 4_850_010, 500_020, 4_850_020)
    )
    (table,) = points_tables([("农001", shape)], "CGCS2000", TEXTS)
    rings = {ring: [row for row in table.rows if row[1] == ring] for ring in ("1", "2")}
    for rows in rings.values():
        assert [row[2] for row in rows] == ["J1", "J2", "J3", "J4", "J1"] and rows[0][3:] == rows[-1][3:]
    assert {tuple(row[3:]) for row in rings["1"]} == {
        (north, east) for north in ("4850000.000", "4850050.000") for east in ("500000.000", "500100.000")
    }
    assert "CGCS2000" in table.title and all(len(row) == len(table.headings) for row in table.rows)


def test_what_passes_the_limit_is_named_with_its_number_of_points():
    rich = shapely.Point(500_000, 4_850_000).buffer(100, quad_segs=LIMIT)
    small = shapely.box(0, 0, 1, 1)
    listed, beyond = points_tables([("农001", small), ("农002", rich), ("农003", small)], "", TEXTS)
    assert {row[0] for row in listed.rows} == {"农001", "农003"}
    assert beyond.rows == [["农002", f"{4 * LIMIT:,}"]] and f"{LIMIT}" in beyond.title


def test_what_has_no_shape_has_no_points():
    assert points_tables([("A", None), ("B", shapely.Polygon())], "", TEXTS) == []
