"""One epoch of pretraining: every training shape once, and the validation codes' own steps."""

from typing import NamedTuple

import torch
from torch import Tensor

from toposhape.learning.prefetch import Prefetched
from toposhape.learning.seeds import derived_seed, random_source
from toposhape.settings.implicit import ShapeTraining, Variant

from .codes import moment_divergence, shape_divergence
from .data_term import data_term
from .draws import EpochDraws, StepDraw
from .lipschitz import lipschitz_bound
from .regularisation import regularise
from .samples import SampleSource
from .state import ShapeTrainingState

VALIDATION_STEPS = 2  # of an epoch; each sees half of a training shape's samples

TERMS = ("data", "shape_kl", "moment_kl", "eikonal", "divergence", "lipschitz")
NOW_AND_THEN = ("eikonal", "divergence")  # in one of `regularise_every` steps


class Shapes(NamedTuple):
    """What is trained on and what is watched."""

    training: SampleSource
    validation: SampleSource


def train_epoch(
    state: ShapeTrainingState,
    samples: SampleSource,
    settings: ShapeTraining,
    variant: Variant,
    seed: tuple[int, ...],
) -> dict[str, float]:
    """Minimise (11) over the training shapes once, in random order.

    Returns:
        Means of every term over the steps that take it, and over all steps of the weighted sum
        (`loss`) and the gradient's norm.
    """
    device, epoch = state.validation_codes.device, state.schedule.epoch
    regularised = variant.regularisation.weight > 0
    draws = EpochDraws(settings, state.decoder.latent_size, regularised, team=state.team)
    steps = draws.steps(samples, random_source(seed, "training", epoch))
    state.decoder.train()
    totals = torch.zeros(len(TERMS) + 2, dtype=torch.float64, device=device)
    # once an epoch: a GPU's step would wait for it
    weights = state.codes.means.new_tensor(_weights(variant, settings, epoch))
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        if state.decoder.dropout:  # the one thing that draws from the global random state
            others = (state.team.rank,) if state.team.rank else ()
            torch.manual_seed(derived_seed(seed, "dropout", epoch, *others))
        for draw in Prefetched(steps, device):
            totals += _step(state, settings, variant, draw, weights)
    batches = -(-len(samples) // settings.shapes_per_batch)
    found = dict(
        zip((*TERMS, "loss", "gradient_norm"), state.team.sum(totals).tolist(), strict=True)
    )
    rare = -(-batches // settings.regularise_every)
    return {name: v / (rare if name in NOW_AND_THEN else batches) for name, v in found.items()}


def validate(
    state: ShapeTrainingState, samples: SampleSource, settings: ShapeTraining, seed: tuple[int, ...]
) -> float:
    """Fit the validation shapes' codes a little further; the decoder learns nothing.

    Returns:
        The data loss before each step, mean over the steps.
    """
    device, team = state.validation_codes.device, state.team
    generator = random_source(seed, "validation", state.schedule.epoch)
    count = max(2, settings.samples_per_shape // VALIDATION_STEPS // 2 * 2)
    mine = team.share(len(samples))
    state.decoder.eval().requires_grad_(False)
    total = torch.zeros((), dtype=torch.float64, device=device)
    for _ in range(VALIDATION_STEPS):
        points, distances = samples.draw(range(len(samples)), count, generator, device, mine)
        codes = state.validation_codes
        state.clear_gradients()
        fit = data_term(
            state.decoder, codes[mine], points, distances, settings, shapes=len(samples)
        )
        prior = 0.5 * settings.codes.shape_weight * codes.square().sum(dim=1).mean()
        state.step_validation(fit + prior / team.size)
        total += fit.detach()
    state.decoder.requires_grad_(True)
    return float(team.sum(total)) / VALIDATION_STEPS


def divergence_weight(variant: Variant, settings: ShapeTraining, epoch: int) -> float:
    """lambda_s in an epoch: it falls linearly to 0 (StEik anneals it too)."""
    regularisation = variant.regularisation
    end = regularisation.divergence_until * settings.max_epochs
    left = 1 - epoch / end if end > 0 else 0.0
    return regularisation.divergence_weight * max(0.0, left)


def _weights(variant: Variant, settings: ShapeTraining, epoch: int) -> tuple[float, ...]:
    """Of all terms but the Lipschitz bound."""
    weight, prior = variant.regularisation.weight, settings.codes
    lambda_s = divergence_weight(variant, settings, epoch)
    return 1.0, prior.shape_weight, prior.moment_weight, weight, weight * lambda_s


def _step(
    state: ShapeTrainingState,
    settings: ShapeTraining,
    variant: Variant,
    draw: StepDraw,
    weights: Tensor,
) -> Tensor:
    """Sum (11), (5) and the Lipschitz bound up, and take a step.

    Every term is this process's part of it: of means over shapes the part of its shapes, of terms
    that all processes compute alike an equal part.

    Returns:
        The terms, their weighted sum and the norm of its gradient.
    """
    lambda_s = divergence_weight(variant, settings, state.schedule.epoch)
    state.clear_gradients()
    codes = state.codes.at(draw.batch, draw.noise)
    fit = data_term(state.decoder, codes, draw.points, draw.distances, settings, shapes=draw.shapes)
    regular = regularise(state.decoder, draw.synthetic, settings, variant.regularisation, lambda_s)
    posterior, team = (state.codes.means, state.codes.log_variances), state.team.size
    own, moments = shape_divergence(*posterior) / team, moment_divergence(*posterior) / team
    terms = torch.stack([fit, own, moments, *regular])
    loss = (terms * weights).sum()
    bound = loss.new_zeros(())
    if variant.lipschitz_weight > 0:
        bound = lipschitz_bound(state.decoder) / team
        loss = loss + variant.lipschitz_weight * bound
    norm = state.step(loss) / team
    return torch.cat([terms.detach(), torch.stack([bound, loss, norm]).detach()]).double()
