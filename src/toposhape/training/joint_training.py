"""The second stage: both generators and the codes in turn, equations (13) to (15)."""

import math
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch

from toposhape.config import Budget, DiagramGeneratorSettings, JointTraining
from toposhape.generators import DiagramGenerator

from .atomic import sole_writer, write_atomically
from .diagram_generator import ADVICE, new_diagram_generator
from .diagram_health import STATISTICS, check_alive, diagram_statistics, probe_codes
from .diagram_store import Diagrams, TrainedDiagramGenerator, save_diagram_generator
from .identity import environment, identity
from .joint_epochs import (
    CODE_TERMS,
    COST_TERMS,
    DIAGRAM_TERMS,
    SHAPE_TERMS,
    JointSettings,
    code_epoch,
    diagram_epoch,
    shape_epoch,
)
from .joint_state import JointState
from .loop import run_epochs
from .randomness import random_source
from .samples import Rows, SampleSource
from .schedule import check_progress
from .store import TrainedGenerator, save_generator

COLUMNS = (
    "epoch",
    "learning_rate",
    *SHAPE_TERMS,
    *DIAGRAM_TERMS,
    *CODE_TERMS,
    "mean_norm",
    "variance",
    "posterior_variance",
    "active_dimensions",
    *STATISTICS,
    *COST_TERMS,
    "seconds",
)
SHOWN = ("data", "consistency", "fit", "points_h1", "variance")


