"""A set of shapes, and every score of one set against another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.topology.diagram import vertex_places
from toposhape.topology.distances.wasserstein import HasPoints

from .chamfer import chamfer_distance, chamfer_matrix
from .scores import (
    assigned,
    coverage,
    degree_cost,
    diagram_costs,
    diagram_metric,
    energy_distance,
    in_place,
    long_bars,
    nearest,
    nearest_neighbour_accuracy,
    pd_lap_of,
    spread,
)
from .topology_table import BETTI

LONG = 0.1  # normalised units: a handle that persists longer is no detail


@dataclass(frozen=True, eq=False)
class ShapeSet:
    """What scores need to know of n shapes.

    Attributes:
        diagrams: n persistence diagrams.
        surfaces: (n, P, 3) points on the surfaces, in the shape frame.
        table: n lines with the columns of topology.csv (`topology_table.COLUMNS`).

    Raises:
        ValueError: if the attributes speak of different numbers of shapes, or the shapes of
            different grids.
    """

    diagrams: Sequence[HasPoints]
    surfaces: NDArray[np.floating]
    table: pd.DataFrame

    def __post_init__(self) -> None:
        sizes = {
            "diagrams": len(self.diagrams),
            "surfaces": len(self.surfaces),
            "lines": len(self.table),
        }
        if len(set(sizes.values())) > 1:
            raise ValueError(f"a ShapeSet needs one of each for every shape, not {sizes}")
        if len(grids := sorted(set(self.table["resolution"]))) > 1:
            raise ValueError(f"the shapes of a set must be known on one grid, not {grids}")

    @property
    def betti(self) -> NDArray[np.int64]:
        """(n, 3) pieces, handles, cavities of the solids."""
        return self.table[BETTI].to_numpy()

    @property
    def handle_middles(self) -> NDArray[np.float64] | None:
        """Where the handles of all shapes are filled last, (h, 3) in the shape frame.

        None if a diagram does not tell its vertices, as in files of earlier versions.
        """
        deaths = [np.empty(0, np.int64)]
        for diagram in self.diagrams:
            if (vertices := getattr(diagram, "vertices", None)) is None:
                return None
            death, birth = diagram.points[1].T
            deaths.append(vertices[1][(death < 0) & (birth >= 0), 0])
        return vertex_places(np.concatenate(deaths), self.measured["grid vertices an edge"])

    @property
    def measured(self) -> dict[str, int]:
        """By what shapes are known: only sets that agree in it can be compared."""
        resolution = int(self.table["resolution"].iloc[0]) if len(self) else 0
        return {"grid vertices an edge": resolution, "surface points": self.surfaces.shape[1]}

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
        diagrams = [self.diagrams[i] for i in chosen]
        return ShapeSet(diagrams, self.surfaces[chosen], self.table.iloc[chosen])


@dataclass(frozen=True, eq=False)
class Reference:
    """A set to compare with, and the distances within it, which are computed once.

    Attributes:
        shapes: n shapes.
        topology: (n, n) distances of their diagrams: roots of equation (1).
        geometry: (n, n) Chamfer distances.

    Examples:
        >>> import numpy as np
        >>> from toposhape import field_set
        >>> x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 24)], indexing="ij")
        >>> radius = np.hypot(np.hypot(x, y), z)
        >>> balls = field_set(np.stack([radius - 0.3, radius - 0.6, radius - 0.9]), points=128)
        >>> reference = Reference.of(balls)
        >>> reference.geometry.shape, len(reference.choose(2, seed=0).shapes)
        ((3, 3), 2)
    """

    shapes: ShapeSet
    topology: NDArray[np.float64]
    geometry: NDArray[np.float64]

    @classmethod
    def of(cls, shapes: ShapeSet) -> "Reference":
        """Compute the distances within a set."""
        topology = diagram_metric(diagram_costs(shapes.diagrams))
        return cls(shapes, topology, chamfer_matrix(shapes.surfaces))

    def choose(self, count: int, seed: int) -> "Reference":
        """The set itself if it has that many shapes, otherwise that many of them, by the seed."""
        if count == len(self.shapes):
            return self
        return self.take(self.shapes.indices(count, seed))

    def take(self, chosen: NDArray[np.int64]) -> "Reference":
        """The shapes of these numbers."""
        block = np.ix_(chosen, chosen)
        return Reference(self.shapes.take(chosen), self.topology[block], self.geometry[block])


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two sets and all distances between them: scores of parts of both need no others.

    Attributes:
        reference: r shapes.
        synthetic: s shapes.
        costs: (3, r, s) squared diagram distances, equation (1) by degree.
        chamfer: (r, s) Chamfer distances.
    """

    reference: Reference
    synthetic: Reference
    costs: NDArray[np.float64]
    chamfer: NDArray[np.float64]

    @classmethod
    def of(cls, synthetic: ShapeSet, reference: Reference) -> "Comparison":
        """Compute the distances.

        Raises:
            ValueError: if the sets are known by other grids or numbers of surface points.
        """
        _require_comparable(synthetic, reference.shapes)
        return cls(
            reference,
            Reference.of(synthetic),
            diagram_costs(reference.shapes.diagrams, synthetic.diagrams),
            chamfer_matrix(reference.shapes.surfaces, synthetic.surfaces),
        )

    def take(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> "Comparison":
        """Some reference shapes, and some synthetic ones."""
        block = np.ix_(rows, columns)
        costs = self.costs[:, block[0], block[1]]
        return Comparison(
            self.reference.take(rows), self.synthetic.take(columns), costs, self.chamfer[block]
        )

    def scores(self) -> dict[str, float]:
        """Every score that needs both sets, and the spread of the synthetic one.

        Raises:
            ValueError: if the sets are not equally large.
        """
        own = self.synthetic
        handles = [each.shapes.betti[:, 1] for each in (own, self.reference)]
        return {
            **pd_lap_of(self.costs),
            "energy_distance": energy_distance(
                diagram_metric(self.costs), self.reference.topology, own.topology
            ),
            "cd_nearest": nearest(self.chamfer),
            "cd_assigned": assigned(self.chamfer),
            "coverage": coverage(self.chamfer),
            "one_nna": nearest_neighbour_accuracy(
                self.chamfer, self.reference.geometry, own.geometry
            ),
            "handle_error": _transport(*handles),
            **self._places(),
            "spread": spread(own.topology),
        }

    def _places(self) -> dict[str, float]:
        """The score of places, if both sets tell them."""
        own, other = self.synthetic.shapes.handle_middles, self.reference.shapes.handle_middles
        return {} if own is None or other is None else {"handles_in_place": in_place(own, other)}


def _transport(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """The 1-Wasserstein distance of equally many numbers, which pairs them in order."""
    return float(np.abs(np.sort(a) - np.sort(b)).mean())


def score_set(synthetic: ShapeSet, reference: Reference) -> dict[str, float]:
    """Every score of one set of synthetic shapes against equally many reference shapes.

    Returns:
        Plain values by the names of `METRICS` (all but `cd_reconstruction`).

    Raises:
        ValueError: if the sets are not equally large, or known by other grids or numbers of
            surface points.

    Examples:
        A set against itself.

        >>> import numpy as np
        >>> from toposhape import field_set
        >>> x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 24)], indexing="ij")
        >>> radius = np.hypot(np.hypot(x, y), z)
        >>> balls = field_set(np.stack([radius - 0.3, radius - 0.6, radius - 0.9]), points=128)
        >>> scores = score_set(balls, Reference.of(balls))
        >>> scores["pd_lap"], scores["cd_nearest"], scores["one_piece_share"]
        (0.0, 0.0, 1.0)
    """
    scores = Comparison.of(synthetic, reference).scores()
    return {**scores, **describe_set(synthetic, scores["spread"])}


def score_copies(diagram: HasPoints, count: int, reference: Reference) -> dict[str, float]:
    """The scores of diagrams for a set in which all diagrams are this one.

    Raises:
        ValueError: if there are not `count` reference shapes.
    """
    costs = np.repeat(diagram_costs(reference.shapes.diagrams, [diagram]), count, axis=2)
    between, within = diagram_metric(costs), np.zeros((count, count))
    return {
        **pd_lap_of(costs),
        "energy_distance": energy_distance(between, reference.topology, within),
        "spread": spread(within),
    }


def describe_set(shapes: ShapeSet, variety: float | None = None) -> dict[str, float]:
    """The scores of a set alone.

    Args:
        shapes: the set.
        variety: its spread, if that is known.
    """
    if variety is None:
        variety = spread(diagram_metric(diagram_costs(shapes.diagrams)))
    return {"spread": variety, **means(shape_facts(shapes))}


def shape_facts(shapes: ShapeSet) -> pd.DataFrame:
    """What each shape adds to the scores of a set alone: they are the means of these columns.

    Raises:
        ValueError: if there are no shapes.
    """
    if len(shapes) == 0:
        raise ValueError("no shapes: the scores of a set are not defined")
    pieces, table = shapes.betti[:, 0], shapes.table
    dangling = table["dangling"].to_numpy(float)
    return pd.DataFrame(
        {
            "one_piece_share": pieces == 1,
            "one_piece_share_dilated": table["b0_dilated"].to_numpy() == 1,
            "handles_mean": shapes.betti[:, 1],
            "empty_share": table["empty"].to_numpy(),
            "false_pieces": np.maximum(pieces - 1, 0),
            "largest_share": table["largest_share"].to_numpy(),
            "stands_share": table["stands"].to_numpy(),
            "nothing_dangles_share": np.where(np.isnan(dangling), np.nan, dangling == 0),
            "handle_cost": [degree_cost([diagram], 1) for diagram in shapes.diagrams],
            "long_handles": [long_bars([diagram], 1, LONG) for diagram in shapes.diagrams],
            "mirror_distance": [mirror_distance(each[None]) for each in shapes.surfaces],
        },
        dtype=float,
    )


def means(facts: pd.DataFrame) -> dict[str, float]:
    """The mean of each column."""
    return {str(name): float(value) for name, value in facts.mean().items()}


def mirror_distance(surfaces: NDArray[np.floating]) -> float:
    """Mean Chamfer distance of surfaces (n, P, 3) to their mirror images, left and right: x."""
    mirrored = surfaces * np.array([-1, 1, 1], surfaces.dtype)
    pairs = zip(surfaces, mirrored, strict=True)
    return float(np.mean([chamfer_distance(one, other) for one, other in pairs]))


def _require_comparable(synthetic: ShapeSet, reference: ShapeSet) -> None:
    """Refuse sets whose diagrams and Chamfer distances would differ for equal shapes."""
    if synthetic.measured != reference.measured:
        raise ValueError(
            f"sets of shapes are compared by equal grids and equally many surface points: "
            f"synthetic {synthetic.measured}, reference {reference.measured}"
        )
