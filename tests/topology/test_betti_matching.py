"""Betti matching: against the definitions on small grids, its properties, its gradients."""

import itertools

import brute_force
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import COMPLEXES

from toposhape.topology import BettiMatching, betti_matching_loss, wasserstein_loss
from toposhape.topology.comparison.image_persistence import descent, image_persistence

SHAPES = {1: (9,), 2: (4, 4), 3: (3, 3, 3)}


def two_fields(seed, shape, levels=None):
    """Two fields; of few levels they have many ties."""
    rng = np.random.default_rng(seed)
    if levels:
        return rng.integers(0, levels, (2, *shape)).astype(np.float64)
    return rng.standard_normal((2, *shape))


def in_space(field):
    return field.reshape((1,) * (3 - field.ndim) + field.shape)


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("dim", SHAPES)
def test_image_persistence_by_ranks(dim, complex):
    cells = brute_force.all_cells(SHAPES[dim], complex)
    seen = 0
    for seed, degree in itertools.product(range(4), range(dim)):
        f, other = two_fields(seed, SHAPES[dim], levels=6)
        g = np.maximum(f, other)
        pairs = image_persistence(descent(in_space(f)), descent(in_space(g)), degree, dim, complex)
        death, birth = g.ravel()[pairs[:, 0]], f.ravel()[pairs[:, 1]]
        for high, low in itertools.combinations_with_replacement(range(5, -1, -1), 2):
            alive = int(((birth >= high) & (death < low)).sum()) + (degree == 0 and f.max() >= high)
            assert alive == brute_force.image_rank(f, g, cells, degree, high, low)
            seen += alive - (degree == 0)
    assert seen > 5


@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("levels", [None, 2, 4])
@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("dim", SHAPES)
def test_matching_by_the_definition(dim, complex, levels, superlevel):
    cells = brute_force.all_cells(SHAPES[dim], complex)
    layer, seen = BettiMatching(dim, superlevel, complex), 0
    fields = np.stack([two_fields(seed, SHAPES[dim], levels) for seed in range(10)], axis=1)
    sign = 1 if superlevel else -1
    found = layer(*(torch.from_numpy(sign * side) for side in fields))
    for item, degree in itertools.product(range(10), range(dim)):
        first, second = fields[:, item]
        expected = brute_force.matched(first, second, cells, degree)
        if degree == 0 and first.min() < first.max() and second.min() < second.max():
            ends = [(int(x.argmin()), int(x.argmax())) for x in (first, second)]
            expected = sorted([*expected, tuple(ends)])
        ours = []
        for one, other in found.pairs.tolist():
            if found.first.item[one] == item and found.first.degree[one] == degree:
                assert found.second.item[other] == item
                assert found.second.degree[other] == degree
                cells_of = (found.first.cells[one], found.second.cells[other])
                ours.append(tuple(tuple(c.tolist()[:: 1 if superlevel else -1]) for c in cells_of))
        assert sorted(ours) == expected
        seen += len(ours)
    assert seen > 10 - 5 * (levels == 2)


@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("dim", SHAPES)
def test_gradients_by_finite_differences(dim, superlevel):
    first, second = (torch.from_numpy(x)[None] for x in two_fields(0, SHAPES[dim]))
    layer = BettiMatching(dim, superlevel)

    def loss(x, y):
        return sum((1 + k) * betti_matching_loss(layer(x, y), k) for k in range(dim))

    both = (first.requires_grad_(), second.requires_grad_())
    torch.autograd.gradcheck(loss, both, atol=1e-6, fast_mode=True)
    assert loss(first, second) > 0.1


images = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))


