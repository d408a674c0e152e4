"""The way through any training: name, folder, epochs, checkpoints, record, files."""

import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch

from toposhape.base.files import write_atomically
from toposhape.base.locks import sole_writer
from toposhape.base.progress import Progress

from .checkpoints import CheckpointFolder
from .history import History
from .identity import environment, identity
from .precision import fast_products
from .state import TrainingState
from .training import Training


def train(training: Training[Any], checkpoints: str | Path, history: str | Path) -> None:
    """Go through a training, from its last checkpoint if there is one, and write what comes of it.

    A training that was killed ends in the same weights; those of another identity have folders of
    their own. Processes that have joined a team share it; the first of them writes.

    Args:
        training: what is trained.
        checkpoints: folder; checkpoints, history and TensorBoard events lie in `<identity>/`.
        history: CSV file to write at the end; its folder is made if it is not there.

    Raises:
        DivergenceError: when training goes wrong; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
    """
    torch.set_flush_denormal(True)  # denormal products slow a CPU down tenfold
    name = identity(seed=training.seed, **training.identity())
    folder, writes = Path(checkpoints) / name, training.team.rank == 0
    with sole_writer(folder) if writes else nullcontext():
        training.team.wait()  # for the first process, which has the folder
        state = training.start()
        with fast_products(training.precision, training.device):
            _run_epochs(training, state, folder, writes=writes)
        if not writes:
            return
        training.save(state, _record(training, state, name))
        Path(history).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(history, (folder / "history.csv").read_bytes())


def _record(training: Training[Any], state: TrainingState, name: str) -> dict[str, Any]:
    return {
        "identity": name,
        "seed": list(training.seed),
        "epochs": state.schedule.epoch,
        **environment(training.device),
    }


def _run_epochs(
    training: Training[Any], state: TrainingState, folder: Path, *, writes: bool
) -> None:
    """Run all epochs that are left; a process that does not write leaves the record to another."""
    schedule, store = state.schedule, CheckpointFolder(folder)
    found = store.latest(state)
    if not writes:
        while not schedule.finished():
            _run_epoch(training, state, folder)
        return
    progress = Progress(training.title, schedule.max_epochs, schedule.epoch)
    if found and not schedule.finished():
        progress.say(f"going on after epoch {schedule.epoch}")
    columns = ("epoch", "learning_rate", *training.columns, "seconds")
    record = History(folder, columns, schedule.epoch)
    try:
        while not schedule.finished():
            row = _run_epoch(training, state, folder)
            record.append(row)
            shown = {name: row[name] for name in training.shown if name in row}
            progress.advance(schedule.epoch, shown)
            if schedule.finished() or schedule.epoch % training.checkpoint_every == 0:
                record.sync()
                store.save(state.checkpoint())
    finally:
        record.close()
        progress.close()


def _run_epoch(training: Training[Any], state: TrainingState, folder: Path) -> dict[str, Any]:
    """Train for an epoch and take note of it; returns the row of the history."""
    begin = time.perf_counter()
    rate = state.set_learning_rates()
    done = training.epoch(state)
    state.schedule.advance(done.watched)
    state.watch.note(done.training)
    kept = f"The last good checkpoint lies in {folder}."
    state.watch.check(done.losses, state.schedule.epoch, training.section, kept)
    return {
        "epoch": state.schedule.epoch,
        "learning_rate": rate,
        **done.statistics,
        **done.losses,
        "seconds": round(time.perf_counter() - begin, 3),
    }
