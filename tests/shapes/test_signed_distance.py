"""Signed distance against analytic distances, and on copies of a mesh that somebody damaged."""

import numpy as np
import pytest
import trimesh

from toposhape.shapes.grids import grid_points, signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signed_distance import make_solid

RNG = np.random.default_rng(7)
POINTS = RNG.uniform(-1, 1, size=(3000, 3))


def box_distance(points, low, high):
    """Exact signed distance of an axis-aligned box."""
    centre, half = (np.array(low) + high) / 2, (np.array(high) - low) / 2
    q = np.abs(points - centre) - half
    return np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(axis=1), 0)


def box(low, high):
    return trimesh.creation.box(bounds=[low, high])


def solid_of(*meshes, sheet_thickness=0.03):
    mesh = trimesh.util.concatenate(meshes)
    return make_solid(mesh.vertices, mesh.faces, sheet_thickness=sheet_thickness)


def test_box_is_exact():
    low, high = [-0.5, -0.2, -0.4], [0.3, 0.6, 0.1]
    expected = box_distance(POINTS, low, high)
    assert np.abs(solid_of(box(low, high)).signed_distance(POINTS) - expected).max() < 1e-7


def test_sphere_and_torus_are_as_near_as_their_facets():
    sphere = solid_of(trimesh.creation.icosphere(subdivisions=5, radius=0.7))
    distance = np.linalg.norm(POINTS, axis=1) - 0.7
    assert np.abs(sphere.signed_distance(POINTS) - distance).max() < 3e-4
    torus = solid_of(trimesh.creation.torus(0.6, 0.2, major_sections=200, minor_sections=100))
    ring = np.linalg.norm(POINTS[:, :2], axis=1) - 0.6
    distance = np.hypot(ring, POINTS[:, 2]) - 0.2
    assert np.abs(torus.signed_distance(POINTS) - distance).max() < 2e-4


def test_distance_to_a_curved_mesh_is_exact():
    mesh = trimesh.creation.torus(0.6, 0.2, major_sections=30, minor_sections=16)
    points = POINTS[:300]
    corners = mesh.triangles
    expected = [
        np.linalg.norm(
            trimesh.triangles.closest_point(corners, np.tile(point, (len(corners), 1))) - point,
            axis=1,
        ).min()
        for point in points
    ]
    found = solid_of(mesh).signed_distance(points)
    assert np.abs(np.abs(found) - expected).max() < 1e-7
    assert ((found < 0) == mesh.contains(points)).all()


def chair():
    """A closed, curved and branching mesh."""
    parts = [
        box([-0.4, -0.05, -0.4], [0.4, 0.05, 0.4]),
        box([-0.4, -0.7, -0.4], [-0.3, -0.02, -0.3]),
        box([0.3, -0.7, 0.3], [0.4, -0.02, 0.4]),
        box([-0.4, 0.02, -0.4], [0.4, 0.7, -0.3]),
    ]
    return trimesh.boolean.union(parts, engine="manifold")


def shells():
    """Disjoint closed parts."""
    return [
        trimesh.creation.icosphere(subdivisions=3, radius=0.2).apply_translation([-0.5, 0, 0]),
        box([0.1, -0.5, -0.3], [0.6, 0.5, 0.2]),
        trimesh.creation.torus(0.15, 0.05).apply_translation([-0.4, 0.6, 0.3]),
    ]


def test_inverted_copy_has_the_same_field():
    mesh = chair()
    inverted = trimesh.Trimesh(mesh.vertices, mesh.faces[:, ::-1], process=False)
    expected = solid_of(mesh).signed_distance(POINTS)
    np.testing.assert_allclose(solid_of(inverted).signed_distance(POINTS), expected, atol=1e-9)


def test_parts_flipped_one_by_one_have_the_same_field():
    parts = shells()
    expected = solid_of(*parts).signed_distance(POINTS)
    parts[1].invert()
    np.testing.assert_allclose(solid_of(*parts).signed_distance(POINTS), expected, atol=1e-9)


def test_overlapping_flipped_part_is_turned_back():
    low, high = ([-0.6, -0.1, -0.3], [-0.3, -0.3, -0.2]), ([0.4, 0.1, 0.3], [0.7, 0.3, 0.2])
    parts = [box(low[0], high[0]), box(low[1], high[1])]
    parts[1].invert()
    expected = np.minimum(*[box_distance(POINTS, a, b) for a, b in zip(low, high, strict=True)])
    found = solid_of(*parts).signed_distance(POINTS)
    assert ((found < 0) == (expected < 0)).all()


def test_faces_flipped_at_random_are_turned_back():
    mesh = chair()
    faces = mesh.faces.copy()
    flipped = RNG.random(len(faces)) < 0.4
    faces[flipped] = faces[flipped][:, ::-1]
    solid = make_solid(mesh.vertices, faces, sheet_thickness=0.03)
    expected = solid_of(mesh).signed_distance(POINTS)
    np.testing.assert_allclose(solid.signed_distance(POINTS), expected, atol=1e-9)


