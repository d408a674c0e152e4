"""Every stage that a kill may hit, small: what it reads is analytic, what it writes is compared."""

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from tori import diagrams_of, files, tori
from watching import MARK

from toposhape.generators.diagrams.pretraining import train_diagram_generator
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.generators.implicit.store import load_generator
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
from toposhape.settings.shapes import Shapes
from toposhape.settings.topology import Topology
from toposhape.settings.vector_sets import (
    SetAutoencoder,
    SetAutoencoderTraining,
    SetDenoiser,
    SetDiffusionTraining,
)
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.requests import list_requests

SHAPES = 8
RESOLUTION = 16
VARIANT = Variant(activation="relu")
SE_VARIANT = Variant(
    activation="silu", regularisation=Regularisation(weight=0.03, divergence_weight=0.01)
)
TOPOLOGY = Topology(min_persistence=0.01)
SHAPE_GENERATOR = ShapeGenerator(
    decoder=Decoder(width=16, depth=3, latent_size=2, skip_layers=(1,)),
    training=ShapeTraining(
        max_epochs=15, warmup_epochs=1, shapes_per_batch=3, samples_per_shape=48,
        learning_rate=5e-3, optimiser="muon", checkpoint_every=2,
    ),
)  # fmt: skip
DIAGRAM_GENERATOR = DiagramGeneratorSettings(
    network=DiagramNetwork(embedding_size=4, width=12),
    training=DiagramTraining(
        max_epochs=12, warmup_epochs=1, shapes_per_batch=3, smoothness_codes=4, checkpoint_every=3
    ),
)
JOINT = JointTraining(steps=20, consistency_codes=2, resolution=RESOLUTION, checkpoint_every=2)
OURS = TopologicalTerms(
    consistency_weight=1.0, diagram_weight=1.0, smoothness_weight=0.01, pull_weight=0.01
)
AUTOENCODER = SetAutoencoder(
    latents=4, channels=2, width=16, heads=2, layers=1, feed_forward=1, frequencies=2
)
AUTOENCODER_TRAINING = SetAutoencoderTraining(
    epochs=20, warmup_epochs=2, shapes_per_batch=4, surface_points=64, volume_points=32,
    near_points=64, optimiser="muon", checkpoint_every=4,
)  # fmt: skip
DENOISER = SetDenoiser(width=16, heads=2, layers=2, feed_forward=1)
DIFFUSION_TRAINING = SetDiffusionTraining(
    epochs=20, warmup_epochs=2, shapes_per_batch=4, views=2, optimiser="muon", averaging=0.9,
    checkpoint_every=4,
)  # fmt: skip


@lru_cache
def rows() -> dict[str, dict[str, np.ndarray]]:
    return tori(SHAPES, RESOLUTION, drawn=30_000, kept=400)


@lru_cache
def diagrams() -> list[tuple[np.ndarray, ...]]:
    return diagrams_of(rows())


def shape_generator(folder: Path, start: Path, variant: Variant = VARIANT) -> None:
    train_shape_generator(
        rows()["samples"], list(rows()["samples"])[:-2], list(rows()["samples"])[-2:],
        SHAPE_GENERATOR, variant, seed=(0, 0), **files(folder, "generator"),
    )  # fmt: skip


def se_generator(folder: Path, start: Path) -> None:
    shape_generator(folder, start, SE_VARIANT)


def diagram_generator(folder: Path, start: Path) -> None:
    train_diagram_generator(
        load_generator(start / "generator.safetensors"), diagrams()[:-2], diagrams()[-2:],
        DIAGRAM_GENERATOR, min_persistence=0.01, seed=(0, 0), **files(folder, "diagrams"),
    )  # fmt: skip


def joint_training(folder: Path, start: Path) -> None:
    settings = JointSettings(
        JOINT, OURS, VARIANT, SHAPE_GENERATOR.training, DIAGRAM_GENERATOR.training, TOPOLOGY
    )
    train_jointly(
        rows()["samples"], diagrams()[:-2], load_generator(start / "generator.safetensors"),
        load_diagram_generator(start / "diagrams.safetensors"), settings, DIAGRAM_GENERATOR,
        seed=(0, 0), output=folder, checkpoints=folder / "checkpoints",
        history=folder / "history.csv",
    )  # fmt: skip


def sources() -> ShapeSources:
    shapes = list(rows()["grids"])
    return ShapeSources(
        OccupancySource(**rows(), shapes=shapes[:-2]), OccupancySource(**rows(), shapes=shapes[-2:])
    )


def autoencoder(folder: Path, start: Path) -> None:
    train_vector_set_autoencoder(
        sources(), AUTOENCODER, AUTOENCODER_TRAINING, seed=(0, 0), **files(folder, "autoencoder")
    )


def set_diffusion(folder: Path, start: Path) -> None:
    train_set_diffusion(
        start / "autoencoder.safetensors", sources(), DENOISER, DIFFUSION_TRAINING, seed=(0, 0),
        **files(folder, "generator"),
    )  # fmt: skip


def preparation(folder: Path, start: Path, workers: int = 2) -> None:
    requests = list_requests("procedural", name="chair", count=3, seed=1)
    prepare_batch(
        requests, folder / "000", Shapes(resolution=16, samples=1000, surface_points=200),
        workers=workers, progress=False,
    )  # fmt: skip


STAGES: dict[str, Callable[[Path, Path], None]] = {
    stage.__name__: stage
    for stage in (
        shape_generator, se_generator, diagram_generator, joint_training, autoencoder,
        set_diffusion, preparation,
    )
}  # fmt: skip


def run(name: str, folder: Path, start: Path) -> None:
    """Run a stage in this process, whose children bear the folder's name in their environment."""
    torch.set_num_threads(1)
    os.environ[MARK] = str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    STAGES[name](folder, start)


def outcome(folder: Path) -> dict[str, bytes]:
    """What a stage has left: weights and arrays bit by bit, histories without the clock."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if (
            path.is_dir()
            or "checkpoints" in str(path.relative_to(folder))
            or path.name == ".000.lock"
        ):
            continue
        content = path.read_bytes()
        if path.suffix == ".csv" and path.name != "manifest.csv":
            content = without_clock(content)
        found[str(path.relative_to(folder))] = content
    return found


def without_clock(history: bytes) -> bytes:
    lines = [line.split(",") for line in history.decode().splitlines()]
    kept = [i for i, name in enumerate(lines[0]) if "seconds" not in name]
    return "\n".join(",".join(line[i] for i in kept) for line in lines).encode()
