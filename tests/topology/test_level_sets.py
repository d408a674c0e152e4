"""The layer of level sets: gradients, batches, closed forms, properties."""

import gudhi
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import COMPLEXES, multiset

from toposhape.topology import (
    LevelSetPersistence,
    diagram_energy,
    longest,
    polynomial_features,
    sublevel_diagrams,
    superlevel_diagrams,
)

SHAPES = {1: (14,), 2: (5, 6), 3: (4, 3, 4)}


def distinct(seed, *shape, dtype=torch.float64):
    """Values far from ties."""
    generator = torch.Generator().manual_seed(seed)
    count = int(np.prod(shape))
    return (torch.randperm(count, generator=generator).to(dtype) / count).reshape(shape)


def weighted(diagrams):
    """A function of all points that tells items, degrees, low and high ends apart."""
    weights = 1.0 + diagrams.item + 2 * diagrams.degree
    low, high = diagrams.points.unbind(1)
    return (weights * high.sin() * (2.0 + low).square()).sum()


@pytest.mark.parametrize("essential", ["drop", "range"])
@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_gradients_by_finite_differences(dim, complex, superlevel, essential):
    fields = distinct(0, 2, *SHAPES[dim])
    layer = LevelSetPersistence(dim, superlevel, complex, essential=essential, threads=1)
    torch.autograd.gradcheck(
        lambda x: weighted(layer(x)), fields.requires_grad_(), eps=1e-6, atol=1e-6
    )
    (gradient,) = torch.autograd.grad(weighted(layer(fields)), fields)
    assert gradient.abs().max() > 1


@pytest.mark.parametrize("superlevel", [True, False])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_batch_is_its_items_and_their_diagrams(dim, superlevel):
    fields = distinct(1, 3, *SHAPES[dim], dtype=torch.float32)
    fields[1] = 1.0
    layer = LevelSetPersistence(dim, superlevel)
    batch = layer(fields)
    assert len(batch) == 3
    oracle = superlevel_diagrams if superlevel else sublevel_diagrams
    for item, values in zip(batch.unbind(), fields, strict=True):
        (alone,) = layer(values).unbind()
        expected = oracle(values.numpy(), engine="gudhi")
        for k in range(dim):
            assert torch.equal(item.points[k], alone.points[k])
            assert torch.equal(item.vertices[k], alone.vertices[k])
            assert torch.equal(values.flatten()[item.vertices[k]], item.points[k])
            np.testing.assert_array_equal(
                multiset(item.points[k].numpy()), multiset(expected.points[k])
            )
    assert len(layer(fields[:0])) == len(layer(fields[:0]).points) == 0


def test_two_forwards_before_a_backward():
    layer = LevelSetPersistence(2)
    fields = [distinct(seed, 2, 7, 5).requires_grad_() for seed in (2, 3)]
    alone = [torch.autograd.grad(weighted(layer(f)), f)[0] for f in fields]
    first, second = (weighted(layer(f)) for f in fields)
    (first + second).backward()
    for field, gradient in zip(fields, alone, strict=True):
        assert torch.equal(field.grad, gradient)


def test_ties_have_one_gradient_and_constants_none():
    layer = LevelSetPersistence(1)
    plateau = torch.tensor([[0.0, 2, 2, 0, 1, 1, 0]], requires_grad=True)
    diagram_energy(layer(plateau), 0).sum().backward()
    assert plateau.grad.tolist() == [[0, 0, 0, -1, 1, 0, 0]]
    flat = torch.zeros(2, 5, requires_grad=True)
    diagram_energy(layer(flat), 0).sum().backward()
    assert not flat.grad.any()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_gaussian_spreads_the_gradient(dim):
    field = distinct(4, *SHAPES[dim]).requires_grad_()
    plain, spread = (
        LevelSetPersistence(dim, gradient=g, radius=0.8) for g in ("vertices", "gaussian")
    )
    (sharp,) = torch.autograd.grad(diagram_energy(plain(field), 0).sum(), field)
    (smooth,) = torch.autograd.grad(diagram_energy(spread(field), 0).sum(), field)
    places = np.indices(field.shape).reshape(dim, -1)
    squares = ((places[:, :, None] - places[:, None]) ** 2).sum(axis=0)
    reach = (abs(places[:, :, None] - places[:, None]) <= 3).all(axis=0)  # ceil(3 * 0.8)
    kernel = torch.from_numpy(np.exp(-squares / (2 * 0.8**2)) * reach)
    torch.testing.assert_close(smooth.flatten(), kernel @ sharp.flatten())


lines = st.lists(st.integers(-9, 9), min_size=1, max_size=30)


@given(lines)
@settings(deadline=None, derandomize=True)
def test_a_line_in_closed_form(values):
    """All finite bars of a line are half its variation, but for the way up to its maximum."""
    x = torch.tensor(values, dtype=torch.float64)[None]
    expected = (x.diff().abs().sum() + x[0, 0] + x[0, -1]) / 2 - x.max()
    assert diagram_energy(LevelSetPersistence(1)(x), 0).item() == expected.item()
    whole = LevelSetPersistence(1, essential="range")(x)
    assert longest(whole, 0, 1).item() == (x.max() - x.min()).item()
    assert diagram_energy(whole, 0, skip=1).item() == expected.item()


images = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))


