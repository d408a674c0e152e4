"""Signed distances of clouds on surfaces whose signed distance is known."""

import numpy as np
import pytest
from pydantic import ValidationError

from toposhape.evaluation.describe import describe_fields
from toposhape.generators.gradient_fields.outer_sheet import bare_share, outer_sheet
from toposhape.settings.gradient_fields import OuterSheet
from toposhape.settings.topology import Topology
from toposhape.shapes.grids import grid_points
from toposhape.topology import diagram_distance

RESOLUTION = 48
OFFSET = 0.05
GRID = grid_points(RESOLUTION)


def on_sphere(count, radius, centre=(0, 0, 0), seed=0):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    return radius * points / np.linalg.norm(points, axis=1, keepdims=True) + np.array(centre)


def ball(radius, centre=(0, 0, 0)):
    return np.linalg.norm(GRID - np.array(centre), axis=1) - radius


def on_torus(count, seed=0):
    """Ring of radius 0.6 about y, thickness 0.2, uniform by area."""
    rng = np.random.default_rng(seed)
    along = rng.uniform(0, 2 * np.pi, 4 * count)
    along = along[rng.uniform(0, 0.8, along.size) < 0.6 + 0.2 * np.cos(along)][:count]
    around = rng.uniform(0, 2 * np.pi, len(along))
    ring = 0.6 + 0.2 * np.cos(along)
    return np.stack([ring * np.cos(around), 0.2 * np.sin(along), ring * np.sin(around)], axis=1)


def torus():
    return np.hypot(np.hypot(GRID[:, 0], GRID[:, 2]) - 0.6, GRID[:, 1]) - 0.2


def topology_of(field):
    (found,) = describe_fields(field[None].astype(np.float32), Topology())
    return found


def cube(values):
    return np.asarray(values).reshape((RESOLUTION,) * 3)


def boxes(count, *sizes_and_centres):
    """Points on the surfaces of boxes, uniform by area of each."""
    rng, parts = np.random.default_rng(0), []
    for size, centre in sizes_and_centres:
        size = np.array(size)
        areas = np.prod(size) / size
        axes = rng.choice(3, count, p=areas / areas.sum())
        points = rng.uniform(-0.5, 0.5, (count, 3)) * size
        points[np.arange(count), axes] = rng.choice([-0.5, 0.5], count) * size[axes]
        parts.append(points + np.array(centre))
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("cloud", "truth", "betti"),
    [
        (on_sphere(8000, 0.7), ball(0.7), (1, 0, 0)),
        (on_torus(10_000), torus(), (1, 1, 0)),
        (
            np.concatenate([on_sphere(6000, 0.35, (c, 0, 0), 1) for c in (-0.5, 0.5)]),
            np.minimum(ball(0.35, (-0.5, 0, 0)), ball(0.35, (0.5, 0, 0))),
            (2, 0, 0),
        ),
    ],
    ids=["ball", "torus", "two balls"],
)
def test_diagrams_are_those_of_the_true_distance(cloud, truth, betti):
    field = outer_sheet(cloud, RESOLUTION, OFFSET)
    near = np.abs(truth) < 0.15
    assert np.abs(field.ravel() - truth)[near].mean() < 0.01
    found, true = topology_of(field), topology_of(cube(truth))
    assert found.betti == true.betti == betti
    for ours, theirs in zip(found.diagram.points, true.diagram.points, strict=True):
        assert diagram_distance(ours, theirs) < 0.03**2
    assert bare_share(cloud, field, 0.1) == 0


def test_a_cavity_is_filled():
    cloud = np.concatenate([on_sphere(8000, 0.7), on_sphere(4000, 0.35, seed=1)])
    assert topology_of(outer_sheet(cloud, RESOLUTION, OFFSET)).betti == (1, 0, 0)


@pytest.mark.parametrize(("gap", "pieces"), [(1.5 * OFFSET, 1), (4 * OFFSET, 2)])
def test_gaps_below_twice_the_offset_close(gap, pieces):
    size, shift = (0.5, 0.8, 0.5), 0.25 + gap / 2
    cloud = boxes(10_000, (size, (-shift, 0, 0)), (size, (shift, 0, 0)))
    assert topology_of(outer_sheet(cloud, RESOLUTION, OFFSET)).betti[0] == pieces


def test_a_leak_is_told():
    """Where points are too far apart the flood comes in, and the surface is gone."""
    cloud = on_sphere(300, 0.7)
    field = outer_sheet(cloud, RESOLUTION, OFFSET)
    true_share = (ball(0.7) < 0).mean()
    assert (field < 0).mean() < true_share / 2
    assert bare_share(cloud, field, 0.1) > 0.5


def test_a_leaking_part_is_told_as_its_share():
    cloud = np.concatenate([on_sphere(6000, 0.3, (-0.5, 0, 0)), on_sphere(100, 0.3, (0.5, 0, 0))])
    field = outer_sheet(cloud, RESOLUTION, OFFSET)
    assert bare_share(cloud, field, 0.1) == pytest.approx(100 / 6100, abs=0.003)


def test_several_neighbours_calm_a_noisy_cloud():
    rng = np.random.default_rng(1)
    cloud = on_sphere(8000, 0.7) + 0.02 * rng.normal(size=(8000, 3))
    errors = [
        np.abs(outer_sheet(cloud, RESOLUTION, OFFSET, k).ravel() - ball(0.7))[
            np.abs(ball(0.7)) < 0.1
        ].mean()
        for k in (1, 8)
    ]
    assert errors[1] < errors[0]


def test_stray_points_are_left_out_and_others_stay():
    rng = np.random.default_rng(2)
    cloud = on_sphere(8000, 0.7)
    stray = rng.normal(size=(40, 3))
    stray *= rng.uniform(0.85, 1, (40, 1)) / np.linalg.norm(stray, axis=1, keepdims=True)
    even = outer_sheet(cloud, RESOLUTION, OFFSET)
    disturbed, cleaned = (
        outer_sheet(np.concatenate([cloud, stray]), RESOLUTION, OFFSET, outlier_factor=factor)
        for factor in (0.0, 2.0)
    )
    assert np.abs(disturbed - even).max() > 0.1
    assert np.abs(cleaned - even).max() < 0.02


def test_a_factor_that_leaves_out_most_points_is_refused():
    with pytest.raises(ValidationError, match="outlier_factor below 1"):
        OuterSheet(outlier_factor=0.5)


def test_a_coarse_grid_takes_a_wider_sheet():
    field = outer_sheet(on_sphere(6000, 0.7), 24, 0.01)
    assert topology_of(field).betti == (1, 0, 0)


@pytest.mark.parametrize(
    ("cloud", "told"),
    [
        (np.zeros((0, 3)), "form"),
        (np.zeros((9, 2)), "form"),
        (np.zeros((4, 3)), "8 points or more"),
        (np.r_[np.zeros((9, 3)), [[0, np.nan, 0]]], "point 9 .* not finite"),
    ],
)
def test_wrong_clouds_are_named(cloud, told):
    with pytest.raises(ValueError, match=told):
        outer_sheet(cloud, 16, OFFSET, 8)
