"""Threads for work that releases the GIL, and locks that a fork does not leave locked."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar


class HasLock(Protocol):
    """What a lock must offer: those of `threading` do."""

    def acquire(self) -> Any:
        """Wait for the lock and take it."""

    def release(self) -> Any:
        """Give it back."""


Lock = TypeVar("Lock", bound=HasLock)


def run_in_threads(task: Callable[[int], None], count: int, threads: int | None = None) -> None:
    """Call ``task(0) ... task(count - 1)``, several at the same time, each thread when it is free.

    Args:
        task: works by side effect; must release the GIL to gain anything.
        count: number of tasks.
        threads: tasks at the same time; all cores that the process may use by default.

    Raises:
        ValueError: if ``threads`` is below 1.
        Exception: the first one that a task raised.
    """
    if threads is None:
        threads = available_cores()
    if threads < 1:
        raise ValueError(f"threads must be at least 1 (or None for all cores), got {threads}")
    if min(threads, count) <= 1:
        for k in range(count):
            task(k)
        return
    with ThreadPoolExecutor(min(threads, count)) as pool:
        for _ in pool.map(task, range(count)):
            pass


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def fork_safe(lock: Lock) -> Lock:
    """Return the lock; from now on no process forks while another thread holds it.

    A forked child has one thread, and whatever the others held at that moment stays locked in it
    for ever.  For locks of modules only: they are kept until the process ends.
    """
    os.register_at_fork(
        before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release
    )
    return lock
