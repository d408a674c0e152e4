"""What every script does first: bounded threads, a log, a free GPU, progress in lines."""

import os
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from orphans import end_with_parent

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))  # this checkout, installed or not

from toposhape.gpu_lease import lease_gpus

SECONDS_BETWEEN_LINES = 30


class _Tee:
    """Writes to the terminal and to the rule's log."""

    def __init__(self, terminal: TextIO, log: TextIO) -> None:
        self._terminal = terminal
        self._log = log

    def write(self, text: str) -> int:
        self._log.write(text)
        return self._terminal.write(text)

    def flush(self) -> None:
        self._log.flush()
        self._terminal.flush()

    def isatty(self) -> bool:
        return False  # several jobs share one terminal: progress comes as lines, not as bars


def start(snakemake: Any) -> Any:
    """Send messages to the rule's log too, an error to the log alone; bound threads, lease GPUs.

    Snakemake itself shows the log of a failed job (profiles/default), so an error would stand
    twice on the terminal otherwise.
    """
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(snakemake.threads)
    mode = "w" if os.environ.get("RANK", "0") == "0" else "a"  # torchrun numbers its processes
    log = Path(snakemake.log[0]).open(mode, encoding="utf-8", buffering=1)  # noqa: SIM115 (open as long as the job)
    sys.stderr = _Tee(sys.__stderr__, log)

    def to_log(kind: type, error: BaseException, trace: Any) -> None:
        traceback.print_exception(kind, error, trace, file=log)

    sys.excepthook = to_log
    end_with_parent()
    lease_gpus(snakemake.resources.get("gpu", 0))
    return snakemake


def progress(items: Iterable[Any], total: int, what: str) -> Iterator[Any]:
    """Pass items on; say on a line of its own, now and then, how many are done."""
    begin = last = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last > SECONDS_BETWEEN_LINES:
            last = now
            left = (now - begin) / done * (total - done)
            print(f"{what}: {done} of {total}, {left:.0f} s left", file=sys.stderr)
