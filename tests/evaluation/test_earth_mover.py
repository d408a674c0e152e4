"""Earth mover's distances against all permutations, scipy, and what must hold of any."""

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.stats import wasserstein_distance_nd

from toposhape.evaluation.earth_mover import earth_mover_distance, earth_mover_matrix


def brute_force(a, b):
    """The least mean distance over all assignments."""
    orders = (list(order) for order in permutations(range(len(b))))
    return min(np.linalg.norm(a - b[order], axis=1).mean() for order in orders)


@pytest.mark.parametrize("n", range(1, 8))
@pytest.mark.parametrize("d", [2, 3])
def test_no_permutation_is_better(n, d):
    rng = np.random.default_rng(10 * n + d)
    a, b = rng.random((n, d)), rng.random((n, d))
    assert earth_mover_distance(a, b) == pytest.approx(brute_force(a, b), rel=1e-12)


def test_linear_programming_finds_the_same():
    rng = np.random.default_rng(0)
    a, b = rng.random((48, 3)), rng.normal(size=(48, 3))
    assert earth_mover_distance(a, b) == pytest.approx(wasserstein_distance_nd(a, b), rel=1e-9)


def test_translation_is_its_length_and_scale_a_factor():
    rng = np.random.default_rng(1)
    a = rng.random((64, 3))
    shift = np.array([0.3, -0.4, 1.2])
    assert earth_mover_distance(a, rng.permutation(a + shift)) == pytest.approx(1.3)
    b = rng.random((64, 3))
    assert earth_mover_distance(a / 2, b / 2) == pytest.approx(earth_mover_distance(a, b) / 2)


def test_matrix_is_a_metric_above_the_nearest_distances():
    rng = np.random.default_rng(2)
    clouds = rng.random((5, 40, 3)).astype(np.float32)
    found = earth_mover_matrix(clouds)
    np.testing.assert_array_equal(found, found.T)
    assert not found.diagonal().any()
    np.testing.assert_allclose(found, earth_mover_matrix(clouds, clouds, threads=1), atol=1e-12)
    assert (found[:, :, None] <= found[:, None, :] + found[None, :, :].T + 1e-12).all()
    for i, j in zip(*np.triu_indices(5, 1), strict=True):
        assert found[i, j] >= cKDTree(clouds[j]).query(clouds[i])[0].mean()


def test_columns_need_not_be_rows():
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 9, 3)), rng.random((3, 9, 3))
    expected = [[earth_mover_distance(x, y) for y in b] for x in a]
    np.testing.assert_array_equal(earth_mover_matrix(a, b), expected)


@pytest.mark.parametrize(
    ("a", "b", "told"),
    [
        (np.zeros((0, 3)), np.zeros((3, 3)), r"cloud 0 of a has shape \(0, 3\)"),
        (np.zeros((3, 3)), np.zeros(3), r"cloud 0 of b has shape \(3,\)"),
        (np.zeros((3, 3)), np.zeros((4, 3)), r"equally many points.*\(3, 3\), \(4, 3\)"),
        (np.zeros((3, 3)), np.full((3, 3), np.nan), "cloud 0 of b: point 0 is .* not finite"),
        (np.array([[0, 0], [0, np.inf]]), np.zeros((2, 2)), "cloud 0 of a: point 1"),
    ],
)
def test_wrong_clouds_are_named(a, b, told):
    with pytest.raises(ValueError, match=told):
        earth_mover_distance(a, b)
