"""One epoch of each of the three alternating steps of joint training: theta, phi, the codes.

What chance decides in an epoch does not depend on the terms' weights: a term that is switched off
changes nothing but its own part of the gradient.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from toposhape.learning.prefetch import Prefetched
from toposhape.learning.seeds import derived_seed, random_source

from ..diagrams.objectives import smoothness_draw
from ..diagrams.store import Diagrams
from ..implicit.draws import EpochDraws
from ..implicit.samples import SampleSource
from .anchor import Anchor
from .code_terms import CodeData, CodeFit, CodeStep, MomentDivergence, ShapeDivergence
from .consistency import Consistency, WarpedConsistency
from .critical_points import FieldDiagrams
from .diagram_terms import DiagramStep, Fit, Pull, Smoothness
from .places import PlacedDiagram
from .shape_terms import Eikonal, ShapeData, ShapeStep
from .state import JointState
from .terms import JointSettings, Objective

SHAPE_TERMS = (ShapeData, Eikonal, Consistency, WarpedConsistency, Anchor)
DIAGRAM_TERMS = (Fit, Smoothness, Pull)
CODE_TERMS = (CodeData, CodeFit, ShapeDivergence, MomentDivergence)
GRADIENT_NORMS = ("gradient_norm", "consistency_gradient_norm")
COSTS = ("grid_seconds", "diagram_seconds")
LOSSES = (
    *(term.name for term in SHAPE_TERMS),
    *GRADIENT_NORMS,
    *(term.name for term in DIAGRAM_TERMS),
    *(term.name for term in CODE_TERMS),
)
"""Columns of the history."""


def shape_epoch(
    state: JointState,
    samples: SampleSource,
    settings: JointSettings,
    seed: tuple[int, ...],
    truth: Sequence[PlacedDiagram] = (),
) -> tuple[dict[str, float], list[FieldDiagrams]]:
    """Minimise (13) over theta: every training shape once, fresh synthetic shapes in every step.

    Methods with an anchor add it to (13), those with a place radius need the placed truth.

    Returns:
        Means of the terms, and the diagrams of the synthetic shapes, for `diagram_epoch`.
    """
    device, epoch = state.codes.means.device, state.schedule.epoch
    objective, found = Objective(SHAPE_TERMS, settings), []
    draws = EpochDraws(
        settings.shapes,
        state.decoder.latent_size,
        settings.variant.regularisation.weight > 0,
        _fresh_codes(settings),
    ).steps(samples, random_source(seed, "theta", epoch))
    anchor_noise = random_source(seed, "anchor", epoch)
    state.decoder.train()
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        torch.manual_seed(derived_seed(seed, "joint dropout", epoch))
        for draw in Prefetched(draws, device):
            state.clear_gradients()
            step = ShapeStep(state, settings, draw, anchor_noise, truth)
            smooth, rough = objective.loss(step)
            assert smooth is not None  # the data term has weight 1
            norms = state.step_shapes(smooth, rough)
            for name, norm in zip(GRADIENT_NORMS, norms, strict=True):
                objective.note(name, norm)
            if draw.fresh:
                found.append(step.synthetic._replace(fields=()))
    return objective.means(), found


def diagram_epoch(
    state: JointState,
    truth: Diagrams,
    found: Sequence[FieldDiagrams],
    settings: JointSettings,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Minimise (14) over phi, with the diagrams that the epoch of theta has found."""
    noise, device = random_source(seed, "phi", state.schedule.epoch), state.codes.means.device
    objective = Objective(DIAGRAM_TERMS, settings)
    size = settings.diagrams.shapes_per_batch
    for batch, synthetic in zip(_cycled(len(truth), size, len(found), noise), found, strict=True):
        state.clear_gradients()
        codes = state.codes.sample(batch.to(device), noise).detach()
        step = DiagramStep(
            state.diagram_generator,
            codes,
            [truth[i] for i in batch.tolist()],
            smoothness_draw(codes, settings.diagrams.smoothness_codes, noise),
            synthetic,
        )
        loss, _ = objective.loss(step)
        if loss is not None:
            state.step_diagrams(loss)
    return objective.means()


def code_epoch(
    state: JointState,
    samples: SampleSource,
    truth: Diagrams,
    settings: JointSettings,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Minimise (15) over the codes."""
    objective = Objective(CODE_TERMS, settings)
    draws = EpochDraws(settings.shapes, state.decoder.latent_size, noise_first=True).steps(
        samples, random_source(seed, "codes", state.schedule.epoch)
    )
    state.decoder.eval().requires_grad_(False)
    for draw in Prefetched(draws, state.codes.means.device):
        state.clear_gradients()
        codes = state.codes.at(draw.batch, draw.noise)
        loss, _ = objective.loss(CodeStep(state, draw, codes, truth))
        assert loss is not None  # the data term has weight 1
        state.step_codes(loss)
    state.decoder.requires_grad_(True)
    return objective.means()


def _fresh_codes(settings: JointSettings) -> tuple[int, ...]:
    """Sizes of the sets of fresh codes of a step: of shapes, and of targets if they are others."""
    if not settings.terms.uses_diagrams:
        return ()
    return (settings.joint.consistency_codes,) * (1 + settings.terms.independent_targets)


def _cycled(shapes: int, size: int, count: int, noise: torch.Generator) -> list[Tensor]:
    """`count` batches of shapes in random order, as often round as it takes."""
    rounds = -(-count * size // shapes)
    order = torch.cat([torch.randperm(shapes, generator=noise) for _ in range(max(rounds, 1))])
    return list(order[: count * size].split(size)) if count else []
