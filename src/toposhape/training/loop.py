"""What all trainings have in common: epochs, the record of them, checkpoints, going on."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from toposhape.config import Budget

from .checkpoints import Checkpoint, CheckpointFolder
from .history import History
from .progress import Progress
from .schedule import Schedule


class TrainingState(Protocol):
    """All that changes while something is trained."""

    schedule: Schedule

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""


def run_epochs(
    state: TrainingState,
    epoch: Callable[[], Mapping[str, float]],
    budget: Budget,
    folder: Path,
    *,
    columns: Sequence[str],
    shown: Sequence[str],
    title: str,
    writes: bool = True,
) -> None:
    """Run all epochs that are left, from the last checkpoint if there is one.

    Args:
        state: of the training; it goes on where it stands.
        epoch: trains one epoch, advances the schedule, and returns the row of the history.
        budget: how many epochs there are, and how often checkpoints.
        folder: of checkpoints, history and TensorBoard events.
        columns: of the history.
        shown: the columns that a person sees while waiting.
        title: names this training in messages.
        writes: False for a process whose training another one records.
    """
    store = CheckpointFolder(folder)
    found = store.latest(state)
    if not writes:
        while not state.schedule.finished(budget):
            epoch()
        return
    progress = Progress(title, budget.max_epochs, state.schedule.epoch)
    if found and not state.schedule.finished(budget):
        progress.say(f"going on after epoch {state.schedule.epoch}")
    record = History(folder, columns, state.schedule.epoch)
    try:
        while not state.schedule.finished(budget):
            row = epoch()
            record.append(row)
            progress.advance(state.schedule.epoch, {name: row[name] for name in shown})
            last = state.schedule.finished(budget)
            if last or state.schedule.epoch % budget.checkpoint_every == 0:
                record.sync()
                store.save(state.checkpoint())
    finally:
        record.close()
        progress.close()
