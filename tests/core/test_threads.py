"""Work shared out to threads: in order, nothing lost, and errors where the caller sees them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from redline_review.core import threads
from redline_review.core.threads import Behind, ahead, in_order, in_task, map_chunks


class Broken(Exception):
    pass


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as made:
        yield made


def fails_at(number, count=50):
    for n in range(count):
        if n == number:
            raise Broken
        yield (n,)


def slower_first(n):
    """Later calls end sooner."""
    time.sleep((n % 3 == 0) * 0.003)
    return n * n


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_results_come_in_the_order_of_the_calls(pool, count, number):
    found = in_order(pool, number, slower_first, ((n,) for n in range(count)))
    assert list(found) == [n * n for n in range(count)]


@pytest.mark.parametrize("number", [1, 2, 4])
def test_calls_take_several_values(pool, number):
    assert list(in_order(pool, number, pow, [(2, 5), (3, 2), (10, 3, 7)])) == [32, 9, 6]


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("at", [0, 1, 2, 49])
def test_what_a_call_raises_comes_out(pool, number, at):
    def call(n):
        if n == at:
            raise Broken
        return n

    found = []
    with pytest.raises(Broken):
        for n in in_order(pool, number, call, ((n,) for n in range(50))):
            found.append(n)
    assert found == list(range(at))


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("at", [0, 1, 2, 3, 49])
def test_what_the_calls_themselves_raise_comes_out(pool, number, at):
    done = []
    with pytest.raises(Broken):
        for n in in_order(pool, number, lambda n: n, fails_at(at)):
            done.append(n)
    assert done == list(range(len(done)))
    assert len(done) >= at - number - 2


@pytest.mark.parametrize("number, count", [(1, 1), (4, 1), (1, 5)])
def test_a_single_call_is_the_callers_own(pool, number, count):
    """And may share out its work; so are all of them where there is one thread."""
    me = threading.current_thread()

    def call():
        return threading.current_thread(), in_task()

    assert list(in_order(pool, number, call, [()] * count)) == [(me, False)] * count


def test_several_calls_are_tasks_of_other_threads_side_by_side():
    together = threading.Barrier(2, timeout=10)

    def call(n):
        together.wait()
        return threading.current_thread(), in_task()

    with ThreadPoolExecutor(2) as pool:
        found = list(in_order(pool, 2, call, [(n,) for n in range(6)]))
    assert threading.current_thread() not in [thread for thread, _ in found]
    assert [task for _, task in found] == [True] * 6
    assert not in_task()


@pytest.mark.parametrize("number", [1, 2, 4])
def test_calls_are_taken_as_they_are_needed(pool, number):
    taken = 0

    def calls():
        nonlocal taken
        for n in range(50):
            taken += 1
            yield (n,)

    for done, _ in enumerate(in_order(pool, number, lambda n: n, calls()), start=1):
        assert taken <= max(2, done + number)
    assert taken == 50


def test_a_caller_that_stops_early_leaves_no_call_waiting():
    done, go_on = [], threading.Event()

    def call(n):
        if n:
            go_on.wait(10)
        done.append(n)

    with ThreadPoolExecutor(1) as pool:
        found = in_order(pool, 3, call, ((n,) for n in range(50)))
        next(found)
        found.close()
        go_on.set()
    assert done in ([0], [0, 1])  # the one that was under way


def test_after_an_error_the_pool_goes_on(pool):
    with pytest.raises(ZeroDivisionError):
        list(in_order(pool, 2, divmod, [(1, 1), (1, 0), (1, 1)]))
    with pytest.raises(Broken):
        list(in_order(pool, 2, str, fails_at(5)))
    assert list(in_order(pool, 2, divmod, [(5, 3), (7, 2)])) == [(1, 2), (3, 1)]


def test_items_made_ahead_come_in_order_from_one_other_thread():
    makers = []

    def items():
        for n in [*range(20), None, 21]:
            makers.append(threading.current_thread())
            yield n

    assert list(ahead(items())) == [*range(20), None, 21]
    assert len(set(makers)) == 1 and threading.current_thread() not in makers
    assert list(ahead(iter([]))) == []


def test_the_next_item_is_made_while_the_caller_works():
    made = [threading.Event() for _ in range(5)]

    def items():
        for n, event in enumerate(made):
            event.set()
            yield n

    for n in ahead(items()):
        assert made[min(n + 1, 4)].wait(10)
        time.sleep(0.002)
        assert n > 2 or not made[n + 2].is_set()  # one ahead, no more


@pytest.mark.parametrize("at", [0, 1, 7])
def test_what_the_items_raise_comes_out(at):
    done = []
    with pytest.raises(Broken):
        for (n,) in ahead(fails_at(at)):
            done.append(n)
    assert done == list(range(at))


def test_a_caller_that_stops_early_does_not_wait_for_the_next_item():
    go_on = threading.Event()

    def items():
        yield 1
        go_on.wait(10)
        yield 2

    found = ahead(items())
    assert next(found) == 1
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 5
    go_on.set()


def test_calls_behind_are_made_in_order_by_one_other_thread():
    done, behind = [], Behind()

    def call(n, m):
        slower_first(n)
        done.append((n, m, threading.current_thread()))

    for n in range(30):
        behind.call(call, n, -n)
    behind.wait()
    assert [(n, m) for n, m, _ in done] == [(n, -n) for n in range(30)]
    assert len({thread for *_, thread in done}) == 1 and done[0][2] is not threading.current_thread()
    behind.end()


def test_one_call_behind_is_under_way_at_most():
    running, behind = threading.Lock(), Behind()

    def call():
        assert running.acquire(blocking=False)
        time.sleep(0.002)
        running.release()

    for _ in range(10):
        behind.call(call)
    behind.wait()
    behind.end()


def test_what_a_call_behind_raises_comes_out_once_at_the_next():
    done, behind = [], Behind()

    def broken():
        raise Broken

    behind.call(done.append, 1)
    behind.call(broken)
    with pytest.raises(Broken):
        behind.call(done.append, 2)
    behind.call(done.append, 3)
    behind.call(broken)
    with pytest.raises(Broken):
        behind.wait()
    behind.wait()
    behind.call(broken)
    behind.end()
    assert done == [1, 3]


def test_the_end_waits_for_the_last_call():
    done, behind = [], Behind()
    behind.call(lambda: (time.sleep(0.02), done.append(1)))
    behind.end()
    assert done == [1]


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 255, 256, 1000, 10_000])
def test_chunks_come_together_in_order(monkeypatch, number, count):
    monkeypatch.setattr(threads, "THREADS", number)
    rows = np.arange(count)
    assert map_chunks(lambda some: some * 2, rows).tolist() == (rows * 2).tolist()
    with ThreadPoolExecutor(1) as other:
        found = list(in_order(other, 2, map_chunks, [(lambda some: some * 2, rows)] * 2))
    assert [one.tolist() for one in found] == [(rows * 2).tolist()] * 2