@given(images, st.sampled_from(COMPLEXES), st.booleans())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_properties(image, complex, superlevel):
    """Symmetric; nothing to do between equals; no less than the cheapest matching; scaling."""
    *shape, seed = image
    first, second = torch.from_numpy(two_fields(seed, shape, levels=5))
    layer = BettiMatching(2, superlevel, complex)
    there, back, same = layer(first, second), layer(second, first), layer(first, first)
    assert sorted(there.pairs.tolist()) == sorted(back.pairs.flip(1).tolist())
    assert (same.pairs[:, 0] == same.pairs[:, 1]).all()
    assert len(same.pairs) == len(same.first.points)
    scaled = layer(3 * first - 7, 3 * second - 7)
    assert torch.equal(scaled.pairs, there.pairs)
    for degree in (0, 1):
        loss = betti_matching_loss(there, degree)
        assert betti_matching_loss(same, degree).item() == 0 == same.errors(degree).item()
        torch.testing.assert_close(betti_matching_loss(scaled, degree), 9 * loss)
        points = there.second.of_degree(degree).points
        assert loss.item() >= wasserstein_loss(there.first, degree, [points]).item() - 1e-9


@given(images, st.floats(1e-6, 0.1))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_small_changes_cost_little(image, size):
    """Each of the two ends of a feature moves no further than values do."""
    *shape, seed = image
    first, noise = torch.from_numpy(two_fields(seed, shape))
    moved = first + size * noise.clamp(-1, 1)
    matched = BettiMatching(2)(first, moved)
    ours, theirs = matched.pairs.unbind(1)
    assert ((matched.first.points[ours] - matched.second.points[theirs]).abs() <= 2 * size).all()
    for side, alone in zip((matched.first, matched.second), matched.alone(), strict=True):
        assert (side.lengths()[alone] <= 2 * size).all()


def test_a_batch_is_its_items():
    first, second = (torch.from_numpy(x).float() for x in two_fields(3, (5, 4, 5, 6)))
    layer = BettiMatching(3)
    whole = [betti_matching_loss(layer(first, second), k) for k in range(3)]
    for i in range(5):
        alone = layer(first[i], second[i])
        for k in range(3):
            assert betti_matching_loss(alone, k).item() == whole[k][i].item()


def test_a_constant_field_has_nothing_to_match():
    target = torch.tensor([[0.0, 1, 0, 1, 0]])
    matched = BettiMatching(1)(torch.full_like(target, 0.5), target)
    assert matched.errors(0).tolist() == [2]
    assert betti_matching_loss(matched, 0).tolist() == [1.0]


def test_place_counts():
    """A ring elsewhere is no match, though its diagram is the same."""
    y, x = torch.meshgrid(torch.arange(24.0), torch.arange(24.0), indexing="ij")
    rings = [(((x - a).hypot(y - a) - 4).abs() < 1).double()[None] for a in (6, 17)]
    matched = BettiMatching(2)(*rings)
    assert betti_matching_loss(matched, 1).item() == 1.0
    assert matched.errors(1).tolist() == [2]
    targets = [matched.second.of_degree(1).points]
    assert wasserstein_loss(matched.first, 1, targets).item() == 0


def test_descent_closes_the_gap_where_it_is():
    """A ring with a gap, and a blob off it: the loss closes the one and takes away the other."""
    y, x = torch.meshgrid(torch.arange(20.0), torch.arange(20.0), indexing="ij")
    target = (((x - 9).hypot(y - 9) - 5).abs() < 1.2).double()[None]
    broken = target.clone()
    broken[0, 8:11, 10:] = 0.1
    broken[0, 1:3, 1:3] = 0.9
    field, layer = broken.clone().requires_grad_(), BettiMatching(2)
    optimiser = torch.optim.SGD([field], 0.3)
    assert [layer(field, target).errors(k).item() for k in (0, 1)] == [1, 0]  # born at .1
    for _ in range(60):
        optimiser.zero_grad()
        matched = layer(field, target)
        sum(betti_matching_loss(matched, k).sum() for k in (0, 1)).backward()
        optimiser.step()
    assert max(betti_matching_loss(layer(field, target), k).item() for k in (0, 1)) < 0.01
    assert field[0, 1:3, 1:3].max() < 0.5


@pytest.mark.parametrize("other", [torch.zeros(1, 4, 5), torch.zeros(1, 4, 4).double()])
def test_fields_must_be_alike(other):
    with pytest.raises(ValueError, match="must be alike"):
        BettiMatching(2)(torch.zeros(1, 4, 4), other)
    with pytest.raises(ValueError, match="degree 2 is not in these diagrams"):
        betti_matching_loss(BettiMatching(2)(torch.zeros(1, 4, 4), torch.zeros(1, 4, 4)), 2)
