"""Every training at its smallest, on a device: analytic tori in, files out."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from tori import diagrams_of, files, tori

from toposhape.generators.diagrams.pretraining import train_diagram_generator
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.places import Places
from toposhape.generators.joint.terms import JointSettings
from toposhape.generators.joint.training import train_jointly
from toposhape.generators.vector_sets.autoencoder_training import train_vector_set_autoencoder
from toposhape.generators.vector_sets.data import OccupancySource, ShapeSources
from toposhape.generators.vector_sets.diffusion_training import train_set_diffusion
from toposhape.settings.diagrams import DiagramGeneratorSettings, DiagramNetwork, DiagramTraining
from toposhape.settings.implicit import (
    Decoder,
    Regularisation,
    ShapeGenerator,
    ShapeTraining,
    Variant,
)
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.settings.vector_sets import (
    SetAutoencoder,
    SetAutoencoderTraining,
    SetDenoiser,
    SetDiffusionTraining,
)

SHAPES, RESOLUTION = 6, 18
TOPOLOGY = Topology(min_persistence=0.01)
DECODER = {"width": 16, "depth": 3, "latent_size": 2, "skip_layers": (1,)}
TRAINING = ShapeTraining(
    max_epochs=3, warmup_epochs=1, shapes_per_batch=3, samples_per_shape=32, learning_rate=5e-3,
    checkpoint_every=2, regularised_shapes=2, regularised_points=8, regularise_every=1,
)  # fmt: skip
VARIANT = Variant(activation="relu")
SMOOTH = Variant(
    activation="silu",
    regularisation=Regularisation(weight=0.03, divergence_weight=0.01, divergence_until=1.0),
)
DIAGRAMS = DiagramGeneratorSettings(
    network=DiagramNetwork(embedding_size=4, width=12),
    training=DiagramTraining(
        max_epochs=4, warmup_epochs=1, shapes_per_batch=3, smoothness_codes=4, checkpoint_every=2
    ),
)
JOINT = JointTraining(steps=4, consistency_codes=2, resolution=RESOLUTION, checkpoint_every=1)
ALL_TERMS = TopologicalTerms(
    consistency_weight=1.0,
    diagram_weight=1.0,
    smoothness_weight=0.01,
    pull_weight=0.01,
    anchor_weight=0.1,
)
PLACED = ALL_TERMS.model_copy(
    update={"warped_consistency_weight": 1.0, "consistency_bandwidth": 0.25, "place_radius": 1.0}
)
AUTOENCODER = SetAutoencoder(
    latents=4, channels=2, width=16, heads=2, layers=1, feed_forward=1, frequencies=2
)
AUTOENCODER_TRAINING = SetAutoencoderTraining(
    epochs=3, warmup_epochs=1, shapes_per_batch=4, surface_points=32, volume_points=16,
    near_points=32, optimiser="muon", checkpoint_every=2,
)  # fmt: skip
DENOISER = SetDenoiser(width=16, heads=2, layers=1, feed_forward=1)
DIFFUSION_TRAINING = SetDiffusionTraining(
    epochs=3, warmup_epochs=1, shapes_per_batch=4, views=2, optimiser="muon", averaging=0.9,
    checkpoint_every=2,
)  # fmt: skip


@lru_cache
def rows() -> dict[str, dict[str, np.ndarray]]:
    return tori(SHAPES, RESOLUTION, drawn=20_000, kept=200)


@lru_cache
def diagrams() -> list[tuple[np.ndarray, ...]]:
    return diagrams_of(rows())


def places() -> list[Places]:
    """Somewhere for every point of the training tori's diagrams; the same each time."""
    random = np.random.default_rng(0)
    return [[random.uniform(-1, 1, (len(p), 2, 3)) for p in each] for each in diagrams()[:-2]]


def pretrain(
    folder: Path,
    device: torch.device | str,
    variant: Variant = VARIANT,
    decoder: dict | None = None,
    **changes: object,
) -> None:
    """The first stage of the shape generator; two tori are for validation."""
    settings = ShapeGenerator(
        decoder=Decoder(**DECODER, **(decoder or {})), training=TRAINING.model_copy(update=changes)
    )
    names = list(rows()["samples"])
    train_shape_generator(
        rows()["samples"], names[:-2], names[-2:], settings, variant, seed=(0, 0), device=device,
        **files(folder, "generator"),
    )  # fmt: skip


def pretrain_diagrams(
    folder: Path, device: torch.device | str, start: Path, **changes: object
) -> None:
    """The first stage of the diagram generator, with the codes of the generator in `start`."""
    training = DIAGRAMS.training.model_copy(update=changes)
    train_diagram_generator(
        load_generator(start / "generator.safetensors", device), diagrams()[:-2], diagrams()[-2:],
        DIAGRAMS.model_copy(update={"training": training}), min_persistence=0.01, seed=(0, 0),
        **files(folder, "diagrams"),
    )  # fmt: skip


def train_both(
    folder: Path,
    device: torch.device | str,
    start: Path,
    terms: TopologicalTerms = ALL_TERMS,
    variant: Variant = VARIANT,
    **changes: object,
) -> None:
    """The second stage, from the generators in `start`."""
    settings = JointSettings(
        JOINT.model_copy(update=changes), terms, variant, TRAINING, DIAGRAMS.training, TOPOLOGY
    )
    train_jointly(
        rows()["samples"], diagrams()[:-2], load_generator(start / "generator.safetensors", device),
        load_diagram_generator(start / "diagrams.safetensors", device), settings, DIAGRAMS,
        seed=(0, 0), output=folder, checkpoints=folder / "checkpoints",
        history=folder / "history.csv", places=places(),
    )  # fmt: skip


def sources() -> ShapeSources:
    """The tori as 3DShape2VecSet sees them."""
    names = list(rows()["grids"])
    return ShapeSources(
        OccupancySource(**rows(), shapes=names[:-2]), OccupancySource(**rows(), shapes=names[-2:])
    )


def train_sets(folder: Path, device: torch.device | str, **changes: object) -> None:
    """Both stages of 3DShape2VecSet."""
    train_vector_set_autoencoder(
        sources(), AUTOENCODER, AUTOENCODER_TRAINING.model_copy(update=changes), seed=(0, 0),
        device=device, **files(folder, "autoencoder"),
    )  # fmt: skip
    train_set_diffusion(
        folder / "autoencoder.safetensors", sources(), DENOISER,
        DIFFUSION_TRAINING.model_copy(update=changes), seed=(0, 0), device=device,
        **files(folder, "generator"),
    )  # fmt: skip


def tensors(folder: Path, name: str = "generator") -> dict[str, torch.Tensor]:
    """Weights that a training has written."""
    return safetensors.torch.load_file(folder / f"{name}.safetensors")
