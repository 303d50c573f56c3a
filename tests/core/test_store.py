"""Pieces come back whole, from memory or from disk."""

import numpy as np
import shapely

from redline_review.core.analysis.pieces import Pieces
from redline_review.core.analysis.store import PieceStore


def pieces(towns, seed):
    rng = np.random.default_rng(seed)
    n = len(towns)
    shapes = shapely.buffer(shapely.points(rng.uniform(0, 1000, (n, 2))), 5)
    ids = np.array([f"编号{seed}-{k}" for k in range(n)], dtype=object)
    return Pieces(np.array(towns), ids, np.array(["核心区", ""] * n, dtype=object)[:n], rng.random(n) < 0.5, shapes)


def collected(budget):
    towns = 40
    with PieceStore(towns, budget) as store:
        store.add("farmland", pieces(list(range(40)), 1))
        store.add("eco_redline", pieces([3, 3, 39, 0], 2))
        store.add("farmland", pieces([5, 5, 7], 3))
        store.add("farmland", Pieces.empty())
        found, groups = set(), []
        for members, by_line in store.groups():
            groups.append(members)
            for line, p in by_line.items():
                assert np.isin(p.town, members).all()
                rows = zip(
                    p.town.tolist(), p.source_id, p.zone, p.whole.tolist(), shapely.to_wkb(p.geometry), strict=True
                )
                found |= {(line, *row) for row in rows}
    return found, groups


def test_disk_gives_what_memory_gives():
    memory, one = collected(10**9)
    assert len(memory) == 47 and len(one) == 16
    for budget in (0, 300, 1000):
        disk, groups = collected(budget)
        assert disk == memory
        assert len(groups) == 16 and sorted(np.concatenate(groups).tolist()) == list(range(40))


def test_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    collected(0)
    assert not list(tmp_path.iterdir())
