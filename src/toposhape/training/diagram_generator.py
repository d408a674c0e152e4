"""The first stage of the diagram generator: pretraining by equation (12)."""

import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from toposhape.config import DiagramGeneratorSettings, DiagramTraining
from toposhape.generators import DiagramGenerator, VariationalCodes

from .atomic import sole_writer, write_atomically
from .checkpoints import Checkpoint
from .diagram_health import (
    STATISTICS,
    check_alive,
    diagram_statistics,
    generated_distance,
    probe_codes,
)
from .diagram_objectives import ball_directions, fit_loss, smoothness_loss
from .diagram_store import Diagrams, save_diagram_generator
from .identity import environment, identity
from .loop import run_epochs
from .optimiser_state import optimiser_tensors, restore_optimiser
from .randomness import derived_seed, random_source
from .schedule import Schedule, check_progress
from .store import TrainedGenerator

COLUMNS = (
    "epoch", "learning_rate", "fit", "smoothness", "validation_pd_lap", *STATISTICS, "seconds",
)  # fmt: skip
SHOWN = ("fit", "smoothness", "validation_pd_lap", "points_h0", "points_h1", "points_h2")
ADVICE = (
    "Set diagram_generator.training.matching to forced and diagram_generator.network.rectifier to "
    "straight_through, or lower smoothness_weight"
)


class DiagramTrainingState:
    """Network, optimiser and schedule of one training."""

    def __init__(self, generator: DiagramGenerator, settings: DiagramTraining) -> None:
        self.generator = generator
        self.settings = settings
        self.optimiser = torch.optim.Adam(generator.parameters(), lr=settings.learning_rate)
        self.schedule = Schedule()

    def step(self, loss: Tensor) -> None:
        """Minimise the loss by one step."""
        if not (loss.requires_grad and torch.isfinite(loss)):
            return  # no points to learn, or an epoch whose check stops training and says why
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.generator.parameters(), self.settings.gradient_clip)
        self.optimiser.step()

    def checkpoint(self) -> Checkpoint:
        """Everything that going on needs."""
        tensors = {f"diagrams.{name}": value for name, value in self.generator.state_dict().items()}
        tensors |= optimiser_tensors("optimiser", self.optimiser)
        return Checkpoint(self.schedule.epoch, tensors, {"schedule": self.schedule.state()})

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to a checkpoint of the same training."""
        names = self.generator.state_dict()
        self.generator.load_state_dict({n: checkpoint.tensors[f"diagrams.{n}"] for n in names})
        restore_optimiser("optimiser", self.optimiser, checkpoint.tensors)
        self.schedule = Schedule.from_state(checkpoint.state["schedule"])


def new_diagram_generator(
    truth: Diagrams,
    latent_size: int,
    settings: DiagramGeneratorSettings,
    seed: tuple[int, ...],
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
    shapes: TrainedGenerator,
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
        DeadGeneratorError: if a degree has no points at the end.
        DivergenceError: when training goes wrong.
    """
    if len(truth) != len(shapes.shapes):
        raise ValueError(f"{len(truth)} diagrams for {len(shapes.shapes)} training shapes")
    codes = shapes.codes
    device = codes.means.device
    name = identity(
        settings=settings.model_dump(mode="json", exclude={"training": {"checkpoint_every"}}),
        shapes=shapes.metadata["sha256"],
        diagrams=[[points.tolist() for points in each] for each in truth],
        min_persistence=min_persistence,
        seed=seed,
    )
    folder = Path(checkpoints) / name
    with sole_writer(folder):
        generator = new_diagram_generator(truth, codes.means.shape[1], settings, seed).to(device)
        state = DiagramTrainingState(generator, settings.training)
        epoch = partial(_epoch, state, codes, truth, validation, min_persistence, seed, folder)
        run_epochs(
            state, epoch, settings.training, folder, columns=COLUMNS, shown=SHOWN, title=title
        )
        probes = probe_codes(generator.latent_size, random_source(seed, "probes")).to(device)
        statistics = diagram_statistics(generator, probes, truth, min_persistence)
        check_alive(statistics, ADVICE)
        sys.stderr.write(f"{title}: {_summary(statistics)}\n")
        described = {
            "identity": name, "seed": list(seed), "training": settings.training.model_dump(),
            "statistics": statistics, **environment(device),
        }  # fmt: skip
        save_diagram_generator(weights, metadata, generator, described)
        write_atomically(history, (folder / "history.csv").read_bytes())


