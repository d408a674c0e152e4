"""One epoch of each of the three alternating steps of joint training: theta, phi, the codes."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from toposhape.config import (
    DiagramTraining,
    JointTraining,
    LatentPrior,
    ShapeTraining,
    TopologicalTerms,
    Topology,
    Variant,
)
from toposhape.generators import generated_diagrams, moment_divergence, shape_divergence

from .consistency import FieldDiagrams, consistency_loss, field_diagrams
from .diagram_generator import diagram_step
from .diagram_objectives import fit_loss
from .diagram_store import Diagrams
from .joint_state import JointState
from .objectives import data_loss
from .randomness import derived_seed, random_source
from .regularisation import regularise
from .samples import SampleSource

SHAPE_TERMS = ("data", "eikonal", "consistency", "gradient_norm", "consistency_gradient_norm")
COST_TERMS = ("grid_seconds", "diagram_seconds")
DIAGRAM_TERMS = ("fit", "smoothness", "pull")
CODE_TERMS = ("code_data", "code_fit", "shape_kl", "moment_kl")


class JointSettings(NamedTuple):
    """Everything that the objectives of joint training depend on."""

    joint: JointTraining
    terms: TopologicalTerms
    variant: Variant
    shapes: ShapeTraining
    diagrams: DiagramTraining
    topology: Topology


def shape_epoch(
    state: JointState, samples: SampleSource, settings: JointSettings, seed: tuple[int, ...]
) -> tuple[dict[str, float], list[FieldDiagrams]]:
    """Minimise (13) over theta: every training shape once, fresh synthetic shapes in every step.

    Returns:
        Means of the terms, and the diagrams of the synthetic shapes, for `diagram_epoch`.
    """
    noise = random_source(seed, "theta", state.schedule.epoch)
    device = state.codes.means.device
    regularisation = settings.variant.regularisation
    total = torch.zeros(len(SHAPE_TERMS) + 2, dtype=torch.float64, device=device)
    found = []
    batches = _batches(samples, settings.shapes, noise)
    state.decoder.train()
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        torch.manual_seed(derived_seed(seed, "joint dropout", state.schedule.epoch))
        for step, batch in enumerate(batches):
            fit = _data(state, samples, batch, settings.shapes, noise, learn_codes=False)
            eikonal = fit.new_zeros(())
            if regularisation.weight > 0 and step % settings.shapes.regularise_every == 0:
                eikonal, _ = regularise(
                    state.decoder, settings.shapes, regularisation, noise, with_divergence=False
                )
            consistency, seconds = None, (0.0, 0.0)
            if settings.terms.consistency_weight > 0:
                synthetic, consistency = _consistency(state, settings, noise)
                found.append(synthetic)
                seconds = synthetic.seconds
            weighted = None if consistency is None else (
                settings.terms.consistency_weight * consistency
            )  # fmt: skip
            norms = state.step_shapes(fit + regularisation.weight * eikonal, weighted)
            value = fit.new_zeros(()) if consistency is None else consistency
            row = torch.stack([fit, eikonal, value, *norms]).detach().double()
            total += torch.cat([row, row.new_tensor(seconds)])
    means = (total / len(batches)).tolist()
    terms = dict(zip((*SHAPE_TERMS, *COST_TERMS), means, strict=True))
    for name in COST_TERMS:  # of an epoch, not of a step
        terms[name] *= len(batches)
    return terms, found


def diagram_epoch(
    state: JointState,
    truth: Diagrams,
    found: Sequence[FieldDiagrams],
    settings: JointSettings,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Minimise (14) over phi, with the diagrams that the epoch of theta has found."""
    noise = random_source(seed, "phi", state.schedule.epoch)
    terms = settings.terms
    device = state.codes.means.device
    total = torch.zeros(len(DIAGRAM_TERMS), dtype=torch.float64, device=device)
    for batch, synthetic in zip(
        _cycled(len(truth), settings.diagrams.shapes_per_batch, len(found), noise),
        found,
        strict=True,
    ):
        codes = state.codes.sample(batch.to(device), noise).detach()
        fit, smoothness = diagram_step(
            state.diagrams, codes, [truth[i] for i in batch.tolist()], settings.diagrams, noise
        )
        pull = fit_loss(
            state.diagrams(synthetic.codes), [d.points for d in synthetic.diagrams], "optimal"
        )
        state.step_diagrams(
            terms.diagram_weight * fit
            + terms.smoothness_weight * smoothness
            + terms.pull_weight * pull
        )
        total += torch.stack([fit, smoothness, pull]).detach()
    return dict(zip(DIAGRAM_TERMS, (total / len(found)).tolist(), strict=True))


