"""Gradients of diagrams against finite differences, and the helpers for neural fields."""

import numpy as np
import pytest
import torch

from toposhape.topology import (
    SuperlevelPersistence,
    critical_values,
    diagram_distance,
    matched_diagram_cost,
    superlevel_diagrams,
)

SHAPE = (5, 6, 4)


def layer(**options):
    return SuperlevelPersistence(threads=1, **options)


def random_field(seed, *shape, dtype=torch.float64):
    """Values far from ties: a permutation of integers."""
    generator = torch.Generator().manual_seed(seed)
    count = int(np.prod(shape))
    return (torch.randperm(count, generator=generator).to(dtype) / count).reshape(shape)


def smooth_function(diagram):
    """A function of all points that tells death from birth and one degree from another."""
    return sum(
        ((k + 1.0) * p[:, 1].sin() * (2.0 + p[:, 0]).square()).sum()
        for k, p in enumerate(diagram.points)
    )


@pytest.mark.parametrize("complex", ["freudenthal", "cubical"])
def test_gradient_equals_finite_differences(complex):
    field = random_field(0, *SHAPE).requires_grad_()
    persistence = layer(complex=complex)
    (gradient,) = torch.autograd.grad(smooth_function(persistence(field)), field)
    step = 1e-4 / field.numel()  # much less than the gap between two values
    expected = torch.zeros(field.numel(), dtype=torch.float64)
    with torch.no_grad():
        for vertex in range(field.numel()):
            shift = torch.zeros(field.numel(), dtype=torch.float64)
            shift[vertex] = step
            above = smooth_function(persistence(field + shift.reshape(SHAPE)))
            below = smooth_function(persistence(field - shift.reshape(SHAPE)))
            expected[vertex] = (above - below) / (2 * step)
    assert expected.abs().max() > 1
    torch.testing.assert_close(gradient.flatten(), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_points_are_the_diagram(dtype):
    field = random_field(1, *SHAPE, dtype=dtype).requires_grad_()
    found = layer()(field)
    exact = superlevel_diagrams(field.detach().numpy(), engine="native")
    for degree in range(3):
        points, vertices = found.points[degree], found.vertices[degree]
        assert points.dtype == dtype
        assert vertices.dtype == torch.int64
        torch.testing.assert_close(points, field.flatten()[vertices], atol=0, rtol=0)
        ours, theirs = points.detach().numpy(), exact.points[degree]
        assert sorted(map(tuple, ours.tolist())) == sorted(map(tuple, theirs.tolist()))


def test_a_vertex_counts_as_often_as_it_occurs():
    field = random_field(2, 6, 6, 6).requires_grad_()
    diagram = layer()(field)
    sum(p.sum() for p in diagram.points).backward()
    counts = torch.bincount(torch.cat([v.flatten() for v in diagram.vertices]), minlength=216)
    assert counts.max() > 1
    torch.testing.assert_close(field.grad.flatten(), counts.double())


def test_two_forwards_before_a_backward():
    persistence = layer()
    fields = [random_field(seed, *SHAPE).requires_grad_() for seed in (3, 4)]
    alone = [torch.autograd.grad(smooth_function(persistence(f)), f)[0] for f in fields]
    first, second = (smooth_function(persistence(f)) for f in fields)
    (first + second).backward()
    for field, gradient in zip(fields, alone, strict=True):
        torch.testing.assert_close(field.grad, gradient)


def test_batch_equals_its_items():
    batch = torch.stack([random_field(seed, *SHAPE) for seed in (5, 6, 7)])
    batch[1] = torch.linspace(0, 1, batch[1].numel(), dtype=batch.dtype).reshape(SHAPE)
    batch.requires_grad_()
    diagrams = layer()(batch)
    assert len({tuple(len(p) for p in d.points) for d in diagrams}) > 1
    (gradient,) = torch.autograd.grad(sum(map(smooth_function, diagrams)), batch)
    for item, expected in zip(batch.detach(), gradient, strict=True):
        item.requires_grad_()
        value = smooth_function(layer()(item))
        own = torch.autograd.grad(value, item, allow_unused=True)[0]
        torch.testing.assert_close(torch.zeros_like(item) if own is None else own, expected)


def test_empty_diagram_backpropagates_zero():
    field = torch.arange(60.0).reshape(3, 4, 5).requires_grad_()
    diagram = layer()(field)
    assert [tuple(p.shape) for p in diagram.points] == [(0, 2)] * 3
    smooth_function(diagram).backward()
    assert not field.grad.any()


def test_threshold_is_applied():
    field = random_field(8, 6, 6, 6)
    full, kept = layer()(field), layer(min_persistence=0.5)(field)
    for every, long in zip(full.points, kept.points, strict=True):
        assert len(long) == int((every[:, 1] - every[:, 0] >= 0.5).sum())


def test_the_layer_has_no_state_and_shows_its_options():
    persistence = layer(min_persistence=0.01)
    assert not list(persistence.parameters())
    assert not persistence.state_dict()
    assert "min_persistence=0.01" in repr(persistence)
    with pytest.raises(ValueError, match=r"\(D, H, W\)"):
        persistence(torch.zeros(4, 4))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_as_on_the_cpu():
    field = random_field(12, *SHAPE)
    gradients = []
    for device in ("cpu", "cuda"):
        own = field.to(device).requires_grad_()
        diagram = layer()(own)
        assert all(p.device == own.device for p in (*diagram.points, *diagram.vertices))
        gradients.append(torch.autograd.grad(smooth_function(diagram), own)[0].cpu())
    torch.testing.assert_close(*gradients)


class Wave(torch.nn.Module):
    """A function with many critical points and one parameter."""

    def __init__(self):
        super().__init__()
        self.frequency = torch.nn.Parameter(torch.tensor(6.0, dtype=torch.float64))
        self.calls = []

    def forward(self, points):
        self.calls.append(points)
        x, y, z = points.unbind(-1)
        return (self.frequency * x).sin() + (self.frequency * y).cos() * (5 * z + 0.3).sin()


def on_grid(function, shape):
    axes = [torch.linspace(-1, 1, n, dtype=torch.float64) for n in shape]
    return function(torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1))


