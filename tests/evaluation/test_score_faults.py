"""The faults that docs/make_score_faults.py makes are those that it names; its verdicts too."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.metrics import METRICS
from toposhape.settings.topology import Topology

DOCS = Path(__file__).parents[2] / "docs"
AXIS = np.linspace(-1, 1, 48)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


@pytest.fixture(scope="module")
def docs():
    """The two programs as modules."""
    sys.path.insert(0, str(DOCS))
    try:
        yield tuple(importlib.import_module(name) for name in ("shape_faults", "make_score_faults"))
    finally:
        sys.path.remove(str(DOCS))


def box(x, y, z):
    sides = [
        abs(v - (a + b) / 2) - (b - a) / 2 for v, (a, b) in zip((X, Y, Z), (x, y, z), strict=True)
    ]
    return np.maximum.reduce(sides)


def stool():
    """A plate on four legs: one piece; without the ground four legs close no loop."""
    ends = ((-0.6, -0.4), (0.4, 0.6))
    legs = [box(x, (-0.8, 0.1), z) for x in ends for z in ends]
    return np.minimum.reduce([box((-0.7, 0.7), (0, 0.2), (-0.7, 0.7)), *legs]).astype(np.float32)


def frame():
    """A window of two panes, open towards z: two handles."""
    solid = box((-0.7, 0.7), (-0.7, 0.7), (-0.1, 0.1))
    panes = [box((-0.5, 0.5), y, (-1, 1)) for y in ((-0.55, -0.1), (0.1, 0.55))]
    return np.maximum(solid, -np.minimum(*panes)).astype(np.float32)


def shell():
    """A ball with a cavity."""
    radius = np.sqrt(X**2 + Y**2 + Z**2)
    return np.maximum(radius - 0.8, 0.3 - radius).astype(np.float32)


def betti(field):
    (described,) = describe_fields(np.asarray(field, np.float32)[None], Topology(), 1)
    return described.betti


RANDOM = np.random.default_rng(0)


def test_each_fault_does_what_its_name_says(docs):
    faults, _ = docs
    assert betti(stool()) == (1, 0, 0) and betti(frame()) == (1, 2, 0) and betti(shell())[2] == 1
    assert betti(faults.torn(one=True)(stool(), RANDOM)) == (2, 0, 0)
    assert betti(faults.torn(one=False)(stool(), RANDOM)) == (5, 0, 0)
    assert betti(faults.crumbled(stool(), np.random.default_rng(1)))[0] == 1 + faults.CRUMBS
    wide = np.swapaxes(frame(), 0, 1)  # its panes are narrow along x
    assert betti(faults.filled_handles(wide, RANDOM)) == (1, 0, 0)
    assert betti(faults.filled_cavities(shell(), RANDOM)) == (1, 0, 0)
    assert betti(faults.hollowed(box((-0.6, 0.6), (-0.6, 0.6), (-0.6, 0.6)), RANDOM)) == (1, 0, 1)


def test_a_move_is_exact_and_nothing_else(docs):
    faults, _ = docs
    moved = faults.moved(2)(stool(), RANDOM)
    np.testing.assert_array_equal(moved[2:], stool()[:-2])
    assert betti(moved) == (1, 0, 0)


def test_noise_has_its_deviation(docs):
    faults, _ = docs
    error = faults.noisy(stool(), np.random.default_rng(2)) - stool()
    assert error.std() == pytest.approx(faults.NOISE, rel=1e-3)


def test_what_fills_leaves_the_rest_of_the_field(docs):
    faults, _ = docs
    filled = faults.filled_cavities(shell(), RANDOM)
    outside = shell() > 0.1
    far = outside & (np.sqrt(X**2 + Y**2 + Z**2) > 0.8)
    np.testing.assert_array_equal(filled[far], shell()[far])
    assert (filled <= shell()).all()


@pytest.mark.parametrize(
    ("metric", "moved_by", "expected"),
    [
        ("pd_lap", 2.1, "sees"),
        ("pd_lap", -2.1, "fooled"),
        ("pd_lap", 1.9, "blind"),
        ("coverage", -2.1, "sees"),
        ("coverage", 2.1, "fooled"),
        ("spread", -2.1, "sees"),
        ("spread", 2.1, "sees"),
    ],
)
def test_verdicts(docs, metric, moved_by, expected):
    assert docs[1].verdict(METRICS[metric], moved_by) == expected


def test_movements_are_in_deviations_of_the_sets_without_fault(docs):
    scores = {
        "none": pd.DataFrame({"pd_lap": [1.0, 2.0, 3.0], "empty_share": [0.0] * 3}),
        "torn": pd.DataFrame({"pd_lap": [6.0, 7.0, 8.0], "empty_share": [0.0] * 3}),
    }
    found = docs[1].movements(scores)
    assert found["torn"].to_dict() == {"pd_lap": 5.0, "empty_share": 0.0}
    assert list(found.columns) == ["torn"]
    assert docs[1].entry(METRICS["pd_lap"], 5.0) == "+5"
    assert docs[1].entry(METRICS["pd_lap"], -5.0) == "**−5 fooled**"
    assert docs[1].entry(METRICS["pd_lap"], 0.3) == "·"
    assert docs[1].entry(METRICS["pd_lap"], np.inf) == "+99"


def test_the_share_of_negative_eigenvalues_is_zero_for_a_metric_of_negative_type(docs):
    from toposhape.topology import StoredDiagram

    none = np.empty((0, 2), np.float32)
    # one point high above the diagonal: distances in the plane
    points = np.random.default_rng(0).uniform(0, 1, (12, 2)).astype(np.float32) + [0, 50]
    plane = [StoredDiagram((none, p[None].astype(np.float32), none)) for p in points]
    of_metric, of_squares = docs[1].negative_share(plane)
    assert of_metric < 1e-6 and of_squares < 1e-4
    chords = [((0, 2), (2, 1)), ((1, 0), (2, 2)), ((0, 1), (2, 0)), ((0, 0), (1, 2))]
    both = [*chords, *[tuple((2 - x, y) for x, y in c) for c in chords]]
    high = [
        StoredDiagram((none, np.array([(x, y + 100) for x, y in c], np.float32), none))
        for c in both
    ]
    assert docs[1].negative_share(high)[0] == pytest.approx(0.00556, abs=1e-4)
