"""Thin parts become as thick as the grid needs them; thick ones stay as they are."""

import numpy as np
import pytest
import trimesh
from scipy.spatial.transform import Rotation

from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.sampling import sample_surface
from toposhape.shapes.signed_distance import make_solid
from toposhape.topology import superlevel_diagrams

POINTS = np.random.default_rng(3).uniform(-1, 1, size=(2000, 3))
LEAST = 0.06


def solid_of(*meshes, least_thickness=LEAST):
    mesh = trimesh.util.concatenate(meshes)
    return make_solid(
        mesh.vertices, mesh.faces, sheet_thickness=0.03, least_thickness=least_thickness
    )


def box(*extents, at=(0, 0, 0)):
    return trimesh.creation.box(extents, trimesh.transformations.translation_matrix(at))


def betti_numbers(solid, resolution=40):
    grid = signed_distance_grid(solid, resolution).values
    return tuple(superlevel_diagrams(-grid[None])[0].betti_numbers(0.0))


def test_over_a_thin_plate_the_distance_is_that_to_a_plate_of_the_least_thickness():
    plate = solid_of(box(1.6, 0.02, 1.6))
    over = POINTS * [0.7, 1, 0.7]
    found = plate.signed_distance(over)
    outside = np.abs(over[:, 1]) > LEAST / 2
    np.testing.assert_allclose(found[outside], np.abs(over[outside, 1]) - LEAST / 2, atol=1e-6)
    assert (found[~outside] <= 1e-6).all()
    assert plate.thin_share == pytest.approx(1, abs=0.1)


def test_what_is_thick_stays_as_it_is():
    block = box(1, LEAST + 0.01, 1)
    found, bare = solid_of(block), solid_of(block, least_thickness=0.0)
    assert found.thin_share == 0
    np.testing.assert_array_equal(found.signed_distance(POINTS), bare.signed_distance(POINTS))


def test_a_grid_does_not_tear_rods_as_thick_as_the_diagonal_of_its_cells():
    spacing, random = 2 / 39, np.random.default_rng(0)
    seen = {0.0: [], 1.75 * spacing: []}
    for turn in Rotation.random(4, rng=random).as_matrix():
        turned = np.eye(4)
        turned[:3, :3] = turn
        rod = box(1.5, 0.3 * spacing, 0.3 * spacing).apply_transform(turned)
        for thickness, found in seen.items():
            found.append(betti_numbers(solid_of(rod, least_thickness=thickness)) == (1, 0, 0))
    torn, whole = seen.values()
    assert sum(torn) < 2
    assert all(whole)


def test_gaps_wider_than_what_is_added_stay_open():
    plates = [box(1, 0.02, 1, at=(0, y, 0)) for y in (-0.1, 0.1)]
    assert betti_numbers(solid_of(*plates)) == (2, 0, 0)


def test_surface_points_lie_on_what_thin_parts_have_become():
    plate = solid_of(box(1.6, 0.02, 1.6), box(0.4, 0.4, 0.4, at=(0, 0.2, 0)))
    points = sample_surface(plate, 4000, np.random.default_rng(0))
    assert np.abs(plate.signed_distance(points)).max() < 2.1e-3
    flat = (np.abs(points[:, [0, 2]]) < 0.7).all(axis=1) & (points[:, 1] < 0.1)
    beside = (np.abs(points[:, [0, 2]]) > 0.3).any(axis=1)
    np.testing.assert_allclose(np.abs(points[flat & beside, 1]), LEAST / 2, atol=2e-3)


def test_two_faces_in_one_place_are_no_thin_part():
    plate = box(1, 0.5, 1)
    twice = trimesh.util.concatenate([plate, plate])
    assert solid_of(twice).thin_share == 0
