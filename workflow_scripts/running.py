"""What every script does first and last: threads, a log, a free GPU, sound inputs; checksums."""

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
from toposhape.shapes.checksums import require_undamaged, write_checksums
from toposhape.shapes.files import explain_full_disk, writing

SECONDS_BETWEEN_LINES = 30
RANK = int(os.environ.get("RANK", "0"))  # torchrun numbers its processes


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


def start(snakemake: Any) -> Any:
    """Bound threads, start the log, compare inputs with their checksums, lease GPUs.

    Messages go to the rule's log too, an error to the log alone: Snakemake itself shows the log of
    a failed job (profiles/default), so an error would stand twice on the terminal otherwise.
    """
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = str(snakemake.threads)
    _start_log(snakemake.log[0], snakemake.output)
    end_with_parent()
    for path in map(Path, snakemake.input):
        # Arrays are compared when they are opened; what a user gave us is not ours to judge.
        if path.parts[0] == "results" and path.suffix != ".npy":
            require_undamaged(path)
    lease_gpus(snakemake.resources.get("gpu", 0))
    return snakemake


def finish(job: Any) -> None:
    """List the checksums of what a job has written, for the jobs that read it."""
    if RANK == 0:
        write_checksums(job.output)


def _start_log(path: str, outputs: Iterable[str]) -> None:
    mode = "w" if RANK == 0 else "a"
    log = Path(path).open(mode, encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115 (open as long as the job)
    sys.stderr = _Tee(sys.__stderr__, log)

    def to_log(kind: type, error: BaseException, trace: Any) -> None:
        explain_full_disk(error, outputs)
        try:
            traceback.print_exception(kind, error, trace, file=log)
        except OSError:  # the log's disk is full
            traceback.print_exception(kind, error, trace, file=sys.__stderr__)

    sys.excepthook = to_log


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
