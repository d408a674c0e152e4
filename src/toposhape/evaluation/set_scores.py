"""A set of shapes, and every score of one set against another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from toposhape.topology.distances import HasPoints

from .chamfer import chamfer_matrix
from .scores import (
    assigned,
    coverage,
    diagram_costs,
    energy_distance,
    nearest,
    nearest_neighbour_accuracy,
    one_piece_share,
    pd_lap_of,
    spread,
)


@dataclass(frozen=True, eq=False)
class ShapeSet:
    """What scores need to know of n shapes.

    Attributes:
        diagrams: n persistence diagrams.
        surfaces: (n, P, 3) points on the surfaces, in the shape frame.
        betti: (n, 3) pieces, handles, cavities of the solids.
        dilated_pieces: (n,) pieces once thin gaps are closed.
        empty: (n,) whether there is no surface at all.

    Raises:
        ValueError: if the attributes speak of different numbers of shapes.
    """

    diagrams: Sequence[HasPoints]
    surfaces: NDArray[np.floating]
    betti: NDArray[np.integer]
    dilated_pieces: NDArray[np.integer]
    empty: NDArray[np.bool_]

    def __post_init__(self) -> None:
        sizes = {
            "diagrams": len(self.diagrams),
            "surfaces": len(self.surfaces),
            "betti": len(self.betti),
            "dilated_pieces": len(self.dilated_pieces),
            "empty": len(self.empty),
        }
        if len(set(sizes.values())) > 1:
            raise ValueError(f"a ShapeSet needs one of each for every shape, not {sizes}")

    def __len__(self) -> int:
        return len(self.diagrams)

    def indices(self, count: int, seed: int) -> NDArray[np.int64]:
        """Draw the numbers of `count` different shapes, sorted; the same for the same seed.

        Raises:
            ValueError: if there are fewer.
        """
        if count > len(self):
            raise ValueError(f"{count} different shapes asked for, there are only {len(self)}")
        return np.sort(np.random.default_rng([seed, 0xC0]).permutation(len(self))[:count])

    def take(self, chosen: NDArray[np.int64]) -> "ShapeSet":
        """The shapes of these numbers."""
        return ShapeSet(
            [self.diagrams[i] for i in chosen],
            self.surfaces[chosen],
            self.betti[chosen],
            self.dilated_pieces[chosen],
            self.empty[chosen],
        )


@dataclass(frozen=True, eq=False)
class Reference:
    """A set to compare with, and the distances within it, which are computed once.

    Attributes:
        shapes: n shapes.
        topology: (n, n) distances of their diagrams.
        geometry: (n, n) Chamfer distances.
    """

    shapes: ShapeSet
    topology: NDArray[np.float64]
    geometry: NDArray[np.float64]

    @classmethod
    def of(cls, shapes: ShapeSet) -> "Reference":
        """Compute the distances within a set."""
        topology = diagram_costs(shapes.diagrams).sum(axis=0)
        return cls(shapes, topology, chamfer_matrix(shapes.surfaces))

    def choose(self, count: int, seed: int) -> "Reference":
        """The set itself if it has that many shapes, otherwise that many of them, by the seed."""
        if count == len(self.shapes):
            return self
        chosen = self.shapes.indices(count, seed)
        block = np.ix_(chosen, chosen)
        return Reference(self.shapes.take(chosen), self.topology[block], self.geometry[block])


def score_set(synthetic: ShapeSet, reference: Reference) -> dict[str, float]:
    """Every score of one set of synthetic shapes against equally many reference shapes.

    Returns:
        Plain values by the names of `METRICS` (all but `cd_reconstruction`).

    Raises:
        ValueError: if the sets are not equally large.
    """
    costs = diagram_costs(reference.shapes.diagrams, synthetic.diagrams)
    own = diagram_costs(synthetic.diagrams).sum(axis=0)
    chamfer = chamfer_matrix(reference.shapes.surfaces, synthetic.surfaces)
    between = chamfer_matrix(synthetic.surfaces)
    return {
        **pd_lap_of(costs),
        "energy_distance": energy_distance(costs.sum(axis=0), reference.topology, own),
        "cd_nearest": nearest(chamfer),
        "cd_assigned": assigned(chamfer),
        "coverage": coverage(chamfer),
        "one_nna": nearest_neighbour_accuracy(chamfer, reference.geometry, between),
        "handle_error": float(
            wasserstein_distance(synthetic.betti[:, 1], reference.shapes.betti[:, 1])
        ),
        **describe_set(synthetic, spread(own)),
    }


def describe_set(shapes: ShapeSet, variety: float | None = None) -> dict[str, float]:
    """The scores of a set alone: its spread, pieces, handles and empty shapes."""
    if variety is None:
        variety = spread(diagram_costs(shapes.diagrams).sum(axis=0))
    return {
        "spread": variety,
        "one_piece_share": one_piece_share(shapes.betti[:, 0]),
        "one_piece_share_dilated": one_piece_share(shapes.dilated_pieces),
        "handles_mean": float(np.mean(shapes.betti[:, 1])),
        "empty_share": float(np.mean(shapes.empty)),
        "false_pieces": float(np.mean(np.maximum(shapes.betti[:, 0] - 1, 0))),
    }
