"""Losses of diagrams: against other people's code and brute force, and their gradients."""

import itertools

import gudhi
import numpy as np
import pytest
import torch

from toposhape.topology import (
    LevelSetPersistence,
    betti_number_loss,
    bottleneck_loss,
    diagram_distance,
    sliced_wasserstein_loss,
    wasserstein_loss,
)

LOSSES = {
    "order 2": wasserstein_loss,
    "order 1": lambda *a: wasserstein_loss(*a, order=1.0),
    "order 3": lambda *a: wasserstein_loss(*a, order=3.0),
    "bottleneck": bottleneck_loss,
    "sliced": sliced_wasserstein_loss,
}


def fields(seed=0, size=5):
    values = torch.from_numpy(np.random.default_rng(seed).standard_normal((4, size, size)))
    values[2] = 0.0  # no points
    return values


def targets(seed=1):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(np.sort(rng.standard_normal((n, 2)), axis=1)) for n in (3, 0, 2, 4)]


def brute_force(p, q, order):
    """The least cost over all partial matchings."""
    best = np.inf
    for k in range(min(len(p), len(q)) + 1):
        for rows in itertools.combinations(range(len(p)), k):
            for columns in itertools.permutations(range(len(q)), k):
                moved = np.linalg.norm(p[list(rows)] - q[list(columns)], axis=1)
                alone = np.concatenate([np.delete(p, rows, 0), np.delete(q, columns, 0)])
                short = (alone[:, 1] - alone[:, 0]) / np.sqrt(2)
                best = min(best, (moved**order).sum() + (short**order).sum())
    return best


@pytest.mark.parametrize("order", [1.0, 1.5, 2.0, 3.0])
def test_wasserstein_by_brute_force(order):
    diagrams, goals = LevelSetPersistence(2)(fields(size=5)), targets()
    loss = wasserstein_loss(diagrams, 1, goals, order)
    for found, diagram, goal in zip(loss.tolist(), diagrams.unbind(), goals, strict=True):
        assert found == pytest.approx(brute_force(diagram.points[1].numpy(), goal.numpy(), order))
    assert (loss[[0, 2, 3]] > 0).all()


def test_order_two_is_equation_1():
    diagrams = LevelSetPersistence(2)(fields(size=12))
    goals = [d.points[1] for d in LevelSetPersistence(2)(fields(5, size=12)).unbind()]
    loss = wasserstein_loss(diagrams, 1, goals)
    for found, diagram, goal in zip(loss.tolist(), diagrams.unbind(), goals, strict=True):
        assert found == pytest.approx(diagram_distance(diagram.points[1].numpy(), goal.numpy()))


def test_bottleneck_by_gudhi():
    diagrams, goals = LevelSetPersistence(2)(fields(size=9)), targets()
    loss = bottleneck_loss(diagrams, 1, goals)
    for found, diagram, goal in zip(loss.tolist(), diagrams.unbind(), goals, strict=True):
        exact = gudhi.bottleneck_distance(diagram.points[1].numpy(), goal.numpy())
        assert found == pytest.approx(exact, abs=1e-12)


def test_sliced_by_loops():
    diagrams, goals = LevelSetPersistence(2)(fields(size=9)), targets()
    loss = sliced_wasserstein_loss(diagrams, 1, goals, directions=7)
    for found, diagram, goal in zip(loss.tolist(), diagrams.unbind(), goals, strict=True):
        p, q = diagram.points[1].numpy(), goal.numpy()
        flat = [np.repeat(x.mean(axis=1, keepdims=True), 2, axis=1) for x in (p, q)]
        expected = 0
        for k in range(7):
            line = np.array([np.cos(k * np.pi / 7), np.sin(k * np.pi / 7)])
            ours, theirs = (np.sort(np.concatenate(x) @ line) for x in ((p, flat[1]), (q, flat[0])))
            expected += np.abs(ours - theirs).sum() / 7
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_to_fields_and_targets(name):
    loss, layer = LOSSES[name], LevelSetPersistence(2)
    x = fields()[[0, 1, 3]].clone().requires_grad_()
    goals = [targets()[k].clone().requires_grad_() for k in (0, 2, 3)]
    torch.autograd.gradcheck(lambda x, *t: loss(layer(x), 1, t), (x, *goals), eps=1e-6, atol=1e-6)
    assert loss(layer(x), 1, goals).sum() > 0


@pytest.mark.parametrize("name", LOSSES)
def test_a_diagram_is_at_no_distance_from_itself(name):
    x = fields(size=8).requires_grad_()
    diagrams = LevelSetPersistence(2)(x)
    loss = LOSSES[name](diagrams, 1, [d.points[1].detach() for d in diagrams.unbind()])
    torch.testing.assert_close(loss, torch.zeros_like(loss), atol=1e-12, rtol=0)
    loss.sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("name", LOSSES)
def test_targets_are_counted(name):
    with pytest.raises(ValueError, match="4 diagrams need as many targets; got 3"):
        LOSSES[name](LevelSetPersistence(2)(fields()), 1, targets()[:3])


def test_betti_numbers_by_sorting():
    x = fields(size=7).requires_grad_()
    layer = LevelSetPersistence(2, essential="range")
    diagrams = layer(x)
    for degree, number in itertools.product((0, 1), (0, 1, 3, 99)):
        loss = betti_number_loss(diagrams, degree, number, span=2.0)
        for found, diagram in zip(loss.tolist(), diagrams.unbind(), strict=True):
            points = diagram.points[degree].detach().numpy()
            lengths = np.sort(points[:, 1] - points[:, 0])[::-1]
            expected = 4 * number - (lengths[:number] ** 2).sum() + (lengths[number:] ** 2).sum()
            assert found == pytest.approx(expected)
    torch.autograd.gradcheck(
        lambda x: betti_number_loss(layer(x), 1, 2), fields()[:2].requires_grad_(), atol=1e-6
    )


def test_descent_makes_one_hole():
    x = torch.rand(1, 9, 9, generator=torch.Generator().manual_seed(0)).requires_grad_()
    layer, optimiser = LevelSetPersistence(2), torch.optim.Adam([x], 0.02)
    for _ in range(150):
        optimiser.zero_grad()
        betti_number_loss(layer(x), 1, number=1).sum().backward()
        optimiser.step()
        x.data.clamp_(0, 1)
    lengths = layer(x).of_degree(1).lengths().sort(descending=True).values
    assert lengths[0] > 0.9
    assert (lengths[1:] < 0.1).all()
