"""Kernels called with arrays, tuples and numbers; what no kernel may do is refused."""

from typing import NamedTuple

import numpy as np
import pytest
from numba.core.errors import NumbaError

from toposhape.base.kernels.calls import Bundle, Kernel


def small(name):
    return Kernel("small_kernels", name, sources="small_kernels.py")


class Pair(NamedTuple):
    first: np.ndarray
    second: np.ndarray


total = small("total")


def test_arrays_tuples_bundles_and_numbers_mean_the_same():
    first, second = np.arange(6.0).reshape(2, 3), np.array([10, 20])
    weights = np.array([1, 10, 100], np.float32)
    expected = 7 * (210 + 543 + 3 * 30)
    for pair in (Pair(first, second), Bundle(Pair(first, second))):
        for each in (weights, Bundle(weights)):
            assert total(pair, each, 7) == expected


def test_what_is_bundled_may_change_and_is_kept_alive():
    bundle = Bundle(Pair(np.ones((1, 2)), np.zeros(1)))
    weights = np.ones(2, np.float32)
    assert total(bundle, weights, 1) == 2
    bundle.value.first[:] = 5
    assert total(bundle, weights, 1) == 10


def test_empty_and_read_only_arrays():
    assert total(Pair(np.zeros((0, 3)), np.zeros(0)), np.zeros(3), 1) == 0
    fixed = np.ones((2, 2))
    fixed.flags.writeable = False
    assert total(Pair(fixed, np.zeros(2)), np.ones(2), 1) == 4


def test_each_type_has_its_own_machine_code():
    """Bits of one type read as another would give other numbers."""
    for dtype in (np.float32, np.float64, np.int32, np.int8):
        pair = Pair(np.full((2, 2), 3, dtype), np.zeros(2, dtype))
        assert total(pair, np.ones(2, dtype), 2) == 24


def test_strides_are_refused():
    with pytest.raises(ValueError, match="C-contiguous"):
        total(Pair(np.ones((4, 4))[:, ::2], np.zeros(4)), np.ones(2), 1)


def test_a_kernel_that_raises_is_named():
    raises = small("raises")
    assert raises(3) == 3
    with pytest.raises(RuntimeError, match="small_kernels.raises raised an exception"):
        raises(4)


def test_a_kernel_that_allocates_or_calls_numbas_library_does_not_compile():
    with pytest.raises(NumbaError, match="empty"):
        small("allocates")(5)
    with pytest.raises(TypeError, match="small_kernels.reshapes calls .*reshape"):
        small("reshapes")(np.ones((2, 2)))
