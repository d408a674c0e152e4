"""Coarse-to-fine evaluation, against fields that are known everywhere."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from toposhape.generators.implicit.coarse_to_fine import SMALLEST_GRID, fill_grid
from toposhape.generators.implicit.fields import grid_points
from toposhape.topology import superlevel_diagrams

CPU = torch.device("cpu")
TOLERANCE = 0.2


class Counting:
    """A field that remembers where it was asked."""

    def __init__(self, field: Callable[[Tensor], Tensor]) -> None:
        self.field = field
        self.asked: list[Tensor] = []

    def __call__(self, points: Tensor) -> Tensor:
        self.asked.append(points)
        return self.field(points)

    @property
    def points(self) -> int:
        return sum(map(len, self.asked))


def sphere(points: Tensor) -> Tensor:
    return points.norm(dim=-1) - 0.6


def torus(points: Tensor) -> Tensor:
    ring = points[:, [0, 2]].norm(dim=-1) - 0.6
    return torch.stack([ring, points[:, 1]], -1).norm(dim=-1) - 0.2


def box(points: Tensor, centre: Tensor, half: Tensor) -> Tensor:
    outside = (points - centre).abs() - half
    return outside.clamp(min=0).norm(dim=-1) + outside.amax(-1).clamp(max=0)


def plate(points: Tensor) -> Tensor:
    """A plate thinner than a spacing at R = 41, between two of the coarse lattice's planes."""
    return box(points, torch.tensor([0.0, 0.1, 0.0]), torch.tensor([0.6, 0.012, 0.6]))


def cubic(points: Tensor) -> Tensor:
    x, y, z = points.unbind(-1)
    return 2 + x**3 - y**2 * x + x * y * z + 0.3 * z**3 - y


def filled_grid(
    field: Callable[[Tensor], Tensor], resolution: int, tolerance: float = TOLERANCE
) -> Tensor:
    return fill_grid(field, 3 * [torch.linspace(-1, 1, resolution)], tolerance, CPU)


def everywhere(field: Callable[[Tensor], Tensor], resolution: int) -> Tensor:
    return field(grid_points(resolution)).view((resolution,) * 3)


def test_a_cubic_far_from_zero_is_met_without_asking_twice():
    field = Counting(cubic)
    filled = filled_grid(field, 33)
    surface = (everywhere(cubic, 33).abs() < 2 * 2 / 32).sum()
    assert field.points <= 9**3 + 2 * surface
    torch.testing.assert_close(filled, everywhere(cubic, 33), atol=2e-6, rtol=0)


@pytest.mark.parametrize("resolution", [SMALLEST_GRID, 24, 33, 41, 48])
@pytest.mark.parametrize("field", [sphere, torus, plate])
def test_errors_stay_below_the_tolerated_rise(field, resolution):
    filled = filled_grid(field, resolution)
    exact = everywhere(field, resolution)
    spacing = 2 / (resolution - 1)
    assert filled.shape == exact.shape
    assert (filled - exact).abs().max() < 4 * TOLERANCE * spacing
    near_surface = exact.abs() < spacing / 2
    torch.testing.assert_close(filled[near_surface], exact[near_surface], atol=1e-6, rtol=0)


@pytest.mark.parametrize("field", [sphere, torus, plate])
def test_a_vanishing_tolerance_leaves_only_errors_that_no_diagram_sees(field):
    filled = filled_grid(field, 33, 1e-9)
    assert (filled - everywhere(field, 33)).abs().max() < 0.004


@pytest.mark.parametrize("field", [torus, plate])
def test_few_vertices_are_asked_and_none_twice(field):
    counting = Counting(field)
    filled_grid(counting, 49)
    assert counting.points < 0.35 * 49**3
    asked = torch.cat(counting.asked)
    assert len(torch.unique(asked, dim=0)) == len(asked)


def test_a_plate_that_the_coarse_lattice_jumps_over_is_found():
    coarse = everywhere(plate, 41)[::4, ::4, ::4]
    assert coarse.min() > 0
    filled = filled_grid(plate, 41)
    exact = everywhere(plate, 41)
    assert exact.min() < 0
    assert torch.equal(filled < 0, exact < 0)


@pytest.mark.parametrize("field", [sphere, torus, plate])
def test_diagrams_are_those_of_the_whole_grid(field):
    fields = torch.stack([filled_grid(field, 41), everywhere(field, 41)]).numpy()
    cheap, exact = (d.restricted(0.01) for d in superlevel_diagrams(-fields, threads=1))
    for ours, theirs in zip(cheap.points, exact.points, strict=True):
        np.testing.assert_allclose(np.sort(ours, axis=0), np.sort(theirs, axis=0), atol=1e-3)


def test_the_same_field_gives_the_same_bits():
    first, second = (filled_grid(torus, 33) for _ in range(2))
    assert torch.equal(first, second)


def test_axes_may_differ():
    x, y, z = torch.linspace(0, 1, 25), torch.linspace(-1, 1, 49), torch.linspace(-1, 0.5, 37)
    counting = Counting(torus)
    filled = fill_grid(counting, (x, y, z), TOLERANCE, CPU)
    exact = torus(torch.cartesian_prod(x, y, z)).view(25, 49, 37)
    near = exact.abs() < 1 / 48
    torch.testing.assert_close(filled[near], exact[near])
    assert (filled - exact).abs().max() < 0.03
    assert counting.points < 0.6 * exact.numel()
