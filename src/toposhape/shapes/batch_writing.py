"""Shapes of a batch, prepared by worker processes, become arrays and a manifest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tqdm import tqdm

from toposhape.base.checksums import write_checksums
from toposhape.base.locks import sole_writer
from toposhape.base.row_files import RowFile

from .requests import ShapeRequest

if TYPE_CHECKING:
    import pandas as pd


class Preparation(NamedTuple):
    """What becomes of the shapes of a batch."""

    prepare: Callable[[tuple[ShapeRequest, Any]], Any]
    """A request and the recipe -> facts, then a row of each array; a ValueError is the reason
    why not. A function of a module: worker processes import it."""
    recipe: Any
    rows: Mapping[str, tuple[int, ...]]
    """Of the arrays by their names: the shape of a row."""


def write_batch(
    requests: Sequence[ShapeRequest],
    folder: str | Path,
    preparation: Preparation,
    *,
    seconds: float,
    workers: int = 1,
    memory_per_worker: float = 8e9,
    progress: bool = True,
) -> pd.DataFrame:
    """Write the arrays of a preparation, manifest.csv and their checksums into a folder.

    Args:
        requests: the shapes, in the order of the manifest.
        folder: is made if it is not there; its name is the batch's.
        preparation: of each shape.
        seconds: a shape that takes longer is rejected.
        workers: processes.
        memory_per_worker: bytes; a shape that needs more is rejected.
        progress: whether to show a progress bar.

    Returns:
        The manifest.

    Raises:
        OSError: if a file cannot be written, for instance on a full disk.
        FolderInUseError: if another process prepares the same batch.
    """
    import pandas as pd  # the workers, which import this module, write no table

    from .manifests import COLUMNS, write_manifest

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    prepare = partial(
        _prepare_all,
        workers=min(workers, max(len(requests), 1)),
        seconds=seconds,
        memory_bytes=int(memory_per_worker),
        progress=progress,
    )
    with sole_writer(folder, folder.with_name(f".{folder.name}.lock")):
        lines = _write_arrays(folder, requests, preparation, prepare)
        manifest = pd.DataFrame(lines, columns=COLUMNS)
        manifest["batch"] = folder.name
        write_manifest(manifest, folder / "manifest.csv")
        arrays = [folder / f"{name}.npy" for name in preparation.rows]
        write_checksums([*arrays, folder / "manifest.csv"])
    return manifest


def _write_arrays(
    folder: Path,
    requests: Sequence[ShapeRequest],
    preparation: Preparation,
    prepare: Callable[..., list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Write the arrays of the accepted shapes; returns the lines of the manifest."""
    with ExitStack() as stack:
        files = [
            stack.enter_context(RowFile(folder / f"{name}.npy", len(requests), row_shape))
            for name, row_shape in preparation.rows.items()
        ]
        lines = prepare(requests, preparation, files)
        accepted = [place for place, line in enumerate(lines) if line["status"] == "ok"]
        for row, place in enumerate(accepted):
            lines[place]["row"] = row
        for file in files:
            file.close(accepted)
    return lines


def _prepare_all(
    requests: Sequence[ShapeRequest],
    preparation: Preparation,
    files: Sequence[RowFile],
    *,
    workers: int,
    seconds: float,
    memory_bytes: int,
    progress: bool,
) -> list[dict[str, Any]]:
    """Prepare every shape, write its arrays, and return the lines of the manifest."""
    from toposhape.base.workers import run_isolated

    lines: list[dict[str, Any]] = [{} for _ in requests]
    outcomes = run_isolated(
        preparation.prepare,
        [(request, preparation.recipe) for request in requests],
        workers=workers,
        seconds=seconds,
        memory_bytes=memory_bytes,
    )
    bar = tqdm(
        total=len(requests),
        unit="shape",
        disable=not progress,
        file=sys.stderr,
        mininterval=1 if sys.stderr.isatty() else 30,  # a log wants a line now and then
    )
    with bar:
        for place, prepared, failure in outcomes:
            line = dict(requests[place]._asdict(), status="ok", reason="")
            if failure:
                line |= {"status": "rejected", "reason": failure}
            else:
                line |= prepared.facts
                for file, values in zip(files, prepared[1:], strict=True):
                    file.write(place, values)
            lines[place] = line
            bar.update()
    return lines
