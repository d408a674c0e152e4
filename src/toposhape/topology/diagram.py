"""Persistence diagrams with the vertices that cause their points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEGREES = (0, 1, 2)


@dataclass(frozen=True, eq=False)
class Diagram:
    """Persistence diagram of the superlevel sets of a grid function, in degrees 0, 1 and 2.

    A point ``(death, birth)`` of degree k is a k-dimensional hole of the sets ``{f >= t}``: it is
    there for ``death < t <= birth``.  The one class that never dies, the component of the global
    maximum, is left out.  A diagram is a multiset: the order of its points means nothing.

    Attributes:
        points: for each degree an ``(n_k, 2)`` array of ``(death, birth)``, ``death <= birth``, in
            values of the field and in its dtype.
        vertices: for each degree an ``(n_k, 2)`` int64 array; row i holds the flat C-order indices
            of the grid vertices where point i dies and is born, ``field.flat[vertices[k]]`` equals
            ``points[k]`` exactly.

    Raises:
        ValueError: if the arrays are not three pairs of ``(n_k, 2)`` of the same length.
    """

    points: tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]
    vertices: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

    def __post_init__(self) -> None:
        if len(self.points) != len(DEGREES) or len(self.vertices) != len(DEGREES):
            raise ValueError("a Diagram needs points and vertices for each of the degrees 0, 1, 2")
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
        vertices: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
        min_persistence: float = 0.0,
    ) -> Diagram:
        """Look the points up in the field; drop those of persistence zero or below a threshold.

        Args:
            field: the grid function, any shape, C-contiguous or not.
            vertices: for each degree the ``(n_k, 2)`` flat indices of death and birth vertices.
            min_persistence: points with ``birth - death`` below this are left out.

        Returns:
            The diagram; its points carry the dtype of ``field``.
        """
        values = field.reshape(-1)
        points = tuple(values[pairs].reshape(-1, 2) for pairs in vertices)
        keep = [_persistent(pairs, min_persistence) for pairs in points]
        return cls(
            points=tuple(pairs[kept] for pairs, kept in zip(points, keep, strict=True)),
            vertices=tuple(pairs[kept] for pairs, kept in zip(vertices, keep, strict=True)),
        )

    def restricted(self, min_persistence: float) -> Diagram:
        """Return the diagram of the points with ``birth - death >= min_persistence``."""
        keep = [_persistent(pairs, min_persistence) for pairs in self.points]
        return Diagram(
            points=tuple(pairs[kept] for pairs, kept in zip(self.points, keep, strict=True)),
            vertices=tuple(pairs[kept] for pairs, kept in zip(self.vertices, keep, strict=True)),
        )

    def persistence(self, degree: int) -> NDArray[np.floating]:
        """Return ``birth - death`` of the points of one degree, shape ``(n_k,)``."""
        return self.points[degree][:, 1] - self.points[degree][:, 0]

    def betti_numbers(self, level: float) -> tuple[int, int, int]:
        """Count components, handles and cavities of the superlevel set ``{f >= level}``.

        The class that never dies is counted as one component: ``level`` must not lie above the
        field's maximum, where the set is empty.
        """
        alive = [int(np.sum((p[:, 0] < level) & (level <= p[:, 1]))) for p in self.points]
        return alive[0] + 1, alive[1], alive[2]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of points in degrees 0, 1 and 2."""
        return tuple(len(pairs) for pairs in self.points)


def _persistent(points: NDArray[np.floating], min_persistence: float) -> NDArray[np.bool_]:
    """Tell which ``(death, birth)`` lie off the diagonal, by at least ``min_persistence``."""
    death, birth = points[:, 0], points[:, 1]
    with np.errstate(over="ignore"):  # what lives longer than numbers go lives long enough
        return (birth > death) & (birth - death >= min_persistence)
