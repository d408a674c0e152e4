"""Sets of shapes for the scores: from the pipeline's files, or from anybody's fields."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.config import Topology
from toposhape.shapes.prepared import PreparedShapes, open_rows
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.topology.tables import read_diagrams

from .diagrams import describe_fields
from .set_scores import ShapeSet


def prepared_set(
    shapes: Sequence[str],
    diagrams: str | Path,
    surfaces: PreparedShapes,
    grids: PreparedShapes,
    topology: Topology,
    points: int,
) -> ShapeSet:
    """Prepared shapes: the truth that synthetic shapes are compared with.

    Args:
        shapes: ids.
        diagrams: the category's diagrams.parquet.
        surfaces: visible surface points, in random order: the first `points` are taken.
        grids: signed distance.
        topology: how Betti numbers are counted.
        points: of each surface.
    """
    described = [describe_fields(np.array(grids[shape])[None], topology)[0] for shape in shapes]
    return ShapeSet(
        read_diagrams(diagrams, shapes),
        np.stack([surfaces[shape][:points] for shape in shapes]),
        np.array([each.betti for each in described]),
        np.array([each.dilated_pieces for each in described]),
        np.array([each.betti[0] == 0 for each in described]),
    )


def synthetic_sets(
    diagrams: str | Path, surfaces: str | Path, topology: str | Path
) -> list[ShapeSet]:
    """The draws of one generator, from diagrams.parquet, surfaces.npy and topology.csv."""
    points = open_rows(surfaces)
    counts = pd.read_csv(topology)
    sets = []
    for draw in range(len(points)):
        of_draw = counts[counts["draw"] == draw].sort_values("shape")
        ids = [f"{shape:03d}" for shape in of_draw["shape"]]
        sets.append(
            ShapeSet(
                read_diagrams(diagrams, ids, set_number=draw),
                np.array(points[draw]),
                of_draw[["b0", "b1", "b2"]].to_numpy(),
                of_draw["b0_dilated"].to_numpy(),
                of_draw["empty"].to_numpy(bool),
            )
        )
    return sets


def field_set(
    fields: NDArray[np.float32],
    topology: Topology | None = None,
    *,
    points: int = 2048,
    seed: int = 0,
) -> ShapeSet:
    """Shapes of any origin, each a signed distance field in the shape frame.

    Args:
        fields: (n, R, R, R), negative inside; every set of a comparison on the same grid.
        topology: how diagrams are made; the default run's readings if None.
        points: to draw on each zero level set, uniform by area.
        seed: of these points.

    Raises:
        ValueError: if a field is not finite.
    """
    surfaces = [
        surface_points(*extract_surface(field), points, seed + i) for i, field in enumerate(fields)
    ]
    described = describe_fields(np.asarray(fields), topology or Topology())
    return ShapeSet(
        [each.diagram for each in described],
        np.stack(surfaces),
        np.array([each.betti for each in described]),
        np.array([each.dilated_pieces for each in described]),
        np.array([each.betti[0] == 0 for each in described]),
    )
