"""JSD against scipy, and its bounds."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from toposhape.evaluation.occupancy_divergence import occupancy_divergence


def test_equal_sets_are_0_and_disjoint_ones_1():
    rng = np.random.default_rng(0)
    clouds = rng.uniform(-0.4, -0.2, (4, 50, 3))
    assert occupancy_divergence(clouds, clouds[::-1]) == pytest.approx(0, abs=1e-12)
    assert occupancy_divergence(clouds, clouds + 0.6) == pytest.approx(1)


def test_scipy_says_the_same():
    cells = np.array([[-1.0, 0, 0], [1.0, 0, 0], [0.0, 0, 0]])  # of 3 an edge of [-1, 1]^3
    counts = [10, 0, 6], [1, 9, 6]
    a, b = (np.repeat(cells, each, axis=0) for each in counts)
    expected = jensenshannon(*counts, base=2) ** 2
    assert occupancy_divergence(a, b, cells=3) == pytest.approx(expected)


def test_scale_is_that_of_the_extent():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 0.3, (2, 3, 200, 3))
    half = occupancy_divergence(a / 2, b / 2, extent=0.5)
    assert half == pytest.approx(occupancy_divergence(a, b))


def test_points_beyond_the_ball_count_for_its_rim():
    far = np.array([[5.0, 0, 0]])
    assert occupancy_divergence(far, np.array([[1.0, 0, 0]]), cells=3) == pytest.approx(0)


@pytest.mark.parametrize(
    ("clouds", "told"),
    [
        (np.zeros((0, 4, 3)), "shape"),
        (np.zeros((2, 4, 2)), "shape"),
        (np.full((1, 1, 3), np.nan), "finite"),
    ],
)
def test_wrong_clouds_are_refused(clouds, told):
    with pytest.raises(ValueError, match=f"clouds of b .*{told}"):
        occupancy_divergence(np.zeros((1, 1, 3)), clouds)
    with pytest.raises(ValueError, match="2 cells"):
        occupancy_divergence(np.zeros((1, 1, 3)), np.zeros((1, 1, 3)), cells=1)
