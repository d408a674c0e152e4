"""Score tables: one line for each category, method, training seed, draw and metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from toposhape.topology.distances import HasPoints
from toposhape.topology.tables import StoredDiagram

from .chamfer import chamfer_matrix
from .metrics import METRICS
from .scores import (
    assigned,
    coverage,
    diagram_costs,
    energy_distance,
    nearest,
    nearest_neighbour_accuracy,
    one_piece_share,
    pd_lap,
    pd_lap_of,
    spread,
)

COLUMNS = ["category", "method", "training_seed", "draw", "metric", "value", "n"]

FLOOR = "training shapes"
MEDOID = "medoid diagram"
EMPTY = "empty diagrams"
TEST = "test shapes"
REFERENCES = (FLOOR, MEDOID, EMPTY, TEST)
"""Rows of the tables that are no generator."""

NO_POINTS = StoredDiagram(tuple(np.empty((0, 2), np.float32) for _ in range(3)))


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


def score_generator(
    category: str,
    method: str,
    training_seed: int,
    draws: Sequence[ShapeSet],
    test: ShapeSet,
    reconstruction: Sequence[float] | None = None,
    posterior: Sequence[ShapeSet] = (),
    single: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The score table of one trained generator.

    Args:
        category: of its shapes.
        method: its row in the tables.
        training_seed: of its training.
        draws: the sets of synthetic shapes. Where a set is smaller than the test set, test shapes
            are drawn with the draw's number as seed.
        test: the held-out shapes.
        reconstruction: Chamfer distance of every test shape to its reconstruction.
        posterior: sets like the draws, of codes from the posteriors of training shapes.
        single: further scores of the generator, one value each.

    Raises:
        ValueError: if a set is larger than the test set.
    """
    reference = Reference.of(test)
    scores = [
        score_set(synthetic, reference.choose(len(synthetic), draw))
        for draw, synthetic in enumerate(draws)
    ]
    at_posterior = [
        {
            f"{name}_posterior": value
            for name, value in score_set(each, reference.choose(len(each), draw)).items()
            if f"{name}_posterior" in METRICS
        }
        for draw, each in enumerate(posterior)
    ]
    one_value = dict(single or {})
    if reconstruction is not None:
        one_value["cd_reconstruction"] = float(np.mean(reconstruction))
    row = category, method, training_seed
    tables = [_tidy(*row, scores, len(draws[0]))]
    if at_posterior:
        tables.append(_tidy(*row, at_posterior, len(draws[0])))
    if one_value:
        tables.append(_tidy(*row, [one_value], len(test), one_draw=True))
    return pd.concat(tables, ignore_index=True)


def score_references(
    category: str, training: ShapeSet, test: ShapeSet, draws: int, shapes_per_draw: int | None
) -> pd.DataFrame:
    """What shapes that no generator made would score.

    The floor: sets of training shapes, drawn with the draws' numbers as seeds. The medoid: the
    training diagram that is nearest to all others, n times. Empty diagrams, n times. The test
    shapes alone, for the scores that need no reference.

    Args:
        category: of the shapes.
        training: all training shapes.
        test: the held-out shapes.
        draws: number of sets.
        shapes_per_draw: n; as many as there are test shapes if None. Where there are fewer
            training shapes than that, n is their number.
    """
    n = min(shapes_per_draw or len(test), len(test), len(training))
    reference = Reference.of(test)
    tests = [reference.choose(n, draw) for draw in range(draws)]
    floor = [
        score_set(training.take(training.indices(n, draw)), chosen)
        for draw, chosen in enumerate(tests)
    ]
    constant = {MEDOID: _medoid(training.diagrams), EMPTY: NO_POINTS}
    return pd.concat(
        [
            _tidy(category, FLOOR, None, floor, n),
            *(
                _tidy(category, name, None, [pd_lap([d] * n, t.shapes.diagrams) for t in tests], n)
                for name, d in constant.items()
            ),
            _tidy(category, TEST, None, [describe_set(test)], len(test), one_draw=True),
        ],
        ignore_index=True,
    )


def read_scores(paths: Sequence[str]) -> pd.DataFrame:
    """Read score tables and put them one below the other.

    Raises:
        ValueError: for a file with other columns or with a metric that has no definition.
    """
    tables = []
    for path in paths:
        table = pd.read_csv(path, dtype={"training_seed": "Int64", "draw": "Int64"})
        if list(table.columns) != COLUMNS:
            raise ValueError(f"{path} has columns {list(table.columns)}; {COLUMNS} are needed")
        if unknown := set(table["metric"]) - set(METRICS):
            raise ValueError(f"{path}: no such metric {sorted(unknown)}; known: {list(METRICS)}")
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _tidy(
    category: str,
    method: str,
    training_seed: int | None,
    scores: Sequence[Mapping[str, float]],
    n: int,
    one_draw: bool = False,
) -> pd.DataFrame:
    lines = [
        (category, method, training_seed, None if one_draw else draw, metric, value, n)
        for draw, values in enumerate(scores)
        for metric, value in values.items()
    ]
    table = pd.DataFrame(lines, columns=COLUMNS)
    return table.astype({"training_seed": "Int64", "draw": "Int64"})


def _medoid(diagrams: Sequence[HasPoints]) -> HasPoints:
    return diagrams[int(diagram_costs(diagrams).sum(axis=0).sum(axis=0).argmin())]
