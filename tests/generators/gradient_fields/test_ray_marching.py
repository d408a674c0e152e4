"""Rays against the exact field of a sphere, in closed form: no network, no sampled points."""

import pytest
import torch

from toposhape.generators.gradient_fields.ray_marching import LEAST_STEP, march_rays

RADIUS, SIGMA, DELTA = 0.7, 0.01, 0.005


def sphere_denoiser(points, sigma):
    """The mean of a sphere's uniform density given a noisy point: von Mises and Fisher's mean."""
    distance = points.norm(dim=-1, keepdim=True)
    k = RADIUS * distance / sigma**2
    return RADIUS * (1 / torch.tanh(k) - 1 / k) * points / distance


def directions(count=200):
    found = torch.randn((count, 3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.nn.functional.normalize(found, dim=1)


def level(outwards: int) -> float:
    """The radius at which | |x| - |D(x)| | is delta, up to terms of s^4: |D| is r - s^2 / |x|."""
    return RADIUS + outwards * DELTA - SIGMA**2 / RADIUS


def test_rays_from_outside_stop_at_the_outer_sheet_and_know_its_normals():
    outwards = directions()
    marched = march_rays(sphere_denoiser, 2 * outwards, -outwards, SIGMA)
    assert marched.hit.all()
    radii = marched.points.norm(dim=1)
    assert (radii - level(1)).abs().max() < LEAST_STEP + 1e-5
    torch.testing.assert_close(marched.normals, outwards)


def test_rays_from_inside_stop_at_the_inner_sheet():
    outwards = directions()
    marched = march_rays(sphere_denoiser, 0.1 * outwards, outwards, SIGMA)
    assert marched.hit.all()
    assert (marched.points.norm(dim=1) - level(-1)).abs().max() < LEAST_STEP + 1e-5
    torch.testing.assert_close(marched.normals, -outwards)


@pytest.mark.parametrize("offset", [0.0, 0.3, 0.6, 0.69])
def test_parallel_rays_find_the_sphere_where_it_is(offset):
    origin = torch.tensor([[offset, 0.0, 2.0]], dtype=torch.float64)
    down = torch.tensor([[0.0, 0.0, -1.0]], dtype=torch.float64)
    marched = march_rays(sphere_denoiser, origin, down, SIGMA)
    assert marched.hit.all()
    height = (level(1) ** 2 - offset**2) ** 0.5
    slope = height / level(1)  # how fast such a ray comes nearer
    assert abs(float(marched.points[0, 2]) - height) < 1.5 * LEAST_STEP / slope


def test_rays_beside_the_shape_go_on():
    origin = torch.tensor([[0.8, 0.0, 2.0]], dtype=torch.float64)
    down = torch.tensor([[0.0, 0.0, -1.0]], dtype=torch.float64)
    marched = march_rays(sphere_denoiser, origin, down, SIGMA)
    assert not marched.hit.any()
    assert float(marched.points[0, 2]) < -1


def test_fewer_steps_arrive_at_less():
    outwards = directions()
    marched = march_rays(sphere_denoiser, 2 * outwards, -outwards, SIGMA, gamma=0.5, steps=3)
    assert not marched.hit.any()
    assert marched.points.norm(dim=1).min() > RADIUS + 10 * DELTA
