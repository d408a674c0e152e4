"""Distances of solids that are given by logits."""

import numpy as np
import pytest

from toposhape.generators.redistance import NOWHERE, signed_distance_of
from toposhape.shapes.grids import grid_points

RESOLUTION = 32
STEP = 2 / (RESOLUTION - 1)


def ball(steepness: float, radius: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Logits of a ball and its signed distance."""
    distance = np.linalg.norm(grid_points(RESOLUTION), axis=1) - radius
    distance = distance.reshape((RESOLUTION,) * 3).astype(np.float32)
    return -steepness * distance, distance


@pytest.mark.parametrize("steepness", [1, 300])
def test_the_distance_of_a_ball_is_the_ball_s(steepness):
    logits, exact = ball(steepness)
    found = signed_distance_of(logits)
    assert found.dtype == np.float32
    assert np.abs(found - exact).max() < 0.1 * STEP  # the mesh is a polyhedron
    assert ((found < 0) == (logits > 0)).all()


def test_what_the_logits_say_away_from_the_surface_does_not_matter():
    logits, _ = ball(100)
    np.testing.assert_array_equal(
        signed_distance_of(np.clip(logits, -9, 9)), signed_distance_of(logits)
    )


def test_no_point_is_nearer_to_another_than_their_distances_differ():
    logits = np.random.default_rng(0).normal(size=(16,) * 3).astype(np.float32)
    found, step = signed_distance_of(logits), 2 / 15
    for axis in range(3):
        assert np.abs(np.diff(found, axis=axis)).max() < step * (1 + 1e-5)


def test_without_a_surface_everything_is_far_away():
    nothing = np.full((8, 8, 8), -5, np.float32)
    assert (signed_distance_of(nothing) == np.float32(NOWHERE)).all()
    assert (signed_distance_of(-nothing) == -np.float32(NOWHERE)).all()


def test_a_broken_field_is_named():
    with pytest.raises(ValueError, match="not finite"):
        signed_distance_of(np.full((8, 8, 8), np.nan, np.float32))
