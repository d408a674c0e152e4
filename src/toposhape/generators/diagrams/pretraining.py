"""The first stage of the diagram generator: pretraining by equation (12)."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from toposhape.learning.identity import content_digest
from toposhape.learning.loop import train
from toposhape.learning.optimisers import Adam
from toposhape.learning.schedule import FlatThenCooldown
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.learning.state import TrainingState
from toposhape.learning.training import Epoch, Training
from toposhape.settings.diagrams import DiagramGeneratorSettings, DiagramTraining
from toposhape.topology.distances.wasserstein import HasPoints

from ..implicit.generator import ImplicitGenerator
from .health import STATISTICS, dead_degrees, diagram_statistics, generated_distance, probe_codes
from .network import DiagramGenerator
from .objectives import fit_loss, smoothness_draw, smoothness_loss
from .store import Diagrams, save_diagram_generator

ADVICE = (
    "Set diagram_generator.training.matching to forced and diagram_generator.network.rectifier to "
    "straight_through, or lower smoothness_weight"
)


def new_diagram_generator(
    truth: Diagrams,
    latent_size: int,
    settings: DiagramGeneratorSettings,
    seed: tuple[int | str, ...],
    *,
    placed: bool = True,
) -> DiagramGenerator:
    """A generator with n_k points, the largest number of a training shape (reading 7).

    Args:
        truth: diagrams of the training shapes.
        latent_size: d.
        settings: of the network.
        seed: of the initial weights.
        placed: whether its points start at points of training diagrams, or all at the origin.
    """
    sizes = [max((len(points[degree]) for points in truth), default=0) for degree in range(3)]
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derived_seed(seed, "diagram generator"))
        generator = DiagramGenerator(sizes, latent_size, settings.network)
    if placed:
        generator.place(truth, random_source(seed, "places"))
    return generator


def train_diagram_generator(
    shapes: ImplicitGenerator,
    truth: Diagrams,
    validation: Diagrams,
    settings: DiagramGeneratorSettings,
    *,
    min_persistence: float,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    weights: str | Path,
    metadata: str | Path,
    history: str | Path,
    title: str = "diagram generator",
) -> None:
    """Minimise (12) with the codes of a pretrained shape generator, and write the generator.

    Args:
        shapes: the shape generator; only its codes are used.
        truth: diagrams of its training shapes, in their order.
        validation: diagrams of validation shapes, for `validation_pd_lap`; may be empty.
        settings: of network and training.
        min_persistence: tau, of the given diagrams.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        weights: safetensors file to write.
        metadata: JSON file to write.
        history: CSV file to write.
        title: names this training in messages.

    Raises:
        ValueError: if there are not as many diagrams as codes.
        DeadGeneratorError: if a degree that most shapes have has no points at the end.
        DivergenceError: when training goes wrong.
    """
    if len(truth) != len(shapes.shape_ids):
        raise ValueError(f"{len(truth)} diagrams for {len(shapes.shape_ids)} training shapes")
    pretraining = DiagramPretraining(
        shapes, truth, validation, settings, min_persistence, weights, metadata,
        seed=seed, device=shapes.codes.means.device, title=title,
    )  # fmt: skip
    train(pretraining, checkpoints, history)


class DiagramTrainingState(TrainingState):
    """Network, optimiser and schedule of one training."""

    def __init__(self, generator: DiagramGenerator, settings: DiagramTraining) -> None:
        self.generator = generator
        adam = Adam(generator.parameters(), lr=settings.learning_rate)
        super().__init__({"diagrams": generator}, {"adam": adam}, FlatThenCooldown.of(settings))


@dataclass(frozen=True, eq=False)
class DiagramPretraining(Training[DiagramTrainingState]):
    """Equation (12) for the codes of one shape generator."""

    shapes: ImplicitGenerator
    truth: Diagrams
    validation: Diagrams
    settings: DiagramGeneratorSettings
    min_persistence: float
    weights: str | Path
    metadata: str | Path

    section = "diagram_generator.training"
    columns = ("fit", "smoothness", "validation_pd_lap", *STATISTICS)
    shown = ("fit", "smoothness", "validation_pd_lap", "points_h0", "points_h1", "points_h2")

    def identity(self) -> dict[str, Any]:
        """Settings, the shape generator, diagrams and their threshold."""
        given = self.truth, self.validation
        return {
            "settings": self.settings,
            "shapes": self.shapes.metadata["sha256"],
            "diagrams": [[content_digest(*each) for each in part] for part in given],
            "min_persistence": self.min_persistence,
        }

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.settings.training.checkpoint_every

    def start(self) -> DiagramTrainingState:
        """A new generator whose points start at points of training diagrams."""
        size = self.shapes.codes.means.shape[1]
        made = new_diagram_generator(self.truth, size, self.settings, self.seed)
        return DiagramTrainingState(made.to(self.device), self.settings.training)

    def epoch(self, state: DiagramTrainingState) -> Epoch:
        """Every training shape once, with a code from its posterior."""
        settings, codes = self.settings.training, self.shapes.codes
        noise = random_source(self.seed, "diagrams", state.schedule.epoch)
        batches = torch.randperm(len(self.truth), generator=noise).split(settings.shapes_per_batch)
        total = torch.zeros(2, dtype=torch.float64, device=self.device)
        for batch in batches:
            drawn = codes.sample(batch.to(self.device), noise).detach()
            targets = [self.truth[i] for i in batch.tolist()]
            state.clear_gradients()
            fit, smoothness = diagram_step(state.generator, drawn, targets, settings, noise)
            loss = fit + settings.smoothness_weight * smoothness
            state.take_step("adam", loss, settings.gradient_clip)
            total += torch.stack([fit, smoothness]).detach()
        fit, smoothness = (total / len(batches)).tolist()
        statistics = {
            "validation_pd_lap": self._validate(state.generator),
            **self._statistics(state.generator),
        }
        return Epoch({"fit": fit, "smoothness": smoothness}, fit, fit, statistics)

    def save(self, state: DiagramTrainingState, record: dict[str, Any]) -> None:
        """Write the generator, if no degree that most shapes have has died."""
        statistics = self._statistics(state.generator)
        dead = dead_degrees(statistics, self.truth, ADVICE)
        sys.stderr.write(f"{self.title}: {_summary(statistics)}\n")
        described = {
            **record,
            "training": self.settings.training.model_dump(mode="json"),
            "statistics": statistics,
            "dead_degrees": dead,
        }
        save_diagram_generator(self.weights, self.metadata, state.generator, described)

    def _statistics(self, generator: DiagramGenerator) -> dict[str, float]:
        probes = probe_codes(generator.latent_size, random_source(self.seed, "probes"))
        return diagram_statistics(
            generator, probes.to(self.device), self.truth, self.min_persistence
        )

    def _validate(self, generator: DiagramGenerator) -> float:
        if not len(self.validation):
            return float("nan")
        noise = random_source(self.seed, "validation diagrams")
        codes = torch.randn(len(self.validation), generator.latent_size, generator=noise)
        return generated_distance(
            generator, codes.to(self.device), self.validation, self.min_persistence
        )


def diagram_step(
    generator: DiagramGenerator,
    codes: Tensor,
    targets: Diagrams,
    settings: DiagramTraining,
    noise: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """The two terms of (12): the distance to the shapes' diagrams, and the smoothness (10)."""
    fit = fit_loss(generator(codes), targets, settings.matching)
    smoothness = smoothness_loss(
        generator,
        *smoothness_draw(codes, settings.smoothness_codes, noise),
        settings.smoothness_step,
        settings.smoothness_matching,
    )
    return fit, smoothness


def _summary(statistics: dict[str, float]) -> str:
    made = ", ".join(f"{statistics[f'points_h{k}']:.1f}" for k in range(3))
    true = ", ".join(f"{statistics[f'true_points_h{k}']:.1f}" for k in range(3))
    return f"points of degrees 0, 1, 2: {made} generated, {true} in training shapes"


def stored_points(diagrams: Sequence[HasPoints]) -> Diagrams:
    """The points alone of diagrams of any kind that have `points`."""
    return [tuple(each.points) for each in diagrams]
