"""Equation (8) by critical vertices against the whole grid, and against differences."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from toposhape.generators import ImplicitDecoder, evaluate_on_grid, grid_points
from toposhape.generators.implicit.fields import TRAINING_TOLERANCE, fast_dtype
from toposhape.generators.joint.consistency import WarpedConsistency, consistency_loss
from toposhape.generators.joint.critical_points import (
    FieldDiagrams,
    critical_points,
    field_diagrams,
)
from toposhape.settings.implicit import Decoder
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.topology import (
    Diagram,
    StoredDiagram,
    SuperlevelPersistence,
    diagram_distance,
    diagram_distances,
    superlevel_diagrams,
)

RESOLUTION = 14
JOINT = JointTraining(resolution=RESOLUTION)
LEAST = 0.02
TARGETS = [
    [np.array([[-0.2, 0.1], [0.0, 0.3]]), np.array([[-0.3, 0.2]]), np.zeros((0, 2))],
    [np.zeros((0, 2)), np.array([[-0.1, 0.2], [-0.4, 0.0], [0.1, 0.2]]), np.array([[0.0, 0.4]])],
]


class Waves(nn.Module):
    """Sums of waves with many critical points; float64 whatever it is given."""

    def __init__(self) -> None:
        super().__init__()
        frequencies = torch.tensor([5.0, 6.1, 4.3], dtype=torch.float64)
        self.frequencies = nn.Parameter(frequencies)
        self.mixture = nn.Parameter(torch.tensor([0.7, 0.5, 0.6], dtype=torch.float64))

    def forward(self, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        angles = points.double() * self.frequencies + codes.double()[:, None]
        mixed = self.mixture * angles.sin()
        return mixed.sum(dim=2) + 0.4 * angles[..., 0].cos() * angles[..., 2].sin()


CODES = torch.tensor([[0.3, -0.8, 1.1], [-0.5, 0.2, 0.6]], dtype=torch.float64)


def on_grid(decoder: nn.Module, codes: torch.Tensor) -> torch.Tensor:
    """The field at every vertex, (B, R, R, R), with gradient."""
    points = grid_points(RESOLUTION).expand(len(codes), -1, -1)
    return decoder(points, codes).view(len(codes), *(RESOLUTION,) * 3)


def exact_diagrams(
    decoder: nn.Module,
    codes: torch.Tensor,
    topology: Topology,
    min_persistence: float = LEAST,
) -> FieldDiagrams:
    """As `field_diagrams`, without its fast inference."""
    sign = -1.0 if topology.side == "interior" else 1.0
    fields = sign * on_grid(decoder, codes).detach().numpy()
    found = superlevel_diagrams(
        fields, complex=topology.complex, min_persistence=min_persistence, threads=1
    )
    return FieldDiagrams(codes, found, (0.0, 0.0))


def loss_of(decoder, found, targets, topology) -> torch.Tensor:
    """Equation (8) as training takes it."""
    return consistency_loss(critical_points(decoder, found, JOINT, topology), targets)


def through_the_grid(decoder, codes, targets, topology) -> torch.Tensor:
    """Equation (8) as it is written: the layer on the whole grid, and equation (1) by lap."""
    sign = -1.0 if topology.side == "interior" else 1.0
    persistence = SuperlevelPersistence(topology.complex, LEAST, threads=1)
    total = torch.zeros((), dtype=torch.float64)
    for diagram, target in zip(persistence(sign * on_grid(decoder, codes)), targets, strict=True):
        for points, goal in zip(diagram.points, target, strict=True):
            _, pairs = diagram_distance(
                points.detach().numpy(), goal, return_matching=True, engine="lap"
            )
            used, taken = np.zeros(len(points), bool), np.zeros(len(goal), bool)
            used[pairs[:, 0]], taken[pairs[:, 1]] = True, True
            for i, j in pairs:
                total = total + (points[i] - torch.from_numpy(goal[j])).square().sum()
            for point in points[~used]:
                total = total + (point[1] - point[0]).square() / 2
            total = total + np.square(goal[~taken][:, 1] - goal[~taken][:, 0]).sum() / 2
    return total / len(codes)


@pytest.mark.parametrize("complex", ["freudenthal", "cubical"])
@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_value_and_gradient_are_those_of_the_whole_grid(side, complex):
    waves, topology = Waves(), Topology(side=side, complex=complex)
    found = exact_diagrams(waves, CODES, topology)
    assert max(len(points) for points in found.diagrams[0].points) > 3
    loss = loss_of(waves, found, TARGETS, topology)
    expected = through_the_grid(waves, CODES, TARGETS, topology)
    torch.testing.assert_close(loss, expected)
    parameters = list(waves.parameters())
    for ours, theirs in zip(
        torch.autograd.grad(loss, parameters),
        torch.autograd.grad(expected, parameters),
        strict=True,
    ):
        assert theirs.abs().min() > 1e-3
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_value_is_equation_1(side):
    waves, topology = Waves(), Topology(side=side)
    found = exact_diagrams(waves, CODES, topology)
    goals = [StoredDiagram(tuple(target)) for target in TARGETS]
    expected = np.diag(diagram_distances(found.diagrams, goals, threads=1)).mean()
    loss = loss_of(waves, found, TARGETS, topology)
    assert float(loss.detach()) == pytest.approx(expected)


@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_gradient_equals_finite_differences(side):
    waves, topology = Waves(), Topology(side=side)

    def value() -> torch.Tensor:
        found = exact_diagrams(waves, CODES, topology)
        return loss_of(waves, found, TARGETS, topology)

    parameters = list(waves.parameters())
    gradients = torch.autograd.grad(value(), parameters)
    assert_slopes(parameters, gradients, value, step=1e-6)


def assert_slopes(parameters, gradients, value, step: float) -> None:
    """Compare gradients with central differences of a loss, entry by entry."""
    for parameter, gradient in zip(parameters, gradients, strict=True):
        for index in np.ndindex(*parameter.shape):
            slopes = []
            for direction in (1, -1):
                with torch.no_grad():
                    parameter[index] += direction * step
                    slopes.append(float(value()))
                    parameter[index] -= direction * step
            slope = (slopes[0] - slopes[1]) / (2 * step)
            assert float(gradient[index]) == pytest.approx(slope, rel=1e-4, abs=1e-6)


class InDouble(nn.Module):
    """A decoder in float64 that takes what training gives it."""

    def __init__(self, decoder: ImplicitDecoder) -> None:
        super().__init__()
        self.decoder = decoder.double()

    def forward(self, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        return self.decoder(points.double(), codes.double())


@pytest.mark.parametrize("activation", ["silu", "sine"])
def test_gradient_of_a_decoder_equals_finite_differences(activation):
    torch.manual_seed(4)
    small = Decoder(
        width=8, depth=2, latent_size=3, skip_layers=(1,), sharpness=5.0, sine_frequency=12.0,
        geometric_initialisation=False,
    )  # fmt: skip
    decoder, topology = InDouble(ImplicitDecoder(small, activation)), Topology()
    with torch.no_grad():
        if activation == "silu":  # a field with many critical points
            decoder.decoder.inputs["0"].point.weight *= 12
            decoder.decoder.hidden[0].weight *= 3

    def value() -> torch.Tensor:
        found = exact_diagrams(decoder, CODES, topology)
        return loss_of(decoder, found, TARGETS, topology)

    parameters = [decoder.decoder.output.weight, decoder.decoder.inputs["1"].code.weight]
    gradients = torch.autograd.grad(value(), parameters)
    assert all(gradient.abs().max() > 1e-3 for gradient in gradients)
    assert_slopes(parameters, gradients, value, step=1e-6)


SCALE = 0.5


class Warped(nn.Module):
    """s tanh(f / s) of another field."""

    def __init__(self, field: nn.Module) -> None:
        super().__init__()
        self.field = field

    def forward(self, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        return SCALE * torch.tanh(self.field(points, codes) / SCALE)


def warped_loss(found: FieldDiagrams, decoder: nn.Module, topology: Topology) -> torch.Tensor:
    """The warped term of a step that has found these diagrams."""
    terms = TopologicalTerms(warped_consistency_weight=1, warp=SCALE)
    points = critical_points(decoder, found, JOINT, topology)
    step = SimpleNamespace(points=points, targets=TARGETS)
    return WarpedConsistency(SimpleNamespace(terms=terms)).value(step)


@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_the_warped_term_is_the_plain_one_of_the_warped_field(side):
    """Diagrams taken after warping, matched with warped targets: values and gradients."""
    waves, topology = Waves(), Topology(side=side)
    ours = warped_loss(exact_diagrams(waves, CODES, topology, 0.0), waves, topology)
    after = exact_diagrams(Warped(waves), CODES, topology, 0.0)
    goals = [[SCALE * np.tanh(points / SCALE) for points in shape] for shape in TARGETS]
    theirs = loss_of(Warped(waves), after, goals, topology)
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()), rel=1e-9)
    plain = loss_of(waves, exact_diagrams(waves, CODES, topology), TARGETS, topology)
    assert float(ours.detach()) < 0.7 * float(plain.detach())
    parameters = list(waves.parameters())
    for one, other in zip(
        torch.autograd.grad(ours, parameters), torch.autograd.grad(theirs, parameters), strict=True
    ):
        assert other.abs().min() > 1e-3
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_the_warped_gradient_equals_finite_differences(side):
    waves, topology = Waves(), Topology(side=side)

    def value() -> torch.Tensor:
        return warped_loss(exact_diagrams(waves, CODES, topology), waves, topology)

    parameters = list(waves.parameters())
    assert_slopes(parameters, torch.autograd.grad(value(), parameters), value, step=1e-6)


def test_unmatched_points_go_to_the_diagonal_in_warped_values():
    """By hand: of a deep and a shallow point the deep one costs hardly more, once warped."""
    points = torch.tensor([[-1.0, 1.0], [-0.1, 0.1]], dtype=torch.float64)
    none = torch.zeros(0, 2, dtype=torch.float64)
    terms = TopologicalTerms(warped_consistency_weight=1, warp=0.1)
    step = SimpleNamespace(points=[(points, none, none)], targets=[(none.numpy(),) * 3])
    loss = WarpedConsistency(SimpleNamespace(terms=terms)).value(step)
    assert float(loss) == pytest.approx(0.1**2 * 2 * (1 + np.tanh(1) ** 2))


def test_rounded_targets_are_no_obstacle():
    """Far from 0 all values are the scale, give or take rounding."""
    rows = np.random.default_rng(0).uniform(0.2, 0.9, (500, 2)).astype(np.float32)
    goal = np.sort(rows, axis=1)
    none = np.zeros((0, 2), np.float32)
    step = SimpleNamespace(
        points=[(torch.from_numpy(goal[:50]), *(torch.from_numpy(none),) * 2)],
        targets=[(goal, none, none)],
    )
    terms = TopologicalTerms(warped_consistency_weight=1, warp=0.03)
    assert float(WarpedConsistency(SimpleNamespace(terms=terms)).value(step)) < 1e-6


def test_vertices_that_do_not_matter_are_not_evaluated():
    waves, topology, seen = Waves(), Topology(), []
    found = exact_diagrams(waves, CODES, topology)
    waves.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[1]))
    loss_of(waves, found, TARGETS, topology)
    assert seen == [len(np.unique(np.concatenate(d.vertices))) for d in found.diagrams]
    assert max(seen) < RESOLUTION**3 / 10


def test_no_targets_pull_everything_to_the_diagonal():
    waves, topology = Waves(), Topology()
    found = exact_diagrams(waves, CODES, topology)
    nothing = [[np.zeros((0, 2))] * 3] * 2
    loss = loss_of(waves, found, nothing, topology)
    heights = [np.diff(points, axis=1) for d in found.diagrams for points in d.points]
    expected = sum(np.square(height).sum() for height in heights) / 2 / 2
    assert float(loss.detach()) == pytest.approx(expected)
    assert any(g.any() for g in torch.autograd.grad(loss, list(waves.parameters())))


class Slope(nn.Module):
    """A field without critical points inside."""

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([1.0, 2.0, 3.5]))

    def forward(self, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        return points @ self.slope + codes.sum(dim=1, keepdim=True)


def test_empty_diagrams_cost_their_targets_and_teach_nothing():
    slope, topology = Slope(), Topology()
    found = exact_diagrams(slope, CODES.float(), topology)
    assert found.diagrams[0].sizes == (0, 0, 0)
    loss = loss_of(slope, found, TARGETS, topology)
    expected = sum(np.square(np.diff(g, axis=1)).sum() / 2 for t in TARGETS for g in t) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-6)
    assert not loss.requires_grad
    assert float(loss_of(slope, found, [[np.zeros((0, 2))] * 3] * 2, topology)) == 0


@pytest.mark.parametrize("side", ["interior", "exterior"])
def test_the_fast_diagrams_of_a_decoder_are_near_the_exact_ones(side):
    torch.manual_seed(0)
    small = Decoder(width=24, depth=3, latent_size=3, skip_layers=(1,), sine_frequency=8)
    decoder = ImplicitDecoder(small, "sine").eval()
    topology, joint = Topology(side=side, min_persistence=0.02), JointTraining(resolution=24)
    codes = CODES.float()
    found = field_diagrams(decoder, codes, joint, topology)
    assert found.codes is codes
    assert min(found.seconds) >= 0
    sign = -1.0 if side == "interior" else 1.0
    points = grid_points(24).expand(2, -1, -1)
    fields = sign * decoder(points, codes).detach().view(2, 24, 24, 24).numpy()
    exact = superlevel_diagrams(fields, min_persistence=0.02, threads=1)
    assert sum(exact[0].sizes) > 3
    distances = np.diag(diagram_distances(found.diagrams, exact, threads=1))
    empty = [StoredDiagram((np.zeros((0, 2)),) * 3)]
    assert (distances < 0.02 * diagram_distances(exact, empty, threads=1)[:, 0]).all()


def test_rounded_fields_may_turn_a_short_point_round():
    """The exact values at the critical vertices of a rounded field can lie below the diagonal."""
    waves, topology = Waves(), Topology()
    found = exact_diagrams(waves, CODES, topology)
    turned = [
        Diagram(d.points, tuple(v[:, ::-1].copy() for v in d.vertices)) for d in found.diagrams
    ]
    loss = loss_of(waves, found._replace(diagrams=turned), TARGETS, topology)
    assert torch.isfinite(loss)
    assert any(g.any() for g in torch.autograd.grad(loss, list(waves.parameters())))


@pytest.mark.parametrize("threads", [1, 3])
def test_diagrams_aside_are_the_diagrams_in_order(threads):
    """With several threads, diagrams are taken while the next field is evaluated."""
    torch.manual_seed(0)
    decoder = ImplicitDecoder(Decoder(width=16, depth=3, latent_size=3, skip_layers=(1,)), "sine")
    codes, joint = torch.randn(5, 3), JointTraining(resolution=20)
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    found = field_diagrams(decoder, codes, joint, Topology(min_persistence=0)).diagrams
    fields = evaluate_on_grid(
        decoder, codes, 20, tolerance=TRAINING_TOLERANCE, dtype=fast_dtype("cpu")
    )
    torch.set_num_threads(before)
    expected = superlevel_diagrams(-fields, min_persistence=0.0, threads=1)
    for ours, theirs in zip(found, expected, strict=True):
        assert sum(ours.sizes) > 0
        for points, exact in zip(ours.points, theirs.points, strict=True):
            np.testing.assert_array_equal(points, exact)
