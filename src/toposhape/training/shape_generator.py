"""The first stage: pretraining of a shape generator by equation (11)."""

import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import torch

from toposhape.config import ShapeGenerator, Variant

from .atomic import sole_writer, write_atomically
from .data_term import fast_products
from .identity import environment, identity
from .loop import run_epochs
from .processes import current_team
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
    variant: Variant,
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
    checkpoints of other settings, shapes or seeds lie in folders of their own. Processes that have
    joined a team (`processes.join_team`) share the training; the first of them writes.

    Args:
        samples: signed-distance samples by shape, (2, m/2, 4).
        training: ids of the shapes to learn.
        validation: ids of the shapes that decide when training is done; may be empty.
        settings: of decoder and training.
        variant: activation and regularisation.
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
    name = identity(
        settings=settings.model_dump(mode="json", exclude={"training": {"checkpoint_every"}}),
        variant=variant.model_dump(mode="json"),
        shapes=[shapes.training.shapes, shapes.validation.shapes],
        seed=seed,
    )
    folder, team = Path(checkpoints) / name, current_team()
    with sole_writer(folder) if team.rank == 0 else nullcontext():
        team.wait()  # for the first process, which has the folder
        counts = len(shapes.training), len(shapes.validation)
        state = ShapeTrainingState(settings, variant, counts, seed, device, team)
        epoch = partial(_epoch, state, shapes, settings, variant, seed, folder)
        with fast_products(settings.training, device):
            run_epochs(
                state, epoch, settings.training, folder, columns=COLUMNS, shown=SHOWN, title=title,
                writes=team.rank == 0,
            )  # fmt: skip
        if team.rank > 0:
            return
        watched = "validation" if len(shapes.validation) else "training"
        reason = state.schedule.stop_reason(settings.training, watched)
        sys.stderr.write(f"{title}: {reason}\n")
        description = _describe(state, settings, variant, shapes, seed, name, reason)
        save_generator(weights, metadata, state.decoder, state.codes, description)
        Path(history).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(history, (folder / "history.csv").read_bytes())


def _epoch(
    state: ShapeTrainingState,
    shapes: Shapes,
    settings: ShapeGenerator,
    variant: Variant,
    seed: tuple[int, ...],
    folder: Path,
) -> dict[str, float]:
    begin = time.perf_counter()
    rate = state.set_learning_rates()
    terms = train_epoch(state, shapes.training, settings.training, variant, seed)
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


def _describe(
    state: ShapeTrainingState,
    settings: ShapeGenerator,
    variant: Variant,
    shapes: Shapes,
    seed: tuple[int, ...],
    name: str,
    reason: str,
) -> dict[str, Any]:
    return {
        "identity": name,
        "seed": list(seed),
        "stop_reason": reason,
        "epochs": state.schedule.epoch,
        "validation_loss": state.schedule.smoothed,
        "codes": state.codes.statistics()._asdict(),
        "activation": variant.activation,
        "decoder": settings.decoder.model_dump(mode="json"),
        "training": settings.training.model_dump(mode="json"),
        "variant": variant.model_dump(mode="json"),
        **environment(state.validation_codes.device),
        "shapes": list(shapes.training.shapes),
        "validation_shapes": list(shapes.validation.shapes),
    }
