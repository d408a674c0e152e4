"""Worker processes that may hang, crash or eat memory without harm to the rest of a batch."""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NamedTuple

_STARTING = 600
"""Seconds in which a process must have started and imported what it needs."""
_WAITING = 30
"""A task may last this many times its processor time, since the machine may be busy."""
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

    def __init__(self, function: Callable[[Any], Any], seconds: float, memory_bytes: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.process = context.Process(
            target=_serve, args=(function, far_end, seconds, memory_bytes), daemon=True
        )
        self.process.start()
        far_end.close()
        self.task = -1
        self.seconds = seconds
        self.deadline = time.monotonic() + _STARTING

    def give(self, task: int, argument: Any) -> None:
        """Hand over a task."""
        self.task = task
        self.pipe.send(argument)

    def start_clock(self) -> None:
        """The present task has its time from now on."""
        self.deadline = time.monotonic() + _WAITING * self.seconds

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
) -> Iterator[Outcome]:
    """Do tasks in worker processes, in the order in which they end.

    A task that raises, crashes its process, outlasts its time or needs too much memory has
    failed; the others go on in a new process. Workers end with the process that started them,
    at the latest when their present task does.

    Args:
        function: importable by name; each of its thread pools is limited to one thread.
        tasks: its arguments.
        workers: processes.
        seconds: processor time for a task; 30 times as much may pass on the clock.
        memory_bytes: address space that a worker may use on top of its libraries.
    """
    waiting = list(enumerate(tasks))[::-1]
    crew: list[_Worker] = []
    try:
        while waiting or crew:
            while waiting and len(crew) < workers:
                crew.append(_Worker(function, seconds, memory_bytes))
                crew[-1].give(*waiting.pop())
            patience = max(0.0, min(worker.deadline for worker in crew) - time.monotonic())
            ready = wait([worker.pipe for worker in crew], timeout=patience)
            for worker in list(crew):
                outcome = _outcome(worker, worker.pipe in ready)
                if outcome is None:
                    continue
                yield outcome
                if worker.process.exitcode is None and not worker.pipe.closed and waiting:
                    worker.give(*waiting.pop())
                    worker.start_clock()
                else:
                    worker.stop()
                    crew.remove(worker)
    finally:
        for worker in crew:
            worker.process.kill()
            worker.stop()


def _outcome(worker: _Worker, ready: bool) -> Outcome | None:
    """The worker's answer, or its end; None while it is at work."""
    if ready:
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            return Outcome(worker.task, None, _death(worker.stop(), worker.seconds))
        if answer is not None:
            return Outcome(worker.task, *answer)
        worker.start_clock()  # the process has started
    elif time.monotonic() >= worker.deadline:
        worker.process.kill()
        worker.stop()
        allowed = _WAITING * worker.seconds
        return Outcome(worker.task, None, f"gave no answer within {allowed:g} s")
    return None


def _death(code: int | None, seconds: float) -> str:
    """Why a process ended without an answer."""
    if code == -signal.SIGPROF:
        return f"took longer than {seconds:g} s of processor time"
    return f"the process that read it crashed (exit code {code})"


def _serve(
    function: Callable[[Any], Any], pipe: Connection, seconds: float, memory_bytes: int
) -> None:
    """Answer tasks until the pipe closes.

    The timer counts processor time and ends the process by its signal, even within compiled code.
    """
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in _THREADS}
    _limit_memory(memory_bytes)
    pipe.send(None)
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = (function(task), "")
        except MemoryError:
            answer = (None, f"needs more than {memory_bytes / 1e9:g} GB of memory")
        except Exception as error:
            answer = (None, _reason(error))
        signal.setitimer(signal.ITIMER_PROF, 0)
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
