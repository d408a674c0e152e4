"""Pieces and standing of solids that are known beforehand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter, label

from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.solids import (
    NEIGHBOURS,
    dangling_parts,
    in_hull,
    largest_piece,
    stands,
)
from toposhape.settings.topology import Topology

N = 32
AXIS = np.linspace(-1, 1, N)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


def box(x, y, z):
    """Vertices of a box, given by its ranges along the axes."""
    return np.logical_and.reduce(
        [(a <= v) & (v <= b) for v, (a, b) in zip((X, Y, Z), (x, y, z), strict=True)]
    )


SEAT = box((-0.6, 0.6), (0.0, 0.2), (-0.6, 0.6))
SIDES = {-1: (-0.6, -0.4), 1: (0.4, 0.6)}
LEGS = {(i, k): box(SIDES[i], (-0.8, 0.05), SIDES[k]) for i in SIDES for k in SIDES}


def union(*parts):
    return np.logical_or.reduce(parts)


def does_stand(solid):
    return stands(largest_piece(solid, "freudenthal"), solid)


def test_a_chair_needs_three_legs_that_surround_its_middle():
    legs = list(LEGS.values())
    assert does_stand(union(SEAT, *legs))
    assert does_stand(union(SEAT, *legs[:3])) == does_stand(union(SEAT, *legs[1:]))
    assert not does_stand(union(SEAT, LEGS[-1, -1], LEGS[-1, 1]))  # both on one side
    assert not does_stand(union(SEAT, LEGS[1, 1]))
    assert does_stand(SEAT)


def test_a_seat_above_loose_legs_does_not_reach_the_ground():
    torn = [leg & (Y < -0.2) for leg in LEGS.values()]
    assert not does_stand(union(SEAT, *torn))


def test_a_pedestal_stands_where_it_carries_the_middle():
    pole = box((-0.05, 0.05), (-0.8, 0.05), (-0.05, 0.05))
    assert does_stand(union(SEAT, pole))
    assert not does_stand(union(SEAT, np.roll(pole, 6, axis=0)))


def dangling(solid):
    return dangling_parts(solid, "freudenthal")


def test_a_torn_leg_dangles_whether_its_lower_end_is_there_or_not():
    chair = union(SEAT, *LEGS.values())
    assert dangling(chair) == dangling(SEAT) == dangling(np.zeros_like(SEAT)) == 0
    for gap in (Y < -0.4, (Y < -0.4) & (Y > -0.6)):
        for torn in (1, 2):
            legs = list(LEGS.values())
            legs[:torn] = [leg & ~gap for leg in legs[:torn]]
            assert dangling(union(SEAT, *legs)) == torn


def test_what_hangs_no_lower_than_an_edge_does_not_dangle():
    def hanging(length):
        return union(SEAT, *LEGS.values(), box((-0.05, 0.05), (-length, 0.05), (-0.05, 0.05)))

    assert dangling(hanging(0.09)) == 0
    assert dangling(hanging(0.15)) == 1
    assert dangling(hanging(0.77)) == 0  # it reaches the ground


def test_what_is_left_of_a_leg_on_a_runner_dangles_under_its_seat():
    runner = box(SIDES[1], (-0.8, -0.7), (-0.6, 0.6))
    chair = union(SEAT, *LEGS.values(), runner)
    assert dangling(chair) == 0
    assert dangling(chair & ~(LEGS[1, 1] & (Y > -0.3) & (Y < 0))) == 1
    assert dangling(chair & ~(LEGS[1, 1] & (Y > -0.65) & (Y < 0))) == 0  # hardly more than a foot
    posts = [box(SIDES[i], (0.0, 0.8), (0.4, 0.6)) for i in SIDES]
    assert dangling(union(chair, *posts)) == 0  # they end under the sky


def test_a_loose_piece_dangles_from_nothing():
    floating = box((-0.1, 0.1), (0.5, 0.8), (-0.1, 0.1))
    assert dangling(union(SEAT, *LEGS.values(), floating)) == 0
    hook = box((0.2, 0.3), (0.3, 0.8), (-0.1, 0.1))
    bridge = box((-0.1, 0.3), (0.7, 0.8), (-0.1, 0.1))
    assert dangling(union(SEAT, floating, bridge, hook)) == 1


def test_up_is_y_and_no_other_axis():
    post = union(SEAT, LEGS[1, 1])
    assert not does_stand(post)
    assert does_stand(np.flip(post, axis=1))  # upside down it lies on its seat
    leaning = union(SEAT, LEGS[1, 1], LEGS[1, -1])
    assert does_stand(np.swapaxes(leaning, 0, 1)) != does_stand(leaning)


def test_nothing_does_not_stand():
    nothing = np.zeros((N, N, N), bool)
    assert not does_stand(nothing)
    assert not largest_piece(nothing, "cubical").any()


@pytest.mark.parametrize(("gap", "carries"), [(4, True), (6, False)])
def test_feet_less_than_the_tolerance_above_the_ground_carry(gap, carries):
    """A plate on two walls, one of which ends 0.04 or 0.06 above the other's end."""
    solid = np.zeros((201, 201, 201), bool)
    solid[40:160, 100:110, 40:160] = True
    solid[40:60, 20:105, 40:160] = True
    solid[140:160, 20 + gap : 105, 40:160] = True
    assert does_stand(solid) == carries


