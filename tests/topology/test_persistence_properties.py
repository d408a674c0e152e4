"""Checks that need no other persistence code, on grids of any size.

Betti numbers by counting cells and labelling components, duality, stability, analytic shapes.
"""

import itertools

import gudhi
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import COMPLEXES, KINDS, assert_equal_diagrams, axes, field, multiset
from scipy import ndimage

from toposhape.topology import superlevel_diagrams

UNIT_STEPS = list(itertools.product((0, 1), repeat=3))
"""The corners of a cell."""


def cells(complex):
    """The vertex sets of all cells at a vertex, as steps, by dimension."""
    if complex == "cubical":
        corners = [
            [step for step in UNIT_STEPS if all(s <= e for s, e in zip(step, extent, strict=True))]
            for extent in UNIT_STEPS
        ]
        return [(len(c).bit_length() - 1, c) for c in corners]
    above = {
        a: [b for b in UNIT_STEPS if a != b and all(x <= y for x, y in zip(a, b, strict=True))]
        for a in UNIT_STEPS
    }
    chains, found = [[(0, 0, 0)]], []
    while chains:
        found += [(len(chain) - 1, chain) for chain in chains]
        chains = [[*chain, step] for chain in chains for step in above[chain[-1]]]
    return found


def euler_characteristics(values, levels, complex):
    """Characteristics of the superlevel sets: cells whose vertices all reach a level."""
    total = np.zeros(len(levels), dtype=int)
    for dimension, corners in cells(complex):
        extent = np.max(corners, axis=0)
        inner = [
            values[
                tuple(
                    slice(s, n - e + s) for s, e, n in zip(step, extent, values.shape, strict=True)
                )
            ]
            for step in corners
        ]
        lowest = np.sort(np.min(inner, axis=0).reshape(-1))
        total += (-1) ** dimension * (lowest.size - np.searchsorted(lowest, levels))
    return total


def neighbourhood(complex, outside=False):
    """Which of the 3 x 3 x 3 vertices around one are joined to it, for sets or for complements."""
    steps = np.stack(np.meshgrid(*[(-1, 0, 1)] * 3, indexing="ij"), axis=-1)
    if complex == "freudenthal":
        return (steps >= 0).all(-1) | (steps <= 0).all(-1)
    return np.ones((3, 3, 3), bool) if outside else np.abs(steps).sum(-1) <= 1


def assert_right_betti_numbers(values, complex, levels=25):
    """Compare a diagram with components, cavities and Euler characteristics at many levels."""
    diagram = superlevel_diagrams(values, complex=complex)
    levels = np.quantile(values, np.linspace(0, 1, levels), method="nearest")
    characteristics = euler_characteristics(values, levels, complex)
    for level, characteristic in zip(levels, characteristics, strict=True):
        inside = np.pad(values >= level, 1)
        pieces = ndimage.label(inside, neighbourhood(complex))[1]
        cavities = ndimage.label(~inside, neighbourhood(complex, outside=True))[1] - 1
        handles = pieces + cavities - characteristic
        assert diagram.betti_numbers(level) == (pieces, handles, cavities)


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("kind", KINDS)
def test_betti_numbers(kind, complex):
    assert_right_betti_numbers(field(kind, (14, 11, 17), 1), complex)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(KINDS), complex=st.sampled_from(COMPLEXES)
)
def test_betti_numbers_of_random_fields(seed, kind, complex):
    shape = tuple(np.random.default_rng(seed).integers(1, 9, 3))
    assert_right_betti_numbers(field(kind, shape, seed), complex, levels=9)


@pytest.mark.slow
@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("kind", ["noise", "smooth", "integer", "plateaus"])
def test_betti_numbers_of_large_fields(kind, complex):
    assert_right_betti_numbers(field(kind, (64, 70, 61), 2, np.float32), complex)


@pytest.mark.slow
def test_betti_numbers_at_128():
    values = ndimage.gaussian_filter(field("noise", (128, 128, 128), 3, np.float32), 2)
    for complex in COMPLEXES:
        assert_right_betti_numbers(values, complex, levels=12)


@pytest.mark.parametrize("kind", ["noise", "smooth", "integer"])
def test_duality(kind):
    """Alexander duality: what f encloses, -f is made of.

    In a box whose border lies below all other values, finite points of f and -f mirror each other,
    degree k against 2 - k; the border's own cavity, from its value to the maximum, is on top.
    """
    inner = field(kind, (13, 12, 11), 4)
    border = inner.min() - 1
    values = np.pad(inner, 1, constant_values=border)
    diagram, opposite = superlevel_diagrams(values), superlevel_diagrams(-values)
    mirrored = [-points[:, ::-1] for points in diagram.points]
    mirrored[0] = np.vstack([mirrored[0], [-values.max(), -border]])
    for degree in range(3):
        expected = multiset(mirrored[2 - degree])
        np.testing.assert_array_equal(multiset(opposite.points[degree]), expected)


