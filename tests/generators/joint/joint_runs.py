"""Small joint trainings on tori, and what is asked of the files that they write."""

import csv
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from toposhape.generators.diagrams.pretraining import train_diagram_generator
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.terms import JointSettings
from toposhape.generators.joint.training import train_jointly
from toposhape.settings.diagrams import DiagramGeneratorSettings, DiagramNetwork, DiagramTraining
from toposhape.settings.implicit import Decoder, LatentPrior, ShapeGenerator, ShapeTraining, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.topology import superlevel_diagrams

SHAPES = 6
TOPOLOGY = Topology(min_persistence=0.01)
PRETRAINING = ShapeTraining(
    max_epochs=80, warmup_epochs=1, shapes_per_batch=3, samples_per_shape=48, learning_rate=5e-3,
    optimiser="muon", codes=LatentPrior(shape_weight=1e-5),
    checkpoint_every=100,
)  # fmt: skip
DECODER = Decoder(width=16, depth=3, latent_size=2, skip_layers=(1,))
DIAGRAMS = DiagramGeneratorSettings(
    network=DiagramNetwork(embedding_size=4, width=12),
    training=DiagramTraining(
        max_epochs=8, warmup_epochs=1, shapes_per_batch=3, smoothness_codes=4, checkpoint_every=100
    ),
)
JOINT = JointTraining(
    steps=12,
    consistency_codes=2,
    consistency_clip=1.0,
    resolution=16,
    checkpoint_every=2,
)
OURS = TopologicalTerms(
    consistency_weight=1.0, diagram_weight=1.0, smoothness_weight=0.01, pull_weight=0.01
)
PLAIN = TopologicalTerms()
VARIANT = Variant(activation="relu")


def torus_distance(points: np.ndarray, radius: float) -> np.ndarray:
    """Signed distance to a torus about the y axis with a tube of 0.2."""
    ring = np.hypot(points[..., 0], points[..., 2]) - radius
    return np.hypot(ring, points[..., 1]) - 0.2


def radius_of(shape: int) -> float:
    return 0.45 + 0.25 * shape / SHAPES


@lru_cache
def tori() -> dict[str, np.ndarray]:
    """Samples inside and outside of tori whose radius grows."""
    rng, rows = np.random.default_rng(0), {}
    for i in range(SHAPES):
        points = rng.uniform(-1, 1, (40_000, 3))
        values = torus_distance(points, radius_of(i))
        samples = np.concatenate([points, values[:, None]], axis=1).astype(np.float32)
        rows[f"t{i}"] = np.stack([samples[values < 0][:400], samples[values > 0][:400]])
    return rows


@lru_cache
def truth() -> list[tuple[np.ndarray, ...]]:
    axis = np.linspace(-1, 1, JOINT.resolution)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    fields = np.stack([-torus_distance(grid, radius_of(i)) for i in range(SHAPES)])
    diagrams = superlevel_diagrams(fields.astype(np.float32), min_persistence=0.01, threads=1)
    return [d.points for d in diagrams]


class Start(NamedTuple):
    """What the second stage starts from."""

    shapes: Path
    diagrams: Path


def pretrain(folder: Path) -> Start:
    start = Start(folder / "generator.safetensors", folder / "diagrams.safetensors")
    settings = ShapeGenerator(decoder=DECODER, training=PRETRAINING)
    train_shape_generator(
        tori(), list(tori()), [], settings, VARIANT, seed=(0, 0), checkpoints=folder / "c",
        weights=start.shapes, metadata=start.shapes.with_suffix(".json"),
        history=folder / "shape_history.csv",
    )  # fmt: skip
    train_diagram_generator(
        load_generator(start.shapes), truth(), truth()[:2], DIAGRAMS,
        min_persistence=0.01, seed=(0, 0), checkpoints=folder / "d", weights=start.diagrams,
        metadata=start.diagrams.with_suffix(".json"), history=folder / "diagram_history.csv",
    )  # fmt: skip
    return start


def settings_of(
    terms=OURS, joint=None, shapes=PRETRAINING, diagrams=DIAGRAMS, variant=VARIANT
) -> JointSettings:
    joint = JOINT.model_copy(update=joint or {})
    return JointSettings(joint, terms, variant, shapes, diagrams.training, TOPOLOGY)


def train(
    folder: Path, start: Start, settings: JointSettings | None = None, **changes: Any
) -> Path:
    settings = settings or settings_of()
    given = load_diagram_generator(start.diagrams) if settings.terms.pretrained_diagrams else None
    train_jointly(
        changes.pop("samples", tori()), changes.pop("truth", truth()),
        load_generator(start.shapes), given, settings,
        changes.pop("network", DIAGRAMS), seed=changes.pop("seed", (0, 0)),
        checkpoints=folder / "checkpoints", output=folder, history=folder / "history.csv",
        **changes,
    )  # fmt: skip
    return folder


def history(folder: Path) -> list[dict[str, str]]:
    """The rows without what depends on the clock."""
    with (folder / "history.csv").open() as file:
        return [
            {k: v for k, v in row.items() if "seconds" not in k} for row in csv.DictReader(file)
        ]


def phi(weights: Path) -> dict[str, torch.Tensor]:
    return load_diagram_generator(weights).diagrams.state_dict()


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def written(folder: Path) -> tuple[bytes, bytes]:
    return tuple(
        (folder / f"{name}.safetensors").read_bytes() for name in ("generator", "diagrams")
    )
