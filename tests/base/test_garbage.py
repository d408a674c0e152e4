"""Programs that import much look for little garbage, and still free what cycles hold."""

import subprocess
import sys

PROGRAM = """
import gc, sys
from toposhape.base.garbage import collect_little

class Cycle:
    freed = 0
    def __init__(self):
        self.itself = self
    def __del__(self):
        Cycle.freed += 1

collect_little()
made = 0
while not Cycle.freed:
    Cycle()
    made += 1
print(made, gc.get_freeze_count())
last = Cycle()
del last
Cycle.__del__ = lambda self: print("searched at the end")
"""


def test_cycles_are_freed_now_and_then_and_not_at_the_end():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.stderr == ""
    (line,) = run.stdout.splitlines()
    made, frozen = map(int, line.split())
    assert 10_000 < made <= 200_000
    assert frozen == 0
