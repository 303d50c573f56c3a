"""Pieces come back whole, from memory or from disk."""

import signal
import sys
import tempfile

import numpy as np
import pytest
import shapely

from redline_review.core.analysis import store
from redline_review.core.analysis.pieces import Pieces
from redline_review.core.analysis.store import PieceStore
from redline_review.core.errors import RedlineError

TOWNS = 40


def pieces(towns, seed, kinds=False):
    rng = np.random.default_rng(seed)
    n = len(towns)
    shapes = shapely.buffer(shapely.points(rng.uniform(0, 1000, (n, 2))), 5)
    holed = shapely.difference(shapes, shapely.buffer(shapely.centroid(shapes), 2))
    apart = shapely.union(holed, shapely.buffer(shapely.points(rng.uniform(2000, 3000, (n, 2))), 5))
    one = shapely.multipolygons(shapes, indices=np.arange(n))  # stays a multipolygon
    if kinds:
        shapes = np.choose(rng.integers(4, size=n), [shapes, holed, apart, one])
    ids = np.array([f"编号{seed}-{k}" for k in range(n)], dtype=object)
    return Pieces(np.array(towns), ids, np.array(["核心区", ""] * n, dtype=object)[:n], rng.random(n) < 0.5, shapes)


def collected(budget, group=10**9):
    """All that comes back, and the towns of each group."""
    with PieceStore(TOWNS, budget, group) as held:
        held.add("farmland", pieces(list(range(TOWNS)), 1, kinds=True))
        held.add("eco_redline", pieces([3, 3, 39, 0], 2))
        held.add("farmland", pieces([5, 5, 7], 3))
        held.add("farmland", Pieces.empty())
        found, groups = set(), []
        for members, by_line in held.groups():
            groups.append(members)
            for line, p in by_line.items():
                assert np.isin(p.town, members).all()
                rows = zip(
                    p.town.tolist(), p.source_id, p.zone, p.whole.tolist(), shapely.to_wkb(p.geometry), strict=True
                )
                found |= {(line, *row) for row in rows}
    return found, groups


@pytest.mark.parametrize("chunk", [100, 75_000])
@pytest.mark.parametrize("group", [1, 200, 10**9])
def test_disk_gives_what_memory_gives(monkeypatch, group, chunk):
    monkeypatch.setattr(store, "_CHUNK", chunk)
    memory, by_memory = collected(10**9, group)
    assert len(memory) == 47
    assert np.concatenate(by_memory).tolist() == list(range(TOWNS))  # every town once, in order
    for budget in (0, 300, 1000):
        disk, groups = collected(budget, group)
        assert disk == memory
        assert list(map(len, groups)) == list(map(len, by_memory))


def test_groups_are_small():
    # A buffered point has 33 vertices: no more than six pieces, but a town with more comes alone.
    with PieceStore(TOWNS, group=200) as held:
        held.add("farmland", pieces([*range(TOWNS), *[7] * 10], 1))
        sizes = {tuple(members): len(by_line["farmland"]) for members, by_line in held.groups()}
    assert sizes[(7,)] == 11
    assert all(size <= 6 for members, size in sizes.items() if members != (7,))
    assert len(sizes) == 2 + -(-32 // 6) + 1


def test_more_towns_than_strips():
    with PieceStore(1000, group=1) as held:
        held.add("farmland", pieces(range(1000), 1))
        groups = [members for members, _ in held.groups()]
    assert np.concatenate(groups).tolist() == list(range(1000))
    assert 200 < len(groups) <= 256


@pytest.mark.skipif(sys.platform == "win32", reason="no limit to a file's size")
def test_no_room_for_temporary_files():
    import resource

    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(RedlineError) as raised:
            collected(0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert (raised.value.code, raised.value.details["path"]) == ("temporary_files", tempfile.gettempdir())


def test_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    collected(0)
    assert not list(tmp_path.iterdir())