def diagram_step(
    generator: DiagramGenerator,
    codes: Tensor,
    targets: Diagrams,
    settings: DiagramTraining,
    noise: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """The two terms of (12): the distance to the shapes' diagrams, and the smoothness (10)."""
    fit = fit_loss(generator(codes), targets, settings.matching)
    drawn = torch.randn(settings.smoothness_codes, generator.latent_size, generator=noise)
    drawn = drawn.to(codes.device)
    smoothness = smoothness_loss(
        generator,
        drawn,
        ball_directions(drawn, noise),
        settings.smoothness_step,
        settings.smoothness_matching,
    )
    return fit, smoothness


def _epoch(
    state: DiagramTrainingState,
    codes: VariationalCodes,
    truth: Diagrams,
    validation: Diagrams,
    min_persistence: float,
    seed: tuple[int, ...],
    folder: Path,
) -> dict[str, float]:
    begin = time.perf_counter()
    settings, device = state.settings, codes.means.device
    noise = random_source(seed, "diagrams", state.schedule.epoch)
    rate = settings.learning_rate * state.schedule.factor(settings)
    state.optimiser.param_groups[0]["lr"] = rate
    batches = torch.randperm(len(truth), generator=noise).split(settings.shapes_per_batch)
    total = torch.zeros(2, dtype=torch.float64, device=device)
    for batch in batches:
        drawn = codes.sample(batch.to(device), noise).detach()
        targets = [truth[i] for i in batch.tolist()]
        fit, smoothness = diagram_step(state.generator, drawn, targets, settings, noise)
        state.step(fit + settings.smoothness_weight * smoothness)
        total += torch.stack([fit, smoothness]).detach()
    fit, smoothness = (total / len(batches)).tolist()
    state.schedule.advance(settings, fit, fit)
    terms = {"fit": fit, "smoothness": smoothness}
    kept = f"The last good checkpoint lies in {folder}."
    check_progress(terms, state.schedule, kept, "diagram_generator.training")
    probes = probe_codes(state.generator.latent_size, random_source(seed, "probes")).to(device)
    return {
        "epoch": state.schedule.epoch,
        "learning_rate": rate,
        **terms,
        "validation_pd_lap": _validate(state.generator, validation, min_persistence, seed),
        **diagram_statistics(state.generator, probes, truth, min_persistence),
        "seconds": round(time.perf_counter() - begin, 3),
    }


def _validate(
    generator: DiagramGenerator,
    validation: Diagrams,
    min_persistence: float,
    seed: tuple[int, ...],
) -> float:
    if not len(validation):
        return float("nan")
    noise = random_source(seed, "validation diagrams")
    codes = torch.randn(len(validation), generator.latent_size, generator=noise)
    device = next(generator.parameters()).device
    return generated_distance(generator, codes.to(device), validation, min_persistence)


def _summary(statistics: dict[str, float]) -> str:
    made = ", ".join(f"{statistics[f'points_h{k}']:.1f}" for k in range(3))
    true = ", ".join(f"{statistics[f'true_points_h{k}']:.1f}" for k in range(3))
    return f"points of degrees 0, 1, 2: {made} generated, {true} in training shapes"


def stored_points(diagrams: Sequence) -> Diagrams:
    """The points alone of diagrams of any kind that have `points`."""
    return [tuple(each.points) for each in diagrams]
