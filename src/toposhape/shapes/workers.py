"""Worker processes that may hang, crash or eat memory without harm to the rest of a batch."""

import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

_THREADS = ("IGL", "OMP", "OPENBLAS", "MKL", "NUMBA")


class Outcome(NamedTuple):
    """What became of one task."""

    task: int
    """Its place among the tasks."""
    result: Any
    """What the function returned, or None if it failed."""
    failure: str
    """Why it failed; empty if it did not."""


class _Worker:
    """A process that does one task after the other, each within its time."""

    def __init__(self, function: Callable[[Any], Any], memory_bytes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(function, far_end, memory_bytes), daemon=True
        )
        self.process.start()
        far_end.close()
        self.task: int | None = None
        self.deadline = float("inf")

    def give(self, task: int, argument: Any, seconds: float) -> None:
        self.task, self.deadline = task, time.monotonic() + seconds
        self.pipe.send(argument)

    def stop(self) -> int | None:
        """End the process, whatever it does, and return its exit code."""
        self.pipe.close()
        self.process.join(0.2)
        self.process.kill()
        self.process.join()
        return self.process.exitcode


def run_isolated(
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    *,
    workers: int,
    seconds: float,
    memory_bytes: int,
    grace: float = 60,
) -> Iterator[Outcome]:
    """Do tasks in worker processes, in the order in which they end.

    A task that raises, crashes its process, outlasts its time or needs too much memory has
    failed; the others go on in a new process. Workers end with the process that started them,
    at the latest when their present task does.

    Args:
        function: importable by name; each of its thread pools is limited to one thread.
        tasks: its arguments.
        workers: processes.
        seconds: time for a task.
        memory_bytes: address space that a worker may use on top of its libraries.
        grace: further seconds for the first task of a worker, which has to start and import.
    """
    waiting = list(enumerate(tasks))[::-1]
    crew: list[_Worker] = []
    try:
        while waiting or crew:
            while waiting and len(crew) < workers:
                crew.append(_Worker(function, memory_bytes))
                crew[-1].give(*waiting.pop(), seconds=seconds + grace)
            patience = max(0.0, min(worker.deadline for worker in crew) - time.monotonic())
            ready = wait([worker.pipe for worker in crew], timeout=patience)
            for worker in list(crew):
                outcome = _outcome(worker, worker.pipe in ready, seconds)
                if outcome is None:
                    continue
                yield outcome
                if worker.process.exitcode is None and not worker.pipe.closed and waiting:
                    worker.give(*waiting.pop(), seconds=seconds)
                else:
                    worker.stop()
                    crew.remove(worker)
    finally:
        for worker in crew:
            worker.process.kill()
            worker.stop()


def _outcome(worker: _Worker, ready: bool, seconds: float) -> Outcome | None:
    """The worker's answer, or its end; None while it is at work."""
    if ready:
        try:
            return Outcome(worker.task, *worker.pipe.recv())
        except (EOFError, OSError):
            code = worker.stop()
            return Outcome(
                worker.task, None, f"the process that read it crashed (exit code {code})"
            )
    if time.monotonic() >= worker.deadline:
        worker.process.kill()
        worker.stop()
        return Outcome(worker.task, None, f"took longer than {seconds:g} s")
    return None


def _serve(function: Callable[[Any], Any], pipe: Connection, memory_bytes: int) -> None:
    """Answer tasks until the pipe closes."""
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in _THREADS}
    _limit_memory(memory_bytes)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (function(task), "")
        except MemoryError:
            answer = (None, f"needs more than {memory_bytes / 1e9:g} GB of memory")
        except Exception as error:
            answer = (None, _reason(error))
        try:
            pipe.send(answer)
        except OSError:
            return


def _reason(error: Exception) -> str:
    """The message of an error that explains itself; with its type otherwise."""
    text = " ".join(str(error).split())
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"


def _limit_memory(memory_bytes: int) -> None:
    """Let allocations beyond the present size plus this many bytes fail."""
    statm = Path("/proc/self/statm")  # Linux; elsewhere the libraries' share is small beside it
    present = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (present + memory_bytes,) * 2)
