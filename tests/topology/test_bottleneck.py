"""The bottleneck distance against trying all matchings, and where gudhi 3.13 gives too much."""

from itertools import permutations

import numpy as np
import pytest

from toposhape.topology import bottleneck_distance


def by_trying(p, q):
    """The least largest cost over all matchings of both with places on the diagonal."""
    places = [*q, *(None for _ in p)]
    best = np.inf
    for chosen in permutations(range(len(places)), len(p)):
        costs = [0.0]
        for point, place in zip(p, chosen, strict=True):
            other = places[place]
            alone = (point[1] - point[0]) / 2
            costs.append(alone if other is None else np.abs(point - other).max())
        left = set(range(len(q))) - set(chosen)
        costs += [(q[k][1] - q[k][0]) / 2 for k in left]
        best = min(best, max(costs))
    return best


def test_it_is_the_best_of_all_matchings():
    rng = np.random.default_rng(0)
    for _ in range(60):
        p, q = (np.sort(rng.random((n, 2)), axis=1) for n in rng.integers(0, 4, 2))
        assert bottleneck_distance(p, q) == pytest.approx(by_trying(p, q))
        assert bottleneck_distance(q, p) == bottleneck_distance(p, q)


def test_nothing_is_no_distance_apart():
    assert bottleneck_distance(np.empty((0, 2)), np.empty((0, 2))) == 0
    assert bottleneck_distance([[0.0, 3.0]], np.empty((0, 2))) == 1.5


def test_a_matching_that_is_found_late():
    p = [[-0.01, 0.278], [-0.01, 0.409], [-0.282, 0.181], [-0.303, 0.221], [-0.608, 0.207],
         [-0.701, -0.6], [-0.825, -0.448], [-0.833, -0.026], [-0.837, -0.085], [-1.227, -0.023],
         [-1.387, -0.025]]  # fmt: skip
    q = [[0.083, 0.308], [0.083, 0.429], [-0.274, 0.202], [-0.275, 0.255], [-0.547, 0.262],
         [-0.713, -0.635], [-0.723, -0.631], [-0.808, 0.022], [-0.83, -0.079], [-0.856, -0.397],
         [-1.316, 0.007], [-1.407, 0.042]]  # fmt: skip
    assert bottleneck_distance(p, q) == pytest.approx(0.093)  # gudhi 3.13 with e=0: 0.0965
