"""The terms of (12) and (14) against slow references written from the formulas."""

from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from toposhape.generators import DiagramGenerator
from toposhape.generators.diagrams.objectives import (
    ball_directions,
    fit_loss,
    forced_matching,
    smoothness_loss,
)
from toposhape.generators.diagrams.pretraining import diagram_step
from toposhape.settings.diagrams import DiagramNetwork, DiagramTraining
from toposhape.topology import StoredDiagram, diagram_distance, diagram_distances

EMPTY = np.zeros((0, 2))


def diagram(rng: np.random.Generator, size: int) -> np.ndarray:
    """Points (death, birth), death <= birth, in float64."""
    return np.sort(rng.normal(size=(size, 2)), axis=1)


def batch(seed: int, sizes=(3, 4, 0), shapes=3) -> tuple[list[torch.Tensor], list[list]]:
    """Predicted points of every degree, and targets of other sizes, some empty."""
    rng = np.random.default_rng(seed)
    predicted = [
        torch.from_numpy(np.stack([diagram(rng, n) for _ in range(shapes)])).requires_grad_()
        for n in sizes
    ]
    targets = [[diagram(rng, rng.integers(0, 6)) for _ in sizes] for _ in range(shapes)]
    return predicted, targets


def value(loss: torch.Tensor) -> float:
    return float(loss.detach())


def costs_by_brute_force(points: np.ndarray, target: np.ndarray) -> list[float]:
    """The cost of equation (1) under every matching of as many points as possible."""
    if len(points) > len(target):
        points, target = target, points
    costs = []
    for chosen in permutations(range(len(target)), len(points)):
        alone = [q for j, q in enumerate(target) if j not in chosen]
        cost = sum(((p - target[j]) ** 2).sum() for p, j in zip(points, chosen, strict=True))
        costs.append(float(cost + sum((q[1] - q[0]) ** 2 / 2 for q in alone)))
    return costs


@pytest.mark.parametrize("engine", ["native", "lap"])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimal_fit_is_equation_1(engine, seed):
    predicted, targets = batch(seed)
    made = [StoredDiagram(tuple(p[i].detach().numpy() for p in predicted)) for i in range(3)]
    given_ = [StoredDiagram(tuple(target)) for target in targets]
    expected = np.diag(diagram_distances(made, given_, engine=engine, threads=1)).mean()
    assert value(fit_loss(predicted, targets, "optimal")) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(12))
def test_the_forced_fit_is_the_cheapest_of_all_complete_matchings(seed):
    predicted, targets = batch(seed)
    expected = np.mean(
        [
            sum(
                min(costs_by_brute_force(p[i].detach().numpy(), target[degree]))
                for degree, p in enumerate(predicted)
            )
            for i, target in enumerate(targets)
        ]
    )
    assert value(fit_loss(predicted, targets, "forced")) == pytest.approx(expected)


sizes = st.integers(0, 6)


@settings(max_examples=50)
@given(n=sizes, m=sizes, seed=st.integers(0, 1 << 30), dead=st.booleans())
def test_forcing_never_costs_less_than_the_optimum(n, m, seed, dead):
    rng = np.random.default_rng(seed)
    points, target = diagram(rng, n), diagram(rng, m)
    if dead:
        points[:, 1] = points[:, 0]
    predicted = [torch.from_numpy(points)[None]]
    forced, optimal = (
        value(fit_loss(predicted, [[target]], kind)) for kind in ("forced", "optimal")
    )
    assert forced >= optimal - 1e-9
    pairs = forced_matching(points, target)
    assert len(pairs) == min(n, m)
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)


def test_only_the_forced_matching_moves_a_dead_point():
    dead = torch.tensor([[[0.5, 0.5]]], dtype=torch.float64, requires_grad=True)
    target = [[np.array([[0.0, 0.6]])]]
    (alone,) = torch.autograd.grad(fit_loss([dead], target, "optimal"), dead)
    (taken,) = torch.autograd.grad(fit_loss([dead], target, "forced"), dead)
    assert alone.flatten().tolist() == [0, 0]
    assert taken.flatten().tolist() == pytest.approx([1.0, -0.2])


@pytest.mark.parametrize("kind", ["forced", "optimal"])
@pytest.mark.parametrize("seed", range(2))
def test_the_gradient_of_the_fit_away_from_ties(kind, seed):
    predicted, targets = batch(seed)
    inputs = tuple(p for p in predicted if p.numel())

    def loss(*points):
        return fit_loss([*points, predicted[2]], targets, kind)

    assert torch.autograd.gradcheck(loss, inputs, eps=1e-7, atol=1e-5)


@pytest.mark.parametrize("kind", ["forced", "optimal"])
def test_empty_diagrams_cost_what_the_other_side_costs_alone(kind):
    target = np.array([[0.0, 1.0], [0.5, 0.7]])
    points = torch.from_numpy(target)[None].requires_grad_()
    expected = pytest.approx((1 + 0.04) / 2)
    assert value(fit_loss([points], [[EMPTY]], kind)) == expected
    assert value(fit_loss([torch.zeros(1, 0, 2)], [[target]], kind)) == expected
    assert value(fit_loss([torch.zeros(1, 0, 2)], [[EMPTY]], kind)) == 0


