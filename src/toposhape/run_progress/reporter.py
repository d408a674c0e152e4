"""Listens to Snakemake's messages and tells how far the run is.

It must never be the reason why a run fails: whatever goes wrong here ends the reports, not the run.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toposhape.base.files import write_atomically

from .page import SECONDS, progress_page
from .words import duration, progress_line
from .work import Work

SECONDS_BETWEEN_LINES = 60.0
"""Where nobody watches: standard error is no terminal."""


class Reporter(logging.Handler):
    """A handler of Snakemake's log: a line when a job is done, and the page all the time."""

    def __init__(self, name: str, work: Work, page: str | Path, checkpoints: str | Path) -> None:
        """Begin; `close_with` ends it.

        Args:
            name: of the run.
            work: its jobs, by `time.monotonic`.
            page: HTML file to write.
            checkpoints: folder of the trainings.
        """
        super().__init__()
        self._name, self._work = name, work
        self._page, self._checkpoints = Path(page), Path(checkpoints)
        self._watched = sys.stderr.isatty()
        self._last_line = time.monotonic()
        self._since = time.time()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        threading.Thread(target=self._keep_page, name="progress page", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take note of a job that starts or is done."""
        self._safely(lambda: self._note(record))

    def close_with(self, ended: str) -> None:
        """Write the page for the last time, and a line."""

        def finish() -> None:
            text = f"{ended} after {duration(time.monotonic() - self._work.begin)}"
            self._ended.set()
            self._write_page(f"{text}; {self._work.done} of {len(self._work.tasks)} jobs")

        self._safely(finish)

    def _note(self, record: logging.LogRecord) -> None:
        said: Any = vars(record)
        event, tasks, now = str(said.get("event", "")), self._work.tasks, time.monotonic()
        if event == "job_info" and (task := tasks.get(said["jobid"])):
            task.begin, task.end, task.title = now, None, said.get("rule_msg") or ""
        elif event == "job_error" and (task := tasks.get(said["jobid"])):
            task.begin = None  # it may be tried again
        elif event == "job_finished" and (task := tasks.get(said["job_id"])):
            task.end = now
            self._say(now)

    def _say(self, now: float) -> None:
        """A line: after every job on a terminal, now and then in a log."""
        last = self._work.done == len(self._work.tasks)
        if self._watched or last or now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            sys.stderr.write(f"Progress: {progress_line(self._work, now)}\n")

    def _keep_page(self) -> None:
        if self._safely(self._write_page):
            sys.stderr.write(f"Progress of this run, with curves: {self._page}\n")
        while not self._ended.wait(SECONDS):
            self._safely(self._write_page)

    def _write_page(self, ended: str = "") -> None:
        with self._writing:
            now = time.monotonic()
            text = progress_page(self._name, self._work, now, self._checkpoints, self._since, ended)
            self._page.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._page, text.encode())

    def _safely(self, act: Callable[[], None]) -> bool:
        """Do something unless an earlier attempt failed; tells whether it was done."""
        if self._ended.is_set():
            return False
        try:
            act()
        except Exception as error:
            self._ended.set()
            sys.stderr.write(f"Progress is no longer shown: {error}\n")
            return False
        return True
