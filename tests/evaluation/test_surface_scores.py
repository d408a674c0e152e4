"""Distances of surfaces in closed form; a surface against itself is 0; Betti numbers of solids."""

import numpy as np
import pytest
import trimesh

from toposhape.evaluation.surface_scores import (
    largest_piece,
    one_sided,
    surface_betti_numbers,
    two_sided,
)
from toposhape.shapes.surfaces import Surface


def surface_of(mesh):
    return Surface(np.asarray(mesh.vertices), np.asarray(mesh.faces))


def ball(radius=1.0, centre=(0, 0, 0)):
    mesh = trimesh.creation.icosphere(subdivisions=4, radius=radius)
    mesh.apply_translation(centre)
    return mesh


EMPTY = Surface(np.zeros((0, 3)), np.zeros((0, 3), np.int64))


def test_a_surface_against_itself_is_0():
    torus = surface_of(trimesh.creation.torus(1.0, 0.3))
    assert max(two_sided(torus, torus, 2000, 0)) < 1e-6  # samples are float32
    assert max(one_sided(torus.vertices, torus)) < 1e-12


def test_concentric_spheres_are_their_radii_apart():
    found = two_sided(surface_of(ball(1.0)), surface_of(ball(1.25)), 5000, 0)
    assert found.chamfer == pytest.approx(0.25, abs=0.003)
    assert found.hausdorff == pytest.approx(0.25, abs=0.01)


def test_a_chamfer_distance_is_half_the_sum_and_a_hausdorff_distance_the_larger_side():
    one = surface_of(ball())
    two = surface_of(trimesh.util.concatenate([ball(), ball(centre=(10, 0, 0))]))
    there, back = one_sided(ball().vertices, two), one_sided(two.vertices, one)
    assert there == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    found = two_sided(one, two, 20_000, 0)
    assert found.chamfer == pytest.approx(back.chamfer / 2, rel=0.03)
    assert found.hausdorff == pytest.approx(10, abs=0.1)
    assert two_sided(two, one, 20_000, 0).chamfer == pytest.approx(found.chamfer, rel=0.03)


def test_distances_scale_and_turn_with_the_surfaces():
    turn = trimesh.transformations.random_rotation_matrix(np.array([0.1, 0.5, 0.9]))
    scale = 3 * np.eye(4)
    scale[3, 3] = 1
    meshes = [ball(1.0), trimesh.creation.box((1, 2, 1))]
    before = two_sided(*map(surface_of, meshes), 20_000, 0)
    for mesh in meshes:
        mesh.apply_transform(turn @ scale)
    after = two_sided(*map(surface_of, meshes), 20_000, 0)
    assert after == pytest.approx([3 * each for each in before], rel=0.02)


def test_a_truth_of_points_is_compared_by_its_nearest_point():
    points = np.array([[0.0, 0, 0], [4, 0, 0]])
    cloud = Surface(points, np.zeros((0, 3), np.int64))
    assert one_sided(np.array([[1.0, 0, 0], [3, 0, 0], [0, 5, 0]]), cloud) == (
        pytest.approx(7 / 3),
        5,
    )


def test_nothing_has_no_distance():
    assert np.isnan(two_sided(EMPTY, surface_of(ball()), 100, 0)).all()
    assert np.isnan(one_sided(ball().vertices, EMPTY)).all()


def test_the_largest_piece_leaves_ghosts_out():
    both = trimesh.util.concatenate([ball(0.2, (5, 0, 0)), ball(), ball(0.1, (0, 5, 0))])
    found = largest_piece(surface_of(both))
    assert np.abs(found.vertices[found.faces]).max() == pytest.approx(1, abs=0.01)
    assert len(largest_piece(EMPTY).faces) == 0


@pytest.mark.parametrize(
    ("meshes", "betti"),
    [
        ([ball()], (1, 0, 0)),
        ([trimesh.creation.torus(1.0, 0.3)], (1, 1, 0)),
        ([ball(), ball(0.5, (3, 0, 0))], (2, 0, 0)),
        ([trimesh.creation.torus(1.0, 0.3), ball(0.2, (3, 0, 0))], (2, 1, 0)),
    ],
)
def test_betti_numbers_of_solids(meshes, betti):
    assert surface_betti_numbers(surface_of(trimesh.util.concatenate(meshes))) == betti


def test_cavities_and_open_surfaces():
    hollow = ball(0.5)
    hollow.invert()
    shell = surface_of(trimesh.util.concatenate([ball(), hollow]))
    assert surface_betti_numbers(shell) == (1, 0, 1)
    opened = Surface(shell.vertices, shell.faces[1:])
    assert surface_betti_numbers(opened) is None
    assert surface_betti_numbers(EMPTY) == (0, 0, 0)
