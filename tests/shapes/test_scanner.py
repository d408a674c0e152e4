"""The virtual scanner sees what a scanner sees, and as wrongly."""

import numpy as np
import pytest
import trimesh

from toposhape.settings.scans import VirtualScan
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.scanner import scan_mesh
from toposhape.shapes.signed_distance import closest_on

EXACT = {"furniture": "chair", "noise": 0, "misalignment": 0, "views": 6, "pixels": 40}


def scan(mesh, seed=0, **settings):
    scanner = VirtualScan(**{**EXACT, **settings})
    return scan_mesh(mesh.vertices, mesh.faces, scanner, np.random.default_rng(seed))


def chair():
    return make_shape("chair", 0, 3)


def distances(mesh, points):
    return closest_on(mesh.vertices[mesh.faces], points)[0]


def test_without_noise_every_point_lies_on_the_mesh():
    cloud = scan(chair())
    assert len(cloud.points) > 500
    assert distances(chair(), cloud.points).max() < 1e-5


def test_noise_is_that_of_depth_in_longest_sides():
    ball = trimesh.creation.icosphere(subdivisions=4, radius=5.0)
    noisy = scan(ball, noise=0.01, baseline=0, grazing=20, pixels=80)
    error = np.linalg.norm(noisy.points, axis=1) - 5
    assert error.std() == pytest.approx(0.01 * 10, rel=0.1)


def test_normals_of_the_mesh_are_turned_to_the_scanner():
    ball = trimesh.creation.icosphere(subdivisions=4)
    cloud = scan(ball, normals="geometric")
    away = cloud.points / np.linalg.norm(cloud.points, axis=1, keepdims=True)
    assert (cloud.normals * away).sum(axis=1).min() > 0.99


def test_estimated_normals_are_nearly_those_of_the_mesh():
    shape = chair()
    given, estimated = (
        scan(shape, normals=kind, pixels=100, views=12) for kind in ("geometric", "pca")
    )
    cosine = (given.normals * estimated.normals).sum(axis=1)
    assert np.degrees(np.arccos(np.median(cosine))) < 5


def test_what_is_hidden_or_seen_too_flatly_gives_no_point():
    outer = trimesh.creation.icosphere(subdivisions=3, radius=1.0)
    inner = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
    cloud = scan(trimesh.util.concatenate([outer, inner]))
    assert np.linalg.norm(cloud.points, axis=1).min() > 0.9
    one_view = scan(outer, views=1, grazing=30, baseline=0)
    axis = one_view.points.mean(axis=0)
    cosine = one_view.points @ axis / np.linalg.norm(axis)
    assert cosine.min() > np.cos(np.radians(45))  # 30 degrees at the surface, less at the middle


def test_the_laser_casts_shadows_that_the_camera_sees():
    shape = chair()
    together, apart = scan(shape, baseline=0), scan(shape, baseline=30)
    assert len(apart.points) < 0.95 * len(together.points)


def test_misalignment_moves_views_and_outliers_lie_anywhere():
    shape = chair()
    longest = np.ptp(shape.vertices, axis=0).max()
    shifted = scan(shape, misalignment=0.01)
    assert 0.002 * longest < distances(shape, shifted.points).mean() < 0.03 * longest
    strays = scan(shape, outliers=0.2)
    share = (distances(shape, strays.points) > 0.01 * longest).mean()
    assert 0.15 < share < 0.25


def test_a_scan_depends_on_its_seed_alone():
    first, again, other = (scan(chair(), seed=seed, noise=0.01) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.points, again.points)
    assert len(first.points) != len(other.points)


def test_a_scan_scales_with_its_mesh():
    shape = chair()
    small = scan(shape, noise=0.01)
    shape.vertices[:] *= 1000
    large = scan(shape, noise=0.01)
    np.testing.assert_allclose(large.points, 1000 * small.points, atol=1)
