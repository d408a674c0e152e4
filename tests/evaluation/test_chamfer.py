"""Chamfer distances against scipy's k-d tree."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from toposhape.evaluation.chamfer import chamfer_distance, chamfer_matrix, directed_chamfer_matrices


def one_way(a, b):
    distances, _ = cKDTree(np.asarray(b, np.float64)).query(np.asarray(a, np.float64))
    return float((distances**2).mean())


def uniform(rng, n):
    return rng.uniform(-1, 1, (n, 3))


def sphere(rng, n):
    x = rng.standard_normal((n, 3))
    return 0.9 * x / np.linalg.norm(x, axis=1, keepdims=True)


def clustered(rng, n):
    return rng.integers(-1, 2, (n, 3)) + 1e-3 * rng.standard_normal((n, 3))


def duplicates(rng, n):
    return rng.uniform(-1, 1, (max(n // 7, 1), 3))[rng.integers(0, max(n // 7, 1), n)]


def collinear(rng, n):
    return rng.uniform(-1, 1, (n, 1)) * np.array([[1.0, 2.0, -0.5]])


def planar(rng, n):
    return rng.uniform(-1, 1, (n, 3)) * np.array([1.0, 0.0, 1.0])


def far_away(rng, n):
    return rng.uniform(-1, 1, (n, 3)) + 30


MAKERS = [uniform, sphere, clustered, duplicates, collinear, planar, far_away]
SIZES = [(1, 1), (1, 300), (15, 17), (16, 16), (33, 2), (1000, 257), (2048, 2048)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_equals_the_tree(sizes):
    rng = np.random.default_rng(sum(sizes))
    a = [maker(rng, sizes[0]).astype(np.float32) for maker in MAKERS]
    b = [maker(rng, sizes[1]).astype(np.float32) for maker in MAKERS]
    forth, back = directed_chamfer_matrices(a, b, threads=1)
    expected_forth = [[one_way(x, y) for y in b] for x in a]
    expected_back = [[one_way(y, x) for y in b] for x in a]
    np.testing.assert_allclose(forth, expected_forth, rtol=1e-6)
    np.testing.assert_allclose(back, expected_back, rtol=1e-6)
    np.testing.assert_allclose(chamfer_matrix(a, b), forth + back, rtol=1e-15)


def test_small_gaps_keep_their_relative_precision():
    rng = np.random.default_rng(0)
    a = uniform(rng, 500).astype(np.float32)
    b = (a + 1e-4 * rng.standard_normal(a.shape)).astype(np.float32)
    assert chamfer_distance(a, b) == pytest.approx(one_way(a, b) + one_way(b, a), rel=1e-6)


def test_a_list_with_itself():
    rng = np.random.default_rng(1)
    clouds = [sphere(rng, n) for n in (40, 100, 7)]
    matrix = chamfer_matrix(clouds)
    np.testing.assert_array_equal(np.diag(matrix), 0)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(matrix, chamfer_matrix(clouds, clouds, threads=3))


def test_an_array_of_clouds_and_known_values():
    clouds = np.zeros((2, 5, 3), np.float32)
    clouds[1, :, 2] = 2
    np.testing.assert_array_equal(chamfer_matrix(clouds), [[0, 8], [8, 0]])
    assert chamfer_distance([[0, 0, 0]], [[1, 0, 0], [0, 3, 0]]) == 1 + (1 + 9) / 2


def test_order_of_points_and_lists_does_not_matter():
    rng = np.random.default_rng(2)
    a, b = uniform(rng, 100), sphere(rng, 90)
    distance = chamfer_distance(a, b)
    assert chamfer_distance(b, a) == distance
    assert chamfer_distance(rng.permutation(a), b) == pytest.approx(distance, rel=1e-12)


def test_no_clouds():
    assert chamfer_matrix([], [np.zeros((1, 3))]).shape == (0, 1)
    assert chamfer_matrix([np.zeros((1, 3))], []).shape == (1, 0)


@pytest.mark.parametrize(
    ("cloud", "message"),
    [
        (np.zeros((0, 3)), r"cloud 0 of b has shape \(0, 3\)"),
        (np.zeros((5, 2)), r"cloud 0 of b has shape \(5, 2\)"),
        ([[0, 0, 0], [0, np.nan, 1]], "cloud 0 of b: point 1"),
    ],
)
def test_wrong_clouds_are_refused(cloud, message):
    with pytest.raises(ValueError, match=message):
        chamfer_distance(np.zeros((1, 3)), cloud)
