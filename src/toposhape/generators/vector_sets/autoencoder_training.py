"""First stage of 3DShape2VecSet: the occupancy autoencoder of vector sets."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from toposhape.learning.loop import train
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.stored_weights import save_weights
from toposhape.settings.vector_sets import SetAutoencoder, SetAutoencoderTraining

from ..stage import Stage, StageState
from .attention import layer_matrices
from .autoencoder import VectorSetAutoencoder
from .data import OccupancyBatch, OccupancySource, ShapeSources
from .store import AUTOENCODER

TERMS = ("volume", "near", "kl")
CHECKED_VERTICES = 1 << 14  # of the grid, on which the intersection over union is measured
CHECKED_SHAPES = 8  # at a time


def train_vector_set_autoencoder(
    shapes: ShapeSources,
    settings: SetAutoencoder,
    training: SetAutoencoderTraining,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    device: torch.device | str = "cpu",
    title: str = "vector set autoencoder",
) -> None:
    """Train the autoencoder for its epochs and write it.

    A training that was killed goes on from its last checkpoint and ends in the same weights;
    checkpoints of other settings, data or seeds lie in folders of their own.

    Args:
        shapes: training and validation shapes; the latter may be none.
        settings: of the network.
        training: of losses and optimiser.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        device: where to train.
        title: names this training in messages.

    Raises:
        DivergenceError: if a loss is not finite; the last good checkpoint stays.
        FolderInUseError: if another process trains in the same folder.
        CheckpointError: if all checkpoints are damaged.
    """
    stage = AutoencoderStage(
        shapes, training, weights, metadata, settings,
        seed=seed, device=torch.device(device), title=title,
    )  # fmt: skip
    train(stage, checkpoints, history)


@dataclass(frozen=True, eq=False)
class AutoencoderStage(Stage):
    """The occupancy loss of sets."""

    shapes: ShapeSources
    training: SetAutoencoderTraining
    settings: SetAutoencoder

    section = "vector_sets.autoencoder_training"
    columns = ("loss", *TERMS, "validation", "gradient_norm")
    shown = columns

    def identity(self) -> dict[str, Any]:
        """Settings, shapes, and the content of samples, surfaces and signs."""
        return {
            "settings": [self.settings, self.training],
            "shapes": [part.shapes for part in self.shapes],
            "content": [part.digests() for part in self.shapes],
        }

    def start(self) -> StageState:
        """A new autoencoder."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(self.seed, "vector set autoencoder"))
            network = VectorSetAutoencoder(self.settings)
        network = network.to(self.device)
        return StageState(network, self.training, layer_matrices(network))

    def learn(self, state: StageState) -> dict[str, float]:
        """Learn from every training shape once; returns the terms' means."""
        training = self.training
        generator = random_source(self.seed, "vector sets", state.schedule.epoch)
        means = state.learn(
            _batches(self.shapes.training, self.settings, training, generator),
            lambda batch: occupancy_terms(state.network, batch, training),
            (1.0, training.near_weight, training.kl_weight),
        )
        return dict(zip(("loss", *TERMS, "gradient_norm"), means, strict=True))

    def validate(self, state: StageState) -> float:
        """The weighted cross-entropy on the validation shapes, from their posteriors' means.

        The points are the same in every epoch.
        """
        shapes, training = self.shapes.validation, self.training
        generator = random_source(self.seed, "vector set validation")
        batch = shapes.draw(range(len(shapes)), training, generator).on(state.device)
        volume, near, _ = state.evaluate(
            batch, lambda part: occupancy_terms(state.network, part, training)
        )
        return float(volume + training.near_weight * near)

    def save(self, state: StageState, record: dict[str, Any]) -> None:
        """Write the autoencoder and how well it reconstructs."""
        points = self.training.surface_points
        shares = [volume_iou(state.network, part, points, self.seed) for part in self.shapes]
        description = {
            **self.describe(state, record),
            "autoencoder": self.settings.model_dump(mode="json"),
            "volume_iou": dict(zip(ShapeSources._fields, shares, strict=True)),
        }
        save_weights(
            self.weights, self.metadata, state.network.state_dict(), AUTOENCODER, description
        )


@torch.no_grad()
def volume_iou(
    network: VectorSetAutoencoder,
    shapes: OccupancySource,
    surface_points: int,
    seed: tuple[int, ...],
) -> float | None:
    """Mean intersection over union of shapes and their reconstructions.

    Each shape is encoded from random surface points to its posterior's mean and compared with its
    own signs at CHECKED_VERTICES random vertices of the grid, which are uniform in [-1, 1]^3.

    Returns:
        The mean over all shapes; None if there are none.
    """
    device, shares = next(network.parameters()).device, []
    generator = random_source(seed, "intersection over union")
    for places in torch.arange(len(shapes)).split(CHECKED_SHAPES) if len(shapes) else ():
        surface = shapes.draw_surface(places.tolist(), surface_points, generator, device)
        points, inside = shapes.draw_volume(places.tolist(), CHECKED_VERTICES, generator, device)
        decoded = network.decode(network.encode(surface).means)
        found, true = network.logits(points, decoded) > 0, inside > 0
        both, either = (found & true).sum(dim=1), (found | true).sum(dim=1)
        shares.append(torch.where(either > 0, both / either.clamp(min=1), 1.0))
    return float(torch.cat(shares).mean()) if shares else None


def _batches(
    shapes: OccupancySource,
    settings: SetAutoencoder,
    training: SetAutoencoderTraining,
    generator: torch.Generator,
) -> Iterator[OccupancyBatch]:
    """In random order."""
    order = torch.randperm(len(shapes), generator=generator)
    for places in order.split(training.shapes_per_batch):
        batch = shapes.draw(places.tolist(), training, generator)
        form = (len(places), settings.latents, settings.channels)
        yield replace(batch, noise=torch.randn(form, generator=generator))


def occupancy_terms(
    network: VectorSetAutoencoder, batch: OccupancyBatch, training: SetAutoencoderTraining
) -> Tensor:
    """Cross-entropy in the volume and near the surface, KL divergence: (3,)."""
    posterior = network.encode(batch.surface)
    logits = network.logits(batch.points, network.decode(posterior.sample(batch.noise)))
    entropy = functional.binary_cross_entropy_with_logits(logits, batch.inside, reduction="none")
    volume = entropy[:, : training.volume_points].mean()
    near = entropy[:, training.volume_points :].mean()
    return torch.stack([volume, near, posterior.divergence()])
