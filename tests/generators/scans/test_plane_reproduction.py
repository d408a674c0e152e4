"""Plane reproduction: the paper's theorems 1 to 3 on random data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toposhape.generators.scans.linear import LinearModel, liapunov, plane_points

models = st.builds(
    lambda seed, d, noise, weight: (
        LinearModel(plane_points(60, d, noise, np.random.default_rng(seed)), weight), seed
    ),
    st.integers(0, 10_000), st.integers(2, 6), st.sampled_from([0.0, 0.01, 0.1]),
    st.sampled_from([0.05, 0.1, 1.0]),
)  # fmt: skip


@settings(deadline=None, max_examples=40)
@given(models)
def test_gradient_and_hessian_are_those_of_the_loss(given_model):
    model, seed = given_model
    w = np.random.default_rng(seed).normal(size=len(model.eigenvalues))
    step = 1e-5 * np.eye(len(w))
    slopes = (model.loss(w + step) - model.loss(w - step)) / 2e-5
    np.testing.assert_allclose(model.gradient(w), slopes, atol=1e-6)
    curvature = (model.gradient(w + step) - model.gradient(w - step)) / 2e-5
    np.testing.assert_allclose(model.hessian(w), curvature, atol=1e-6)


@settings(deadline=None, max_examples=40)
@given(models)
def test_theorem_1_two_global_minima_and_strict_saddles_or_maxima(given_model):
    model, seed = given_model
    found = model.critical_points()
    assert 3 <= len(found) <= 2 * len(model.eigenvalues) + 1
    for point in found:
        np.testing.assert_allclose(model.gradient(point.place), 0, atol=1e-12)
    least = [point for point in found if point.curvatures[0] > -1e-12]
    assert len(least) == 2
    np.testing.assert_allclose(
        np.sort([p.place[0] for p in least]), np.sort(model.minima()[:, 0]), atol=1e-12
    )
    elsewhere = np.random.default_rng(seed).normal(size=(200, len(model.eigenvalues)))
    assert (model.loss(elsewhere) >= model.loss(model.minima()[0])).all()


@pytest.mark.parametrize("weight", [0.1, 1.0])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("dimensions", [2, 3, 10])
def test_theorem_2_every_descent_ends_in_a_global_minimum(dimensions, noise, weight):
    random = np.random.default_rng(dimensions)
    model = LinearModel(plane_points(500, dimensions, noise, random), weight)
    ends = model.descend(random.normal(size=(40, dimensions)), 20_000)
    away = np.linalg.norm(ends[:, None] - model.minima(), axis=2).min(axis=1)
    assert away.max() < 1e-6


def test_theorem_3_the_liapunov_function_falls_to_0_without_noise():
    random = np.random.default_rng(0)
    model = LinearModel(plane_points(500, 3, 0.0, random), 1.0)
    w = random.normal(size=(200, 3))
    normal = np.sign(w[:, :1]) * np.array([1.0, 0, 0])
    heights = [liapunov(w, normal)]
    for _ in range(200):
        w = w - 0.002 * model.gradient(w)
        heights.append(liapunov(w, normal))
    assert (np.diff(heights, axis=0) <= 1e-12).all()
    assert (heights[-1] < heights[0]).all()


def test_below_half_the_least_eigenvalue_only_0_is_left():
    model = LinearModel(np.random.default_rng(0).normal(size=(500, 3)), 0.1)
    assert len(model.critical_points()) == 1
    ends = model.descend(np.random.default_rng(1).normal(size=(20, 3)), 5000)
    assert np.abs(ends).max() < 1e-6
    with pytest.raises(ValueError, match="0 is the minimum"):
        model.minima()
