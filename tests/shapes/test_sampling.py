"""Samples are DeepSDF's: how many lie where, on which side, and what they depend on."""

from functools import lru_cache

import numpy as np
import pytest
import trimesh
from scipy.stats import ncx2

from toposhape.settings.shapes import Shapes
from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.preparation import Recipe, prepare_shape, read_mesh
from toposhape.shapes.requests import ShapeRequest
from toposhape.shapes.sampling import (
    HardlyAnyInside,
    sample_signed_distance,
    sample_surface,
)
from toposhape.shapes.signed_distance import make_solid

RADIUS = 0.5
COUNT = 40_000


def solid_of(*meshes, sheet_thickness=0.03):
    mesh = trimesh.util.concatenate(meshes)
    return make_solid(mesh.vertices, mesh.faces, sheet_thickness=sheet_thickness)


def samples_of(solid, count=COUNT, seed=0, resolution=16):
    grid = signed_distance_grid(solid, resolution)
    return sample_signed_distance(solid, grid, count, np.random.default_rng(seed))


@lru_cache
def ball():
    return solid_of(trimesh.creation.icosphere(subdivisions=5, radius=RADIUS))


def mass_within(radius):
    """The share of DeepSDF's points around a ball's surface that lie within a radius up to 1.

    47 % each are a point of the surface plus a normal vector of variance 0.005 and 0.0005 in each
    coordinate: its squared norm is non-central chi-squared. 6 % are uniform in [-1, 1]^3.
    """
    near = sum(ncx2.cdf(radius**2 / v, 3, RADIUS**2 / v) for v in (0.005, 0.0005))
    return 0.47 * near + 0.06 * (4 / 3 * np.pi * radius**3) / 8


RADII = ([0.2, 0.35, 0.4, 0.45, 0.48, 0.49], [0.505, 0.52, 0.55, 0.6, 0.7, 0.8, 1.0])


@pytest.mark.parametrize(("side", "radii"), list(enumerate(RADII)))
def test_distances_from_a_ball_have_the_published_distribution(side, radii):
    """Shares of near samples, their deviations and the uniform rest, each side by itself."""
    points = samples_of(ball())[side, :, :3]
    lowest, highest = [(0, RADIUS), (RADIUS, np.inf)][side]
    total = (mass_within(RADIUS) if side == 0 else 1) - (0 if side == 0 else mass_within(RADIUS))
    assert (np.linalg.norm(points, axis=1) < highest + 1e-3).all()
    for radius in radii:
        expected = (mass_within(radius) - (mass_within(lowest) if lowest else 0)) / total
        found = (np.linalg.norm(points, axis=1) < radius).mean()
        deviation = np.sqrt(expected * (1 - expected) / len(points))
        assert found == pytest.approx(expected, abs=5 * deviation + 0.003), radius


def test_both_sides_are_halves_and_carry_exact_distances():
    samples = samples_of(ball(), 4000)
    assert samples.shape == (2, 2000, 4)
    exact = np.linalg.norm(samples[..., :3], axis=-1) - RADIUS
    np.testing.assert_allclose(samples[..., 3], exact, atol=5e-4)
    assert (samples[0, :, 3] < 0).all()
    assert (samples[1, :, 3] >= 0).all()


def test_any_run_of_samples_is_a_random_subset():
    """The rows of a shape are read in runs: near ones must not stand together."""
    for side in samples_of(ball(), 8000):
        far = np.abs(side[:, 3]) > 0.1
        quarters = far.reshape(4, -1).mean(axis=1)
        np.testing.assert_allclose(quarters, far.mean(), atol=0.05)


def test_a_rod_repeats_inner_samples_and_a_hair_is_refused():
    def rod(width):
        box = trimesh.creation.box((width, 1.9, width))
        return samples_of(solid_of(box), 2000, resolution=24)

    times = np.unique(rod(0.006)[0], axis=0, return_counts=True)[1]
    assert 20 <= len(times) < 1000
    assert times.max() - times.min() <= 1
    with pytest.raises(HardlyAnyInside, match="hardly any volume"):
        rod(0.0002)


def test_uniform_points_reach_all_corners():
    points = samples_of(ball(), 40_000)[1, :, :3]
    far = points[np.abs(points).max(axis=1) > 0.95]
    assert len(np.unique(np.sign(far), axis=0)) == 8
    assert np.abs(points[np.linalg.norm(points, axis=1) > RADIUS + 0.5]).max() <= 1


def prepared(shape, source, seed=0):
    shapes = Shapes(resolution=16, samples=400, surface_points=100)
    return prepare_shape((ShapeRequest(shape, str(source)), Recipe(shapes, "y", seed, read_mesh)))


def test_samples_depend_on_seed_and_id_alone(tmp_path):
    """Shapes of one run with the same noise would teach the network the noise."""
    first, copy = tmp_path / "first.ply", tmp_path / "copy.ply"
    for path in (first, copy):
        trimesh.creation.torus(0.6, 0.25, 16, 8).export(path)
    one = prepared("one", first)
    same, other_id, other_seed = (
        prepared("one", copy),
        prepared("other", first),
        prepared("one", first, 1),
    )
    for name in ("samples", "surface"):
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
        for other in (other_id, other_seed):
            assert not np.isin(getattr(one, name), getattr(other, name)).any()
    np.testing.assert_array_equal(one.grid, other_id.grid)


def slab_and_rod():
    """Faces of very different size: 2 triangles hold a third of the area, 9,000 the rest."""
    rod = trimesh.creation.cylinder(0.1, 1.2, sections=16)
    for _ in range(3):
        rod = rod.subdivide()
    slab = trimesh.creation.box((0.9, 0.9, 0.1)).apply_translation((0, 0, -0.8))
    return rod, slab


def test_surface_points_are_uniform_by_area():
    rod, slab = slab_and_rod()
    points = sample_surface(solid_of(rod, slab), 20_000, np.random.default_rng(0))
    on_slab = points[:, 2] < -0.7
    assert on_slab.mean() == pytest.approx(slab.area / (slab.area + rod.area), abs=0.015)
    away = np.abs(points[on_slab] - [0, 0, -0.8]) - [0.45, 0.45, 0.05]
    np.testing.assert_allclose(away.max(axis=1), 0, atol=1e-6)
    quarter = (points[on_slab][:, 0] > 0) & (points[on_slab][:, 1] > 0)
    assert quarter.mean() == pytest.approx(0.25, abs=0.02)


def test_sheets_show_both_sides_half_their_thickness_away():
    """A sheet's two sides count; the part of a block that stands in it does not."""
    sheet = trimesh.Trimesh([[-0.8, 0, -0.8], [0.8, 0, -0.8], [0.8, 0, 0.8], [-0.8, 0, 0.8]],
                            [[0, 1, 2], [0, 2, 3]])  # fmt: skip
    block = trimesh.creation.box((0.2, 0.2, 0.2)).apply_translation((0, 0.5, 0))
    solid = solid_of(sheet, block, sheet_thickness=0.05)
    points = sample_surface(solid, 20_000, np.random.default_rng(0))
    low = points[points[:, 1] < 0.1]
    np.testing.assert_allclose(np.abs(low[:, 1]), 0.025, atol=1e-5)
    assert (low[:, 1] > 0).mean() == pytest.approx(0.5, abs=0.02)
    expected = 2 * sheet.area / (2 * sheet.area + block.area)
    assert len(low) / len(points) == pytest.approx(expected, abs=0.01)