def generator_of(sizes=(3, 0, 4), rectifier="straight_through") -> DiagramGenerator:
    """A small generator in float64 whose points are far from the diagonal, but for some."""
    torch.manual_seed(0)
    network = DiagramNetwork(embedding_size=4, width=8, rectifier=rectifier)
    made = DiagramGenerator(sizes, 2, network).double()
    with torch.no_grad():
        for decoder in made.degrees:
            decoder.displacement.weight *= 10
            decoder.places.copy_(torch.rand(decoder.places.shape) + torch.tensor([0, 0.3]))
            decoder.places[:1, 1] = -0.5
    return made


def codes_and_directions(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(1)
    codes = torch.randn(count, 2, generator=source, dtype=torch.float64)
    return codes, ball_directions(codes, source).double()


def distance_c(a: np.ndarray, b: np.ndarray, matching: str) -> float:
    """The two readings of d_PD-C in equation (10)."""
    if matching == "optimal":
        return diagram_distance(a, b, engine="lap")
    return float(sum(((p - q) ** 2).sum() for p, q in zip(a, b, strict=True)))


@pytest.mark.parametrize("matching", ["index", "optimal"])
@pytest.mark.parametrize("step", [0.05, 3.0, 30.0])
def test_smoothness_is_equation_10(matching, step):
    generator, (codes, directions) = generator_of(), codes_and_directions(5)
    total, alone = 0.0, 0
    for z, v in zip(codes, directions, strict=True):
        here = [p[0].detach().numpy() for p in generator(z[None])]
        there = [p[0].detach().numpy() for p in generator(z[None] + step * v)]
        total += sum(distance_c(a, b, matching) for a, b in zip(here, there, strict=True))
        for a, b in zip(here, there, strict=True):
            alone += len(a) - len(diagram_distance(a, b, return_matching=True)[1])
    if step > 3:
        assert alone  # points that the optimal matching sends to the diagonal
    found = smoothness_loss(generator, codes, directions, step, matching)
    assert value(found) == pytest.approx(total / 5 / step**2)


def test_the_optimal_matching_is_never_dearer_than_the_index():
    generator, (codes, directions) = generator_of(), codes_and_directions(8)
    for step in (0.05, 3.0):
        index, optimal = (
            value(smoothness_loss(generator, codes, directions, step, kind))
            for kind in ("index", "optimal")
        )
        assert 0 < optimal <= index + 1e-12


def test_as_the_step_vanishes_it_is_the_squared_jacobian_s_action():
    generator = generator_of(rectifier="relu")  # its gradient is its slope, dead or alive
    codes, directions = codes_and_directions(5)
    total = 0.0
    for z, v in zip(codes, directions, strict=True):
        _, moved = torch.autograd.functional.jvp(
            lambda code: generator(code[None]), (z,), (v,), strict=False
        )
        total += sum(float(part.square().sum()) for part in moved)
    found = value(smoothness_loss(generator, codes, directions, 1e-5))
    assert found == pytest.approx(total / 5, rel=1e-3)
    assert total > 1e-4


@pytest.mark.parametrize("matching", ["index", "optimal"])
def test_the_gradient_of_smoothness(matching):
    generator, (codes, directions) = generator_of(), codes_and_directions(3)
    for decoder in generator.degrees:  # alive points: straight_through's gradient is no slope
        with torch.no_grad():
            decoder.places[:, 1] = 0.6

    def loss(weight):
        decoder = generator.degrees[2]
        with torch.no_grad():
            decoder.displacement.weight.copy_(weight)
        return smoothness_loss(generator, codes, directions, 0.5, matching)

    weight = generator.degrees[2].displacement.weight
    given_ = weight.detach().clone()
    (gradient,) = torch.autograd.grad(loss(given_), weight)
    step = 1e-6
    for index in np.ndindex(*given_.shape):
        shift = torch.zeros_like(given_)
        shift[index] = step
        slope = value(loss(given_ + shift) - loss(given_ - shift)) / (2 * step)
        assert float(gradient[index]) == pytest.approx(slope, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_directions_are_uniform_in_the_unit_ball(size):
    codes = torch.zeros(20_000, size)
    drawn = ball_directions(codes, torch.Generator().manual_seed(0)).double()
    lengths = drawn.norm(dim=1)
    assert drawn.shape == codes.shape
    assert lengths.max() <= 1 + 1e-6
    assert drawn.mean(dim=0).abs().max() < 0.02
    torch.testing.assert_close(
        drawn.T @ drawn / len(drawn),
        torch.eye(size, dtype=torch.float64) / (size + 2),
        atol=0.01,
        rtol=0,
    )
    for radius in (0.5, 0.9):  # the volume inside
        assert float((lengths < radius).double().mean()) == pytest.approx(radius**size, abs=0.012)


def test_a_step_of_equation_12_is_its_two_terms():
    generator = generator_of((2, 1, 3)).float()
    rng = np.random.default_rng(0)
    targets = [[diagram(rng, n) for n in (2, 1, 3)] for _ in range(4)]
    training = DiagramTraining(smoothness_codes=6, smoothness_step=0.1, matching="forced")
    codes = torch.randn(4, 2)
    fit, smoothness = diagram_step(
        generator, codes, targets, training, torch.Generator().manual_seed(5)
    )
    source = torch.Generator().manual_seed(5)
    drawn = torch.randn(6, 2, generator=source)
    again = smoothness_loss(generator, drawn, ball_directions(drawn, source), 0.1)
    assert value(smoothness) == value(again) > 0
    assert value(fit) == value(fit_loss(generator(codes), targets, "forced")) > 0
