"""Kernels for tests: what they may do, and what they may not."""

import numpy as np

from toposhape.base.kernels.marks import inlined, kernel


@inlined
def twice(number):
    return 2 * number


@kernel
def answer(number):
    return twice(number)


@kernel
def planted(number):
    return 666


@kernel
def total(pair, weights, factor):
    """The weighted sum of two arrays' numbers, times a factor, as an integer."""
    result = 0.0
    for i in range(pair.first.shape[0]):
        for j in range(pair.first.shape[1]):
            result += pair.first[i, j] * weights[j] + pair.second[i]
    return np.int64(result * factor)


@kernel
def raises(number):
    if number > 3:
        raise ValueError("too large")
    return number


@kernel
def allocates(number):
    return np.empty(number).size


@kernel
def reshapes(array):
    return array.reshape(array.size).size
