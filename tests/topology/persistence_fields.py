"""Fields for the tests of persistence, and the comparison of diagrams."""

import numpy as np
from hypothesis import strategies as st

COMPLEXES = ("freudenthal", "cubical")
SHAPES = [
    (9,),
    (1,),
    (6, 7),
    (1, 8),
    (5, 6, 7),
    (5, 17, 2),
    (1, 6, 7),
    (6, 1, 7),
    (6, 7, 1),
    (2, 2, 2),
]
KINDS = ("noise", "smooth", "integer", "binary", "constant", "linear", "plateaus")


def axes(shape):
    """Coordinates in [-1, 1] of the vertices along every axis."""
    return np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")


def field(kind, shape, seed, dtype=np.float64):
    """A field of some kind, values of order one."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        values = rng.standard_normal(shape)
    elif kind == "smooth":
        values = sum(
            rng.standard_normal() * np.cos(sum(rng.uniform(0, 6) * x for x in axes(shape)) + phase)
            for phase in rng.uniform(0, 2 * np.pi, 8)
        )
    elif kind == "integer":
        values = rng.integers(-3, 4, shape)
    elif kind == "binary":
        values = rng.integers(0, 2, shape)
    elif kind == "constant":
        values = np.full(shape, rng.standard_normal())
    elif kind == "linear":
        values = sum(rng.integers(-2, 3) * x for x in axes(shape))
    else:  # smooth, with ties in pieces of constant value
        values = np.round(3 * field("smooth", shape, seed))
    return np.asarray(values, dtype=dtype)


def gyroid(n, periods, dtype=np.float32):
    """A surface without end whose cycles are long, on n^3 vertices."""
    x, y, z = (np.pi * periods * x for x in axes((n, n, n)))
    return (np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)).astype(dtype)


@st.composite
def fields(draw, shapes=SHAPES):
    """Fields of every kind, shape and dtype."""
    return field(
        draw(st.sampled_from(KINDS)),
        draw(st.sampled_from(shapes)),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.sampled_from([np.float32, np.float64])),
    )


def multiset(points):
    """Points in an order that depends on the multiset only."""
    return points[np.lexsort((points[:, 1], points[:, 0]))]


def assert_equal_diagrams(one, other):
    """The same points with the same multiplicities, exactly."""
    for degree in range(3):
        np.testing.assert_array_equal(
            multiset(one.points[degree]), multiset(other.points[degree]), err_msg=f"H{degree}"
        )


def assert_values_at_vertices(diagram, values):
    """Every point is the pair of values at its vertices, born above where it dies."""
    for points, vertices in zip(diagram.points, diagram.vertices, strict=True):
        np.testing.assert_array_equal(values.reshape(-1)[vertices], points)
        assert (points[:, 0] < points[:, 1]).all()
