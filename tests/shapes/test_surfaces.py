import numpy as np
import pytest
import trimesh

from toposhape.shapes.surfaces import extract_surface, surface_points


def grid_points(resolution: int) -> np.ndarray:
    axis = np.linspace(-1, 1, resolution, dtype=np.float32)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)


def sphere(resolution: int, radius: float = 0.6) -> np.ndarray:
    return np.linalg.norm(grid_points(resolution), axis=-1) - radius


def test_a_sphere_comes_out_as_a_sphere_in_the_shape_frame():
    field = sphere(33)
    vertices, faces = extract_surface(field)
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), 0.6, atol=2e-3)
    mesh = trimesh.Trimesh(vertices, faces)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.01)  # and positive: outwards


def test_axes_keep_their_order():
    points = grid_points(21)
    box = np.abs(points) - [0.2, 0.4, 0.8]
    vertices, _ = extract_surface(box.max(axis=-1).astype(np.float32))
    np.testing.assert_allclose(vertices.max(axis=0), [0.2, 0.4, 0.8], atol=1e-5)


@pytest.mark.parametrize("value", [-1.0, 1.0, 0.0])
def test_a_field_without_a_surface_is_an_empty_mesh(value):
    vertices, faces = extract_surface(np.full((4, 4, 4), value, np.float32))
    assert vertices.shape == faces.shape == (0, 3)


def test_a_field_that_is_not_finite_is_refused():
    field = sphere(5)
    field[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        extract_surface(field)


def test_surface_points_lie_on_the_surface_and_an_empty_mesh_is_its_centre():
    points = surface_points(*extract_surface(sphere(33)), 500, seed=0)
    assert points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 0.6, atol=5e-3)
    empty = surface_points(*extract_surface(np.ones((4, 4, 4), np.float32)), 7, seed=0)
    np.testing.assert_array_equal(empty, np.zeros((7, 3)))


def test_surface_points_are_uniform_by_area_and_each_seed_has_its_own():
    """The top is cut into 512 triangles, the bottom into 2; both are as large."""
    box = trimesh.creation.box((1, 1, 0.1))
    for _ in range(4):
        box = box.subdivide(np.flatnonzero(box.triangles_center[:, 2] > 0.049))
    assert len(box.faces) == 512 + 10
    points = surface_points(box.vertices, box.faces, 20_000, seed=0)
    for side in (0.05, -0.05):
        share = (np.abs(points[:, 2] - side) < 1e-6).mean()
        assert share == pytest.approx(1 / 2.4, abs=0.015)
    assert not np.isin(points, surface_points(box.vertices, box.faces, 100, seed=1)).all(1).any()
    again = surface_points(box.vertices, box.faces, 20_000, seed=0)
    np.testing.assert_array_equal(points, again)
