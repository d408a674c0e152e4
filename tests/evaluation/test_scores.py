"""Scores of sets against values worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from toposhape.evaluation.scores import (
    assigned,
    betti_histogram,
    coverage,
    diagram_costs,
    diagram_metric,
    energy_distance,
    nearest,
    nearest_neighbour_accuracy,
    pd_lap,
    spread,
)
from toposhape.topology.tables import StoredDiagram

#                 synthetic: 0    1    2
BETWEEN = np.array([[1.0, 2.0, 9.0],  # reference 0
                    [5.0, 4.0, 3.0],  # reference 1
                    [6.0, 7.0, 8.0]])  # reference 2  # fmt: skip


def diagram(h0=(), h1=(), h2=()):
    return StoredDiagram(tuple(np.array(p, np.float32).reshape(-1, 2) for p in (h0, h1, h2)))


def on_a_line(a, b):
    """Distances of numbers."""
    return np.abs(np.subtract.outer(np.asarray(a, float), np.asarray(b, float)))


def test_nearest_is_the_mean_over_reference_shapes():
    assert nearest(BETWEEN) == pytest.approx((1 + 3 + 6) / 3)
    assert nearest(BETWEEN.T) == pytest.approx((1 + 2 + 3) / 3)


def test_coverage_counts_reference_shapes():
    # nearest reference of synthetic 0 is 0, of 1 is 0, of 2 is 1: two of three are covered
    assert coverage(BETWEEN) == pytest.approx(2 / 3)
    assert coverage(BETWEEN.T) == pytest.approx(2 / 3)
    assert coverage(BETWEEN[:, :2]) == pytest.approx(1 / 3)


def test_coverage_of_one_repeated_shape_is_one_reference():
    assert coverage(np.tile([[1.0], [2.0], [3.0], [4.0]], (1, 9))) == pytest.approx(1 / 4)


def test_assigned_pairs_every_shape_once():
    # 2 + 3 + 6 beats 1 + 3 + 7 by a tie: 11; 1 + 4 + 8 is 13
    assert assigned(BETWEEN) == pytest.approx(11 / 3)


def test_one_nna_on_a_line():
    reference, synthetic = [0.0, 1.0, 10.0], [1.1, 10.2, 30.0]
    # own set nearer? 0: 1 < 1.1 yes; 1: 0.1 no; 10: 0.2 no; 1.1: no; 10.2: no; 30: 19.8 < 20 yes
    value = nearest_neighbour_accuracy(
        on_a_line(reference, synthetic),
        on_a_line(reference, reference),
        on_a_line(synthetic, synthetic),
    )
    assert value == pytest.approx(2 / 6)


def test_a_neighbour_of_the_other_set_at_the_same_distance_counts_as_nearer():
    reference, synthetic = [0.0, 2.0], [4.0, 6.0]
    # 2 is 2 away from 0 and from 4, and 4 from 2 and from 6: only 0 and 6 are told rightly
    value = nearest_neighbour_accuracy(
        on_a_line(reference, synthetic),
        on_a_line(reference, reference),
        on_a_line(synthetic, synthetic),
    )
    assert value == 2 / 4


def test_one_nna_of_far_sets_is_one_and_of_a_copy_zero():
    a, far = [0.0, 1.0, 2.0], [100.0, 101.0, 102.0]
    own, other = on_a_line(a, a), on_a_line(far, far)
    assert nearest_neighbour_accuracy(on_a_line(a, far), own, other) == 1
    assert nearest_neighbour_accuracy(on_a_line(a, a), own, own) == 0


def test_one_nna_of_one_distribution_is_near_one_half():
    points = np.random.default_rng(0).standard_normal((400, 2))
    distances = np.linalg.norm(points[:, None] - points, axis=-1)
    a, b = slice(0, 200), slice(200, 400)
    value = nearest_neighbour_accuracy(distances[a, b], distances[a, a], distances[b, b])
    assert value == pytest.approx(0.5, abs=0.06)


def test_energy_distance_by_hand():
    s, t = [0.0, 2.0], [1.0, 5.0]
    # between: |0-1| |0-5| |2-1| |2-5| = 1 5 1 3, mean 2.5; within: 2 and 4
    value = energy_distance(on_a_line(t, s), on_a_line(t, t), on_a_line(s, s))
    assert value == pytest.approx(2 * 2.5 - 2 - 4)


def test_energy_distance_is_unbiased():
    random = np.random.default_rng(1)
    values = [
        energy_distance(on_a_line(t, s), on_a_line(t, t), on_a_line(s, s))
        for s, t in random.standard_normal((2000, 2, 6))
    ]
    assert np.mean(values) == pytest.approx(0, abs=4 * np.std(values) / np.sqrt(len(values)))
    assert min(values) < 0


def test_of_squared_distances_the_energy_distance_sees_the_means_alone():
    # numbers -1 and 1 against their mean: squares say that nothing is missing
    truth, collapsed = np.tile([-1.0, 1.0], 500), np.zeros(1000)
    apart, within = on_a_line(truth, collapsed), on_a_line(truth, truth)
    none = np.zeros((1000, 1000))
    assert energy_distance(apart**2, within**2, none) == pytest.approx(0, abs=0.01)
    assert energy_distance(apart, within, none) == pytest.approx(1, abs=0.01)
    # and numbers of mean 2 of any variety are 2 * 2^2 away
    wide = 2 + 5 * truth
    apart, own = on_a_line(truth, wide), on_a_line(wide, wide)
    assert energy_distance(apart**2, within**2, own**2) == pytest.approx(8, abs=0.2)


def test_the_metric_is_the_root_of_the_sum_over_degrees():
    p, q = diagram(h0=[(0, 0.3)], h1=[(0, 0.2)]), diagram(h0=[(0, 0.3)], h2=[(0, 0.4)])
    expected = np.sqrt(0.2**2 / 2 + 0.4**2 / 2)
    np.testing.assert_allclose(diagram_metric(diagram_costs([p], [q])), [[expected]], rtol=1e-6)


def test_the_metric_of_diagrams_is_not_of_negative_type():
    """Two different distributions whose energy distance is negative (docs/scores.md)."""
    chords = [((0, 2), (2, 1)), ((1, 0), (2, 2)), ((0, 1), (2, 0)), ((0, 0), (1, 2))]
    mirrored = [tuple((2 - x, y) for x, y in chord) for chord in chords]
    high = [diagram(h1=[(x, y + 100) for x, y in chord]) for chord in chords + mirrored]
    d = diagram_metric(diagram_costs(high))
    here, there = slice(0, 4), slice(4, 8)
    value = 2 * d[here, there].mean() - d[here, here].mean() - d[there, there].mean()
    assert value == pytest.approx(1 + 2**0.5 - 6**0.5)
    assert value < 0


def test_spread_leaves_out_a_shape_with_itself():
    assert spread(on_a_line([0.0, 3.0], [0.0, 3.0])) == 3


def test_pd_lap_by_hand():
    # one point of degree 1: (0, 0.2) costs 0.02 to drop; to (0, 0.3) it is 0.01 away
    synthetic = [diagram(h1=[(0, 0.2)]), diagram()]
    reference = [diagram(), diagram(h1=[(0, 0.3)])]
    scores = pd_lap(synthetic, reference)
    assert scores["pd_lap"] == pytest.approx(0.01 / 2, rel=1e-5)
    assert scores["pd_lap_h1"] == pytest.approx(0.01 / 2, rel=1e-5)
    assert scores["pd_lap_h0"] == scores["pd_lap_h2"] == 0


def test_parts_may_sum_to_less_than_the_whole():
    # degree 0 wants the pairs crossed, degree 1 straight
    synthetic = [diagram(h0=[(0, 0.2)], h1=[(0, 0.2)]), diagram()]
    reference = [diagram(h1=[(0, 0.2)]), diagram(h0=[(0, 0.2)])]
    scores = pd_lap(synthetic, reference)
    assert scores["pd_lap_h0"] == scores["pd_lap_h1"] == 0
    assert scores["pd_lap"] == pytest.approx(0.02, rel=1e-5)


def test_an_empty_row_costs_the_way_to_the_diagonal():
    reference = [diagram(h0=[(-0.1, 0.1)]), diagram(h2=[(0, 0.4)])]
    scores = pd_lap([diagram(), diagram()], reference)
    assert scores["pd_lap"] == pytest.approx((0.02 + 0.08) / 2, rel=1e-5)


points = st.lists(
    st.tuples(st.floats(-0.5, 0.5, width=32), st.floats(0, 0.5, width=32)), max_size=4
).map(lambda pairs: [(x, x + p) for x, p in pairs])
diagrams = st.lists(st.builds(diagram, points, points, points), min_size=4, max_size=4)


@settings(deadline=None, max_examples=40)
@given(diagrams, diagrams)
def test_the_whole_is_never_below_its_parts(synthetic, reference):
    scores = pd_lap(synthetic, reference)
    parts = sum(scores[f"pd_lap_h{k}"] for k in range(3))
    assert scores["pd_lap"] >= parts - 1e-12
    assert pd_lap(synthetic, synthetic)["pd_lap"] == pytest.approx(0, abs=1e-12)
    shuffled = pd_lap(synthetic[::-1], reference)
    assert shuffled["pd_lap"] == pytest.approx(scores["pd_lap"], abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(diagrams, diagrams)
def test_pd_lap_is_the_assignment_of_summed_costs(synthetic, reference):
    costs = diagram_costs(reference, synthetic)
    assert costs.shape == (3, 4, 4)
    rows, columns = linear_sum_assignment(costs.sum(axis=0))
    expected = costs.sum(axis=0)[rows, columns].mean()
    assert pd_lap(synthetic, reference)["pd_lap"] == pytest.approx(expected, abs=1e-12)


def test_histograms_count_all_above_ten_as_ten_unless_told_otherwise():
    counted = betti_histogram([(10, 11, 12.0)])
    assert counted.shape == (3, 11)
    assert counted[:, -1].tolist() == [1, 1, 1]
    assert betti_histogram(np.empty((0, 3), int), largest=2).tolist() == [[0] * 3] * 3


def test_histograms():
    counted = betti_histogram([(1, 0, 0), (1, 4, 0), (3, 30, 1)], largest=5)
    assert counted.tolist() == [[0, 2, 0, 1, 0, 0], [1, 0, 0, 0, 1, 1], [2, 1, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: assigned(np.ones((2, 3))), "equal size"),
        (lambda: nearest(np.ones((0, 3))), "matrix"),
        (lambda: nearest(np.array([[1.0, np.nan]])), "reference 0 and synthetic 1"),
        (lambda: spread(np.zeros((1, 1))), "at least two shapes"),
        (lambda: energy_distance(BETWEEN, np.ones((2, 2)), np.ones((3, 3))), "within_reference"),
        (lambda: pd_lap([diagram()], [diagram(), diagram()]), "equal size"),
    ],
)
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