def train_jointly(
    samples: Rows,
    truth: Diagrams,
    shapes: TrainedGenerator,
    diagrams: TrainedDiagramGenerator | None,
    settings: JointSettings,
    network: DiagramGeneratorSettings,
    *,
    seed: tuple[int, ...],
    checkpoints: str | Path,
    output: str | Path,
    history: str | Path,
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
        title: names this training in messages.

    Raises:
        ValueError: if there are not as many diagrams as codes.
        DeadGeneratorError: if a degree of a diagram generator that is fitted to data has died.
        DivergenceError: when training goes wrong; the last good checkpoint stays.
    """
    if len(truth) != len(shapes.shapes):
        raise ValueError(f"{len(truth)} diagrams for {len(shapes.shapes)} training shapes")
    torch.set_flush_denormal(True)  # denormal products slow a CPU down tenfold
    source = SampleSource(samples, shapes.shapes)
    generator = _diagram_generator(truth, shapes, diagrams, settings, network, seed)
    name = _identity(truth, shapes, diagrams, settings, network, seed)
    folder = Path(checkpoints) / name
    with sole_writer(folder):
        learning = generator if settings.terms.uses_diagrams else None
        state = JointState(shapes.decoder, shapes.codes, learning, settings.joint)
        batches = -(-len(source) // settings.shapes.shapes_per_batch)
        budget = joint_budget(settings.joint, batches)
        epoch = partial(_epoch, state, source, truth, settings, budget, seed, folder)
        run_epochs(state, epoch, budget, folder, columns=COLUMNS, shown=SHOWN, title=title)
        statistics = _statistics(generator, truth, settings, seed)
        if settings.terms.diagram_weight > 0:
            check_alive(statistics, ADVICE)
        described = _describe(state, settings, seed, name)
        _save(Path(output), state, generator, shapes.metadata, described, statistics)
        write_atomically(history, (folder / "history.csv").read_bytes())
    sys.stderr.write(f"{title}: {state.schedule.epoch} epochs of {batches} steps done\n")


def joint_budget(settings: JointTraining, steps_per_epoch: int) -> Budget:
    """The budget in epochs: equally many steps whatever the number of shapes is."""
    epochs = max(1, round(settings.steps / steps_per_epoch))
    return Budget(
        max_epochs=epochs,
        warmup_epochs=round(settings.warmup_share * epochs),
        cooldown_share=settings.cooldown_share,
        final_learning_rate_share=settings.final_learning_rate_share,
        gradient_clip=settings.gradient_clip,
        checkpoint_every=settings.checkpoint_every,
    )


def _identity(
    truth: Diagrams,
    shapes: TrainedGenerator,
    diagrams: TrainedDiagramGenerator | None,
    settings: JointSettings,
    network: DiagramGeneratorSettings,
    seed: tuple[int, ...],
) -> str:
    """What distinguishes this training from others: its checkpoints serve no other one."""
    return identity(
        settings=[each.model_dump(mode="json", exclude={"checkpoint_every"}) for each in settings],
        starts=[
            shapes.metadata["sha256"],
            diagrams.metadata["sha256"] if diagrams else network.model_dump(),
        ],
        diagrams=[[points.tolist() for points in each] for each in truth],
        seed=seed,
    )


def _diagram_generator(
    truth: Diagrams,
    shapes: TrainedGenerator,
    given: TrainedDiagramGenerator | None,
    settings: JointSettings,
    network: DiagramGeneratorSettings,
    seed: tuple[int, ...],
) -> DiagramGenerator:
    if given is not None:
        return given.diagrams
    size = shapes.codes.means.shape[1]
    made = new_diagram_generator(truth, size, network, (*seed, "unfitted"), placed=False)
    return made.to(shapes.codes.means.device)


def _epoch(
    state: JointState,
    source: SampleSource,
    truth: Diagrams,
    settings: JointSettings,
    budget: Budget,
    seed: tuple[int, ...],
    folder: Path,
) -> dict[str, float]:
    begin = time.perf_counter()
    rate = state.set_learning_rates(budget)
    terms, found = shape_epoch(state, source, settings, seed)
    fitted = dict.fromkeys(DIAGRAM_TERMS, 0.0)
    if state.diagrams is not None:
        fitted = diagram_epoch(state, truth, found, settings, seed)
    coded = code_epoch(state, source, truth, settings, seed)
    state.schedule.advance(budget, terms["data"], terms["data"])
    losses = {**terms, **fitted, **coded}
    statistics = dict.fromkeys(STATISTICS, math.nan)
    if state.diagrams is not None:
        statistics = _statistics(state.diagrams, truth, settings, seed)
    kept = f"The last good checkpoint lies in {folder}."
    check_progress(losses, state.schedule, kept, "joint_training")
    return {
        "epoch": state.schedule.epoch,
        "learning_rate": rate,
        **losses,
        **state.codes.statistics()._asdict(),
        **statistics,
        "seconds": round(time.perf_counter() - begin, 3),
    }


def _statistics(
    generator: DiagramGenerator, truth: Diagrams, settings: JointSettings, seed: tuple[int, ...]
) -> dict[str, float]:
    probes = probe_codes(generator.latent_size, random_source(seed, "probes"))
    probes = probes.to(next(generator.parameters()).device)
    return diagram_statistics(generator, probes, truth, settings.topology.min_persistence)


def _describe(
    state: JointState, settings: JointSettings, seed: tuple[int, ...], name: str
) -> dict[str, Any]:
    return {
        "identity": name,
        "seed": list(seed),
        "joint_epochs": state.schedule.epoch,
        "terms": settings.terms.model_dump(mode="json"),
        "joint_training": settings.joint.model_dump(mode="json"),
        "topology": settings.topology.model_dump(mode="json"),
        **environment(state.codes.means.device),
    }


def _save(
    output: Path,
    state: JointState,
    generator: DiagramGenerator,
    pretraining: Mapping[str, Any],
    described: Mapping[str, Any],
    statistics: Mapping[str, float],
) -> None:
    """Write both generators; the shape generator's metadata tell of its pretraining too."""
    save_diagram_generator(
        output / "diagrams.safetensors",
        output / "diagrams.json",
        generator,
        {**described, "statistics": statistics},
    )
    save_generator(
        output / "generator.safetensors",
        output / "generator.json",
        state.decoder,
        state.codes,
        {**pretraining, **described, "codes": state.codes.statistics()._asdict()},
    )
