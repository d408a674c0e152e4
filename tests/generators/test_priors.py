"""Where codes are drawn."""

import numpy as np
import pytest
import torch

from toposhape.generators import VariationalCodes
from toposhape.generators.filtered_codes import FilteredCodes
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.priors import ATTEMPTS_NEARBY, filtered_density, normal_numbers


def test_numbers_depend_on_the_seed_alone_and_are_normal():
    numbers = normal_numbers(10, 100, 7, seed=3)
    assert numbers.shape == (10, 100, 7)
    assert numbers.dtype == np.float32
    np.testing.assert_array_equal(numbers, normal_numbers(10, 100, 7, seed=3))
    assert (numbers != normal_numbers(10, 100, 7, seed=4)).all()
    assert abs(numbers.mean()) < 0.05
    assert abs(numbers.std() - 1) < 0.05


def generator_with_means(*means: float) -> ImplicitGenerator:
    codes = VariationalCodes(len(means), 1)
    with torch.no_grad():
        codes.means.copy_(torch.tensor(means)[:, None])
    return ImplicitGenerator(None, codes, tuple(map(str, means)), {})


@pytest.mark.parametrize("bandwidth", [0.1, 0.5, 1.0])
def test_kernel_density_is_a_mixture_around_shrunk_means_with_the_variance_kept(bandwidth):
    prior = generator_with_means(-1.0, 1.0).priors["kernel_density"]
    noise = normal_numbers(40, 500, 1, seed=0)
    drawn = prior(noise, 0, bandwidth=bandwidth)
    assert drawn.shape == noise.shape
    assert drawn.dtype == np.float32
    assert abs(drawn.var() - 1) < 0.03  # as that of the means and of N(0, I)
    centres = (drawn - bandwidth * noise) / np.float32(max(np.sqrt(1 - bandwidth**2), 1e-9))
    if bandwidth < 1:
        np.testing.assert_allclose(np.abs(centres), 1, atol=1e-5)
        assert abs((centres > 0).mean() - 0.5) < 0.02
    else:
        np.testing.assert_array_equal(drawn, noise)
    np.testing.assert_array_equal(drawn, prior(noise, 0, bandwidth=bandwidth))
    if bandwidth < 1:
        assert (drawn != prior(noise, 1, bandwidth=bandwidth)).any()


def test_posterior_codes_have_the_moments_of_the_mixture():
    codes = VariationalCodes(2, 1, mean_deviation=1.0, deviation=0.5)
    with torch.no_grad():
        codes.means.copy_(torch.tensor([[-2.0], [2.0]]))
    priors = ImplicitGenerator(None, codes, ("a", "b"), {}).priors
    noise = normal_numbers(40, 500, 1, seed=0)
    drawn = priors["posterior"](noise, 0)
    assert drawn.shape == (40, 500, 1)
    assert drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.05
    assert abs(drawn.var() - (4 + 0.25)) < 0.05
    np.testing.assert_array_equal(drawn, priors["posterior"](noise, 0))
    assert (drawn != priors["posterior"](noise, 1)).any()
    np.testing.assert_array_equal(priors["normal"](noise, 1), noise)


def test_interpolation_draws_between_a_code_and_one_of_its_nearest():
    means = (0.0, 1.0, 10.0, 12.0)
    nearest = {(0, 1), (1, 0), (10, 12), (12, 10)}
    prior = generator_with_means(*means).priors["interpolation"]
    noise = normal_numbers(4, 500, 1, seed=0)
    drawn = prior(noise, 0, neighbours=1)
    assert drawn.shape == noise.shape
    assert drawn.dtype == np.float32
    among = [(drawn >= min(pair)) & (drawn <= max(pair)) for pair in nearest]
    assert np.any(among, axis=0).all()
    assert abs(np.mean(drawn < 5) - 0.5) < 0.05
    assert abs(drawn[drawn < 5].mean() - 0.5) < 0.05  # t is even
    np.testing.assert_array_equal(drawn, prior(noise, 0, neighbours=1))
    assert (drawn != prior(noise, 1, neighbours=1)).any()
    far = prior(noise, 0, neighbours=100)  # all others
    assert ((far > 1) & (far < 10)).any()


def test_interpolation_of_a_single_shape_is_that_shape():
    drawn = generator_with_means(3.0).priors["interpolation"](normal_numbers(2, 5, 1, seed=0), 0)
    np.testing.assert_array_equal(drawn, np.float32(3))


