"""Functions on simplicial complexes: against gudhi's tree, grids, and finite differences."""

import itertools

import gudhi
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import multiset

from toposhape.topology import LevelSetPersistence, SimplicialPersistence

TORUS = [tuple(sorted((i, (i + a) % 7, (i + 3) % 7))) for i in range(7) for a in (1, 2)]
"""Möbius' triangulation of a torus with seven vertices."""

BAND = [(i, (i + 1) % 10, (i + 2) % 10) for i in range(10)]


def by_gudhi(simplices, values, superlevel, degree):
    """Finite points (low, high) by lower stars, and the births of classes that never die."""
    sign = -1 if superlevel else 1
    tree = gudhi.SimplexTree()
    for simplex in simplices:
        tree.insert(list(simplex))
    for simplex, _ in tree.get_simplices():
        tree.assign_filtration(simplex, max(sign * values[v] for v in simplex))
    tree.compute_persistence(persistence_dim_max=True, min_persistence=0)
    pairs = sign * tree.persistence_intervals_in_dimension(degree).reshape(-1, 2)
    finite = np.isfinite(pairs).all(axis=1)
    return np.sort(pairs[finite], axis=1), np.sort(pairs[~finite, 0])


@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("ties", [True, False])
def test_diagrams_by_gudhi(superlevel, ties):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 4, (6, 7)).astype(float) if ties else rng.standard_normal((6, 7))
    tensor = torch.from_numpy(values)
    found = SimplicialPersistence(TORUS, superlevel)(tensor)
    whole = SimplicialPersistence(TORUS, superlevel, essential="range")(tensor)
    for own, with_essential, x in zip(found.unbind(), whole.unbind(), values, strict=True):
        for degree in range(3):
            points, born = by_gudhi(TORUS, x, superlevel, degree)
            np.testing.assert_array_equal(multiset(own.points[degree].numpy()), multiset(points))
            ends = x.min() if superlevel else x.max()
            extra = np.sort(np.stack([born, np.full_like(born, ends)], axis=1), axis=1)
            extra = extra[extra[:, 0] < extra[:, 1]]
            np.testing.assert_array_equal(
                multiset(with_essential.points[degree].numpy()),
                multiset(np.concatenate([points, extra])),
            )


sizes = st.tuples(st.integers(2, 5), st.integers(2, 5), st.integers(0, 2**32 - 1))


@given(sizes, st.booleans())
@settings(deadline=None, derandomize=True, max_examples=30)
def test_a_triangulated_grid_is_a_complex(size, superlevel):
    rows, columns, seed = size
    number = np.arange(rows * columns).reshape(rows, columns)
    corners = [number[:-1, :-1], number[1:, 1:], number[:-1, 1:], number[1:, :-1]]
    a, b, c, d = (x.ravel() for x in corners)
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, b, d], 1)])
    field = torch.from_numpy(np.random.default_rng(seed).integers(0, 5, (rows, columns)) * 1.0)
    ours = SimplicialPersistence([triangles], superlevel, essential="range")(field.flatten())
    grid = LevelSetPersistence(2, superlevel, essential="range")(field)
    for degree in (0, 1):
        for found in (ours.of_degree(degree), grid.of_degree(degree)):
            torch.testing.assert_close(field.flatten()[found.cells], found.points)
        np.testing.assert_array_equal(
            multiset(ours.of_degree(degree).points.numpy()),
            multiset(grid.of_degree(degree).points.numpy()),
        )


@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("essential", ["drop", "range"])
def test_gradients_by_finite_differences(superlevel, essential):
    generator = torch.Generator().manual_seed(0)
    values = torch.stack([torch.randperm(10, generator=generator) for _ in range(3)]).double()
    layer = SimplicialPersistence(BAND, superlevel, essential=essential)

    def weighted(x):
        found = layer(x)
        weights = 1.0 + found.item + 2 * found.degree
        return (weights * found.points[:, 1].sin() * (2 + found.points[:, 0]).square()).sum()

    torch.autograd.gradcheck(weighted, values.requires_grad_(), atol=1e-6)
    assert torch.autograd.grad(weighted(values), values)[0].abs().max() > 1


def test_faces_are_added_and_dimensions_mixed():
    layer = SimplicialPersistence([(2, 1, 0), (3, 2), (4,)])
    assert [len(cells) for cells in layer.simplices] == [5, 4, 1]
    pairs = itertools.combinations(range(3), 2)
    assert {tuple(e) for e in layer.simplices[1].tolist()} == {*pairs, (2, 3)}
    assert len(layer(torch.zeros(0, 5))) == 0


@pytest.mark.parametrize(
    ("simplices", "message"),
    [
        ([], "a complex needs simplices"),
        ([(0, -1)], "from 0 on"),
        ([(0, 1, 1)], r"\[0, 1, 1\] names a vertex twice"),
        ([(0, 2)], "vertex 1 is in no simplex"),
    ],
)
def test_what_is_no_complex(simplices, message):
    with pytest.raises(ValueError, match=message):
        SimplicialPersistence(simplices)


def test_what_is_no_function():
    layer = SimplicialPersistence([(0, 1), (1, 2)])
    with pytest.raises(ValueError, match=r"\(B, 3\) floats are needed"):
        layer(torch.zeros(2, 4))
    with pytest.raises(ValueError, match="item 1 of the batch holds nan at vertex 2"):
        layer(torch.tensor([[0, 0, 0], [0, 0, float("nan")]]))
    with pytest.raises(ValueError, match="1 to 2 for this"):
        SimplicialPersistence([(0, 1)], degrees=3)
    with pytest.raises(ValueError, match="drop, range"):
        SimplicialPersistence([(0, 1)], essential="no")
