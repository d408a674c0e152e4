"""The first stage: pretraining of a shape generator by equation (11)."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from toposhape.learning.loop import train
from toposhape.learning.precision import Precision
from toposhape.learning.processes import current_team
from toposhape.learning.training import Epoch, Training
from toposhape.settings.implicit import ShapeGenerator, Variant

from .epoch import TERMS, Shapes, train_epoch, validate
from .samples import Rows, SampleSource
from .state import ShapeTrainingState
from .store import save_generator


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
    checkpoints of other settings, samples or seeds lie in folders of their own. Processes that have
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
    shapes = Shapes(SampleSource(samples, training), SampleSource(samples, validation))
    pretraining = ShapePretraining(
        shapes, settings, variant, weights, metadata,
        seed=seed, device=torch.device(device), title=title, team=current_team(),
    )  # fmt: skip
    train(pretraining, checkpoints, history)


@dataclass(frozen=True, eq=False)
class ShapePretraining(Training[ShapeTrainingState]):
    """Equation (11) for one variant."""

    shapes: Shapes
    settings: ShapeGenerator
    variant: Variant
    weights: str | Path
    metadata: str | Path

    section = "shape_generator.training"
    columns = (
        "loss",
        *TERMS,
        "validation",
        "gradient_norm",
        "mean_norm",
        "variance",
        "posterior_variance",
        "active_dimensions",
    )
    shown = ("data", "validation", "moment_kl", "eikonal", "variance")

    def identity(self) -> dict[str, Any]:
        """Settings, variant, shapes and the content of their samples."""
        return {
            "settings": self.settings,
            "variant": self.variant,
            "shapes": [part.shapes for part in self.shapes],
            "samples": [part.digests() for part in self.shapes],
        }

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.settings.training.checkpoint_every

    @property
    def precision(self) -> Precision:
        """Of the data term's products."""
        return self.settings.training.precision

    def start(self) -> ShapeTrainingState:
        """A new decoder, and codes for all shapes."""
        counts = len(self.shapes.training), len(self.shapes.validation)
        return ShapeTrainingState(
            self.settings, self.variant, counts, self.seed, self.device, self.team
        )

    def epoch(self, state: ShapeTrainingState) -> Epoch:
        """Every training shape once, then the validation shapes' own steps."""
        training = self.settings.training
        losses = train_epoch(state, self.shapes.training, training, self.variant, self.seed)
        watched = losses["data"]
        if len(self.shapes.validation):
            watched = validate(state, self.shapes.validation, training, self.seed)
            losses["validation"] = watched
        statistics = {"validation": float("nan"), **state.codes.statistics()._asdict()}
        return Epoch(losses, losses["data"], watched, statistics)

    def save(self, state: ShapeTrainingState, record: dict[str, Any]) -> None:
        """Write the generator, and say why training ended."""
        watched = "validation" if len(self.shapes.validation) else "training"
        reason = state.schedule.stop_reason(watched)
        sys.stderr.write(f"{self.title}: {reason}\n")
        described = {
            **record,
            "stop_reason": reason,
            "validation_loss": state.schedule.smoothed,
            "codes": state.codes.statistics()._asdict(),
            "activation": self.variant.activation,
            "decoder": self.settings.decoder.model_dump(mode="json"),
            "training": self.settings.training.model_dump(mode="json"),
            "variant": self.variant.model_dump(mode="json"),
            "shapes": list(self.shapes.training.shapes),
            "validation_shapes": list(self.shapes.validation.shapes),
        }
        save_generator(self.weights, self.metadata, state.decoder, state.codes, described)
