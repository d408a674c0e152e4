"""Least squares with a penalty, for many samples and many weights of the penalty at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from toposhape.learning.optimisers import Adam

Penalty = Callable[[Tensor], Tensor]
"""Takes coefficients ``(B, p)``, returns ``(B,)``."""

WEIGHTS = torch.logspace(-4, 1, 11)
RATE = 0.1
SHARE_HELD_OUT = 0.2


def errors_of(
    truth: Tensor, count: int, penalties: dict[str, Penalty], noise: float, steps: int, seed: int
) -> dict[str, tuple[float, float]]:
    """Fit coefficients to samples and compare them with the truth.

    Args:
        truth: ``(trials, p)`` coefficients.
        count: samples of each trial, x from a standard normal distribution.
        penalties: by name.
        noise: deviation of y.
        steps: of Adam, from the least squares solution of smallest norm.
        seed: of the samples.

    Returns:
        For each penalty, and for ``OLS``, the mean of ``|found - truth|^2``: with the penalty's
        weight of the least true error (an oracle), and chosen by a fifth of the samples held out.
    """
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(truth), count, truth.shape[1], generator=generator)
    y = (x @ truth[:, :, None])[:, :, 0]
    y = y + noise * torch.randn(y.shape, generator=generator)
    kept = count - max(1, round(SHARE_HELD_OUT * count))
    start, start_of_part = _least_squares(x, y), _least_squares(x[:, :kept], y[:, :kept])
    plain = float((start - truth).square().sum(1).mean())
    found = {"OLS": (plain, plain)}
    for name, penalty in penalties.items():
        fitted = _fitted(x, y, start, penalty, steps)
        errors = (fitted - truth[:, None]).square().sum(2)
        part = _fitted(x[:, :kept], y[:, :kept], start_of_part, penalty, steps)
        missed = (part @ x[:, kept:].mT - y[:, None, kept:]).square().mean(2)
        honest = errors.gather(1, missed.argmin(1, keepdim=True))
        found[name] = (float(errors.min(1).values.mean()), float(honest.mean()))
    return found


def _least_squares(x: Tensor, y: Tensor) -> Tensor:
    """Return the solution of smallest norm, ``(trials, p)``."""
    solution: Tensor = (torch.linalg.pinv(x.double()) @ y.double()[:, :, None])[:, :, 0].float()
    return solution


def _fitted(x: Tensor, y: Tensor, start: Tensor, penalty: Penalty, steps: int) -> Tensor:
    """Minimise mean squared error + weight * penalty; returns ``(trials, weights, p)``."""
    trials, p = start.shape
    found = start[:, None].repeat(1, len(WEIGHTS), 1).requires_grad_()
    optimiser = Adam([found], RATE)
    count = x.shape[1]
    squares, products = x.mT @ x / count, (x.mT @ y[:, :, None])[:, None, :, 0] / count
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * (1 - step / steps)
        optimiser.zero_grad()
        error = ((found @ squares - 2 * products) * found).sum(2)  # but for a constant
        cost = error + WEIGHTS * penalty(found.reshape(-1, p)).reshape(trials, -1)
        cost.sum().backward()
        optimiser.step()
    return found.detach()


def as_tensor(values: np.ndarray) -> Tensor:
    """Return float32 coefficients."""
    return torch.from_numpy(np.asarray(values, np.float32))
