"""Scores of a set of synthetic shapes against a set of reference shapes, from their distances.

A matrix of distances is always ``(reference, synthetic)``: row i is reference shape i, column j
synthetic shape j. Others have transposed it, and swapped coverage for something else.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial.distance import cdist

from toposhape.topology import diagram_distances, distribution_distance
from toposhape.topology.distances.wasserstein import HasPoints

Matrix = NDArray[np.floating]
IN_PLACE = 0.2
"""Normalised units: the middle of a handle may be anywhere along a gap between two slats."""


def assigned(costs: Matrix) -> float:
    """Mean cost of the optimal one-to-one assignment of an (n, n) matrix: equation (2).

    Raises:
        ValueError: if the matrix is not square, empty or not finite.
    """
    return distribution_distance(costs)


def nearest(costs: Matrix) -> float:
    """Mean over reference shapes of the distance to the nearest synthetic one (MMD)."""
    return float(_checked(costs).min(axis=1).mean())


def coverage(costs: Matrix) -> float:
    """Share of the reference shapes that are the nearest one of some synthetic shape (COV).

    Ties go to the reference shape that stands first.
    """
    costs = _checked(costs)
    return len(np.unique(costs.argmin(axis=0))) / len(costs)


def in_place(synthetic: NDArray[np.floating], reference: NDArray[np.floating]) -> float:
    """Share of the points of two sets that can be paired, one to one, nearer than `IN_PLACE`.

    Args:
        synthetic: (s, 3).
        reference: (r, 3).

    Returns:
        Twice the largest number of pairs over s + r; 1 if there are no points at all.
    """
    if not len(synthetic) + len(reference):
        return 1.0
    near = csr_matrix(cdist(synthetic, reference) < IN_PLACE)
    pairs = np.sum(maximum_bipartite_matching(near, "column") >= 0)
    return float(2 * pairs / (len(synthetic) + len(reference)))


def nearest_neighbour_accuracy(
    between: Matrix, within_reference: Matrix, within_synthetic: Matrix
) -> float:
    """How often a shape's nearest neighbour in the union comes from its own set (1-NNA).

    Leave-one-out accuracy of the one-nearest-neighbour classifier: 1/2 if the sets cannot be told
    apart. A neighbour of the other set at the same distance counts as the nearer one, so that two
    copies of one set give 0 and not an arbitrary number.

    Args:
        between: (r, s) distances.
        within_reference: (r, r), symmetric.
        within_synthetic: (s, s), symmetric.

    Raises:
        ValueError: for matrices whose sizes do not belong together, or sets of one shape.

    Source: Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017.
    """
    between = _checked(between)
    r, s = between.shape
    _require_square(within_reference, r, "within_reference")
    _require_square(within_synthetic, s, "within_synthetic")
    own = [_without_diagonal(m).min(axis=1) for m in (within_reference, within_synthetic)]
    right = (own[0] < between.min(axis=1)).sum() + (own[1] < between.min(axis=0)).sum()
    return float(right / (r + s))


def energy_distance(between: Matrix, within_reference: Matrix, within_synthetic: Matrix) -> float:
    """2 E d(S, T) - E d(S, S') - E d(T, T'), without the pairs of a shape with itself.

    Unbiased: zero on average for sets of one distribution, where it can be below zero. For other
    distributions it is positive if d is of strong negative type (docs/scores.md): distances in a
    Euclidean space are, their squares are not. Of squares only the squared distance of the two
    means is left, 2 |E S - E T|^2, and a set that has collapsed to the mean looks perfect.

    Args:
        between: (r, s) distances, no squared ones.
        within_reference: (r, r), symmetric.
        within_synthetic: (s, s), symmetric.

    Source: Szekely and Rizzo, Energy statistics, J. Stat. Plan. Inference 143, 2013; Lyons,
    Distance covariance in metric spaces, Ann. Probab. 41, 2013.
    """
    between = _checked(between)
    _require_square(within_reference, between.shape[0], "within_reference")
    _require_square(within_synthetic, between.shape[1], "within_synthetic")
    return float(2 * between.mean()) - spread(within_reference) - spread(within_synthetic)


def spread(within: Matrix) -> float:
    """Mean distance between two different shapes of a set, from its (n, n) matrix.

    Of distances, as in the energy distance, whose terms it is; the mean of their squares is
    ruled by the few shapes that are unlike all others.

    Raises:
        ValueError: for fewer than two shapes.
    """
    return float(_without_diagonal(within).mean())


def pd_lap(synthetic: Sequence[HasPoints], reference: Sequence[HasPoints]) -> dict[str, float]:
    """PD-LAP, equation (2), and its parts by degree.

    Returns:
        `pd_lap`, the assignment by the sum over degrees, and `pd_lap_h0`, `_h1`, `_h2`, each by
        an assignment of its own. The parts together are never more than the whole.

    Raises:
        ValueError: if the sets are not equally large.
    """
    return pd_lap_of(diagram_costs(reference, synthetic))


def diagram_costs(
    reference: Sequence[HasPoints], synthetic: Sequence[HasPoints] | None = None
) -> NDArray[np.float64]:
    """Squared 2-Wasserstein distances by degree, equation (1).

    Args:
        reference: n diagrams.
        synthetic: m diagrams; the reference again if left out.

    Returns:
        (3, n, m), in squared units of the field.
    """
    return diagram_distances(reference, synthetic, parts=True)


def diagram_metric(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of diagrams, (n, m), from the (3, n, m) squared ones of `diagram_costs`.

    The square root of equation (1)'s sum over degrees is a metric, its square is none.
    """
    distances: NDArray[np.float64] = np.sqrt(costs.sum(axis=0))
    return distances


