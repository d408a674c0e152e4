"""Sets of shapes for the scores: from the pipeline's files, or from anybody's fields."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes, open_rows
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.topology.tables import read_diagrams

from .set_scores import ShapeSet
from .topology_table import read_topology, topology_table


def prepared_set(
    shapes: Sequence[str],
    diagrams: str | Path,
    topology: str | Path,
    surfaces: PreparedShapes,
    points: int,
) -> ShapeSet:
    """Prepared shapes: the truth that synthetic shapes are compared with.

    Args:
        shapes: ids.
        diagrams: the category's diagrams.parquet.
        topology: its topology.csv.
        surfaces: visible surface points, in random order: the first `points` are taken.
        points: of each surface.

    Raises:
        KeyError: for a shape that is not in these files.
        DamagedFileError: if one of them is damaged.
    """
    return ShapeSet(
        read_diagrams(diagrams, shapes),
        np.stack([surfaces[shape][:points] for shape in shapes]),
        read_topology(topology, shapes),
    )


def synthetic_sets(
    diagrams: str | Path, surfaces: str | Path, topology: str | Path
) -> list[ShapeSet]:
    """The draws of one generator, from diagrams.parquet, surfaces.npy and topology.csv."""
    points, table = open_rows(surfaces), read_topology(topology)
    sets = []
    for draw in range(len(points)):
        rows = table.index.get_level_values("draw") == draw
        of_draw = table[rows].droplevel("draw").sort_index()
        stored = read_diagrams(diagrams, list(of_draw.index), set_number=draw)
        sets.append(ShapeSet(stored, np.array(points[draw]), of_draw))
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
        fields: (n, R, R, R), negative inside, index [i, j, k] is x, y (up), z; every set of a
            comparison on the same grid.
        topology: how diagrams are made; the default run's readings if None.
        points: to draw on each zero level set, uniform by area.
        seed: of these points.

    Raises:
        ValueError: if fields are no cubes, are masked, or a value is not finite.

    Examples:
        >>> import numpy as np
        >>> x, y, z = np.meshgrid(*3 * [np.linspace(-1, 1, 32)], indexing="ij")
        >>> torus = np.hypot(np.hypot(x, z) - 0.6, y) - 0.2
        >>> ball = np.hypot(np.hypot(x, y), z) - 0.7
        >>> field_set(np.stack([torus, ball]), points=64).betti  # pieces, handles, cavities
        array([[1, 1, 0],
               [1, 0, 0]])
    """
    from .describe import describe_fields  # scores of files describe nothing

    fields = _checked(fields)
    surfaces = [
        surface_points(*extract_surface(field), points, seed + i) for i, field in enumerate(fields)
    ]
    described = describe_fields(fields, topology or Topology())
    return ShapeSet(
        [each.diagram for each in described],
        np.stack(surfaces),
        topology_table([f"{i:03d}" for i in range(len(fields))], described),
    )


def _checked(fields: NDArray[np.floating]) -> NDArray[np.float32]:
    if np.ma.isMaskedArray(fields):
        raise ValueError("fields are masked, but a solid needs a value at every vertex: fill them")
    fields = np.asarray(fields, np.float32)
    if fields.ndim != 4 or len(set(fields.shape[1:])) != 1 or 0 in fields.shape:
        raise ValueError(f"fields must be cubes (n, R, R, R), not {fields.shape}")
    if not np.isfinite(fields).all():
        shape, *place = np.argwhere(~np.isfinite(fields))[0].tolist()
        raise ValueError(
            f"field {shape} is {fields[shape][tuple(place)]} at vertex {place}, not finite"
        )
    return fields
