"""The jobs of a run, and how much time they still need."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .stages import STAGES, stage_of, usual_seconds

LEAST = 2.0
"""Seconds of a job that has next to nothing to do: it starts and imports."""
AS_EXPECTED = 120.0
"""Seconds of jobs as fast as expected that stand beside those that are done, before these tell of
other rules: meshes that are slow to prepare say little of trainings."""


@dataclass(eq=False)
class Task:
    """A job of the run; times in seconds of one clock.

    Attributes:
        rule: of the workflow.
        expected: seconds that it should take: `expected_seconds`.
        title: what it does, for people; known when it starts.
        begin: when it started, None before.
        end: when it was done, None before.
    """

    rule: str
    expected: float
    title: str = ""
    begin: float | None = None
    end: float | None = None

    @property
    def running(self) -> bool:
        """Started, and not done."""
        return self.begin is not None and self.end is None


def expected_seconds(rule: str, benchmark: str | Path | None, size: float = 1.0) -> float:
    """What a job should take [s]: what it took in the last run, or what is usual for its size.

    Args:
        rule: of the workflow.
        benchmark: its file of the last run, if there is one.
        size: its work, that of the default run's jobs of this rule being 1.
    """
    try:
        with Path(benchmark or "").open(newline="", encoding="utf-8") as file:
            return max(float(next(csv.DictReader(file, delimiter="\t"))["s"]), 0.1)
    except (OSError, StopIteration, KeyError, ValueError):  # none, or one of a killed job
        return max(usual_seconds(rule) * size, LEAST)


class Work:
    """All jobs of a run by their numbers.

    Attributes:
        tasks: by Snakemake's number of the job.
        cores: how many jobs may run at a time.
        begin: when the run started.
    """

    def __init__(self, tasks: dict[int, Task], cores: int, begin: float) -> None:
        self.tasks = tasks
        self.cores = max(cores, 1)
        self.begin = begin

    @property
    def done(self) -> int:
        """Jobs that are done."""
        return sum(task.end is not None for task in self.tasks.values())

    @property
    def running(self) -> list[Task]:
        """Jobs that run, the oldest first."""
        found = [task for task in self.tasks.values() if task.running]
        return sorted(found, key=lambda task: task.begin or 0.0)

    def share(self, now: float) -> float:
        """Of all the work, what is done: 0 to 1."""
        left = self.work_left(now)
        spent = sum(_spent(task, now) for task in self.tasks.values())
        return 1.0 if left == 0 else spent / (spent + left)

    def work_left(self, now: float) -> float:
        """Seconds of one job at a time: by the rule's jobs that are done, or as expected."""
        own, whole = self._pace()
        left = 0.0
        for task in self.tasks.values():
            if task.end is None:
                wanted = task.expected * own.get(task.rule, whole)
                left += max(wanted - _spent(task, now), 0.02 * wanted)
        return left

    def seconds_left(self, now: float) -> float | None:
        """By the clock, at as many jobs at a time as until now; None before a job is done."""
        if not self.done:
            return None
        spent = sum(_spent(task, now) for task in self.tasks.values())
        at_a_time = min(max(spent / max(now - self.begin, 1e-9), 0.5), self.cores)
        return self.work_left(now) / at_a_time

    def stages(self) -> list[tuple[str, int, int, int]]:
        """For each stage that the run has: its name, jobs done, running and all."""
        found = []
        for stage in STAGES:
            tasks = [task for task in self.tasks.values() if stage_of(task.rule) == stage]
            if tasks:
                done = sum(task.end is not None for task in tasks)
                found.append((stage, done, sum(task.running for task in tasks), len(tasks)))
        return found

    def _pace(self) -> tuple[dict[str, float], float]:
        """Taken over expected seconds: of every rule with finished jobs, and of other rules."""
        finished = [task for task in self.tasks.values() if task.end is not None]
        rules = {task.rule for task in finished}
        own = {r: _ratio(t for t in finished if t.rule == r) for r in rules}
        return own, _ratio(finished, AS_EXPECTED)


def _ratio(tasks: Iterable[Task], as_expected: float = 0.0) -> float:
    taken = expected = as_expected
    for task in tasks:
        taken += (task.end or 0.0) - (task.begin or 0.0)
        expected += task.expected
    return taken / expected if expected else 1.0


def _spent(task: Task, now: float) -> float:
    if task.begin is None:
        return 0.0
    return max((now if task.end is None else task.end) - task.begin, 0.0)
