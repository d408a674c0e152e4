"""Loose pieces are joined or taken away, small holes closed, and nothing else is touched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toposhape.shapes.grids import grid_points
from toposhape.topology import superlevel_diagrams
from toposhape.topology.repair import Limits, repair

R = 40
SPACING = 2 / (R - 1)
POINTS = grid_points(R).reshape(R, R, R, 3)


def ball(centre, radius):
    return np.linalg.norm(POINTS - np.array(centre), axis=-1) - radius


def torus(radius, thickness):
    ring = np.hypot(POINTS[..., 0], POINTS[..., 2]) - radius
    return np.hypot(ring, POINTS[..., 1]) - thickness


def union(*solids):
    return np.minimum.reduce(solids).astype(np.float32)


def betti(field):
    return superlevel_diagrams(-field).betti_numbers(0.0)


def kinds(repaired):
    return [change.kind for change in repaired.changes]


def test_what_is_sound_stays_bit_for_bit():
    for field in (union(ball((0, 0, 0), 0.5)), union(torus(0.6, 0.2))):
        done = repair(field)
        np.testing.assert_array_equal(done.field, field)
        assert done.changes == []
        assert done.largest_change == 0


def test_a_gap_is_bridged_where_it_is_narrowest():
    field = union(ball((-0.45, 0, 0), 0.4), ball((0.45, 0.1, 0), 0.4))
    assert betti(field) == (2, 0, 0)
    done = repair(field)
    assert betti(done.field) == (1, 0, 0)
    (change,) = done.changes
    assert change.kind == "bridged"
    assert np.linalg.norm(np.array(change.place) - (0, 0.05, 0)) < 1.5 * SPACING
    gap = np.hypot(0.9, 0.1) - 0.8
    assert gap < change.size < gap + 3 * SPACING
    far = np.linalg.norm(POINTS - (0, 0.05, 0), axis=-1) > 0.35
    np.testing.assert_array_equal(done.field[far], field[far])


def test_of_a_mirrored_field_every_bridge_has_its_mirror_image():
    """A seat on two legs above a base: one bridge makes one piece, two are a chair."""
    seat, base = ball((0, 0.5, 0), 0.35), ball((0, -0.7, 0), 0.3)
    side = np.concatenate([np.abs(POINTS[..., :1]), POINTS[..., 1:]], axis=-1)
    leg = np.linalg.norm((side - (0.2, 0, 0)) / (1, 3, 1), axis=-1) - 0.1
    field = union(seat, base, leg)
    assert betti(field) == (2, 0, 0)
    plain, mirrored = repair(field).field, repair(field, mirrored=True).field
    assert betti(plain) == (1, 0, 0) and not np.allclose(plain, plain[::-1], atol=1e-3)
    assert betti(mirrored) == (1, 1, 0)
    np.testing.assert_allclose(mirrored, mirrored[::-1], atol=1e-5)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 6))
def test_a_mirrored_heap_of_balls_stays_mirrored(seed, count):
    random = np.random.default_rng(seed)
    heap = [ball(random.uniform(-0.7, 0.7, 3), random.uniform(0.04, 0.35)) for _ in range(count)]
    one_side = union(*heap)
    field = np.minimum(one_side, one_side[::-1])
    solid = repair(field, mirrored=True).field < 0
    np.testing.assert_array_equal(solid, solid[::-1])


def test_a_crumb_is_taken_away_and_its_point_with_it_but_no_other():
    field = union(torus(0.6, 0.2), ball((0.8, 0.8, 0.8), 0.06))
    done = repair(field)
    assert kinds(done) == ["removed"]
    assert betti(done.field) == (1, 1, 0)
    before, after = (superlevel_diagrams(-each) for each in (field, done.field))
    for degree in range(3):
        lost = set(map(tuple, before.points[degree])) ^ set(map(tuple, after.points[degree]))
        assert len(lost) == (degree == 0)


def test_a_piece_far_away_is_taken_away_if_small_and_left_if_large():
    body = ball((-0.5, 0, 0), 0.4)
    small = repair(union(body, ball((0.6, 0, 0), 0.13)))
    assert kinds(small) == ["removed"]
    large = repair(union(body, ball((0.6, 0, 0), 0.3)))
    assert kinds(large) == ["left"]
    assert betti(large.field) == (2, 0, 0)
    wider = repair(union(body, ball((0.6, 0, 0), 0.3)), Limits(gap=0.3))
    assert kinds(wider) == ["bridged"]
    assert betti(wider.field) == (1, 0, 0)


def test_the_smaller_piece_goes_although_its_top_is_the_older_one():
    plate = np.maximum(np.abs(POINTS[..., 1] + 0.6) - 0.06, np.abs(POINTS).max(axis=-1) - 0.8)
    knob = ball((0, 0.6, 0), 0.12)  # deeper inside than the plate is thick
    done = repair(union(plate, knob))
    assert kinds(done) == ["removed"]
    assert (done.field[:, : R // 2] < 0).sum() == (plate[:, : R // 2] < 0).sum()
    assert betti(done.field) == (1, 0, 0)


def test_a_crumb_beside_a_gap_does_not_take_the_body_with_it():
    """The body dies at the gap to a deeper foot; the crumb nearest to it hangs on the body."""
    body = np.maximum(np.abs(POINTS[..., 1] - 0.3) - 0.12, np.abs(POINTS).max(axis=-1) - 0.8)
    foot = ball((0, -0.6, 0), 0.36)
    crumb = ball((SPACING / 2,) * 3, 0.07)  # its gap to the body is the narrower one
    field = union(body, foot, crumb)
    assert betti(field) == (3, 0, 0)
    done = repair(field)
    assert sorted(kinds(done)) == ["bridged", "removed"]
    assert betti(done.field) == (1, 0, 0)
    kept = (done.field < 0) & (union(body, foot) < 0)
    assert kept.sum() == (union(body, foot) < 0).sum()
    assert done.largest_change < 0.2


@given(st.integers(0, 10_000), st.integers(2, 7))
def test_no_more_is_taken_away_than_the_limits_allow(seed, count):
    random = np.random.default_rng(seed)
    centres, radii = random.uniform(-0.7, 0.7, (count, 3)), random.uniform(0.05, 0.35, count)
    field = union(*(ball(c, r) for c, r in zip(centres, radii, strict=True)))
    before = np.count_nonzero(field < 0)
    if not before:
        return
    limits = Limits()
    done = repair(field, limits)
    gone = np.count_nonzero((field < 0) & (done.field >= 0)) / before
    removals = kinds(done).count("removed")
    assert gone <= removals * limits.removed
    assert (done.field < 0).any()


def test_small_holes_of_handles_are_closed_only_if_asked():
    field = union(torus(0.45, 0.3))  # a hole of radius 0.15
    assert betti(field) == (1, 1, 0)
    assert repair(field).changes == []
    done = repair(field, Limits(hole=0.2))
    assert kinds(done) == ["filled"]
    assert done.changes[0].size == pytest.approx(0.15, abs=SPACING)
    assert betti(done.field) == (1, 0, 0)
    assert betti(repair(field, Limits(hole=0.1)).field) == (1, 1, 0)


@given(st.integers(0, 10_000), st.integers(2, 7))
def test_any_heap_of_balls_becomes_one_piece_or_says_what_it_left(seed, count):
    random = np.random.default_rng(seed)
    centres, radii = random.uniform(-0.7, 0.7, (count, 3)), random.uniform(0.05, 0.3, count)
    field = union(*(ball(c, r) for c, r in zip(centres, radii, strict=True)))
    if field.min() >= 0:
        return
    done = repair(field, Limits(gap=0.3))
    pieces = betti(done.field)[0]
    assert pieces == 1 or "left" in kinds(done)
    assert pieces <= betti(field)[0]
    assert (pieces == 1) == (repair(done.field, Limits(gap=0.3)).changes == [])


def test_an_empty_solid_has_nothing_to_repair():
    assert repair(np.ones((8, 8, 8), np.float32)).changes == []


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 9)])
def test_grids_that_are_no_cubes_are_refused(shape):
    with pytest.raises(ValueError, match=r"has the shape \(R, R, R\), not"):
        repair(np.ones(shape, np.float32))


def test_nan_is_named_by_its_place():
    field = union(ball((0, 0, 0), 0.5))
    field[1, 2, 3] = np.nan
    with pytest.raises(ValueError, match=r"\(1, 2, 3\)"):
        repair(field)
