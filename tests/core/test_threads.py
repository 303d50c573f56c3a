"""Tasks side by side come out in order, none is lost, and what goes wrong in one comes out."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from redline_review.core.threads import Behind, ahead, in_order, in_task


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_in_order_loses_nothing(count, threads):
    with ThreadPoolExecutor(threads) as pool:
        found = list(in_order(pool, threads, lambda a, b: (a, b, in_task()), ((n, -n) for n in range(count))))
    assert [(a, b) for a, b, _ in found] == [(n, -n) for n in range(count)]
    assert all(task == (count > 1 and threads > 1) for _, _, task in found)


def test_a_single_call_stays_in_the_callers_thread():
    with ThreadPoolExecutor(2) as pool:
        assert list(in_order(pool, 2, threading.current_thread, [()])) == [threading.current_thread()]


def test_what_goes_wrong_comes_out():
    def fail(n):
        if n == 7:
            raise ValueError(n)
        return n

    def calls():
        yield from ((n,) for n in range(5))
        raise KeyError("calls")

    with ThreadPoolExecutor(2) as pool:
        found = []
        with pytest.raises(ValueError, match="7"):
            found.extend(in_order(pool, 2, fail, ((n,) for n in range(20))))
        with pytest.raises(KeyError):
            list(in_order(pool, 2, fail, calls()))
        assert list(in_order(pool, 2, fail, ((n,) for n in range(5)))) == [0, 1, 2, 3, 4]  # the pool goes on


def test_ahead_gives_the_items_and_the_error():
    def items():
        yield from range(5)
        raise OSError("disk")

    seen = []
    with pytest.raises(OSError):
        for item in ahead(items()):
            seen.append(item)
    assert seen == [0, 1, 2, 3, 4]
    assert list(ahead(iter([]))) == []


def test_behind_keeps_the_order_and_tells_at_the_next_call():
    done, behind = [], Behind()
    for n in range(20):
        behind.call(done.append, n)
    behind.wait()
    assert done == list(range(20))
    behind.call([].pop)
    with pytest.raises(IndexError):
        behind.call(done.append, 20)
    behind.wait()  # it is told once
    behind.end()
    assert done == list(range(20))
