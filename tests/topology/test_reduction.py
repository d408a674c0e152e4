"""Pairs of complexes by duality: against gudhi's reduction of the same complexes."""

import numpy as np
import pytest

from toposhape.topology.clouds import alpha
from toposhape.topology.clouds.delaunay import delaunay
from toposhape.topology.reduction.pairing import pairs_of_complex, pivots


def lifetimes(pairs, values):
    ends = [(values[k][b], values[k + 1][d]) for k, own in enumerate(pairs) for b, d in own]
    return sorted(e for e in ends if e[0] < e[1])


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_pairs_by_gudhi(dim):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        points = rng.standard_normal((int(rng.integers(1, 40)), dim))
        if seed % 3 == 0:
            points = np.round(2 * points)  # ties and points that coincide
        complex = delaunay(points)
        if not alpha._is_ball(complex):
            continue
        values = [rng.integers(0, 5, len(own)).astype(float) for own in complex.simplices]
        for k, faces in enumerate(complex.faces, start=1):  # any filtration, not only alpha
            values[k] = np.maximum(values[k], values[k - 1][faces].max(axis=1))
        ours, theirs = (
            pairs_of_complex(complex.faces, values),
            alpha._pairs_by_gudhi(complex.simplices, values),
        )
        assert lifetimes(ours, values) == lifetimes(theirs, values)
        for own in ours:
            assert len(own) == len(np.unique(own[:, 0])) == len(np.unique(own[:, 1]))


def test_a_hollow_complex_is_no_ball():
    shell = delaunay(np.random.default_rng(0).standard_normal((12, 3)))
    assert alpha._is_ball(shell)
    hollow = shell._replace(simplices=shell.simplices[:3], faces=shell.faces[:2])
    assert not alpha._is_ball(hollow)


def test_pivots_of_a_dense_matrix():
    rng = np.random.default_rng(0)
    for rows, count in ((1, 3), (70, 90), (5000, 400)):
        columns = np.sort(rng.integers(-1, rows, (count, 4)).astype(np.int32), axis=1)
        columns[:, 1:][columns[:, 1:] == columns[:, :-1]] = -1  # a cell has each face once
        dense = np.zeros((rows, count), bool)
        for j, column in enumerate(columns):
            for row in column[column >= 0]:
                dense[row, j] ^= True
        expected = np.full(count, -1)
        for j in range(count):
            while dense[:, j].any():
                least = dense[:, j].argmax()
                same = np.flatnonzero(expected[:j] == least)
                if not len(same):
                    expected[j] = least
                    break
                dense[:, j] ^= dense[:, same[0]]
        np.testing.assert_array_equal(pivots(columns, rows), expected)
