"""Score tables: one line for each category, method, training seed, draw and metric."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.tables import read_table
from toposhape.topology.distances.wasserstein import HasPoints
from toposhape.topology.tables import StoredDiagram

from .metrics import METRICS
from .novelty import novelty
from .scores import diagram_costs
from .set_scores import Reference, ShapeSet, describe_set, score_copies, score_set

COLUMNS = ["category", "method", "training_seed", "draw", "metric", "value", "n"]

FLOOR = "training shapes"
MEDOID = "medoid diagram"
EMPTY = "empty diagrams"
TEST = "test shapes"
VALIDATION = "validation shapes"
REFERENCES = (FLOOR, MEDOID, EMPTY, TEST, VALIDATION)
"""Rows of the tables that are no generator."""

NOVELTY_DRAWS = 3  # it compares with all training shapes: of ten draws as dear as all the rest
NO_POINTS = StoredDiagram(tuple(np.empty((0, 2), np.float32) for _ in range(3)))


def score_generator(
    category: str,
    method: str,
    training_seed: int,
    draws: Sequence[ShapeSet],
    test: ShapeSet,
    reconstruction: Sequence[float] | None = None,
    posterior: Sequence[ShapeSet] = (),
    training: NDArray[np.floating] | None = None,
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
        training: (m, P, 3) surfaces of the training shapes, for the novelty of the first draws.
        single: further scores of the generator, one value each.

    Raises:
        ValueError: if a set is larger than the test set.
    """
    reference = Reference.of(test)
    scores = [
        score_set(synthetic, reference.choose(len(synthetic), draw))
        for draw, synthetic in enumerate(draws)
    ]
    if training is not None:
        for of_draw, synthetic in zip(scores[:NOVELTY_DRAWS], draws, strict=False):
            of_draw.update(novelty(synthetic.surfaces, training))
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
    category: str,
    training: ShapeSet,
    test: ShapeSet,
    draws: int,
    shapes_per_draw: int | None,
    validation: ShapeSet | None = None,
) -> pd.DataFrame:
    """What shapes that no generator made would score.

    The floor: sets of training shapes, drawn with the draws' numbers as seeds. The medoid: the
    training diagram that is nearest to all others, n times: a generator that has collapsed. Empty
    diagrams, n times. The test shapes alone, for the scores that need no reference; and the
    validation shapes, the yardstick of novelty.

    Args:
        category: of the shapes.
        training: all training shapes.
        test: the held-out shapes.
        draws: number of sets.
        shapes_per_draw: n; as many as there are test shapes if None. Where there are fewer
            training shapes than that, n is their number.
        validation: left out where there are fewer than two.
    """
    n = min(shapes_per_draw or len(test), len(test), len(training))
    reference = Reference.of(test)
    tests = [reference.choose(n, draw) for draw in range(draws)]
    floor = [
        score_set(training.take(training.indices(n, draw)), chosen)
        for draw, chosen in enumerate(tests)
    ]
    copied = {MEDOID: _medoid(training.diagrams), EMPTY: NO_POINTS}
    return pd.concat(
        [
            _tidy(category, FLOOR, None, floor, n),
            *(
                _tidy(category, name, None, [score_copies(d, n, chosen) for chosen in tests], n)
                for name, d in copied.items()
            ),
            *(
                _tidy(category, name, None, [_alone(each, training)], len(each), one_draw=True)
                for name, each in ((TEST, test), (VALIDATION, validation))
                if each is not None and len(each) > 1
            ),
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
        whole = {"training_seed": "Int64", "draw": "Int64"}
        table = read_table(path, texts=("category", "method", "metric"), types=whole)
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


def _alone(shapes: ShapeSet, training: ShapeSet) -> dict[str, float]:
    return describe_set(shapes) | novelty(shapes.surfaces, training.surfaces)


def _medoid(diagrams: Sequence[HasPoints]) -> HasPoints:
    return diagrams[int(diagram_costs(diagrams).sum(axis=0).sum(axis=0).argmin())]
