"""Normals of points alone: turned outwards, in hollows too."""

import numpy as np
import pytest
import trimesh

from toposhape.shapes.neighbours import contradicted_share
from toposhape.shapes.visibility import oriented_normals, outward_normals, visible_points


def scanned(mesh, count=4000, noise=0.0):
    points, faces = trimesh.sample.sample_surface(mesh, count, seed=0)
    random = np.random.default_rng(0)
    return points + random.normal(0, noise, points.shape), mesh.face_normals[faces]


def test_of_a_sphere_the_near_cap_is_seen():
    points, normals = scanned(trimesh.creation.icosphere(4))
    eye = np.array([0, 0, 3.0])
    facing = ((eye - points) * normals).sum(axis=1)
    seen = visible_points(points - eye)
    assert (facing[seen] > -0.4).all()  # of -4 to 2: the rim is rough
    assert len(seen) > 0.95 * (facing > 0.1).sum()


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_normals_of_a_torus_are_turned_outwards(noise):
    points, normals = scanned(trimesh.creation.torus(1.0, 0.35), noise=noise)
    found = oriented_normals(points)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    assert ((found * normals).sum(axis=1) > 0.5).mean() > 0.99


def test_within_a_deep_cup_normals_are_turned_to_the_hollow():
    cup = trimesh.creation.annulus(r_min=0.4, r_max=0.6, height=2.0)
    points, normals = scanned(cup, 8000)
    assert ((oriented_normals(points) * normals).sum(axis=1) > 0).mean() > 0.97


def test_scale_and_place_do_not_matter():
    points, _ = scanned(trimesh.creation.torus(1.0, 0.35), 500)
    moved = oriented_normals(1000 * points + [5, 6, 7])
    np.testing.assert_allclose(moved, oriented_normals(points), atol=1e-6)


def test_normals_that_contradict_each_other_are_turned_one_by_one():
    points, normals = scanned(trimesh.creation.torus(1.0, 0.35))
    flipped = normals * np.random.default_rng(1).choice([-1, 1], (len(normals), 1))
    assert contradicted_share(points, flipped) == pytest.approx(0.5, abs=0.05)
    assert ((outward_normals(points, flipped) * normals).sum(axis=1) > 0).mean() > 0.99


def test_normals_that_agree_are_left_alone_even_where_they_are_not_seen():
    """Of two spheres, one within the other: nobody sees the inner one."""
    outer, inner = (trimesh.creation.icosphere(4, radius) for radius in (1.0, 0.6))
    points = np.vstack([outer.vertices, inner.vertices])
    normals = np.vstack([outer.vertex_normals, -inner.vertex_normals])
    assert contradicted_share(points, normals) == 0
    np.testing.assert_array_equal(outward_normals(points, normals), normals)
