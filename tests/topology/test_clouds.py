"""Rips and alpha layers: against gudhi and brute force, gradients, odd clouds, properties."""

import gudhi
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import multiset

from toposhape.topology import AlphaPersistence, RipsPersistence

LAYERS = {
    "rips": RipsPersistence,
    "rips H0": lambda **options: RipsPersistence(degrees=1, **options),
    "alpha": AlphaPersistence,
    "weak": lambda dim, **options: AlphaPersistence(dim, weak=True, **options),
}


def layer_of(name, dim, **options):
    return LAYERS[name](**({} if "rips" in name else {"dim": dim}), **options)


def cloud(seed, n, dim):
    return torch.from_numpy(np.random.default_rng(seed).random((n, dim)))


def bars(tree, degree, power=1.0):
    """gudhi's finite bars of positive length."""
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0, persistence_dim_max=True)
    pairs = tree.persistence_intervals_in_dimension(degree).reshape(-1, 2)
    pairs = pairs[np.isfinite(pairs[:, 1]) & (pairs[:, 0] < pairs[:, 1])]
    return multiset(np.maximum(pairs, 0) ** power)


def assert_bars(diagrams, degree, expected, item=0):
    found = multiset(diagrams.unbind()[item].points[degree].detach().numpy())
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("degrees", [1, 2, 3])
def test_rips_by_gudhi(dim, degrees):
    points = [cloud(seed, 14, dim) for seed in range(3)]
    diagrams = RipsPersistence(degrees)(points)
    for i, own in enumerate(points):
        tree = gudhi.RipsComplex(points=own.numpy()).create_simplex_tree(degrees)
        for degree in range(degrees):
            assert_bars(diagrams, degree, bars(tree, degree), i)


def test_rips_stops_where_it_should():
    points = cloud(4, 20, 2)
    diagrams = RipsPersistence(2, longest=0.3)(points)
    tree = gudhi.RipsComplex(points=points.numpy(), max_edge_length=0.3).create_simplex_tree(2)
    for degree in range(2):
        assert_bars(diagrams, degree, bars(tree, degree))
    assert_bars(RipsPersistence(1, longest=0.3)(points), 0, bars(tree, 0))


@pytest.mark.parametrize("n", [4, 5, 30, 200])
@pytest.mark.parametrize("dim", [2, 3])
def test_alpha_by_gudhi(dim, n):
    points = cloud(n, n, dim)
    tree = gudhi.AlphaComplex(points=points.numpy()).create_simplex_tree()
    radii, squares = AlphaPersistence(dim)(points), AlphaPersistence(dim, squared=True)(points)
    for degree in range(dim):
        assert_bars(radii, degree, bars(tree, degree, 0.5))
        assert_bars(squares, degree, bars(tree, degree))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_components_of_weak_alpha_are_those_of_rips(dim):
    points = cloud(5, 40, dim)
    expected = multiset(RipsPersistence(1)(points).points.numpy())
    assert_bars(AlphaPersistence(dim, weak=True)(points), 0, expected)
    halves = AlphaPersistence(dim)(points)
    assert_bars(halves, 0, expected / 2)


@pytest.mark.parametrize("longest", [None, 0.5])
def test_both_engines_find_the_same_edges(longest):
    pytest.importorskip("ripser", reason="pip install toposhape[rips]")
    points = [cloud(seed, n, 3) for seed, n in ((0, 25), (1, 12), (2, 1), (3, 2))]
    one, other = (RipsPersistence(3, longest, engine=e)(points) for e in ("gudhi", "ripser"))
    for ours, theirs in zip(one.unbind(), other.unbind(), strict=True):
        for k in range(3):
            np.testing.assert_allclose(
                multiset(ours.points[k].numpy()), multiset(theirs.points[k].numpy()), atol=1e-12
            )
    lattice = torch.cartesian_prod(*[torch.arange(4.0)] * 2)
    assert RipsPersistence(2, engine="ripser")(lattice).of_degree(1).points.unique().shape == (2,)


