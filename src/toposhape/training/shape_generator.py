"""The first stage: pretraining of a shape generator by equation (11)."""

import hashlib
import json
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from toposhape.config import Method, ShapeGenerator

from .atomic import sole_writer, write_atomically
from .checkpoints import CheckpointFolder
from .history import History
from .progress import Progress
from .samples import Rows, SampleSource
from .schedule import check_progress
from .shape_epoch import TERMS, Shapes, train_epoch, validate
from .shape_state import ShapeTrainingState
from .store import save_generator

COLUMNS = (
    "epoch",
    "learning_rate",
    "loss",
    *TERMS,
    "validation",
    "gradient_norm",
    "mean_norm",
    "variance",
    "posterior_variance",
    "active_dimensions",
    "seconds",
)
SHOWN = ("data", "validation", "moment_kl", "eikonal", "variance")


def train_shape_generator(
    samples: Rows,
    training: Sequence[str],
    validation: Sequence[str],
    settings: ShapeGenerator,
    method: Method,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "shape generator",
) -> None:
    """Train until the validation loss is flat or the budget ends, and write the generator.

    A training that was killed goes on from its last checkpoint and ends in the same weights;
    checkpoints of other settings, shapes or seeds lie in folders of their own.

    Args:
        samples: signed-distance samples by shape, (2, m/2, 4).
        training: ids of the shapes to learn.
        validation: ids of the shapes that decide when training is done; may be empty.
        settings: of decoder and training.
        method: activation and regularisation.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.
        title: names this training in messages.

    Raises:
        DivergenceError: when training goes wrong; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
    """
    device = torch.device(device)
    torch.set_flush_denormal(True)  # denormal products slow a CPU down tenfold
    shapes = Shapes(SampleSource(samples, training), SampleSource(samples, validation))
    identity = _identity(settings, method, shapes, seed)
    folder = Path(checkpoints) / identity
    with sole_writer(folder):
        state = ShapeTrainingState(
            settings, method, (len(shapes.training), len(shapes.validation)), seed, device
        )
        reason = _train(state, shapes, settings, method, seed, folder, title)
        description = _describe(state, settings, method, shapes, seed, identity, reason)
        save_generator(weights, metadata, state.decoder, state.codes, description)
        Path(history).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(history, (folder / "history.csv").read_bytes())


def _train(
    state: ShapeTrainingState,
    shapes: Shapes,
    settings: ShapeGenerator,
    method: Method,
    seed: tuple[int, ...],
    folder: Path,
    title: str,
) -> str:
    """Run all epochs that are left; returns why training ended."""
    budget = settings.training
    store = CheckpointFolder(folder)
    if found := store.latest():
        state.restore(found)
    progress = Progress(title, budget.max_epochs, state.schedule.epoch)
    if found and not state.schedule.finished(budget):
        progress.say(f"going on after epoch {state.schedule.epoch}")
    record = History(folder, COLUMNS, state.schedule.epoch)
    try:
        while not state.schedule.finished(budget):
            row = _epoch(state, shapes, settings, method, seed, folder)
            record.append(row)
            progress.advance(state.schedule.epoch, {name: row[name] for name in SHOWN})
            last = state.schedule.finished(budget)
            if last or state.schedule.epoch % budget.checkpoint_every == 0:
                record.sync()
                store.save(state.checkpoint())
    finally:
        record.close()
        progress.close()
    watched = "validation" if len(shapes.validation) else "training"
    reason = state.schedule.stop_reason(budget, watched)
    progress.say(reason)
    return reason


def _epoch(
    state: ShapeTrainingState,
    shapes: Shapes,
    settings: ShapeGenerator,
    method: Method,
    seed: tuple[int, ...],
    folder: Path,
) -> dict[str, float]:
    begin = time.perf_counter()
    rate = state.set_learning_rates()
    terms = train_epoch(state, shapes.training, settings.training, method, seed)
    watched = terms["data"]
    if len(shapes.validation):
        watched = terms["validation"] = validate(state, shapes.validation, settings.training, seed)
    state.schedule.advance(settings.training, terms["data"], watched)
    kept = f"The last good checkpoint lies in {folder}."
    check_progress(terms, state.schedule, kept)
    return {
        "epoch": state.schedule.epoch,
        "learning_rate": rate,
        "validation": float("nan"),
        **terms,
        **state.codes.statistics()._asdict(),
        "seconds": round(time.perf_counter() - begin, 3),
    }


def _identity(
    settings: ShapeGenerator, method: Method, shapes: Shapes, seed: tuple[int, ...]
) -> str:
    """Twelve hexadecimal digits: trainings with the same ones end in the same weights."""
    without = {"training": {"checkpoint_every"}}
    everything = {
        "settings": settings.model_dump(mode="json", exclude=without),
        "method": method.model_dump(mode="json", include={"activation", "regularisation"}),
        "shapes": [shapes.training.shapes, shapes.validation.shapes],
        "seed": seed,
    }
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()[:12]


def _describe(
    state: ShapeTrainingState,
    settings: ShapeGenerator,
    method: Method,
    shapes: Shapes,
    seed: tuple[int, ...],
    identity: str,
    reason: str,
) -> dict[str, Any]:
    device = state.validation_codes.device
    gpu = device.type == "cuda"
    return {
        "identity": identity,
        "seed": list(seed),
        "stop_reason": reason,
        "epochs": state.schedule.epoch,
        "validation_loss": state.schedule.smoothed,
        "codes": state.codes.statistics()._asdict(),
        "activation": method.activation,
        "decoder": settings.decoder.model_dump(mode="json"),
        "training": settings.training.model_dump(mode="json"),
        "method": method.model_dump(mode="json"),
        "device": torch.cuda.get_device_name(device) if gpu else platform.processor() or "cpu",
        "versions": {
            "toposhape": version("toposhape"),
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "shapes": list(shapes.training.shapes),
        "validation_shapes": list(shapes.validation.shapes),
    }
