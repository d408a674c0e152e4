"""One epoch of pretraining: every training shape once, and the validation codes' own steps."""

from typing import NamedTuple

import torch
from torch import Tensor

from toposhape.config import ShapeTraining, Variant
from toposhape.generators import lipschitz_bound, moment_divergence, shape_divergence

from .objectives import data_loss
from .randomness import derived_seed, random_source
from .regularisation import regularise
from .samples import SampleSource
from .shape_state import ShapeTrainingState

VALIDATION_STEPS = 2  # of an epoch; each sees half of a training shape's samples

TERMS = ("data", "shape_kl", "moment_kl", "eikonal", "divergence", "lipschitz")


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
        Means over the epoch of every term, of the weighted sum (`loss`) and the gradient's norm.
    """
    device = state.validation_codes.device
    generator = random_source(seed, "training", state.schedule.epoch)
    order = torch.randperm(len(samples), generator=generator)
    state.decoder.train()
    totals = torch.zeros(len(TERMS) + 2, dtype=torch.float64, device=device)
    batches = order.split(settings.shapes_per_batch)
    lambda_s = divergence_weight(variant, settings, state.schedule.epoch)
    with torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        if state.decoder.dropout:  # the one thing that draws from the global random state
            torch.manual_seed(derived_seed(seed, "dropout", state.schedule.epoch))
        for step, batch in enumerate(batches):
            points, distances = samples.draw(
                batch.tolist(), settings.samples_per_shape, generator, device
            )
            codes = state.codes.sample(batch.to(device), generator)
            fit = data_loss(state.decoder(points, codes), distances, settings.clamp)
            regular = torch.zeros(2, device=device).unbind()
            if variant.regularisation.weight > 0 and step % settings.regularise_every == 0:
                regular = regularise(
                    state.decoder, settings, variant.regularisation, generator,
                    with_divergence=lambda_s > 0,
                )  # fmt: skip
            totals += _step(state, settings, variant, fit, regular)
    means = (totals / len(batches)).tolist()
    return dict(zip((*TERMS, "loss", "gradient_norm"), means, strict=True))


def validate(
    state: ShapeTrainingState, samples: SampleSource, settings: ShapeTraining, seed: tuple[int, ...]
) -> float:
    """Fit the validation shapes' codes a little further; the decoder learns nothing.

    Returns:
        The data loss before each step, mean over the steps.
    """
    device = state.validation_codes.device
    generator = random_source(seed, "validation", state.schedule.epoch)
    count = max(2, settings.samples_per_shape // VALIDATION_STEPS // 2 * 2)
    state.decoder.eval().requires_grad_(False)
    total = torch.zeros((), dtype=torch.float64, device=device)
    for _ in range(VALIDATION_STEPS):
        points, distances = samples.draw(range(len(samples)), count, generator, device)
        codes = state.validation_codes
        fit = data_loss(state.decoder(points, codes), distances, settings.clamp)
        prior = 0.5 * settings.codes.shape_weight * codes.square().sum(dim=1).mean()
        state.validation_optimiser.zero_grad(set_to_none=True)
        (fit + prior).backward()
        state.validation_optimiser.step()
        total += fit.detach()
    state.decoder.requires_grad_(True)
    return float(total) / VALIDATION_STEPS


def divergence_weight(variant: Variant, settings: ShapeTraining, epoch: int) -> float:
    """lambda_s in an epoch: it falls linearly to 0 (StEik anneals it too)."""
    regularisation = variant.regularisation
    end = regularisation.divergence_until * settings.max_epochs
    left = 1 - epoch / end if end > 0 else 0.0
    return regularisation.divergence_weight * max(0.0, left)


def _step(
    state: ShapeTrainingState,
    settings: ShapeTraining,
    variant: Variant,
    fit: Tensor,
    regular: tuple[Tensor, Tensor],
) -> Tensor:
    """Sum (11), (5) and the Lipschitz bound up, and take a step.

    Returns:
        The terms, their weighted sum and the norm of its gradient.
    """
    posterior = state.codes.means, state.codes.log_variances
    terms = torch.stack(
        [fit, shape_divergence(*posterior), moment_divergence(*posterior), *regular]
    )
    weight = variant.regularisation.weight
    lambda_s = divergence_weight(variant, settings, state.schedule.epoch)
    prior = settings.codes
    weights = (1.0, prior.shape_weight, prior.moment_weight, weight, weight * lambda_s)
    loss = (terms * terms.new_tensor(weights)).sum()
    bound = loss.new_zeros(())
    if variant.lipschitz_weight > 0:
        bound = lipschitz_bound(state.decoder)
        loss = loss + variant.lipschitz_weight * bound
    norm = state.step(loss)
    return torch.cat([terms.detach(), torch.stack([bound, loss, norm]).detach()]).double()
