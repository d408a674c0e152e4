"""Gradients to critical sets: closed forms, one step that mends, symmetry."""

import numpy as np
import pytest
import torch
from persistence_fields import COMPLEXES
from scipy.ndimage import gaussian_filter, label

from toposhape.topology import BettiMatching, LevelSetPersistence, betti_matching_loss
from toposhape.topology.critical_sets.ways import ABOVE, ALONE, ASCENT, BELOW, DESCENT, ways


def smooth(seed, *shape):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(
        gaussian_filter(rng.standard_normal(shape), (0, *[1.2] * (len(shape) - 1)))
    )


def longest_end(layer, field, degree, column):
    points = layer(field).of_degree(degree)
    return points.points[points.ranks() == 0, column].sum()


def test_ways_of_images_and_of_space():
    plane, space = ways(2), ways(3)
    np.testing.assert_array_equal(plane[0], [[DESCENT, ASCENT], [ABOVE, ALONE]])
    np.testing.assert_array_equal(plane[1], [[ALONE, BELOW], [DESCENT, ASCENT]])
    np.testing.assert_array_equal(space[0], [[ALONE, ASCENT], [ABOVE, ALONE]])
    np.testing.assert_array_equal(space[1], [[DESCENT, ALONE], [ALONE, ASCENT]])
    np.testing.assert_array_equal(space[2], [[ALONE, BELOW], [DESCENT, ALONE]])
    np.testing.assert_array_equal(ways(1), [[[ALONE, BELOW], [ABOVE, ALONE]]])


def test_a_line_in_closed_form():
    """The lower hill (2 to 5 to 3) goes down to 2.5, the hollow between up to 2.5."""
    line = torch.tensor([[0.0, 9, 1, 2, 3, 5, 4, 2, 0]], dtype=torch.float64, requires_grad=True)
    layer = LevelSetPersistence(1, gradient="sets")
    points = layer(line).points
    assert points.tolist() == [[1.0, 5.0]]
    (down,) = torch.autograd.grad((points[0, 1] - 2.5).square(), line)
    assert (line - 0.5 * down).tolist() == [[0.0, 9, 1, 2, 2.5, 2.5, 2.5, 2, 0]]
    (up,) = torch.autograd.grad((layer(line).points[0, 0] - 2.5).square(), line)
    assert (line - 0.5 * up).tolist() == [[0.0, 9, 2.5, 2.5, 3, 5, 4, 2, 0]]


def test_bridge_and_ditch_in_closed_form():
    """Two hills on a plane: the pass is raised along the ridge, or lowered across it."""
    image = torch.zeros(5, 7, dtype=torch.float64)
    image[2] = torch.tensor([0.0, 9, 6, 4, 5, 8, 0])
    image[1], image[3] = image[2] / 4, image[2] / 5
    image = image[None].requires_grad_()
    layer = LevelSetPersistence(2, complex="cubical", degrees=(0,), gradient="sets")
    assert layer(image).points.tolist() == [[4.0, 8.0]]
    (up,) = torch.autograd.grad((layer(image).points[0, 0] - 7).square(), image)
    assert (image - 0.5 * up)[0, 2].tolist() == [0.0, 9, 7, 7, 7, 8, 0]
    assert not up[0, [0, 1, 3, 4]].any()
    (down,) = torch.autograd.grad((layer(image).points[0, 0] - 0.5).square(), image)
    lowered = image.detach() - 0.5 * down
    assert lowered[0, 2].tolist() == [0.0, 9, 6, 0.5, 5, 8, 0]
    assert layer(lowered).points[0, 0] < 1.5


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_hill_goes_down_as_a_whole(dim):
    field = smooth(0, 1, *{1: (40,), 2: (14, 15), 3: (9, 8, 9)}[dim])[0].requires_grad_()
    layer = LevelSetPersistence(dim, gradient="sets", degrees=(0,))
    points = layer(field)
    death, birth = points.points[points.ranks() == 0][0]
    level = (0.3 * death + 0.7 * birth).item()
    (moved,) = torch.autograd.grad((birth - level).square(), field)
    # the triangulated grid hangs together over differences of 0 and 1 alone
    one = np.zeros((3,) * dim, bool)
    for step in np.ndindex(*(2,) * dim):
        one[tuple(1 + s for s in step)] = one[tuple(1 - s for s in step)] = True
    pieces, _ = label(field.detach().numpy() > level, one)
    top = int(layer(field).cells[points.ranks() == 0][0, 1])
    own = torch.from_numpy(pieces == pieces.ravel()[top])
    torch.testing.assert_close(moved, 2 * (field.detach() - level) * own)


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_sublevel_sets_are_superlevel_sets_of_the_negative(dim, complex):
    fields = smooth(1, 3, *{1: (30,), 2: (9, 8), 3: (6, 5, 6)}[dim]).requires_grad_()
    up, down = (
        LevelSetPersistence(dim, s, complex, gradient="sets", reach=0.3) for s in (True, False)
    )
    weights = torch.arange(len(up(fields).points)) % 5 - 2.0
    (first,) = torch.autograd.grad((weights[:, None] * up(fields).points).sum(), fields)
    (second,) = torch.autograd.grad((-weights[:, None] * down(-fields).points).sum(), fields)
    torch.testing.assert_close(first, second)
    alone = [up(field).points for field in fields]
    parts = [w[:, None] * p for w, p in zip(weights.split([*map(len, alone)]), alone, strict=True)]
    (one_by_one,) = torch.autograd.grad(sum(p.sum() for p in parts), fields)
    torch.testing.assert_close(first, one_by_one)


