"""Score tables from the files of shapes: needs neither grids nor networks."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.tables import read_table
from toposhape.evaluation.generator_scores import compare_with_training, score_generated
from toposhape.evaluation.score_table import score_generator, score_references
from toposhape.evaluation.set_scores import ShapeSet
from toposhape.evaluation.shape_sets import prepared_set, synthetic_sets
from toposhape.evaluation.topology_table import read_topology
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import StoredDiagram, read_diagrams

from .plan import set_size


class TruthFiles(NamedTuple):
    """Where a category's prepared shapes are (docs/formats.md)."""

    diagrams: Path
    topology: Path
    surfaces: Sequence[Path]
    manifest: Path
    split: Path

    def ids(self, part: str) -> list[str]:
        """Ids of the shapes for `training`, `validation` or `test`."""
        ids: list[str] = json.loads(self.split.read_text(encoding="utf-8"))[part]
        return ids

    def shapes(self, part: str, points: int) -> ShapeSet:
        """The shapes of a part of the split, with so many surface points."""
        surfaces = PreparedShapes(self.manifest, self.surfaces)
        return prepared_set(self.ids(part), self.diagrams, self.topology, surfaces, points)


class SetFiles(NamedTuple):
    """Where the sets of synthetic shapes of a generator are."""

    diagrams: Path
    surfaces: Path
    topology: Path


class Scored(NamedTuple):
    """Whose shapes are scored: a category, a row of the tables, a training."""

    category: str
    method: str
    training_seed: int


def score_synthetic(
    scored: Scored,
    truth: TruthFiles,
    synthetic: SetFiles,
    points: int,
    posterior: SetFiles | None = None,
    generated: Path | None = None,
    reconstruction: Path | None = None,
) -> pd.DataFrame:
    """The score table of one trained generator.

    Args:
        scored: whose.
        truth: what its shapes are compared with.
        synthetic: its shapes.
        points: of a test shape's surface; as many as synthetic surfaces have.
        posterior: shapes of codes from the posteriors, if it has any.
        generated: generated.parquet, diagrams of the same codes by its diagram generator.
        reconstruction: reconstruction.csv.
    """
    draws = synthetic_sets(*synthetic)
    test = truth.shapes("test", points)
    of_diagrams = {}
    if generated:
        of_diagrams = score_generated(
            read_sets(generated, synthetic.topology),
            [each.diagrams for each in draws],
            test.diagrams,
            read_diagrams(truth.diagrams, truth.ids("training")),
        )
    return score_generator(
        *scored,
        draws,
        test,
        read_table(reconstruction)["chamfer"].tolist() if reconstruction else None,
        synthetic_sets(*posterior) if posterior else (),
        truth.shapes("training", points).surfaces,
        of_diagrams,
    )


def score_truth(
    category: str, truth: TruthFiles, draws: int, shapes_per_draw: int | None, points: int
) -> pd.DataFrame:
    """The score table of shapes that no generator made, as `score_references` has them."""
    training, test = (truth.shapes(part, points) for part in ("training", "test"))
    validation = truth.shapes("validation", points) if truth.ids("validation") else None
    n = set_size(shapes_per_draw, len(test))
    return score_references(category, training, test, draws, n, validation)


def compare_diagrams(
    truth: TruthFiles, synthetic: Path, generated: Path, topology: Path
) -> dict[str, NDArray[np.float64]]:
    """Figure 3's matrices: training shapes against synthetic ones and generated diagrams.

    Args:
        truth: its diagrams and split are read.
        synthetic: diagrams.parquet of synthetic shapes.
        generated: generated.parquet of their codes.
        topology: their topology.csv, which says what shapes there are.
    """
    training = read_diagrams(truth.diagrams, truth.ids("training"))
    of_codes = [
        [diagram for each in read_sets(path, topology) for diagram in each]
        for path in (synthetic, generated)
    ]
    return compare_with_training(training, *of_codes)._asdict()


def read_sets(diagrams: Path, topology: Path) -> list[list[StoredDiagram]]:
    """A table of diagrams of synthetic shapes, or of their codes: a list for each draw.

    Args:
        diagrams: diagrams.parquet or generated.parquet.
        topology: topology.csv beside it, which says what shapes there are.
    """
    table = read_topology(topology)
    return [
        read_diagrams(diagrams, sorted(table.xs(draw).index), set_number=draw)
        for draw in sorted(set(table.index.get_level_values("draw")))
    ]