def pd_lap_of(costs: NDArray[np.float64]) -> dict[str, float]:
    """`pd_lap` from the (3, n, n) matrices of `diagram_costs`."""
    parts = {f"pd_lap_h{degree}": assigned(matrix) for degree, matrix in enumerate(costs)}
    return {"pd_lap": assigned(costs.sum(axis=0)), **parts}


def degree_cost(diagrams: Sequence[HasPoints], degree: int) -> float:
    """Mean over diagrams of the cost of having no points of one degree, equation (1)."""
    lives = [np.diff(diagram.points[degree], axis=1) for diagram in diagrams]
    return float(np.mean([np.square(life, dtype=np.float64).sum() / 2 for life in lives]))


def long_bars(diagrams: Sequence[HasPoints], degree: int, length: float) -> float:
    """Mean number of points of one degree that persist longer than that."""
    lives = [np.diff(diagram.points[degree], axis=1) for diagram in diagrams]
    return float(np.mean([(life > length).sum() for life in lives]))


def betti_histogram(betti: ArrayLike, largest: int = 10) -> NDArray[np.int64]:
    """Count shapes by Betti number: (3, largest + 1), the last column counts all above too.

    Args:
        betti: (n, 3) components, handles and cavities of each shape.
        largest: the last column's number.
    """
    clipped = np.minimum(np.asarray(betti, np.int64).reshape(-1, 3), largest)
    return np.stack([np.bincount(column, minlength=largest + 1) for column in clipped.T])


def _checked(costs: Matrix) -> Matrix:
    costs = np.asarray(costs)
    if costs.ndim != 2 or costs.size == 0:
        raise ValueError(f"distances must be a matrix (reference, synthetic), not {costs.shape}")
    if not np.isfinite(costs).all():
        i, j = np.argwhere(~np.isfinite(costs))[0]
        raise ValueError(f"the distance of reference {i} and synthetic {j} is {costs[i, j]}")
    return costs


def _require_square(matrix: Matrix, size: int, name: str) -> None:
    if np.shape(matrix) != (size, size):
        raise ValueError(f"{name} must have shape {(size, size)}, not {np.shape(matrix)}")


def _without_diagonal(matrix: Matrix) -> Matrix:
    """(n, n) -> (n, n - 1): each row without its distance to itself."""
    matrix = _checked(matrix)
    n = len(matrix)
    if matrix.shape != (n, n) or n < 2:
        raise ValueError(f"distances within a set need at least two shapes, not {matrix.shape}")
    return matrix[~np.eye(n, dtype=bool)].reshape(n, n - 1)