def test_extrema_that_grow_move_alone():
    field = smooth(2, 2, 12, 13).requires_grad_()
    plain, sets = (LevelSetPersistence(2, gradient=g) for g in ("vertices", "sets"))
    grown = []
    for layer in (plain, sets):
        points = layer(field)
        higher, deeper = points.of_degree(0).points[:, 1], points.of_degree(1).points[:, 0]
        grown.append(torch.autograd.grad(deeper.sum() - higher.sum(), field)[0])
    torch.testing.assert_close(*grown)
    assert grown[0].any()


def faults(dim):
    axes = np.meshgrid(*[np.linspace(-1, 1, 17)] * dim, indexing="ij")
    x, y, rest = axes[-1], axes[-2], sum((a**2 for a in axes[:-2]), np.zeros(()))
    across = np.sqrt(y**2 + rest)
    ring = 0.25 - np.sqrt((np.hypot(x, y) - 0.6) ** 2 + rest)
    gap = np.minimum(np.minimum(0.3 - across, 0.8 - abs(x)), abs(x) - 0.15)
    crumb = np.maximum(0.35 - np.hypot(x + 0.5, across), 0.25 - np.hypot(x - 0.6, across))
    broken = np.minimum(ring, np.where(x > 0, abs(y) - 0.15, 1.0))
    disc = np.minimum(0.1 - np.sqrt(rest), 0.6 - np.hypot(x, y))
    found = [(gap, 0, 0, 0.05), (crumb, 0, 1, -0.05), (broken, 1, 1, 0.05)]
    return [*found, (np.maximum(ring, disc), 1, 0, -0.1) if dim == 3 else (ring, 1, 0, 0.05)]


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("fault", range(4))
@pytest.mark.parametrize("dim", [2, 3])
def test_one_step_mends_a_fault(dim, fault, complex):
    values, degree, column, level = faults(dim)[fault]
    noise = 1e-4 * np.random.default_rng(0).standard_normal(values.shape)
    left = {}
    for way in ("vertices", "sets"):
        layer = LevelSetPersistence(dim, complex=complex, gradient=way)
        field = torch.from_numpy(values + noise).requires_grad_()
        before = (longest_end(layer, field, degree, column) - level).square()
        (moved,) = torch.autograd.grad(before, field)
        field = field.detach() - 0.5 * moved
        beyond = longest_end(layer, field, degree, column) - level
        left[way] = (max(0.0, (-np.sign(level) * beyond).item()) ** 2 / before).item()
    assert left["sets"] < 0.06 < left["vertices"]


def test_it_is_an_option_of_betti_matching():
    first, second = smooth(3, 2, 1, 12, 12)
    first.requires_grad_()
    gradients = []
    for way in ("vertices", "sets"):
        loss = betti_matching_loss(BettiMatching(2, gradient=way)(first, second), 0).sum()
        gradients.append(torch.autograd.grad(loss, first)[0])
    assert (gradients[1] != 0).sum() > (gradients[0] != 0).sum()


def test_options():
    layer = LevelSetPersistence(2, gradient="sets")
    assert len(layer(torch.zeros(0, 3, 3)).points) == 0
    flat = torch.zeros(2, 3, 3, requires_grad=True)
    layer(flat).points.sum().backward()
    assert not flat.grad.any()
    with pytest.raises(ValueError, match="reach must be a number > 0, got 0"):
        LevelSetPersistence(2, gradient="sets", reach=0)
