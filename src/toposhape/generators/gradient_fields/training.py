"""First stage of ShapeGF: an encoder, and the denoiser of the points of encoded shapes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call

from toposhape.learning.loop import train
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.stored_weights import save_weights
from toposhape.settings.gradient_fields import GradientFieldTraining, PointDenoiser, PointEncoder

from ..stage import Stage, StageState
from .data import CloudSource, CloudSources, ScoreBatch
from .network import GradientField
from .objectives import level_error, score_matching_terms
from .store import GRADIENT_FIELD

REPORTED_LEVELS = (0.5, 0.1, 0.03, 0.01)


def train_gradient_field(
    shapes: CloudSources,
    encoder: PointEncoder,
    denoiser: PointDenoiser,
    training: GradientFieldTraining,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "gradient field",
) -> None:
    """Train encoder and denoiser for their epochs and write the mean of their weights.

    A training that was killed goes on from its last checkpoint and ends in the same weights.

    Args:
        shapes: training and validation shapes; the latter may be none.
        encoder: of the network.
        denoiser: of the network.
        training: of loss and optimiser.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.
        title: names this training in messages.

    Raises:
        DivergenceError: if the loss is not finite; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
        ValueError: if there is no training shape, or a cloud has too few points.
    """
    if not len(shapes.training):
        raise ValueError("there is no training shape to learn a gradient field from")
    stage = GradientFieldStage(
        shapes, training, weights, metadata, encoder, denoiser,
        seed=seed, device=torch.device(device), title=title,
    )  # fmt: skip
    train(stage, checkpoints, history)


@dataclass(frozen=True, eq=False)
class GradientFieldStage(Stage):
    """Denoising score matching."""

    shapes: CloudSources
    training: GradientFieldTraining
    encoder: PointEncoder
    denoiser: PointDenoiser

    section = "gradient_fields.training"
    columns = ("loss", "validation", "gradient_norm")
    shown = columns

    def identity(self) -> dict[str, Any]:
        """Settings, shapes, and the content of their clouds."""
        return {
            "settings": [self.encoder, self.denoiser, self.training],
            "shapes": [part.shapes for part in self.shapes],
            "content": [part.digests() for part in self.shapes],
        }

    def start(self) -> StageState:
        """New networks."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(self.seed, "gradient field"))
            network = GradientField(self.encoder, self.denoiser, self.shapes.training.dimensions)
        network = network.to(self.device)
        return StageState(network, self.training, network.matrices(), self.training.averaging)

    def learn(self, state: StageState) -> dict[str, float]:
        """Learn from every training shape once."""
        state.network.train()
        generator = random_source(self.seed, "gradient fields", state.schedule.epoch)
        batches = _batches(self.shapes.training, self.training, generator)
        loss, _, norm = state.learn(
            batches,
            lambda batch: score_matching_terms(state.network, batch, self.training.weight),
            (1.0,),
        )
        return {"loss": loss, "gradient_norm": norm}

    def validate(self, state: StageState) -> float:
        """Even-weighted loss of the mean weights on the validation shapes, with fixed noise."""
        state.network.eval()

        def denoise(*inputs: Tensor) -> Tensor:
            output: Tensor = functional_call(state.network, state.averaged, inputs)
            return output

        batch = self._watched("gradient field validation").on(state.device)
        return float(
            state.evaluate(batch, lambda part: score_matching_terms(denoise, part, "even"))
        )

    def save(self, state: StageState, record: dict[str, Any]) -> None:
        """Write the mean of the weights and what they reach at some levels."""
        state.use_averaged()
        network = state.network.eval()
        errors = {}
        if len(self.shapes.validation):
            batch = self._watched("reported levels").on(state.device)
            errors = {str(s): level_error(network, batch, s) for s in REPORTED_LEVELS}
        description = {
            **self.describe(state, record),
            "encoder": self.encoder.model_dump(mode="json"),
            "denoiser": self.denoiser.model_dump(mode="json"),
            "dimensions": network.dimensions,
            "validation_errors": errors,
        }
        save_weights(self.weights, self.metadata, network.state_dict(), GRADIENT_FIELD, description)

    def _watched(self, what: str) -> ScoreBatch:
        """The same points and noise of the validation shapes whenever it is called."""
        shapes = self.shapes.validation
        return shapes.draw(range(len(shapes)), self.training, random_source(self.seed, what))


def _batches(
    shapes: CloudSource, training: GradientFieldTraining, generator: torch.Generator
) -> Iterator[ScoreBatch]:
    """In random order."""
    order = torch.randperm(len(shapes), generator=generator)
    for places in order.split(training.shapes_per_batch):
        yield shapes.draw(places.tolist(), training, generator)