def test_on_a_line_bars_are_gaps():
    points = torch.tensor([[3.0], [0.0], [1.0], [7.0]])
    for layer in (RipsPersistence(1), AlphaPersistence(1, weak=True)):
        assert sorted(layer(points).lengths().tolist()) == [1, 2, 4]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_gradients_by_finite_differences(name, dim):
    points = [cloud(6, 9, dim).requires_grad_(), cloud(7, 7, dim).requires_grad_()]
    layer = layer_of(name, dim)

    def loss(*clouds):
        diagrams = layer(list(clouds))
        low, high = diagrams.points.unbind(1)
        weights = 1.0 + diagrams.item + 2 * diagrams.degree
        return (weights * high.sin() * (2.0 + low).square()).sum()

    torch.autograd.gradcheck(loss, points, eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dim", [2, 3])
def test_odd_clouds(name, dim):
    layer = layer_of(name, dim)
    good = cloud(8, 12, dim)
    twice = torch.cat([good, good[:5]])
    for own, odd in ((good, twice), (good, good[torch.randperm(12)]), (good, good + 1e5)):
        for k in range(layer.degrees):
            expected = multiset(layer(own).unbind()[0].points[k].numpy())
            found = multiset(layer(odd).unbind()[0].points[k].numpy())
            np.testing.assert_allclose(found, expected, atol=1e-6)
    flat = good.clone()
    flat[:, -1] = 0.5
    line = torch.linspace(0, 1, 6, dtype=torch.float64)[:, None].repeat(1, dim)
    lattice = torch.cartesian_prod(*[torch.arange(3.0, dtype=torch.float64)] * dim)
    for odd in (flat, line, lattice, good[:1], good[:2], good[:1].repeat(4, 1)):
        own = odd.clone().requires_grad_()
        diagrams = layer(own)
        assert (diagrams.lengths() > 0).all()
        unique = len(torch.unique(odd, dim=0))
        assert len(diagrams.of_degree(0).points) == unique - 1
        diagrams.lengths().sum().backward()
        assert own.grad is None or own.grad.isfinite().all()


def test_a_flat_cloud_is_the_plane_cloud():
    plane = cloud(9, 30, 2)
    turn = torch.linalg.qr(cloud(10, 3, 3)).Q[:2]
    for weak in (False, True):
        inside, flat = AlphaPersistence(3, weak)(plane @ turn), AlphaPersistence(2, weak)(plane)
        for degree in (0, 1):
            assert_bars(inside, degree, multiset(flat.unbind()[0].points[degree].numpy()))


@given(st.integers(0, 2**32 - 1), st.sampled_from(["rips", "rips H0", "alpha"]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_stability(seed, name):
    """Points that move by r change distances by 2 r and radii by r."""
    rng = np.random.default_rng(seed)
    points, layer = rng.random((15, 2)), layer_of(name, 2)
    move = rng.uniform(-0.05, 0.05, points.shape)
    reach = np.linalg.norm(move, axis=1).max() * (1 if name == "alpha" else 2)
    one, other = (layer(torch.from_numpy(p)).unbind()[0] for p in (points, points + move))
    for ours, theirs in zip(one.points, other.points, strict=True):
        assert gudhi.bottleneck_distance(ours.numpy(), theirs.numpy()) <= reach + 1e-9


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.sampled_from(list(LAYERS)))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_scaling(seed, scale, name):
    points, layer = cloud(seed, 12, 2), layer_of(name, 2)
    for own, scaled in zip(
        layer(points).unbind()[0].points, layer(scale * points).unbind()[0].points, strict=True
    ):
        np.testing.assert_allclose(multiset(scaled.numpy()), multiset(scale * own.numpy()))


def test_gradients_are_spread():
    points = cloud(11, 40, 2).requires_grad_()
    sharp, smooth, exact = (
        torch.autograd.grad(
            AlphaPersistence(2, gradient=g, radius=0.1)(points).of_degree(1).lengths().max(), points
        )[0]
        for g in ("points", "smooth", "interpolate")
    )
    moved = sharp.abs().sum(1) > 0
    assert 2 <= moved.sum() <= 6
    centres = points.detach()[moved]
    kernel = torch.exp(-(torch.cdist(points.detach(), centres) ** 2) / (2 * 0.1**2))
    torch.testing.assert_close(smooth, kernel @ sharp[moved] / kernel.sum(1, keepdim=True))
    torch.testing.assert_close(exact[moved], sharp[moved], atol=1e-3, rtol=1e-3)
    assert (exact[~moved].abs().sum(1) > 0).all()
    still = torch.zeros(1, 2, requires_grad=True)
    AlphaPersistence(2, gradient="smooth")(still).points.sum().backward()
    assert not still.grad.any()


def test_what_is_refused():
    for bad in (torch.zeros(3), torch.zeros(0, 2), torch.zeros(3, 2, dtype=torch.int64), []):
        with pytest.raises(ValueError, match="is needed|are needed|is due|no cloud"):
            RipsPersistence()(bad)
    broken = [torch.rand(4, 2), torch.tensor([[0.0, 1], [torch.nan, 0]])]
    with pytest.raises(ValueError, match="cloud 1: point 1"):
        RipsPersistence()(broken)
    with pytest.raises(ValueError, match="cloud 1 has points of 3 coordinates, cloud 0 of 2"):
        RipsPersistence()([torch.rand(4, 2), torch.rand(4, 3)])
    with pytest.raises(ValueError, match="3 coordinates; this layer has dim=2"):
        AlphaPersistence(2)(torch.rand(5, 3))
    for make in (lambda: AlphaPersistence(4), lambda: RipsPersistence(0)):
        with pytest.raises(ValueError, match="dim must be|degrees is"):
            make()
    with pytest.raises(ValueError, match="gradient must be one of"):
        RipsPersistence(gradient="vertices")