def test_puncture_matters_only_beside_the_hole():
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=0.7)
    hole = mesh.triangles_center[100]
    kept = np.linalg.norm(mesh.triangles_center - hole, axis=1) > 0.1
    punctured = trimesh.Trimesh(mesh.vertices, mesh.faces[kept], process=False)
    away = POINTS[np.linalg.norm(POINTS - hole, axis=1) > 0.5]
    radius = np.linalg.norm(away, axis=1)
    expected = solid_of(mesh).signed_distance(away)
    nearest = 0.7 * away / radius[:, None]
    nearest_is_there = np.linalg.norm(nearest - hole, axis=1) > 0.3
    found = solid_of(punctured).signed_distance(away)
    assert ((found < 0) == (expected < 0)).all()
    np.testing.assert_allclose(found[nearest_is_there], expected[nearest_is_there], atol=1e-9)


def test_doubled_faces_change_nothing():
    mesh = chair()
    expected = solid_of(mesh).signed_distance(POINTS)
    same = np.concatenate([mesh.faces, mesh.faces])
    opposite = np.concatenate([mesh.faces, mesh.faces[:, ::-1]])
    for faces in (same, opposite):
        solid = make_solid(mesh.vertices, faces, sheet_thickness=0.03)
        np.testing.assert_allclose(solid.signed_distance(POINTS), expected, atol=1e-9)


def test_inner_box_changes_nothing():
    outer, inner = ([-0.5] * 3, [0.5] * 3), ([-0.2] * 3, [0.3] * 3)
    found = solid_of(box(*outer), box(*inner)).signed_distance(POINTS)
    np.testing.assert_allclose(found, box_distance(POINTS, *outer), atol=1e-7)


def test_overlapping_boxes_are_their_union():
    seat, leg = ([-0.5, 0, -0.5], [0.5, 0.3, 0.5]), ([-0.2, -0.6, -0.2], [0.2, 0.15, 0.2])
    found = solid_of(box(*seat), box(*leg)).signed_distance(POINTS)
    exact = np.minimum(box_distance(POINTS, *seat), box_distance(POINTS, *leg))
    assert ((found < 0) == (exact < 0)).all()
    outside = exact > 0
    np.testing.assert_allclose(found[outside], exact[outside], atol=1e-7)
    core = box_distance(POINTS, [-0.1, -0.5, -0.1], [0.1, 0.1, 0.1]) < 0
    assert (found[core] < -0.08).all()  # the leg's top and sides inside the seat are no surface


def test_cavity_is_kept():
    hollow = trimesh.boolean.difference(
        [box([-0.5] * 3, [0.5] * 3), box([-0.3] * 3, [0.3] * 3)], engine="manifold"
    )
    solid = solid_of(hollow)
    assert solid.signed_distance(np.zeros((1, 3)))[0] == pytest.approx(0.3)
    assert solid.signed_distance(np.array([[0.4, 0, 0]]))[0] == pytest.approx(-0.1)


def test_open_panel_gets_a_thickness():
    panel = trimesh.Trimesh([[-0.5, 0, -0.5], [0.5, 0, -0.5], [0.5, 0, 0.5], [-0.5, 0, 0.5]],
                            [[0, 1, 2], [0, 2, 3]])  # fmt: skip
    block = box([-0.1, -0.7, -0.1], [0.1, -0.3, 0.1])
    solid = solid_of(panel, block, sheet_thickness=0.04)
    found = solid.signed_distance(np.array([[0.3, 0, 0.2], [0.3, 0.1, 0.2], [0, -0.5, 0]]))
    np.testing.assert_allclose(found, [-0.02, 0.08, -0.1], atol=1e-6)
    assert 0.05 < solid.inside_share < 0.5
    thin = solid_of(panel, block, sheet_thickness=0)
    assert thin.signed_distance(np.array([[0.3, 0, 0.2]]))[0] > 0.3


@pytest.mark.parametrize("make", [chair, lambda: trimesh.util.concatenate(shells())])
def test_grid_equals_the_distance_at_its_vertices(make):
    solid = solid_of(make())
    grid = signed_distance_grid(solid, 20).values
    expected = solid.signed_distance(grid_points(20)).reshape(20, 20, 20)
    np.testing.assert_allclose(grid, expected, atol=1e-6)


def test_grid_of_an_open_mesh_changes_sign_where_the_winding_number_does():
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=0.8)
    bowl = trimesh.Trimesh(
        mesh.vertices, mesh.faces[mesh.triangles_center[:, 1] < 0.4], process=False
    )
    solid = solid_of(bowl)
    assert not solid.closed
    expected = solid.signed_distance(grid_points(24)).reshape(24, 24, 24)
    np.testing.assert_allclose(signed_distance_grid(solid, 24).values, expected, atol=1e-6)


def test_known_outside_is_outside():
    solid = solid_of(chair())
    grid = signed_distance_grid(solid, 24)
    known = grid.known_outside(POINTS)
    assert known.mean() > 0.5
    assert (solid.signed_distance(POINTS[known]) > 0).all()


def test_transform_round_trip_at_any_scale():
    for scale in (1e-15, 1, 1e15):
        vertices = scale * (RNG.random((50, 3)) + [3, -2, 5])
        transform = normalising_transform(vertices)
        normalised = transform.apply(vertices)
        assert np.linalg.norm(normalised, axis=1).max() * 1.03 == pytest.approx(1)
        centre = normalised.min(axis=0) + normalised.max(axis=0)
        np.testing.assert_allclose(centre, 0, atol=1e-12)
        np.testing.assert_allclose(transform.invert(normalised), vertices, rtol=1e-12)
