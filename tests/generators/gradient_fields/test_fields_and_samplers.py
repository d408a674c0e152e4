"""Denoisers, losses and samplers against what is known in closed form; nothing is trained."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from toposhape.generators.gradient_fields.data import ScoreBatch
from toposhape.generators.gradient_fields.exact import exact_denoiser, score
from toposhape.generators.gradient_fields.objectives import (
    level_error,
    score_matching_terms,
    weighted_errors,
)
from toposhape.generators.gradient_fields.samplers import (
    ancestral,
    heun,
    langevin,
    noise_levels,
    sample_points,
    start_points,
)
from toposhape.settings.gradient_fields import PointSampler

KINDS = ("ancestral", "langevin", "heun")


def gaussian_denoiser(mean, deviation):
    """The denoiser of N(mean, deviation^2 I)."""
    share = lambda s: deviation**2 / (deviation**2 + s**2)  # noqa: E731
    return lambda x, s: mean + share(s) * (x - mean)


def normal_numbers(form, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return lambda: torch.randn(form, generator=generator, dtype=torch.float64)


def sphere(count, seed=0):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    return torch.from_numpy(0.7 * points / np.linalg.norm(points, axis=1, keepdims=True))


def test_exact_score_is_the_gradient_of_the_mixtures_density():
    rng = np.random.default_rng(0)
    cloud, x, s = rng.normal(size=(5, 2)), rng.normal(size=2), 0.4

    def log_density(at):
        return math.log(np.mean([multivariate_normal(c, s**2).pdf(at) for c in cloud]))

    step = 1e-5
    slopes = [
        (log_density(x + step * e) - log_density(x - step * e)) / (2 * step) for e in np.eye(2)
    ]
    denoise = exact_denoiser(torch.from_numpy(cloud))
    found = score(denoise, torch.from_numpy(x)[None], s)[0]
    np.testing.assert_allclose(found, slopes, rtol=1e-6)


def test_two_points_are_told_apart_by_a_hyperbolic_tangent():
    a, s = 0.8, 0.5
    cloud = torch.tensor([[a, 0.0], [-a, 0.0]], dtype=torch.float64)
    x = torch.linspace(-2, 2, 9, dtype=torch.float64)
    found = exact_denoiser(cloud)(torch.stack([x, torch.ones_like(x)], dim=1), s)
    torch.testing.assert_close(found[:, 0], a * torch.tanh(a * x / s**2))
    assert (found[:, 1].abs() < 1e-15).all()


def test_large_noise_shows_the_mean_and_small_noise_the_nearest_point():
    cloud, x = sphere(50), sphere(9, seed=1) * 1.3
    denoise = exact_denoiser(cloud)
    torch.testing.assert_close(denoise(x, 1e3), cloud.mean(0).expand(9, 3), atol=1e-5, rtol=0)
    nearest = torch.cdist(x, cloud).argmin(dim=1)
    torch.testing.assert_close(denoise(x, 1e-3), cloud[nearest])


def test_langevin_with_the_published_step_adds_noise_and_denoises():
    levels, x = [1.0, 0.3, 0.01], sphere(20)[None]
    denoise = exact_denoiser(sphere(40, seed=2))
    found = langevin(denoise, x, levels, 2, 2 * levels[-1] ** 2, normal_numbers(x.shape))
    noise = normal_numbers(x.shape)
    for level in (1.0, 1.0, 0.3, 0.3, 0.01, 0.01):
        x = denoise(x + math.sqrt(2) * level * noise(), level)
    torch.testing.assert_close(found, x)


def test_langevin_with_small_steps_keeps_the_blurred_gaussian():
    """Stationary: the variance of x <- x + sqrt(a) n + a/2 grad is that of the density, nearly."""
    s, deviation = 0.3, 0.4
    denoise = gaussian_denoiser(torch.tensor([0.2, -0.1], dtype=torch.float64), deviation)
    points = torch.zeros(1, 20_000, 2, dtype=torch.float64)
    found = langevin(denoise, points, [s], 400, 0.1 * s**2, normal_numbers(points.shape))[0]
    torch.testing.assert_close(
        found.mean(0), torch.tensor([0.2, -0.1], dtype=torch.float64), atol=0.02, rtol=0
    )
    expected = np.full(2, s**2 + deviation**2)
    np.testing.assert_allclose(found.var(0), expected, rtol=0.05)


def test_heun_carries_a_gaussian_to_a_gaussian():
    """dx/ds = (x - D) / s scales deviations by sqrt((t^2 + s_k^2) / (t^2 + s_1^2))."""
    t, levels = 0.5, [float(s) for s in np.geomspace(1.0, 0.01, 200)]
    denoise = gaussian_denoiser(torch.zeros(1, dtype=torch.float64), t)
    found = heun(denoise, torch.ones(1, 1, 1, dtype=torch.float64), levels)
    at_the_end = math.sqrt((t**2 + levels[-1] ** 2) / (t**2 + levels[0] ** 2))
    assert float(found) == pytest.approx(at_the_end * t**2 / (t**2 + 1e-4), rel=1e-3)


def test_ancestral_draws_a_gaussian_as_wide_as_it_is():
    """A sampler that forgets where points came from would end at less than half the width."""
    t, levels = 0.5, [float(s) for s in np.geomspace(1.0, 0.01, 200)]
    denoise = gaussian_denoiser(torch.zeros(1, dtype=torch.float64), t)
    noise = normal_numbers((1, 20000, 1))
    found = ancestral(denoise, math.sqrt(t**2 + 1) * noise(), levels, noise)
    assert float(found.std()) == pytest.approx(t, rel=0.02)


def test_ancestral_ends_with_a_denoising_step():
    found = ancestral(lambda x, s: 0 * x, sphere(4), [1.0, 0.5], normal_numbers((4, 3)))
    assert not found.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start", ["uniform", "gaussian", "point"])
def test_every_sampler_ends_on_the_sphere_from_every_start(kind, start):
    sampler = PointSampler(kind=kind, start=start)
    generator = torch.Generator().manual_seed(1)
    points = start_points(sampler, (1, 200, 3), generator).double()
    noise = normal_numbers(points.shape)
    found = sample_points(exact_denoiser(sphere(600)), points, sampler, noise)[0]
    assert (found.norm(dim=1) - 0.7).abs().mean() < 2 * sampler.least_noise
    if not (kind == "heun" and start == "point"):  # without noise one point stays one point
        octants = {tuple(row) for row in (found > 0).tolist()}
        assert len(octants) == 8


@pytest.mark.parametrize("kind", KINDS)
def test_points_are_seen_after_every_level(kind):
    seen = []
    sampler = PointSampler(kind=kind, levels=3)
    points = sample_points(
        exact_denoiser(sphere(9)), sphere(4)[None], sampler, normal_numbers((1, 4, 3)),
        lambda level, points: seen.append((level, points)),
    )  # fmt: skip
    assert [level for level, _ in seen] == pytest.approx([0.1, 0.01, 0.0])
    assert seen[-1][1] is points


def test_levels_fall_in_geometric_steps():
    found = noise_levels(PointSampler(levels=3, most_noise=1, least_noise=0.01))
    assert found == pytest.approx([1, 0.1, 0.01])


def batch_of(points, sigma):
    noise = torch.randn(points.shape, generator=torch.Generator().manual_seed(0))
    levels = torch.full(points.shape[:2], sigma)
    return ScoreBatch(points, points, noise.to(points.dtype), levels.to(points.dtype))


def test_weights_by_hand():
    errors = torch.tensor([[[3.0, 0.0, 0.0]]])
    sigma = torch.tensor([[0.5]])
    assert float(weighted_errors(errors, sigma, "even")) == pytest.approx(9 / 3 / 0.25)
    assert float(weighted_errors(errors, sigma, "published")) == pytest.approx(0.5 * 9 / 0.5)


@pytest.mark.parametrize("sigma", [0.01, 0.3])
def test_a_network_that_does_nothing_has_an_even_loss_of_1(sigma):
    batch = batch_of(sphere(5000)[None], sigma)
    nothing = lambda encoded, noisy, s: noisy  # noqa: E731
    assert float(score_matching_terms(nothing, batch, "even")) == pytest.approx(1, abs=0.03)
    assert level_error(nothing, batch, 0.2) == pytest.approx(1, abs=0.03)


def test_the_true_denoiser_of_a_gaussian_minimises_the_loss():
    """Its gradient by the share of the way to the mean vanishes where the share is the true one."""
    t, s = 0.4, 0.3
    generator = torch.Generator().manual_seed(3)
    points = t * torch.randn(1, 200_000, 2, generator=generator, dtype=torch.float64)
    share = torch.tensor(t**2 / (t**2 + s**2), dtype=torch.float64, requires_grad=True)
    loss = score_matching_terms(lambda e, x, _: share * x, batch_of(points, s), "even")
    loss.sum().backward()
    assert float(share.grad) == pytest.approx(0, abs=0.02)
    assert float(loss.detach()) == pytest.approx(t**2 / (t**2 + s**2), rel=0.01)
