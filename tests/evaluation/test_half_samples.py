"""Intervals and floors from halves: right for means, nothing for copies, refused for few shapes."""

import numpy as np
import pytest

from toposhape.evaluation.half_samples import certain_scores
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.set_scores import Comparison, Reference, score_set
from toposhape.evaluation.shape_sets import field_set

AXIS = np.linspace(-1, 1, 20)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


def solids(sizes, tori):
    """Balls, and as many tori as said."""
    balls = [np.sqrt(X**2 + Y**2 + Z**2) - 0.4 - 0.3 * size for size in sizes[tori:]]
    rings = [np.hypot(np.hypot(X, Z) - 0.5, Y) - 0.15 - 0.2 * size for size in sizes[:tori]]
    return field_set(np.array([*rings, *balls], np.float32), points=128)


@pytest.fixture(scope="module")
def sets():
    random = np.random.default_rng(0)
    return [solids(random.random(16), tori) for tori in (8, 4)]


@pytest.fixture(scope="module")
def comparison(sets):
    return Comparison.of(sets[1], Reference.of(sets[0]))


@pytest.fixture(scope="module")
def certain(comparison):
    return certain_scores(comparison, samples=400)


def test_values_are_those_of_score_set(sets, certain):
    scores = score_set(sets[1], Reference.of(sets[0]))
    assert {name: each.value for name, each in certain.items()} == pytest.approx(scores)
    assert set(certain) <= set(METRICS)


def test_the_interval_of_a_mean_is_the_known_one(certain):
    handles = certain["handles_mean"]  # of 16 shapes 4 have one
    error = np.sqrt(0.25 * 0.75 / 15)
    assert handles.value == 0.25
    assert handles.high - handles.low == pytest.approx(2 * 1.96 * error, rel=0.2)


def test_the_floor_is_that_of_the_reference(certain):
    assert certain["handles_mean"].floor == pytest.approx(0.5, abs=0.03)
    assert certain["pd_lap"].floor < certain["pd_lap"].halves
    assert certain["one_nna"].floor < 0.8


def test_intervals_stay_where_scores_can_be(certain):
    for name, each in certain.items():
        assert each.low <= each.value <= each.high, name
        assert name == "energy_distance" or each.low >= 0, name
        assert METRICS[name].unit != "%" or each.high <= 1, name


def test_the_same_seed_gives_the_same_numbers(comparison):
    one, other = (certain_scores(comparison, samples=20, seed=4) for _ in range(2))
    assert one == other


def test_parts_of_a_comparison_are_comparisons_of_parts(sets, comparison):
    rows, columns = np.arange(3, 9), np.arange(0, 12, 2)
    parts = Comparison.of(sets[1].take(columns), Reference.of(sets[0].take(rows)))
    assert comparison.take(rows, columns).scores() == pytest.approx(parts.scores())


def test_few_or_unequal_shapes_are_refused(sets):
    few = Comparison.of(sets[1].take(np.arange(3)), Reference.of(sets[0].take(np.arange(3))))
    unequal = Comparison.of(sets[1].take(np.arange(5)), Reference.of(sets[0]))
    for wrong in (few, unequal):
        with pytest.raises(ValueError, match="two sets of one size"):
            certain_scores(wrong)
