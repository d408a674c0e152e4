"""The fast path for images and lines: against gudhi, against the closed form, and batches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import COMPLEXES, KINDS, field, multiset

from toposhape.topology import sublevel_diagrams, superlevel_diagrams
from toposhape.topology.images.engine import VERTICES_AT_ONCE, image_pairs

IMAGE_SHAPES = [(1, 1), (1, 9), (9, 1), (2, 2), (3, 3), (6, 7), (12, 5)]


def diagram_of(values, pairs, degree, item=0):
    chosen = pairs.vertices[(pairs.item == item) & (pairs.degree == degree)]
    return multiset(values.reshape(-1)[chosen].reshape(-1, 2))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    shape=st.sampled_from(IMAGE_SHAPES),
    seed=st.integers(0, 2**32 - 1),
    complex=st.sampled_from(COMPLEXES),
    superlevel=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_batches_against_gudhi(kind, shape, seed, complex, superlevel, dtype):
    batch = np.stack([field(kind, shape, seed + i, dtype) for i in range(3)])
    pairs = image_pairs(batch, complex, superlevel=superlevel, threads=1)
    oracle = superlevel_diagrams if superlevel else sublevel_diagrams
    for i, values in enumerate(batch):
        expected = oracle(values, complex=complex, engine="gudhi")
        for degree in (0, 1):
            np.testing.assert_array_equal(
                diagram_of(values, pairs, degree, i), multiset(expected.points[degree])
            )


@pytest.mark.parametrize("superlevel", [True, False])
def test_a_batch_in_many_parts_is_its_items(superlevel):
    rng = np.random.default_rng(0)
    batch = rng.random((9, 150, 160)).astype(np.float32)
    assert batch.size > 3 * VERTICES_AT_ONCE
    whole = image_pairs(batch, "freudenthal", superlevel=superlevel, threads=2)
    assert (np.diff(whole.item) >= 0).all()
    for i, values in enumerate(batch):
        alone = image_pairs(values[None], "freudenthal", superlevel=superlevel)
        here = whole.item == i
        np.testing.assert_array_equal(whole.vertices[here], alone.vertices)
        np.testing.assert_array_equal(whole.degree[here], alone.degree)


def test_sublevel_sets_are_superlevel_sets_upside_down():
    values = field("smooth", (6, 7, 5), 3)
    down = superlevel_diagrams(-values, essential=True)
    up = sublevel_diagrams(values, essential=True)
    for k in range(3):
        np.testing.assert_array_equal(multiset(-down.points[k][:, ::-1]), multiset(up.points[k]))
        np.testing.assert_array_equal(values.reshape(-1)[up.vertices[k]], up.points[k])
    assert up.essential[0] == values.min()
    assert [len(e) for e in up.essential] == [1, 0, 0]


@pytest.mark.parametrize("shape", [(12, 15), (6, 7, 8)])
@pytest.mark.parametrize("oracle", [superlevel_diagrams, sublevel_diagrams])
def test_betti_numbers_with_essential_classes(shape, oracle):
    from skimage.measure import euler_number, label

    values = field("smooth", shape, 4)
    diagram = oracle(values, complex="cubical", essential=True)
    for level in np.quantile(values, [0.1, 0.5, 0.9]):
        inside = values >= level if oracle is superlevel_diagrams else values <= level
        betti = diagram.betti_numbers(level)
        assert betti[0] == label(inside, connectivity=1).max()
        assert betti[0] - betti[1] + betti[2] == euler_number(inside, connectivity=1)
    outside = values.max() + 1 if oracle is superlevel_diagrams else values.min() - 1
    assert diagram.betti_numbers(outside) == (0, 0, 0)
