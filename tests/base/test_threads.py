"""Work shared among threads, and locks that forked children find free."""

import os
import subprocess
import sys
import threading

import pytest

from toposhape.base import threads
from toposhape.base.threads import available_cores, run_in_threads


@pytest.mark.parametrize("at_once", [1, 2, 3, 50, None])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_every_task_is_done_once(count, at_once):
    done = []
    run_in_threads(done.append, count, at_once)
    assert sorted(done) == list(range(count))


def test_as_many_tasks_as_threads_are_at_work_together():
    """Tasks that wait for two others; never are more than three at work."""
    meeting, lock, present, most = threading.Barrier(3, timeout=60), threading.Lock(), set(), []

    def task(k):
        with lock:
            present.add(k)
            most.append(len(present))
        meeting.wait()
        with lock:
            present.remove(k)

    run_in_threads(task, 6, threads=3)
    assert max(most) == 3


def test_all_cores_are_taken_unless_said(monkeypatch):
    meeting = threading.Barrier(3, timeout=60)
    monkeypatch.setattr(threads, "available_cores", lambda: 3)
    run_in_threads(lambda _: meeting.wait(), 3)


@pytest.mark.parametrize(("count", "at_once"), [(3, 1), (1, 8)])
def test_one_at_a_time_needs_no_other_thread(count, at_once):
    """In order, in the thread that calls: errors and debuggers are where one looks for them."""
    done = []
    run_in_threads(lambda k: done.append((k, threading.current_thread())), count, at_once)
    assert done == [(k, threading.current_thread()) for k in range(count)]


def test_errors_of_tasks_and_senseless_numbers_of_threads():
    def task(k):
        if k > 1:
            raise KeyError(k)

    for at_once in (1, 3):
        with pytest.raises(KeyError, match="2"):
            run_in_threads(task, 5, at_once)
    for at_once in (0, -1):
        with pytest.raises(ValueError, match=f"threads must be at least 1 .*, got {at_once}"):
            run_in_threads(task, 5, at_once)


def test_cores_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5, 7}, raising=False)
    assert available_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert available_cores() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cores() == 1


FORK = """
import os, threading
from toposhape.base.threads import fork_safe

lock, held, forked = fork_safe(threading.{lock}()), threading.Event(), threading.Event()

def hold():
    with lock:
        held.set()
        forked.wait(0.5)

threading.Thread(target=hold).start()
held.wait()
pid = os.fork()
if pid == 0:
    os._exit(0 if lock.acquire(timeout=10) else 1)
forked.set()
print(os.waitpid(pid, 0)[1], lock.acquire(timeout=10))
"""


@pytest.mark.parametrize("lock", ["Lock", "RLock"])
def test_a_lock_that_another_thread_held_is_free_in_a_forked_child(lock):
    command = [sys.executable, "-W", "error", "-c", FORK.format(lock=lock)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.stdout == "0 True\n", run.stdout + run.stderr
