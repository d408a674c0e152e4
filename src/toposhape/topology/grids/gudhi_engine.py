"""The same diagrams by gudhi: slow, independent, the oracle of the native engine.

Superlevel sets of f are sublevel sets of -f.  Two complexes carry the samples:

* ``freudenthal``: every cell of the grid is cut into six tetrahedra, the chains
  ``0 < d1 < d2 < (1, 1, 1)`` of 0/1 vectors; the filtration is the lower star of -f.
* ``cubical``: a cube is in when all its corners are in (V-construction).

Homology has coefficients in Z/2.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..diagram import DEGREES
from .engine import GridPairs


def critical_pairs(
    fields: Sequence[NDArray[np.floating]], complex: str, threads: int | None
) -> list[GridPairs | None]:
    """Pair the vertices where superlevel classes of fields die and are born.

    Args:
        fields: ``(D, H, W)`` each, float32 or float64.
        complex: ``"freudenthal"`` or ``"cubical"``.
        threads: means nothing here: one field after the other.

    Returns:
        For degrees 0, 1 and 2 of each field the ``(n, 2)`` C-order indices of (death, birth)
        vertices; None if it is not finite.
    """
    pairs_of = {"freudenthal": _freudenthal_pairs, "cubical": _cubical_pairs}[complex]
    return [_swapped(pairs_of(-field)) if np.isfinite(field).all() else None for field in fields]


def _swapped(pairs: list[NDArray[np.int64]]) -> GridPairs:
    """(birth, death) of sublevel sets as (death, birth) of superlevel sets."""
    return tuple(np.ascontiguousarray(own[:, ::-1]) for own in pairs)


def _cubical_pairs(field: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    """Return (birth, death) vertices of the sublevel sets per degree, V-construction."""
    import gudhi

    shape = tuple(n for n in field.shape if n > 1)
    if not shape:
        return [np.empty((0, 2), dtype=np.int64) for _ in DEGREES]
    cubes = gudhi.CubicalComplex(vertices=field.reshape(shape).astype(np.float64))
    cubes.compute_persistence(homology_coeff_field=2, min_persistence=0.0)
    finite, _essential = cubes.vertices_of_persistence_pairs()
    finite = list(finite) + [np.empty((0, 2))] * (len(DEGREES) - len(finite))
    return [_c_order(pairs.astype(np.int64).reshape(-1, 2), shape) for pairs in finite]


def _c_order(index: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Turn gudhi's Fortran-order vertex indices into C-order ones."""
    return np.ravel_multi_index(np.unravel_index(index, shape, order="F"), shape).astype(np.int64)


def _freudenthal_pairs(field: NDArray[np.floating]) -> list[NDArray[np.int64]]:
    """Return (birth, death) vertices of the sublevel sets per degree, triangulated grid."""
    import gudhi

    values = field.reshape(-1).astype(np.float64)
    tree = gudhi.SimplexTree()
    for simplices in freudenthal_simplices(field.shape):
        tree.insert_batch(simplices.astype(np.int32), values[simplices].max(axis=0))
    tree.compute_persistence(homology_coeff_field=2, min_persistence=0.0, persistence_dim_max=True)
    pairs: list[list[tuple[int, int]]] = [[] for _ in DEGREES]
    for birth, death in tree.persistence_pairs():
        if death:
            pairs[len(birth) - 1].append((_last(birth, values), _last(death, values)))
    return [np.array(found, dtype=np.int64).reshape(-1, 2) for found in pairs]


def _last(simplex: list[int], values: NDArray[np.float64]) -> int:
    """Return the vertex whose value the lower-star filtration gives to the simplex."""
    return max(simplex, key=lambda vertex: values[vertex])


def freudenthal_simplices(shape: tuple[int, int, int]) -> list[NDArray[np.int64]]:
    """List the simplices of the triangulated grid.

    A simplex is a vertex v and a chain ``0 < d1 < ... < dk`` of 0/1 vectors ordered entrywise:
    its vertices are ``v, v + d1, ..., v + dk``.

    Returns:
        For each dimension 0 to 3 that occurs an array ``(dimension + 1, n)`` of flat C-order
        vertex indices.
    """
    index = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    simplices = []
    for dimension in range(4):
        columns = [
            np.stack([_shifted(index, step, chain[-1]).reshape(-1) for step in chain])
            for chain in _chains(dimension)
        ]
        found = np.concatenate(columns, axis=1)
        if found.shape[1]:
            simplices.append(found)
    return simplices


def _chains(length: int) -> list[tuple[tuple[int, ...], ...]]:
    """List the chains ``0 < d1 < ... < d_length`` of 0/1 vectors in three dimensions."""
    steps = list(itertools.product((0, 1), repeat=3))
    chains: list[tuple[tuple[int, ...], ...]] = [((0, 0, 0),)]
    for _ in range(length):
        chains = [
            (*chain, step)
            for chain in chains
            for step in steps
            if step != chain[-1] and all(a <= b for a, b in zip(chain[-1], step, strict=True))
        ]
    return chains


def _shifted(
    index: NDArray[np.int64], step: tuple[int, ...], extent: tuple[int, ...]
) -> NDArray[np.int64]:
    """Return ``v + step`` for every vertex v for which ``v + extent`` lies in the grid."""
    return index[
        tuple(slice(s, n - e + s) for s, e, n in zip(step, extent, index.shape, strict=True))
    ]
