"""The second stage: both generators and the codes in turn, equations (13) to (15)."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toposhape.learning.identity import content_digest
from toposhape.learning.loop import train
from toposhape.learning.schedule import FlatThenCooldown
from toposhape.learning.seeds import random_source
from toposhape.learning.training import Epoch, Training
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.joint import JointTraining

from ..diagrams.health import STATISTICS, dead_degrees, diagram_statistics, probe_codes
from ..diagrams.network import DiagramGenerator
from ..diagrams.pretraining import ADVICE, new_diagram_generator
from ..diagrams.store import Diagrams, TrainedDiagramGenerator, save_diagram_generator
from ..implicit.generator import ImplicitGenerator
from ..implicit.samples import Rows, SampleSource
from ..implicit.store import save_generator
from .epochs import COSTS, LOSSES, code_epoch, diagram_epoch, shape_epoch
from .places import PlacedDiagram, Places
from .state import JointState
from .terms import JointSettings


def train_jointly(
    samples: Rows,
    truth: Diagrams,
    shapes: ImplicitGenerator,
    diagrams: TrainedDiagramGenerator | None,
    settings: JointSettings,
    network: DiagramGeneratorSettings,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    output: str | Path,
    history: str | Path,
    places: Sequence[Places] | None = None,
    title: str = "joint training",
) -> None:
    """Train from pretrained generators and write the two that come of it.

    A method without topological terms goes through the same steps without them, so that all
    methods see the same number of steps, shapes and samples; its diagram generator stays as it was.

    Args:
        samples: signed-distance samples by shape, (2, m/2, 4).
        truth: diagrams of the training shapes, in the codes' order.
        shapes: the pretrained shape generator; it is changed.
        diagrams: the pretrained diagram generator; None: a new one, unfitted.
        settings: weights of the terms, budgets, readings.
        network: of a new diagram generator.
        seed: of every random number.
        checkpoints: folder for checkpoints, history and TensorBoard events.
        output: folder for generator.safetensors and .json, diagrams.safetensors and .json.
        history: CSV file to write.
        places: of the points of `truth`; for terms with a `place_radius`, others make no use of it.
        title: names this training in messages.

    Raises:
        ValueError: if there are not as many diagrams as codes, or places are needed and not given.
        DeadGeneratorError: if a degree that most shapes have has died, of a diagram generator
            that is fitted to data.
        DivergenceError: when training goes wrong; the last good checkpoint stays.
    """
    if len(truth) != len(shapes.shape_ids):
        raise ValueError(f"{len(truth)} diagrams for {len(shapes.shape_ids)} training shapes")
    placed: list[PlacedDiagram] = []
    if settings.terms.place_radius is not None:
        if places is None:
            raise ValueError("terms.place_radius needs the places of the training shapes' diagrams")
        placed = [PlacedDiagram(*each) for each in zip(truth, places, strict=True)]
    source = SampleSource(samples, shapes.shape_ids)
    training = JointRun(
        source, truth, placed, shapes, diagrams, settings, network, Path(output),
        seed=seed, device=shapes.codes.means.device, title=title,
    )  # fmt: skip
    train(training, checkpoints, history)


def joint_schedule(settings: JointTraining, steps_per_epoch: int) -> FlatThenCooldown:
    """The schedule in epochs: equally many steps whatever the number of shapes is."""
    epochs = max(1, round(settings.steps / steps_per_epoch))
    return FlatThenCooldown(
        max_epochs=epochs,
        warmup_epochs=round(settings.warmup_share * epochs),
        cooldown_epochs=max(1, round(settings.cooldown_share * epochs)),
        final_share=settings.final_learning_rate_share,
    )


@dataclass(frozen=True, eq=False)
class JointRun(Training[JointState]):
    """Equations (13) to (15) for one method."""

    source: SampleSource
    truth: Diagrams
    placed: Sequence[PlacedDiagram]
    shapes: ImplicitGenerator
    diagrams: TrainedDiagramGenerator | None
    settings: JointSettings
    network: DiagramGeneratorSettings
    output: Path

    section = "joint_training"
    columns = (
        *LOSSES,
        "mean_norm",
        "variance",
        "posterior_variance",
        "active_dimensions",
        *STATISTICS,
        *COSTS,
    )
    shown = ("data", "consistency", "fit", "points_h1", "variance")

    def identity(self) -> dict[str, Any]:
        """Settings, both generators that training starts from, samples and diagrams."""
        given = self.diagrams.metadata["sha256"] if self.diagrams else self.network
        return {
            "settings": self.settings,
            "starts": [self.shapes.metadata["sha256"], given],
            "samples": self.source.digests(),
            "diagrams": [content_digest(*each) for each in self.truth],
            **({"places": [content_digest(*d.places) for d in self.placed]} if self.placed else {}),
        }

    @property
    def checkpoint_every(self) -> int:
        """Epochs."""
        return self.settings.joint.checkpoint_every

    def start(self) -> JointState:
        """Both generators as they come, or a new one of diagrams."""
        learning = self._diagram_generator() if self.settings.terms.uses_diagrams else None
        settings = self.settings.of_method()
        schedule = joint_schedule(settings, self._steps_per_epoch())
        return JointState(self.shapes.decoder, self.shapes.codes, learning, settings, schedule)

    def epoch(self, state: JointState) -> Epoch:
        """An epoch of theta, one of phi, one of the codes."""
        settings, seed = self.settings, self.seed
        losses, found = shape_epoch(state, self.source, settings, seed, self.placed)
        seconds = [sum(each) for each in zip(*(step.seconds for step in found), strict=True)]
        costs = dict(zip(COSTS, seconds or (0.0, 0.0), strict=True))
        statistics = dict.fromkeys(STATISTICS, math.nan)
        if state.diagrams is not None:
            losses |= diagram_epoch(state, self.truth, found, settings, seed)
            statistics = self._statistics(state.diagrams)
        losses |= code_epoch(state, self.source, self.truth, settings, seed)
        losses = {**dict.fromkeys(LOSSES, 0.0), **losses}
        statistics = {**state.codes.statistics()._asdict(), **statistics, **costs}
        return Epoch(losses, losses["data"], losses["data"], statistics)

    def save(self, state: JointState, record: dict[str, Any]) -> None:
        """Write both generators; the shape generator's metadata tell of its pretraining too."""
        generator = self._diagram_generator() if state.diagrams is None else state.diagrams
        statistics = self._statistics(generator)
        fitted = self.settings.terms.diagram_weight > 0
        dead = dead_degrees(statistics, self.truth, ADVICE) if fitted else []
        epochs = record.pop("epochs")
        described = {
            **record,
            "joint_epochs": epochs,
            "dead_degrees": dead,
            "terms": self.settings.terms.model_dump(mode="json"),
            "joint_training": self.settings.joint.model_dump(mode="json"),
            "topology": self.settings.topology.model_dump(mode="json"),
        }
        save_diagram_generator(
            self.output / "diagrams.safetensors",
            self.output / "diagrams.json",
            generator,
            {**described, "statistics": statistics},
        )
        save_generator(
            self.output / "generator.safetensors",
            self.output / "generator.json",
            state.decoder,
            state.codes,
            {
                **self.shapes.metadata,
                **described,
                "codes": state.codes.statistics()._asdict(),
            },
        )
        steps = self._steps_per_epoch()
        sys.stderr.write(f"{self.title}: {epochs} epochs of {steps} steps done\n")

    def _steps_per_epoch(self) -> int:
        return -(-len(self.source) // self.settings.shapes.shapes_per_batch)

    def _diagram_generator(self) -> DiagramGenerator:
        if self.diagrams is not None:
            return self.diagrams.diagrams
        size = self.shapes.codes.means.shape[1]
        made = new_diagram_generator(
            self.truth, size, self.network, (*self.seed, "unfitted"), placed=False
        )
        return made.to(self.device)

    def _statistics(self, generator: DiagramGenerator) -> dict[str, float]:
        probes = probe_codes(generator.latent_size, random_source(self.seed, "probes"))
        tau = self.settings.topology.min_persistence
        return diagram_statistics(generator, probes.to(self.device), self.truth, tau)