def test_further_attempts_stay_near_the_same_training_shapes_and_then_leave_them():
    """With 1,000 training shapes 50 choices by chance would have hardly one in common."""
    means = np.arange(1000.0)
    priors = generator_with_means(*means).priors
    drawn = {name: [] for name in ("kernel_density", "interpolation")}
    for attempt in (0, 1, ATTEMPTS_NEARBY - 1, ATTEMPTS_NEARBY, ATTEMPTS_NEARBY + 1):
        noise = normal_numbers(1, 50, 1, 0, attempt)
        drawn["kernel_density"].append(priors["kernel_density"](noise, 0, attempt, bandwidth=1e-3))
        drawn["interpolation"].append(priors["interpolation"](noise, 0, attempt, neighbours=2))
    for name, reach in (("kernel_density", 0.1), ("interpolation", 4)):
        first, *near, far, farther = drawn[name]
        for codes in near:
            assert (codes != first).any() and np.abs(codes - first).max() < reach
        for one, other in ((first, far), (far, farther)):
            assert np.mean(np.abs(one - other) < reach) < 0.1
    normal = [priors["normal"](normal_numbers(1, 50, 1, 0, k), 0, k) for k in (0, 1)]
    assert (normal[0] != normal[1]).all()


def filtered(*codes: tuple[float, int]):
    values, near = np.array(codes, np.float32)[:, :1], np.array([shape for _, shape in codes])
    return filtered_density(lambda: FilteredCodes(values, near))


def test_filtered_codes_are_drawn_by_training_shapes_and_jittered():
    """Three of four codes are near one training shape: half of the draws are."""
    prior = filtered((1.0, 0), (2.0, 0), (3.0, 0), (10.0, 4))
    noise = normal_numbers(40, 500, 1, seed=0)
    drawn = prior(noise, 0, jitter=1e-6)
    assert drawn.shape == noise.shape
    assert drawn.dtype == np.float32
    found, counts = np.unique(drawn.round(3), return_counts=True)
    assert found.tolist() == [1, 2, 3, 10]
    np.testing.assert_allclose(counts / drawn.size, [1 / 6, 1 / 6, 1 / 6, 1 / 2], atol=0.02)
    np.testing.assert_array_equal(drawn, prior(noise, 0, jitter=1e-6))
    assert (drawn != prior(noise, 1, jitter=1e-6)).any()
    jittered = prior(noise, 0, jitter=0.6)
    np.testing.assert_allclose(jittered, 0.8 * drawn + 0.6 * noise, atol=1e-4)


def test_further_attempts_take_other_filtered_codes_of_the_same_training_shape():
    prior = filtered(*((100.0 * shape + k, shape) for shape in range(50) for k in range(9)))
    tries = [0, 1, ATTEMPTS_NEARBY]
    first, near, far = (
        prior(normal_numbers(1, 50, 1, 0, k), 0, k, jitter=1e-6).round() for k in tries
    )
    assert (first // 100 == near // 100).all()
    assert (first != near).mean() > 0.7
    assert (first // 100 == far // 100).mean() < 0.2


@pytest.mark.parametrize("name", ["posterior", "kernel_density", "interpolation", "filtered"])
def test_training_shapes_take_turns(name):
    """Here 10 pairs of neighbours: in a set every shape has its turn before any has another."""
    means = [100.0 * pair + shape for pair in range(10) for shape in (0, 1)]
    own = filtered(*((mean, shape) for shape, mean in enumerate(means)))
    prior = {**generator_with_means(*means).priors, "filtered": own}[name]
    settings = {"kernel_density": {"bandwidth": 1e-3}, "interpolation": {"neighbours": 1}}
    drawn = prior(normal_numbers(3, 50, 1, seed=0), 0, **settings.get(name, {}))
    pairs = ((drawn[..., 0] - 0.5) / 100).round().astype(int)
    for of_set in pairs:
        for turns in (1, 2):
            assert (np.bincount(of_set[: 20 * turns], minlength=10) == 2 * turns).all()
    assert (drawn[0] != drawn[1]).any()
    assert set(np.bincount(pairs.ravel())) <= {14, 15, 16}  # over all sets each shape 7 or 8 times
    assert prior(normal_numbers(3, 0, 1, seed=0), 0, **settings.get(name, {})).shape == (3, 0, 1)