def test_the_largest_piece_is_the_one_with_most_vertices():
    small, large = box((-0.9, -0.6), (0, 0.3), (0, 0.3)), box((0, 0.6), (0, 0.6), (0, 0.6))
    np.testing.assert_array_equal(largest_piece(small | large, "freudenthal"), large)
    field = np.where(small | large, -0.1, 0.1).astype(np.float32)
    (described,) = describe_fields(field[None], Topology())
    assert described.largest_share == pytest.approx(large.sum() / (large.sum() + small.sum()))
    assert described.betti[0] == 2
    assert described.resolution == N


def test_a_field_without_a_surface_is_empty_whatever_its_sign():
    full, none = np.full((2, 8, 8, 8), -1.0, np.float32), np.ones((1, 8, 8, 8), np.float32)
    fields = np.concatenate([full[:1], none])
    filled, nothing = describe_fields(fields, Topology())
    assert filled.empty and filled.largest_share == 1 and filled.betti == (1, 0, 0)
    assert nothing.empty and nothing.largest_share == 0 and not nothing.stands
    assert nothing.betti == (0, 0, 0) and nothing.dilated_pieces == 0


@pytest.mark.parametrize("complex", ["freudenthal", "cubical"])
def test_pieces_hang_together_as_in_the_complex(complex):
    """Labelled pieces are what the diagram counts: b0."""
    for seed in range(6):
        noise = np.random.default_rng(seed).standard_normal((14, 14, 14))
        field = gaussian_filter(noise, 0.6).astype(np.float32) + 0.15
        (described,) = describe_fields(field[None], Topology(complex=complex))
        labels, pieces = label(field <= 0, NEIGHBOURS[complex])
        assert described.betti[0] == pieces > 3
        largest = np.bincount(labels.ravel())[1:].max()
        assert described.largest_share == pytest.approx(largest / (field <= 0).sum())


def test_dilation_closes_gaps_and_does_not_open_them():
    """Two balls 0.03 apart: pieces of {f <= 0}, one of {f <= 0.02}."""
    axis = np.linspace(-1, 1, 96)
    x, y, z = np.meshgrid(axis, axis, axis, indexing="ij")
    balls = [np.sqrt((x - s * 0.415) ** 2 + y**2 + z**2) - 0.4 for s in (-1, 1)]
    (described,) = describe_fields(np.minimum(*balls)[None].astype(np.float32), Topology())
    assert described.betti[0] == 2
    assert described.dilated_pieces == 1


points = st.lists(st.tuples(*[st.integers(-4, 4)] * 2), min_size=1, max_size=7)


@settings(max_examples=300)
@given(points, st.tuples(*[st.integers(-4, 4)] * 2))
def test_in_hull_against_all_triangles(points, point):
    """A point is in the hull if and only if it is in a triangle of the points (Caratheodory)."""

    def cross(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def in_triangle(a, b, c):
        sides = [cross(a, b, point), cross(b, c, point), cross(c, a, point)]
        inside = min(sides) >= 0 or max(sides) <= 0
        within = all(
            min(v[k] for v in (a, b, c)) <= point[k] <= max(v[k] for v in (a, b, c)) for k in (0, 1)
        )
        return inside and within

    expected = any(in_triangle(a, b, c) for a in points for b in points for c in points)
    assert in_hull(np.array(point, float), np.array(points, float)) == expected
