"""The native engine against gudhi: equal multisets of points, over Z/2."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from persistence_fields import (
    COMPLEXES,
    KINDS,
    SHAPES,
    assert_equal_diagrams,
    assert_values_at_vertices,
    field,
    fields,
)

from toposhape.topology import superlevel_diagrams


def check(values, complex):
    native = superlevel_diagrams(values, complex=complex)
    assert_equal_diagrams(native, superlevel_diagrams(values, complex=complex, engine="gudhi"))
    assert_values_at_vertices(native, values)


@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_field(kind, shape, complex):
    for dtype in (np.float32, np.float64):
        check(field(kind, shape, 1, dtype), complex)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(values=fields(), complex=st.sampled_from(COMPLEXES))
def test_random_fields(values, complex):
    check(values, complex)


@pytest.mark.parametrize("complex", COMPLEXES)
def test_all_orders_of_a_small_square(complex):
    """Every binary field on 3 x 3 vertices, with a gradient that breaks the ties or without."""
    ramp = np.linspace(0, 0.5, 9).reshape(3, 3)
    for bits in range(512):
        values = ((bits >> np.arange(9)) & 1).reshape(3, 3).astype(np.float64)
        check(values, complex)
        check(values + ramp, complex)


@pytest.mark.slow
@pytest.mark.parametrize("complex", COMPLEXES)
@pytest.mark.parametrize("kind", KINDS)
def test_larger_fields(kind, complex):
    for shape in [(20, 21, 22), (3, 40, 17), (26, 1, 33)]:
        check(field(kind, shape, 2, np.float32), complex)


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, derandomize=True)
@given(
    values=fields([(4, 5, 6), (3, 3, 3), (7, 7, 7), (2, 9, 4)]), complex=st.sampled_from(COMPLEXES)
)
def test_many_random_fields(values, complex):
    check(values, complex)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_white_noise_against_the_cubical_oracle(seed):
    check(field("noise", (32, 32, 32), seed, np.float32), "cubical")
