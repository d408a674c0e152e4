"""From any points to points of a shape, by its denoiser, level of noise after level.

The paper's is annealed Langevin dynamics (equations 8 to 10, algorithm 2). With its step size at
the smallest level s_k, alpha = 2 s_k^2, a step is exactly "add noise sqrt(2) s, then denoise".
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from toposhape.settings.gradient_fields import PointSampler

Denoise = Callable[[Tensor, float], Tensor]
"""D(x, s): points (B, P, D), deviation -> points."""
Noise = Callable[[], Tensor]
"""Standard normal numbers, others at every call: (B, P, D)."""
Watch = Callable[[float, Tensor], None]
"""Called after every level with the next one, 0 at the end, and the points (B, P, D)."""

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


def nobody(level: float, points: Tensor) -> None:
    """Watch nothing."""


@torch.no_grad()
def sample_points(
    denoise: Denoise,
    points: Tensor,
    sampler: PointSampler,
    noise: Noise,
    watch: Watch = nobody,
) -> Tensor:
    """Move points (B, P, D) to the shapes.

    Args:
        denoise: of these shapes.
        points: where they start.
        sampler: kind, levels, steps.
        noise: of the kinds that add some.
        watch: sees the points on their way.
    """
    levels = noise_levels(sampler)
    if sampler.kind == "langevin":
        return langevin(denoise, points, levels, sampler.steps, sampler.step_size, noise, watch)
    if sampler.kind == "heun":
        return heun(denoise, points, levels, watch)
    return ancestral(denoise, points, levels, noise, watch)


def langevin(
    denoise: Denoise,
    points: Tensor,
    levels: list[float],
    steps: int,
    step_size: float,
    noise: Noise,
    watch: Watch = nobody,
) -> Tensor:
    """Annealed Langevin dynamics: so many steps at each level, noise first.

    Args:
        denoise: D.
        points: (B, P, D).
        levels: s_1 > ... > s_k.
        steps: T at each level.
        step_size: alpha; at level s it is alpha s^2 / s_k^2.
        noise: standard normal.
        watch: sees the points on their way.
    """
    share = step_size / (2 * levels[-1] ** 2)  # of the way to the denoised point
    for level, following in pairwise([*levels, 0.0]):
        for _ in range(steps):
            points = points + (2 * share) ** 0.5 * level * noise()
            points = points + share * (denoise(points, level) - points)
        watch(following, points)
    return points


def ancestral(
    denoise: Denoise, points: Tensor, levels: list[float], noise: Noise, watch: Watch = nobody
) -> Tensor:
    """Draw the next level's points given this one's (Ho et al. 2020, without their scaling).

    A point keeps the share (s' / s)^2 of its way from the denoised one: that is only the mean of
    where it may come from, and starting anew from there would draw clouds together.
    """
    for level, following in pairwise(levels):
        kept = (following / level) ** 2
        denoised = denoise(points, level)
        points = denoised + kept * (points - denoised) + (1 - kept) ** 0.5 * following * noise()
        watch(following, points)
    return _denoised_at_last(denoise, points, levels[-1], watch)


def heun(denoise: Denoise, points: Tensor, levels: list[float], watch: Watch = nobody) -> Tensor:
    """Heun's method for dx/ds = (x - D(x, s)) / s (Karras et al. 2022), then a denoising step."""
    for level, following in pairwise(levels):
        slope = (points - denoise(points, level)) / level
        ahead = points + (following - level) * slope
        there = (ahead - denoise(ahead, following)) / following
        points = points + (following - level) * (slope + there) / 2
        watch(following, points)
    return _denoised_at_last(denoise, points, levels[-1], watch)


def _denoised_at_last(denoise: Denoise, points: Tensor, level: float, watch: Watch) -> Tensor:
    points = denoise(points, level)
    watch(0.0, points)
    return points
