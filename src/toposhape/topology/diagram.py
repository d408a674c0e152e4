"""Persistence diagrams with the vertices that cause their points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

DEGREES = (0, 1, 2)
"""Of a grid in space."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """Persistence diagram of the level sets of a function on a grid, degree by degree.

    A point ``(low, high)`` of degree k is a k-dimensional hole that is there between two levels.
    Superlevel sets ``{f >= t}`` grow downwards: a point is ``(death, birth)`` and the hole is there
    for ``death < t <= birth``.  Sublevel sets ``{f <= t}`` grow upwards: a point is
    ``(birth, death)``, the hole is there for ``birth <= t < death``.  Classes that never die (on a
    grid the component of the maximum, or of the minimum) are no points.  A diagram is a multiset:
    the order of its points means nothing.

    Attributes:
        points: for each degree, from 0 on, an ``(n_k, 2)`` array of ``(low, high)``, in values of
            the field and in its dtype.
        vertices: for each degree an ``(n_k, 2)`` int64 array; row i holds the flat C-order indices
            of the grid vertices that give point i, ``field.flat[vertices[k]]`` equals
            ``points[k]`` exactly.
        superlevel: superlevel sets (True) or sublevel sets.
        essential: for each degree the ``(m_k,)`` values where classes are born that never die; None
            if they were not asked for.

    Raises:
        ValueError: if points and vertices are not pairs of ``(n_k, 2)`` of the same length for the
            same number of degrees, one at least.

    Examples:
        >>> import numpy as np
        >>> from toposhape import superlevel_diagrams
        >>> ring = np.array([[1.0, 2.0, 1.0], [2.0, -1.0, 2.0], [1.0, 2.0, 1.0]])
        >>> diagram = superlevel_diagrams(ring, complex="cubical")
        >>> diagram.points[1]  # the hole: filled at -1, closed at 1
        array([[-1.,  1.]])
        >>> ring.flat[diagram.vertices[1]]
        array([[-1.,  1.]])
        >>> diagram.betti_numbers(0.0)  # pieces, holes
        (1, 1, 0)
    """

    points: tuple[NDArray[np.floating], ...]
    vertices: tuple[NDArray[np.int64], ...]
    superlevel: bool = True
    essential: tuple[NDArray[np.floating], ...] | None = None

    def __post_init__(self) -> None:
        if not len(self.points) == len(self.vertices) > 0:
            raise ValueError(
                "a Diagram needs points and vertices for the same degrees: got "
                f"{len(self.points)} and {len(self.vertices)} of them"
            )
        for degree, (points, vertices) in enumerate(zip(self.points, self.vertices, strict=True)):
            if points.ndim != 2 or points.shape[1] != 2 or points.shape != vertices.shape:
                raise ValueError(
                    f"degree {degree}: points {points.shape} and vertices {vertices.shape} must "
                    "both have shape (n, 2)"
                )

    @classmethod
    def from_vertices(
        cls,
        field: NDArray[np.floating],
        vertices: tuple[NDArray[np.int64], ...],
        min_persistence: float = 0.0,
        superlevel: bool = True,
        essential: tuple[NDArray[np.floating], ...] | None = None,
    ) -> Diagram:
        """Look the points up in the field; drop those of persistence zero or below a threshold.

        Args:
            field: the grid function, any shape, C-contiguous or not.
            vertices: for each degree the ``(n_k, 2)`` flat indices of low and high vertices.
            min_persistence: points with ``high - low`` below this are left out.
            superlevel: as in the diagram.
            essential: as in the diagram.

        Returns:
            The diagram; its points carry the dtype of ``field``.
        """
        values = field.reshape(-1)
        points = tuple(values[pairs].reshape(-1, 2) for pairs in vertices)
        keep = [_persistent(pairs, min_persistence) for pairs in points]
        return cls(
            points=tuple(pairs[kept] for pairs, kept in zip(points, keep, strict=True)),
            vertices=tuple(pairs[kept] for pairs, kept in zip(vertices, keep, strict=True)),
            superlevel=superlevel,
            essential=essential,
        )

    def restricted(self, min_persistence: float) -> Diagram:
        """Return the diagram of the points with ``high - low >= min_persistence``."""
        keep = [_persistent(pairs, min_persistence) for pairs in self.points]
        return Diagram(
            points=tuple(pairs[kept] for pairs, kept in zip(self.points, keep, strict=True)),
            vertices=tuple(pairs[kept] for pairs, kept in zip(self.vertices, keep, strict=True)),
            superlevel=self.superlevel,
            essential=self.essential,
        )

    def persistence(self, degree: int) -> NDArray[np.floating]:
        """Return ``high - low`` of the points of one degree, shape ``(n_k,)``."""
        return self.points[degree][:, 1] - self.points[degree][:, 0]

    def betti_numbers(self, level: float) -> tuple[int, ...]:
        """Count the holes of the set ``{f >= level}``, or ``{f <= level}``, degree by degree.

        In a diagram without its essential classes the one component that never dies is counted all
        the same: there ``level`` must not lie where the set is empty.
        """
        alive = [int(np.sum(self._is_there(level, p[:, 0], p[:, 1]))) for p in self.points]
        if self.essential is None:
            return alive[0] + 1, *alive[1:]
        never = np.inf * (-1 if self.superlevel else 1)
        ends = [(never, b) if self.superlevel else (b, never) for b in self.essential]
        return tuple(
            n + int(np.sum(self._is_there(level, *end))) for n, end in zip(alive, ends, strict=True)
        )

    def _is_there(self, level: float, low: ArrayLike, high: ArrayLike) -> NDArray[np.bool_]:
        """Tell which holes are there at a level."""
        if self.superlevel:
            return np.less(low, level) & np.less_equal(level, high)
        return np.less_equal(low, level) & np.less(level, high)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of points in the degrees."""
        return tuple(len(pairs) for pairs in self.points)


def vertex_places(vertices: NDArray[np.int64], resolution: int) -> NDArray[np.float64]:
    """Places (..., 3) in the shape frame of flat indices (...) of the grid of [-1, 1]^3.

    Raises:
        ValueError: if a vertex is not on that grid.
    """
    indices = np.stack(np.unravel_index(vertices, (resolution,) * 3), axis=-1)
    return indices * 2 / (resolution - 1) - 1


def _persistent(points: NDArray[np.floating], min_persistence: float) -> NDArray[np.bool_]:
    """Tell which ``(low, high)`` lie off the diagonal, by at least ``min_persistence``."""
    low, high = points[:, 0], points[:, 1]
    with np.errstate(over="ignore"):  # what lives longer than numbers go lives long enough
        return (high > low) & (high - low >= min_persistence)
