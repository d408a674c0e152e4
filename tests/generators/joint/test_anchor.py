"""The anchor of synthetic shapes against what can be computed by hand, and by differences."""

import numpy as np
import pytest
import torch

from toposhape.generators.joint.anchor import (
    anchor_loss,
    former_points,
    near_surface,
    present_points,
)

RESOLUTION = 21  # vertices 0.1 apart
RADIUS = 0.52


class Sphere(torch.nn.Module):
    """Signed distance to a sphere; its radius is learned, codes move its centre along x."""

    def __init__(self, radius: float) -> None:
        super().__init__()
        self.radius = torch.nn.Parameter(torch.tensor(radius, dtype=torch.float64))

    def forward(self, points: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
        centres = torch.nn.functional.pad(codes, (0, 2))
        return (points - centres[:, None]).norm(dim=2) - self.radius


def sphere_field(centre: float = 0.0) -> np.ndarray:
    axis = np.linspace(-1, 1, RESOLUTION)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    return np.sqrt((x - centre) ** 2 + y**2 + z**2) - RADIUS


def test_vertices_near_a_sphere():
    found = near_surface(sphere_field())
    distance = np.abs(sphere_field()).ravel()
    assert distance[found].max() < 0.1
    assert np.delete(distance, found).min() >= 0.1
    shell = 4 / 3 * np.pi * ((RADIUS + 0.1) ** 3 - (RADIUS - 0.1) ** 3)  # over a vertex's cell
    assert len(found) == pytest.approx(shell / 0.1**3, rel=0.05)


def test_a_shape_without_surface_is_held_everywhere():
    assert len(near_surface(np.full((5, 5, 5), 3.0))) == 125


def test_points_lie_in_the_cells_of_the_vertices_of_their_own_shape():
    centres = [-0.3, 0.4]
    near = [near_surface(sphere_field(centre)) for centre in centres]
    points = present_points(near, 2000, RESOLUTION, torch.Generator().manual_seed(0))
    assert points.shape == (2, 2000, 3)
    for shape, centre in enumerate(centres):
        from_surface = (points[shape] - torch.tensor([centre, 0, 0])).norm(dim=1) - RADIUS
        assert from_surface.abs().max() < 0.1 + 0.05 * 3**0.5  # and half a cell
        cell = torch.round((points[shape] + 1) * 10).long()  # of the nearest vertex
        flat = (cell[:, 0] * RESOLUTION + cell[:, 1]) * RESOLUTION + cell[:, 2]
        assert np.isin(flat.numpy(), near[shape]).all()
        assert len(flat.unique()) > 0.5 * len(near[shape])


def test_points_lie_near_the_pretrained_surface_of_their_own_shape():
    centres = torch.tensor([[-0.3], [0.4]])
    points = former_points(Sphere(RADIUS).float(), centres, 500, torch.Generator().manual_seed(0))
    assert points.shape == (2, 500, 3)
    assert len(points[0].unique(dim=0)) == 500
    for shape, centre in enumerate(centres[:, 0]):
        from_surface = (points[shape] - torch.tensor([centre, 0, 0])).norm(dim=1) - RADIUS
        area = 4 * np.pi * RADIUS**2  # of a shell that holds a sixteenth of the box
        assert float(from_surface.abs().max()) == pytest.approx(8 / 16 / area / 2, rel=0.1)


def test_the_loss_of_a_sphere_that_has_grown():
    """The field has sunk by the growth everywhere: the loss is its square, whatever the points."""
    now, before = Sphere(0.55), Sphere(0.5)
    codes = torch.tensor([[0.1], [-0.2]], dtype=torch.float64)
    points = torch.rand(2, 7, 3, dtype=torch.float64)
    loss = anchor_loss(now, before, codes, points)
    assert float(loss.detach()) == pytest.approx(0.05**2)
    slope, none = torch.autograd.grad(loss, [now.radius, before.radius], allow_unused=True)
    assert none is None
    sides = [anchor_loss(Sphere(0.55 + h), before, codes, points).item() for h in (1e-5, -1e-5)]
    assert float(slope) == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-6)
    assert float(slope) == pytest.approx(0.1)
    assert anchor_loss(before, before, codes, points).item() == 0