def code_epoch(
    state: JointState,
    samples: SampleSource,
    truth: Diagrams,
    settings: JointSettings,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Minimise (15) over the codes."""
    noise = random_source(seed, "codes", state.schedule.epoch)
    prior: LatentPrior = settings.shapes.codes
    device = state.codes.means.device
    total = torch.zeros(len(CODE_TERMS), dtype=torch.float64, device=device)
    batches = _batches(samples, settings.shapes, noise)
    state.decoder.eval().requires_grad_(False)
    for batch in batches:
        codes = state.codes.sample(batch.to(device), noise)
        fit = _data(state, samples, batch, settings.shapes, noise, codes=codes)
        diagram_fit = fit.new_zeros(())
        if state.diagrams is not None and settings.terms.diagram_weight > 0:
            targets = [truth[i] for i in batch.tolist()]
            diagram_fit = fit_loss(state.diagrams(codes), targets, settings.diagrams.matching)
        posterior = state.codes.means, state.codes.log_variances
        own, moments = shape_divergence(*posterior), moment_divergence(*posterior)
        state.step_codes(
            fit
            + settings.terms.diagram_weight * diagram_fit
            + prior.shape_weight * own
            + prior.moment_weight * moments
        )
        total += torch.stack([fit, diagram_fit, own, moments]).detach()
    state.decoder.requires_grad_(True)
    return dict(zip(CODE_TERMS, (total / len(batches)).tolist(), strict=True))


def _consistency(
    state: JointState, settings: JointSettings, noise: torch.Generator
) -> tuple[FieldDiagrams, Tensor]:
    """Equation (8) on fresh codes z ~ N(0, I)."""
    count, size = settings.joint.consistency_codes, state.decoder.latent_size
    device = state.codes.means.device
    codes = torch.randn(count, size, generator=noise).to(device)
    goals = codes
    if settings.terms.independent_targets:
        goals = torch.randn(count, size, generator=noise).to(device)
    targets = generated_diagrams(state.diagrams, goals, settings.joint.min_persistence)
    synthetic = field_diagrams(state.decoder, codes, settings.joint, settings.topology)
    state.decoder.eval()  # dropout would give other values than those whose diagram was taken
    loss = consistency_loss(state.decoder, synthetic, targets, settings.joint, settings.topology)
    state.decoder.train()
    return synthetic, loss


def _data(
    state: JointState,
    samples: SampleSource,
    batch: Tensor,
    settings: ShapeTraining,
    noise: torch.Generator,
    *,
    codes: Tensor | None = None,
    learn_codes: bool = True,
) -> Tensor:
    device = state.codes.means.device
    points, distances = samples.draw(batch.tolist(), settings.samples_per_shape, noise, device)
    if codes is None:
        codes = state.codes.sample(batch.to(device), noise)
    codes = codes if learn_codes else codes.detach()
    return data_loss(state.decoder(points, codes), distances, settings.clamp)


def _batches(
    samples: SampleSource, settings: ShapeTraining, noise: torch.Generator
) -> tuple[Tensor, ...]:
    return torch.randperm(len(samples), generator=noise).split(settings.shapes_per_batch)


def _cycled(shapes: int, size: int, count: int, noise: torch.Generator) -> list[Tensor]:
    """`count` batches of shapes in random order, as often round as it takes."""
    rounds = -(-count * size // shapes)
    order = torch.cat([torch.randperm(shapes, generator=noise) for _ in range(max(rounds, 1))])
    return list(order[: count * size].split(size)) if count else []
