"""First stage of 3DShape2VecSet: the occupancy autoencoder of vector sets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from toposhape.generators.vector_sets import VectorSetAutoencoder
from toposhape.vector_set_settings import (
    SetAutoencoder,
    SetAutoencoderTraining,
)

from .atomic import sole_writer
from .randomness import derived_seed, random_source
from .vector_set_data import OccupancyBatch, OccupancySource, ShapeSources
from .vector_set_stage import StageState, run_stage
from .vector_set_store import describe_training, publish_history, save_network, training_identity

TERMS = ("loss", "volume", "near", "kl")
COLUMNS = (*TERMS, "validation", "gradient_norm")
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
    checkpoints of other settings, shapes or seeds lie in folders of their own.

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
    torch.set_flush_denormal(True)  # denormal products slow a CPU down tenfold
    ids = [part.shapes for part in shapes]
    identity = training_identity(ids, seed, settings, training)
    folder = Path(checkpoints) / identity
    with sole_writer(folder):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(derived_seed(seed, "vector set autoencoder"))
            network = VectorSetAutoencoder(settings).to(device)
        state = StageState(network, training)

        def train_epoch() -> dict[str, float]:
            terms = _train_epoch(state, shapes.training, training, seed)
            if len(shapes.validation):
                terms["validation"] = _validate(state, shapes.validation, training, seed)
            return terms

        run_stage(state, train_epoch, COLUMNS, folder, title)
        shares = [volume_iou(network, part, training.surface_points, seed) for part in shapes]
        description = {
            **describe_training(identity, seed, state, ids),
            "autoencoder": settings.model_dump(mode="json"),
            "volume_iou": dict(zip(ShapeSources._fields, shares, strict=True)),
        }
        save_network(weights, metadata, network, description)
        publish_history(folder, history)


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


def _train_epoch(
    state: StageState,
    shapes: OccupancySource,
    training: SetAutoencoderTraining,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Learn from every training shape once; returns the terms' means."""
    generator = random_source(seed, "vector sets", state.epoch)
    batches = _batches(shapes, state.network.settings, training, generator)
    means = state.learn(batches, lambda batch: occupancy_terms(state.network, batch, training))
    return dict(zip((*TERMS, "gradient_norm"), means, strict=True))


def _validate(
    state: StageState,
    shapes: OccupancySource,
    training: SetAutoencoderTraining,
    seed: tuple[int, ...],
) -> float:
    """The weighted cross-entropy on the validation shapes, from their posteriors' means.

    The points are the same in every epoch.
    """
    generator = random_source(seed, "vector set validation")
    batch = shapes.draw(range(len(shapes)), training, generator).on(state.device)
    _, volume, near, _ = state.evaluate(
        batch, lambda part: occupancy_terms(state.network, part, training)
    )
    return float(volume + training.near_weight * near)


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
    """Weighted sum, cross-entropy in the volume and near the surface, KL divergence: (4,)."""
    posterior = network.encode(batch.surface)
    logits = network.logits(batch.points, network.decode(posterior.sample(batch.noise)))
    entropy = functional.binary_cross_entropy_with_logits(logits, batch.inside, reduction="none")
    volume = entropy[:, : training.volume_points].mean()
    near = entropy[:, training.volume_points :].mean()
    divergence = posterior.divergence()
    loss = volume + training.near_weight * near + training.kl_weight * divergence
    return torch.stack([loss, volume, near, divergence])
