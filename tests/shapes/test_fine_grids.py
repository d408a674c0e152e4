"""Fine grids: the same signs, surfaces and diagrams as with every vertex evaluated."""

import numpy as np
import pytest
import trimesh

from toposhape.shapes.fine_grids import fill_distances, fine_distance_grid
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.grids import grid_points, signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signed_distance import make_solid
from toposhape.topology import diagram_distance, superlevel_diagrams


def furniture(category, index):
    made = make_shape(category, 0, index)
    vertices = normalising_transform(made.vertices).apply(made.vertices)
    return make_solid(vertices, made.faces, sheet_thickness=0.03)


def needle_and_sheet():
    """A bar thinner than the spacing, off the lattice, and an open panel."""
    bar = trimesh.creation.box((0.02, 1.4, 0.02)).apply_translation((0.113, 0.007, 0.241))
    corners = [[-0.7, 0, -0.7], [-0.1, 0, -0.7], [-0.1, 0.3, 0.7], [-0.7, 0.3, 0.7]]
    both_sides = [[0, 1, 2], [0, 2, 3], [2, 1, 0], [3, 2, 0]]
    panel = trimesh.Trimesh(corners, both_sides, process=False)
    block = trimesh.creation.box((0.3, 0.3, 0.3)).apply_translation((0.6, 0.5, -0.5))
    mesh = trimesh.util.concatenate([bar, panel, block])
    solid = make_solid(mesh.vertices, mesh.faces, sheet_thickness=0.03)
    assert solid.closed
    assert len(solid.sheets)
    return solid


SOLIDS = {
    "chair": lambda: furniture("chair", 0),
    "thin table": lambda: furniture("table", 4),
    "needle and sheet": needle_and_sheet,
}


@pytest.mark.parametrize("name", SOLIDS)
@pytest.mark.parametrize("resolution", [40, 49])
def test_signs_surface_and_topology_are_those_of_all_vertices(name, resolution):
    solid = SOLIDS[name]()
    exact = signed_distance_grid(solid, resolution).values
    found = fine_distance_grid(solid, resolution).values
    assert found.shape == exact.shape
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found < 0, exact < 0)
    near = np.abs(exact) < 2 / (resolution - 1)
    np.testing.assert_allclose(found[near], exact[near], atol=1e-6)
    one, other = superlevel_diagrams(np.stack([-exact, -found]))
    for level in (0.0, -0.01):
        assert one.betti_numbers(level) == other.betti_numbers(level)
    pairs = zip(one.restricted(0.01).points, other.restricted(0.01).points, strict=True)
    assert sum(diagram_distance(p, q) for p, q in pairs) < 2e-3


def test_values_are_interpolated_where_nothing_happens():
    """A plane has neither kinks nor, far from it, a surface: cubics are exact there."""
    asked = []

    def plane(points, known):
        asked.append(len(points))
        return points @ [0.6, 0, 0.8] - 0.2

    found = fill_distances(plane, 65)
    exact = (grid_points(65) @ [0.6, 0, 0.8] - 0.2).reshape(65, 65, 65)
    np.testing.assert_allclose(found, exact, atol=1e-9)
    assert sum(asked) < 0.2 * 65**3


def test_without_tolerance_every_kink_is_evaluated():
    """The distance to two parallel plates has a kink between them; with 0 it is exact there."""

    def plates(points, known):
        return np.minimum(np.abs(points[:, 0] - 0.31), np.abs(points[:, 0] + 0.27)) - 0.02

    exact = plates(grid_points(41), None).reshape(41, 41, 41)
    found = fill_distances(plates, 41, tolerance=0)
    middle = np.abs(np.linspace(-1, 1, 41) - 0.02) < 0.05
    np.testing.assert_allclose(found[middle], exact[middle], atol=1e-9)


def test_signs_that_are_handed_on_are_right():
    ball = lambda points: np.linalg.norm(points - [0.1, -0.2, 0.05], axis=1) - 0.55  # noqa: E731
    told = []

    def evaluate(points, known):
        values = ball(points)
        assert (known * values >= 0).all()
        assert (np.abs(known) <= np.abs(values) + 1e-9).all()
        told.append((known != 0).mean())
        return values

    fill_distances(evaluate, 60)
    assert told[0] == 0
    assert max(told) > 0.2


def test_where_a_mesh_is_open_every_vertex_is_evaluated():
    """The sign changes across a hole, away from any face: no vertex knows its neighbour's."""
    ball = trimesh.creation.icosphere(subdivisions=4, radius=0.8)
    kept = ball.triangles_center[:, 1] < 0.4
    bowl = trimesh.Trimesh(ball.vertices, ball.faces[kept], process=False)
    solid = make_solid(bowl.vertices, bowl.faces, sheet_thickness=0.03)
    exact = signed_distance_grid(solid, 24).values
    np.testing.assert_array_equal(fine_distance_grid(solid, 24).values, exact)
