"""Ours and others' functions that compute persistence diagrams of superlevel sets of a grid."""

import importlib.util
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from toposhape.topology import superlevel_diagrams

Field = NDArray[np.float32]
Solver = Callable[[Field], object]


def cubical(field: Field) -> object:
    """Compute the cubical diagrams on one thread."""
    return superlevel_diagrams(field, complex="cubical")


def freudenthal(field: Field) -> object:
    """Compute the diagrams of the triangulated grid on one thread."""
    return superlevel_diagrams(field)


def cripser_cubical(field: Field) -> object:
    """Compute the V-construction's diagrams, with locations."""
    import cripser

    return cripser.compute_ph(-field.astype(np.float64), filtration="V", maxdim=2)


def gudhi_cubical(field: Field) -> object:
    """Compute the V-construction's diagrams over Z/2, with locations."""
    import gudhi

    cubes = gudhi.CubicalComplex(vertices=-field.astype(np.float64))
    cubes.compute_persistence(homology_coeff_field=2, min_persistence=0)
    return cubes.vertices_of_persistence_pairs()


def gudhi_simplex_tree(field: Field) -> object:
    """Compute the diagrams of the triangulated grid over Z/2."""
    return superlevel_diagrams(field, engine="gudhi")


def oineus_by_columns(field: Field) -> object:
    """Compute the diagrams of the triangulated grid by reduction with clearing."""
    import oineus

    filtration = oineus.freudenthal_filtration(field.astype(np.float64), negate=True, max_dim=3)
    decomposition = oineus.Decomposition(filtration, dualize=False, n_threads=1)
    options = oineus.ReductionParams()
    options.n_threads, options.clearing_opt = 1, True
    options.compute_u = options.compute_v = False
    decomposition.reduce(options)
    return decomposition.diagram(filtration, include_inf_points=False)


def oineus_at_once(field: Field) -> object:
    """Compute the diagrams of the triangulated grid by the shortcut for level sets."""
    import oineus

    return oineus.compute_diagrams_ls(field.astype(np.float64), negate=True, max_dim=2)


def installed(package: str) -> bool:
    """Tell whether a peer can be imported."""
    return importlib.util.find_spec(package) is not None
