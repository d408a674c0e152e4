"""One epoch of each of the three alternating steps of joint training: theta, phi, the codes."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from toposhape.learning.prefetch import Prefetched
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.settings.diagrams import DiagramTraining
from toposhape.settings.implicit import LatentPrior, ShapeTraining, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology

from ..diagrams.network import generated_diagrams
from ..diagrams.objectives import fit_loss
from ..diagrams.pretraining import diagram_step
from ..diagrams.store import Diagrams
from ..implicit.codes import moment_divergence, shape_divergence
from ..implicit.data_term import data_term
from ..implicit.draws import EpochDraws
from ..implicit.regularisation import regularise
from ..implicit.samples import SampleSource
from .anchor import anchor_loss, former_points, present_points
from .consistency import FieldDiagrams, consistency_loss, field_diagrams
from .state import JointState

SHAPE_TERMS = (
    "data",
    "eikonal",
    "consistency",
    "anchor",
    "gradient_norm",
    "consistency_gradient_norm",
)
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

    Methods with an anchor add it to (13).

    Returns:
        Means of the terms, and the diagrams of the synthetic shapes, for `diagram_epoch`.
    """
    device, joint = state.codes.means.device, settings.joint
    regularisation = settings.variant.regularisation
    total = torch.zeros(len(SHAPE_TERMS), dtype=torch.float64, device=device)
    found, fresh = [], ()
    if settings.terms.consistency_weight > 0:
        fresh = (joint.consistency_codes,) * (1 + settings.terms.independent_targets)
    draws = EpochDraws(
        settings.shapes, state.decoder.latent_size, regularisation.weight > 0, fresh
    ).steps(samples, random_source(seed, "theta", state.schedule.epoch))
    places = random_source(seed, "anchor", state.schedule.epoch)
    state.decoder.train()
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        torch.manual_seed(derived_seed(seed, "joint dropout", state.schedule.epoch))
        for draw in Prefetched(draws, device):
            state.clear_gradients()
            codes = state.codes.at(draw.batch, draw.noise).detach()
            fit = data_term(state.decoder, codes, draw.points, draw.distances, settings.shapes)
            eikonal, _ = regularise(
                state.decoder, draw.synthetic, settings.shapes, regularisation, 0.0
            )
            weighted, value, change = None, fit.new_zeros(()), fit.new_zeros(())
            if draw.fresh:
                synthetic, value, change = _consistency(state, settings, draw.fresh, places)
                found.append(synthetic)
                weighted = settings.terms.consistency_weight * value
            smooth = fit + regularisation.weight * eikonal + settings.terms.anchor_weight * change
            norms = state.step_shapes(smooth, weighted)
            total += torch.stack([fit, eikonal, value, change, *norms]).detach().double()
    batches = -(-len(samples) // settings.shapes.shapes_per_batch)
    terms = dict(zip(SHAPE_TERMS, (total / batches).tolist(), strict=True))
    for i, name in enumerate(COST_TERMS):  # of an epoch, not of a step
        terms[name] = sum((synthetic.seconds[i] for synthetic in found), 0.0)
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
        state.clear_gradients()
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
    prior: LatentPrior = settings.shapes.codes
    device = state.codes.means.device
    total = torch.zeros(len(CODE_TERMS), dtype=torch.float64, device=device)
    draws = EpochDraws(settings.shapes, state.decoder.latent_size, noise_first=True).steps(
        samples, random_source(seed, "codes", state.schedule.epoch)
    )
    state.decoder.eval().requires_grad_(False)
    for draw in Prefetched(draws, device):
        state.clear_gradients()
        codes = state.codes.at(draw.batch, draw.noise)
        fit = data_term(state.decoder, codes, draw.points, draw.distances, settings.shapes)
        diagram_fit = fit.new_zeros(())
        if state.diagrams is not None and settings.terms.diagram_weight > 0:
            targets = [truth[i] for i in draw.batch.tolist()]
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
    batches = -(-len(samples) // settings.shapes.shapes_per_batch)
    return dict(zip(CODE_TERMS, (total / batches).tolist(), strict=True))


def _consistency(
    state: JointState, settings: JointSettings, fresh: tuple[Tensor, ...], places: torch.Generator
) -> tuple[FieldDiagrams, Tensor, Tensor]:
    """Equation (8) on fresh codes z ~ N(0, I), and the anchor of the same shapes.

    The last of the fresh codes say what the targets are of.
    """
    joint, codes, goals = settings.joint, fresh[0], fresh[-1]
    targets = generated_diagrams(state.diagrams, goals, joint.min_persistence)
    synthetic = field_diagrams(state.decoder, codes, joint, settings.topology)
    state.decoder.eval()  # dropout would give other values than those whose diagram was taken
    loss = consistency_loss(state.decoder, synthetic, targets, joint, settings.topology)
    change = loss.new_zeros(())
    if settings.terms.anchor_weight > 0:
        change = _anchor(state, joint, synthetic, places)
    state.decoder.train()
    return synthetic, loss, change


def _anchor(
    state: JointState, joint: JointTraining, synthetic: FieldDiagrams, random: torch.Generator
) -> Tensor:
    """The anchor of synthetic shapes, at points near both surfaces of each."""
    codes, half = synthetic.codes, joint.anchor_points // 2
    now = present_points(synthetic.near_surface, half, joint.resolution, random)
    before = former_points(state.pretrained, codes, half, random)
    points = torch.cat([now.to(codes.device), before], dim=1)
    return anchor_loss(state.decoder, state.pretrained, codes, points)


def _cycled(shapes: int, size: int, count: int, noise: torch.Generator) -> list[Tensor]:
    """`count` batches of shapes in random order, as often round as it takes."""
    rounds = -(-count * size // shapes)
    order = torch.cat([torch.randperm(shapes, generator=noise) for _ in range(max(rounds, 1))])
    return list(order[: count * size].split(size)) if count else []
