"""What a job of the pipeline says: on the terminal and in its rule's log."""

import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TextIO

from .files import explain_full_disk, writing


class _Tee:
    """Writes to the terminal and to the rule's log."""

    def __init__(self, terminal: TextIO, log: TextIO) -> None:
        self._terminal = terminal
        self._log = log

    def write(self, text: str) -> int:
        with writing(self._log.name):
            self._log.write(text)
        return self._terminal.write(text)

    def flush(self) -> None:
        self._log.flush()
        self._terminal.flush()

    def isatty(self) -> bool:
        return False  # several jobs share one terminal: progress comes as lines, not as bars


def start_log(path: str, outputs: Iterable[str], append: bool) -> None:
    """Write messages to the log too, an error to the log alone.

    Snakemake itself shows the log of a failed job (profiles/default), so that an error would stand
    twice on the terminal otherwise.

    Args:
        path: of the log.
        outputs: of the job; an error of a full disk that names no file gets these names.
        append: for processes that share a log with the first one.
    """
    mode: Literal["a", "w"] = "a" if append else "w"
    log = Path(path).open(  # noqa: SIM115 (as long as the job)
        mode, encoding="utf-8", errors="backslashreplace", buffering=1
    )
    sys.stderr = _Tee(sys.stderr, log)

    def to_log(kind: type, error: BaseException, trace: Any) -> None:
        explain_full_disk(error, outputs)
        try:
            traceback.print_exception(kind, error, trace, file=log)
        except OSError:  # the log's disk is full
            traceback.print_exception(kind, error, trace, file=sys.__stderr__)

    sys.excepthook = to_log
