"""From any points to points of a shape, by its denoiser, level of noise after level.

The paper's is annealed Langevin dynamics (equations 8 to 10, algorithm 2). With its step size at
the smallest level s_k, alpha = 2 s_k^2, a step is exactly "add noise sqrt(2) s, then denoise".
"""

from collections.abc import Callable

import torch
from torch import Tensor

from toposhape.settings.gradient_fields import PointSampler

Denoise = Callable[[Tensor, float], Tensor]
"""D(x, s): points (B, P, D), deviation -> points."""
Noise = Callable[[], Tensor]
"""Standard normal numbers, others at every call: (B, P, D)."""

WIDTH = 1.5  # half the edge of the box in which points start


def start_points(
    sampler: PointSampler, form: tuple[int, ...], generator: torch.Generator
) -> Tensor:
    """Where points are before sampling, of that form."""
    if sampler.start == "uniform":
        return WIDTH * (2 * torch.rand(form, generator=generator) - 1)
    if sampler.start == "gaussian":
        return torch.randn(form, generator=generator)
    return torch.zeros(form)


def noise_levels(sampler: PointSampler) -> list[float]:
    """Deviations from the largest to the smallest in geometric steps."""
    ratio = sampler.least_noise / sampler.most_noise
    return [sampler.most_noise * ratio ** (i / (sampler.levels - 1)) for i in range(sampler.levels)]


@torch.no_grad()
def sample_points(denoise: Denoise, points: Tensor, sampler: PointSampler, noise: Noise) -> Tensor:
    """Move points (B, P, D) to the shapes.

    Args:
        denoise: of these shapes.
        points: where they start.
        sampler: kind, levels, steps.
        noise: of the kinds that add some.
    """
    levels = noise_levels(sampler)
    if sampler.kind == "langevin":
        return langevin(denoise, points, levels, sampler.steps, sampler.step_size, noise)
    if sampler.kind == "heun":
        return heun(denoise, points, levels)
    return ancestral(denoise, points, levels, noise)


def langevin(
    denoise: Denoise,
    points: Tensor,
    levels: list[float],
    steps: int,
    step_size: float,
    noise: Noise,
) -> Tensor:
    """Annealed Langevin dynamics: so many steps at each level, noise first.

    Args:
        denoise: D.
        points: (B, P, D).
        levels: s_1 > ... > s_k.
        steps: T at each level.
        step_size: alpha; at level s it is alpha s^2 / s_k^2.
        noise: standard normal.
    """
    share = step_size / (2 * levels[-1] ** 2)  # of the way to the denoised point
    for level in levels:
        for _ in range(steps):
            points = points + (2 * share) ** 0.5 * level * noise()
            points = points + share * (denoise(points, level) - points)
    return points


def ancestral(denoise: Denoise, points: Tensor, levels: list[float], noise: Noise) -> Tensor:
    """Denoise at each level, and add the noise of the next one."""
    for level, following in zip(levels[:-1], levels[1:], strict=True):
        points = denoise(points, level) + following * noise()
    return denoise(points, levels[-1])


def heun(denoise: Denoise, points: Tensor, levels: list[float]) -> Tensor:
    """Heun's method for dx/ds = (x - D(x, s)) / s (Karras et al. 2022), then a denoising step."""
    for level, following in zip(levels[:-1], levels[1:], strict=True):
        slope = (points - denoise(points, level)) / level
        ahead = points + (following - level) * slope
        there = (ahead - denoise(ahead, following)) / following
        points = points + (following - level) * (slope + there) / 2
    return denoise(points, levels[-1])
