"""Figures 2 and 3 show what they are given."""

import numpy as np
import pytest

from toposhape.publication.matrices_figure import (
    Matrix,
    by_assignment,
    matrices_figure,
    total_persistence,
)
from toposhape.topology.tables import StoredDiagram

NONE = np.empty((0, 2), np.float32)


def diagram(*h1, h0=NONE):
    points = np.array(h1, np.float32).reshape(-1, 2)
    return StoredDiagram((np.asarray(h0, np.float32), points, NONE))


def test_total_persistence_sums_over_points_of_all_degrees():
    assert total_persistence(diagram()) == 0
    given = diagram((-0.1, 0.2), (0, 0.5), h0=[(-0.3, -0.2)])
    assert total_persistence(given) == pytest.approx(0.3 + 0.5 + 0.1)


def test_the_diagonal_holds_the_best_assignment():
    random = np.random.default_rng(0)
    wanted = np.diag(np.arange(5) / 10) + 1 - np.eye(5)
    shuffled = by_assignment(wanted[:, random.permutation(5)])
    np.testing.assert_array_equal(shuffled, wanted)


def test_rows_are_sorted_and_the_value_of_equation_2_stands_below():
    training = [diagram((0, height)) for height in (0.3, 0.1, 0.2)]
    distances = np.array([[0.09, 0.5, 0.5], [0.5, 0.01, 0.5], [0.5, 0.5, 0.04]])
    figure = matrices_figure(
        training, [Matrix("near", distances), Matrix("far", np.full((3, 3), 0.6))]
    )
    first, second, strip, other = figure.axes[:4]
    shown = first.images[0].get_array()
    np.testing.assert_allclose(shown.diagonal(), [1, 4, 9])
    np.testing.assert_allclose(strip.images[0].get_array(), [[1, 4, 9]])
    assert strip.get_xlabel().endswith("equation (2): 4.67")
    assert other.get_xlabel().endswith("equation (2): 60.00")
    assert first.images[0].norm is second.images[0].norm


def test_a_matrix_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"synthetic: distances \(2, 2\) for 1 training shapes"):
        matrices_figure([diagram()], [Matrix("synthetic", np.zeros((2, 2)))])