def test_critical_values_have_the_gradient_of_the_whole_grid():
    wave, shape = Wave(), (9, 8, 11)
    through_grid = layer()(on_grid(wave, shape))
    (expected,) = torch.autograd.grad(smooth_function(through_grid), wave.frequency)

    diagram = superlevel_diagrams(on_grid(wave, shape).detach().numpy(), engine="native")
    assert all(diagram.sizes[k] for k in (0, 1))
    wave.calls.clear()
    values = critical_values(wave, diagram.vertices, shape, dtype=torch.float64)
    assert len(wave.calls) == 1
    assert len(wave.calls[0]) == len(np.unique(np.concatenate(diagram.vertices)))
    for degree in range(3):
        torch.testing.assert_close(
            values[degree].detach(), torch.from_numpy(diagram.points[degree]), atol=1e-12, rtol=0
        )
    value = sum(
        ((k + 1.0) * p[:, 1].sin() * (2.0 + p[:, 0]).square()).sum() for k, p in enumerate(values)
    )
    torch.testing.assert_close(torch.autograd.grad(value, wave.frequency)[0], expected)


def test_critical_values_of_nothing_and_of_a_wrong_grid():
    wave = Wave()
    nothing = critical_values(wave, [np.zeros((0, 2), np.int64)] * 3, (4, 4, 4))
    assert [tuple(p.shape) for p in nothing] == [(0, 2)] * 3
    assert not wave.calls
    for vertices in ([[3, 64]], [[-1, 5]], [[0, 3], [63, -64]]):
        with pytest.raises(ValueError, match="outside a grid"):
            critical_values(wave, [np.array(vertices)], (4, 4, 4))
    assert not wave.calls
    corners = critical_values(wave, [np.array([[0, 63]])], (4, 4, 4), dtype=torch.float64)
    np.testing.assert_array_equal(wave.calls[0], [[-1, -1, -1], [1, 1, 1]])
    assert corners[0].shape == (1, 2)
    with pytest.raises(ValueError, match=r"returned shape \(2, 1\)"):
        critical_values(lambda x: x[:, :1], [np.array([[3, 5]])], (4, 4, 4))


def random_points(seed, size):
    rng = np.random.default_rng(seed)
    return np.sort(rng.random((size, 2)), axis=1)


@pytest.mark.parametrize("sizes", [(6, 4), (4, 6), (0, 3), (3, 0), (0, 0)], ids=str)
def test_matched_cost_is_the_distance_and_its_gradient(sizes):
    p, q = random_points(9, sizes[0]), random_points(10, sizes[1])
    distance, matching = diagram_distance(p, q, return_matching=True)
    tensors = [torch.from_numpy(x).requires_grad_() for x in (p, q)]
    cost = matched_diagram_cost(*tensors, matching)
    assert cost.item() == pytest.approx(distance, abs=1e-12)
    gradients = torch.autograd.grad(cost, tensors)
    step = 1e-6
    for side, gradient in enumerate(gradients):
        for index in np.ndindex(*gradient.shape):
            shifted = [[p.copy(), q.copy()] for _ in range(2)]
            shifted[0][side][index] += step
            shifted[1][side][index] -= step
            slope = (diagram_distance(*shifted[0]) - diagram_distance(*shifted[1])) / (2 * step)
            assert gradient[index].item() == pytest.approx(slope, abs=1e-6)


def test_matching_must_not_name_a_point_twice():
    points = torch.rand(3, 2)
    with pytest.raises(ValueError, match="more than once"):
        matched_diagram_cost(points, points, np.array([[0, 1], [0, 2]]))