@given(images, st.floats(0.1, 10), st.floats(-5, 5), st.sampled_from(COMPLEXES))
@settings(deadline=None, derandomize=True)
def test_scaling_and_mirrors(image, scale, shift, complex):
    *shape, seed = image
    x = torch.from_numpy(np.random.default_rng(seed).integers(0, 6, shape).astype(np.float64))
    layer = LevelSetPersistence(2, complex=complex)
    points = layer(x).points
    torch.testing.assert_close(layer(scale * x + shift).points, scale * points + shift)
    turned = layer(x.flip(0, 1).contiguous()).unbind()[0]
    for k, own in enumerate(layer(x).unbind()[0].points):
        np.testing.assert_array_equal(multiset(own.numpy()), multiset(turned.points[k].numpy()))


@given(images, st.sampled_from(COMPLEXES), st.booleans())
@settings(deadline=None, derandomize=True)
def test_stability(image, complex, superlevel):
    """The bottleneck distance is no more than the largest change of a value."""
    *shape, seed = image
    rng = np.random.default_rng(seed)
    x = rng.random(shape)
    y = x + rng.uniform(-0.1, 0.1, shape)
    layer = LevelSetPersistence(2, superlevel, complex, essential="range")
    ours, theirs = (layer(torch.from_numpy(f)).unbind()[0].points for f in (x, y))
    for one, other in zip(ours, theirs, strict=True):
        moved = gudhi.bottleneck_distance(one.numpy(), other.numpy())
        assert moved <= np.abs(x - y).max() + 1e-9


def brute_energy(points, p, q, skip):
    lengths = sorted(((b - a, (a + b) / 2) for a, b in points.tolist()), reverse=True)[skip:]
    return sum(a**p * b**q for a, b in lengths)


@pytest.mark.parametrize("skip", [0, 1, 3, 99])
@pytest.mark.parametrize(("p", "q"), [(1, 0), (2, 0), (1, 2), (2, 1)])
def test_energy_by_brute_force(p, q, skip):
    fields = distinct(5, 4, 9, 9)
    diagrams = LevelSetPersistence(2)(fields)
    for degree in (0, 1):
        energy = diagram_energy(diagrams, degree, p, q, skip)
        for found, diagram in zip(energy.tolist(), diagrams.unbind(), strict=True):
            assert found == pytest.approx(
                brute_energy(diagram.points[degree], p, q, skip), abs=1e-12
            )


def test_longest_and_polynomials_by_brute_force():
    fields = distinct(6, 3, 8, 9)
    diagrams = LevelSetPersistence(2)(fields)
    top, features = longest(diagrams, 1, 50), polynomial_features(diagrams, 1, (0, 1, 3))
    for i, diagram in enumerate(diagrams.unbind()):
        lengths = (diagram.points[1][:, 1] - diagram.points[1][:, 0]).sort(descending=True).values
        assert 0 < len(lengths) < 50
        assert torch.equal(top[i, : len(lengths)], lengths)
        assert not top[i, len(lengths) :].any()
        expected = [brute_energy(diagram.points[1], p, q, 0) for p in (0, 1, 3) for q in (0, 1, 3)]
        assert features[i].tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "feature", [lambda d: diagram_energy(d, 0, 2, 1, 1), lambda d: longest(d, 0, 4)]
)
def test_gradients_of_sums(feature):
    layer = LevelSetPersistence(2)
    fields = distinct(7, 2, 5, 5).exp().requires_grad_()  # no two lengths are equal
    torch.autograd.gradcheck(lambda x: feature(layer(x)), fields, eps=1e-6, atol=1e-6)


def test_thresholds_degrees_and_what_is_refused():
    fields = distinct(8, 2, 9, 9)
    every = LevelSetPersistence(2)(fields)
    long = LevelSetPersistence(2, min_persistence=0.5)(fields)
    assert len(long.points) == int((every.lengths() >= 0.5).sum()) > 0
    holes = LevelSetPersistence(2, degrees=(1,))(fields)
    assert torch.equal(holes.points, every.of_degree(1).points)
    with pytest.raises(ValueError, match="degree 1 is not in these"):
        LevelSetPersistence(2, degrees=(0,))(fields).of_degree(1)
    fields[1, 2, 3] = torch.nan
    for dim, bad in ((2, fields), (3, fields[None])):
        place = r"\(2, 3\)" if dim == 2 else r"\(1, 2, 3\)"
        with pytest.raises(ValueError, match=f"holds nan at index {place}"):
            LevelSetPersistence(dim)(bad)
    with pytest.raises(TypeError, match="float16"):
        LevelSetPersistence(1)(torch.zeros(3, dtype=torch.float16))
    with pytest.raises(ValueError, match="takes 2 axes"):
        LevelSetPersistence(2)(torch.zeros(3))
    for options in ({"dim": 4}, {"dim": 2, "degrees": (2,)}, {"dim": 2, "essential": "keep"}):
        with pytest.raises(ValueError, match="must be one of|are 0 to 1"):
            LevelSetPersistence(**options)
    with pytest.raises(ValueError, match="p >= 1"):
        diagram_energy(every, 0, p=0.5)


def test_float32_and_float64_see_the_same():
    fields = distinct(9, 3, 9, 9, dtype=torch.float32)
    single, double = LevelSetPersistence(2)(fields), LevelSetPersistence(2)(fields.double())
    assert torch.equal(single.cells, double.cells)
    assert single.points.dtype == torch.float32
