"""Figures 2 and 3 show what they are given."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from toposhape.publication.colours import LOOSE
from toposhape.publication.figures.interpolation import Step, interpolation_figure
from toposhape.publication.figures.matrices import (
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


def step(pieces=1, generated=None):
    shape = diagram((-0.2, 0.1), (-0.9, -0.89))
    return Step(np.full((40, 40, 3), 255, np.uint8), shape, pieces, 1, generated)


def marks(axes):
    return [line for line in axes.lines if line.get_marker() not in ("None", "")]


def test_every_shape_has_its_counts_and_its_diagram_below():
    plain, ours = [step(), step(3), step()], [step(generated=diagram((-0.3, 0.2)))] * 3
    figure = interpolation_figure({"A": plain, "B": ours})
    above, below = figure.subfigs
    texts = [axes.texts[0] for axes in above.axes[:3]]
    assert [text.get_text() for text in texts] == [
        "1 piece, 1 handle", "3 pieces, 1 handle", "1 piece, 1 handle"
    ]  # fmt: skip
    assert [to_rgb(text.get_color()) == LOOSE for text in texts] == [False, True, False]
    assert len(marks(above.axes[3])) == 3
    assert len(marks(below.axes[3])) == 6
    np.testing.assert_allclose(marks(below.axes[3])[3].get_xydata(), [[-0.3, 0.2]], atol=1e-6)
    low, high = above.axes[3].get_xlim()
    assert -0.4 < low < -0.3 and 0.2 < high < 0.3  # the brief point deep inside does not count
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        "H0: pieces",
        "H1: handles",
        "H2: cavities",
        "of the shape above",
        "of the diagram generator",
    ]


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"same number of steps, not \[1, 2\]"):
        interpolation_figure({"A": [step()], "B": [step(), step()]})
