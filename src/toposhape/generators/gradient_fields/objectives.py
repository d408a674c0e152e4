"""Denoising score matching: equations (5) to (7) and (13) of the paper."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from .data import ScoreBatch

Weight = Literal["even", "published"]
Denoise = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Points to encode, noisy points, deviations -> denoised points."""


def score_matching_terms(denoise: Denoise, batch: ScoreBatch, weight: Weight) -> Tensor:
    """The denoising loss of a batch, a mean over points: (1,).

    In (7), a sum over levels of lambda(s) |g - (x - x~) / s^2|^2, `even` is lambda = s^2 / D, whose
    loss is 1 for a network that does nothing, and `published` lambda = s^3 / 2, as the official
    code has it.

    Args:
        denoise: encoder and denoiser.
        batch: points and noise.
        weight: of the levels.
    """
    sigma = batch.sigma.unsqueeze(-1)
    found = denoise(batch.encoded, batch.points + sigma * batch.noise, batch.sigma)
    return weighted_errors(found - batch.points, batch.sigma, weight).mean()[None]


def weighted_errors(errors: Tensor, sigma: Tensor, weight: Weight) -> Tensor:
    """Squared errors (B, P, D) of denoised points with noise of deviations (B, P): (B, P)."""
    if weight == "even":
        return errors.square().mean(dim=-1) / sigma.square()
    return 0.5 * errors.square().sum(dim=-1) / sigma


@torch.no_grad()
def level_error(denoise: Denoise, batch: ScoreBatch, sigma: float) -> float:
    """Mean even-weighted error of a batch's points with noise of one deviation: 1, no use."""
    fixed = torch.full_like(batch.sigma, sigma)
    found = denoise(batch.encoded, batch.points + sigma * batch.noise, fixed)
    return float(weighted_errors(found - batch.points, fixed, "even").mean())
