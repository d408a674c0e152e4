"""In which batch each shape is prepared: one job makes one batch.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from toposhape.base.files import whole

from .ids import stable_hash
from .requests import PROCEDURAL, ShapeRequest

COLUMNS = ("shape", "source", "batch")

Batches = dict[str, list[ShapeRequest]]


def assign_batches(
    requests: Sequence[ShapeRequest], batch_size: int, earlier: Mapping[str, str] | None = None
) -> Batches:
    """Assign shapes to batches such that later additions leave the earlier batches alone.

    Procedural shapes are cut into blocks in order of their numbers; a larger count only touches
    the last block. Files stay in their earlier batch; the others, sorted by id, make new batches.
    These are cut *at ids chosen by their hash* (content-defined chunking), between a half and one
    and a half times `batch_size` apart, so that even where nothing is known of an earlier run
    most batches are the same again. A new batch is named after its first id.

    Args:
        requests: all shapes of a category, ids unique.
        batch_size: shapes in a new batch, on average.
        earlier: batches of an earlier run by shape, from `read_assignment`.
    """
    if all(request.source.startswith(PROCEDURAL) for request in requests):
        blocks = range(0, len(requests), batch_size)
        return {
            f"{number:03d}": list(requests[start : start + batch_size])
            for number, start in enumerate(blocks)
        }
    known = earlier or {}
    ordered = sorted(requests)
    batches: Batches = {}
    for request in ordered:
        if request.shape in known:
            batches.setdefault(known[request.shape], []).append(request)
    for batch in _cut([r for r in ordered if r.shape not in known], batch_size):
        batches[_new_name(batch[0].shape, batches)] = batch
    return batches


def _cut(requests: Sequence[ShapeRequest], batch_size: int) -> list[list[ShapeRequest]]:
    least, most = max(batch_size // 2, 1), max(batch_size + batch_size // 2, 1)
    batches: list[list[ShapeRequest]] = []
    for request in requests:
        length = len(batches[-1]) if batches else most
        if length >= most or (length >= least and stable_hash(request.shape) % least == 0):
            batches.append([])
        batches[-1].append(request)
    return batches


def _new_name(first: str, taken: Iterable[str]) -> str:
    """Ten hexadecimal digits by the first id; others if a shape that went away left them behind."""
    name = f"{stable_hash(first):016x}"[:10]
    while name in taken:
        name = f"{stable_hash(name):016x}"[:10]
    return name


def read_assignment(path: str | Path) -> dict[str, str]:
    """Batches by shape, as `write_assignment` stored them; none if there is no such file.

    Raises:
        ValueError: for a damaged file, with what to do about it.
    """
    if not Path(path).exists():
        return {}
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
            assigned = {shape: batch for shape, _, batch in lines}
    except (ValueError, csv.Error) as error:
        raise ValueError(_damaged(path, str(error))) from error
    if tuple(header) != COLUMNS or len(assigned) < len(lines):
        raise ValueError(_damaged(path, "other columns, or a shape twice"))
    if not all(re.fullmatch("[0-9a-z]+", batch) for batch in assigned.values()):
        raise ValueError(_damaged(path, "names of batches are small letters and digits"))
    return assigned


def _damaged(path: str | Path, what: str) -> str:
    return (
        f"{path} is damaged ({what}): delete it; batches are then cut anew, and those that come "
        "out otherwise are prepared again"
    )


def write_assignment(path: str | Path, batches: Mapping[str, Sequence[ShapeRequest]]) -> None:
    """Store which shape is in which batch, as a whole or not at all; the same is not written again.

    Args:
        path: a CSV file with the columns `COLUMNS`; its folder is made if it is not there.
        batches: from `assign_batches`.
    """
    path = Path(path)
    lines = sorted((*request, name) for name, batch in batches.items() for request in batch)
    assigned = {shape: batch for shape, _, batch in lines}
    if path.exists() and read_assignment(path) == assigned:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *lines])
