"""A process that forks while its threads compute: the children can compute too."""

import subprocess
import sys

import pytest

CODE = """
import os, sys, threading, time
import numpy as np
from toposhape.topology import diagram_distance, superlevel_diagrams

field = np.random.default_rng(0).standard_normal((4, 4, 4)).astype(np.float32)
expected = superlevel_diagrams(field).sizes
diagram_distance([[0.0, 1.0]], [[0.0, 2.0]])
stop = threading.Event()
sys.setswitchinterval(1e-6)  # so that forks come at any moment, within the locks too

def compute():
    while not stop.is_set():
        superlevel_diagrams(field)

threads = [threading.Thread(target=compute) for _ in range(4)]
for thread in threads:
    thread.start()
stuck, wrong = 0, 0
for child in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        right = superlevel_diagrams(field).sizes == expected
        right &= diagram_distance([[0.0, 1.0]], [[0.0, 2.0]]) > 0.99
        os._exit(0 if right else 1)
    deadline = time.monotonic() + 20
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0 and time.monotonic() < deadline:
        time.sleep(0.001)
    if ended[0] == 0:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        stuck = child + 1
        break
    wrong += ended[1] != 0
stop.set()
for thread in threads:
    thread.join()
print(f"child {stuck} was stuck" if stuck else f"{wrong} were wrong")
"""


def test_children_of_a_process_whose_threads_compute_are_not_stuck():
    """At each fork one of four threads may hold the lock on idle workspaces."""
    command = [sys.executable, "-W", "error", "-c", CODE, "60"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.stdout == "0 were wrong\n", run.stdout + run.stderr


@pytest.mark.parametrize(
    ("module", "lock"),
    [("topology.grids.workspace", "_lock"), ("base.kernels.calls", "_preparing")],
)
def test_a_lock_that_is_held_at_the_moment_of_a_fork_is_free_in_the_child(module, lock):
    command = [sys.executable, "-W", "error", "-c", HELD.format(module=module, lock=lock)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.stdout == "0\n", run.stdout + run.stderr


HELD = """
import os, threading
from toposhape.{module} import {lock} as lock

forked, held = threading.Event(), threading.Event()

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
print(os.waitpid(pid, 0)[1])
"""