def bottleneck(one, other):
    """Exact bottleneck distance of two superlevel diagrams of one degree."""
    return gudhi.bottleneck_distance(-one[:, ::-1], -other[:, ::-1])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["noise", "smooth", "plateaus"]),
    change=st.floats(0.01, 1),
    complex=st.sampled_from(COMPLEXES),
)
def test_stability(seed, kind, change, complex):
    """Equation (6): diagrams move no further than the field does."""
    values = field(kind, (7, 6, 8), seed)
    moved = values + change * np.random.default_rng(seed).uniform(-1, 1, values.shape)
    one, other = (superlevel_diagrams(v, complex=complex) for v in (values, moved))
    furthest = np.abs(values - moved).max()
    for degree in range(3):
        distance = bottleneck(one.points[degree], other.points[degree])
        assert distance <= furthest * (1 + 1e-12)


@pytest.mark.parametrize("complex", COMPLEXES)
def test_monotone_maps_move_the_points_only(complex):
    values = field("smooth", (12, 12, 12), 5)
    diagram, cubed = (superlevel_diagrams(v, complex=complex) for v in (values, values**3))
    for points, others in zip(diagram.points, cubed.points, strict=True):
        np.testing.assert_array_equal(multiset(points**3), multiset(others))


@pytest.mark.parametrize("axis", range(3))
def test_a_field_that_repeats_along_an_axis(axis):
    """Thickening a picture adds nothing to its topology."""
    picture = field("smooth", (15, 16), 6)
    thick = np.repeat(np.expand_dims(picture, axis), 5, axis=axis)
    assert_equal_diagrams(superlevel_diagrams(thick), superlevel_diagrams(picture))


def torus(x, y, z, ring=0.6, tube=0.2):
    return np.hypot(np.hypot(x, y) - ring, z) - tube


SHAPES = {
    "ball": (lambda x, y, z: np.sqrt(x**2 + y**2 + z**2) - 0.6, [[], [], []]),
    "torus": (torus, [[], [(0.2 - 0.6, 0.2)], []]),
    "double torus": (
        lambda x, y, z: np.minimum(
            torus(x - 0.45, y, z, 0.4, 0.15), torus(x + 0.45, y, z, 0.4, 0.15)
        ),
        [[], [(0.15 - 0.4, 0.15)] * 2, []],
    ),
    "hollow sphere": (
        lambda x, y, z: np.abs(np.sqrt(x**2 + y**2 + z**2) - 0.6) - 0.15,
        [[], [], [(0.15 - 0.6, 0.15)]],
    ),
    "two balls": (
        lambda x, y, z: np.sqrt((np.abs(x) - 0.5) ** 2 + y**2 + z**2) - 0.3,
        [[(0.3 - 0.5, 0.3)], [], []],
    ),
}


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("name", SHAPES)
def test_known_shapes(name, complex):
    """Points of -f, f a signed distance: where a handle, cavity or piece is born and dies.

    Offsetting the surface by t moves all of it by t: the points are read off the shape's radii.
    """
    signed_distance, expected = SHAPES[name]
    values = -signed_distance(*axes((48, 48, 48))).astype(np.float32)
    diagram = superlevel_diagrams(values, complex=complex, min_persistence=0.15)
    spacing = 2 / 47
    for degree in range(3):
        points = np.array(expected[degree], dtype=float).reshape(-1, 2)
        assert len(diagram.points[degree]) == len(points), f"{name}: H{degree}"
        np.testing.assert_allclose(multiset(diagram.points[degree]), points, atol=1.5 * spacing)


@pytest.mark.parametrize("complex", COMPLEXES)
def test_a_known_picture(complex):
    """A ring of height 2 with a gap of height 1 around a pit of 0 on ground of -1."""
    picture = np.full((5, 5), -1.0)
    picture[1:4, 1:4] = 2
    picture[2, 2], picture[1, 2] = 0, 1
    diagram = superlevel_diagrams(picture, complex=complex)
    np.testing.assert_array_equal(diagram.points[1], [[0.0, 1.0]])
    assert diagram.sizes == (0, 1, 0)
