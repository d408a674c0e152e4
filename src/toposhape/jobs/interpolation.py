"""Figure 2's shapes: between two training shapes, by two generators that know the same shapes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from toposhape.evaluation.frames import write_frames
from toposhape.evaluation.generated import diagrams_of_codes
from toposhape.evaluation.interpolation import (
    choose_ends,
    codes_between,
    pieces_of_code,
    shapes_of_codes,
)
from toposhape.evaluation.topology_table import read_topology
from toposhape.generators import DiagramGenerator
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.settings.topology import Topology
from toposhape.topology.tables import read_diagrams


def interpolate_training_shapes(
    lipschitz: ImplicitGenerator,
    topological: ImplicitGenerator,
    diagram_generator: DiagramGenerator,
    diagrams: Path,
    topology: Path,
    folders: Sequence[Path],
    *,
    frames: int,
    resolution: int,
    settings: Topology,
    threads: int | None = None,
) -> None:
    """Write the frames between two training shapes, the same two for both generators.

    Args:
        lipschitz: of the upper row.
        topological: of the lower row.
        diagram_generator: of the lower row, asked for the diagrams of its codes.
        diagrams: diagrams.parquet of the prepared shapes.
        topology: their topology.csv.
        folders: to write, of the upper and of the lower row.
        frames: shapes on the way, both ends included.
        resolution: R of the fields.
        settings: how diagrams are made.
        threads: for diagrams.

    Raises:
        ValueError: if the generators were trained on different shapes.
    """
    generators = lipschitz, topological
    if lipschitz.shape_ids != topological.shape_ids:
        raise ValueError(
            "the two generators of figure 2 were trained on different shapes: delete their "
            "folders, and the next run trains both again"
        )
    codes = [each.codes.means.detach().cpu().numpy() for each in generators]
    ends = _ends(generators, codes, diagrams, topology, resolution, settings)
    for generator, means, asked, folder in zip(
        generators, codes, (None, diagram_generator), folders, strict=True
    ):
        way = codes_between(means[ends[0]], means[ends[1]], frames)
        shapes = shapes_of_codes(generator, way, resolution, settings, threads)
        made = diagrams_of_codes(asked, way, settings.min_persistence) if asked else None
        write_frames(folder, way, shapes, made)


def _ends(
    generators: Sequence[ImplicitGenerator],
    codes: Sequence[NDArray[np.float32]],
    diagrams: Path,
    topology: Path,
    resolution: int,
    settings: Topology,
) -> tuple[int, int]:
    """The numbers of two training shapes that are whole and far from each other."""
    shapes = generators[0].shape_ids
    true_pieces = read_topology(topology, shapes)["b0"].tolist()

    def count_pieces(i: int) -> list[int]:
        made = zip(generators, codes, strict=True)
        return [
            true_pieces[i],
            *(pieces_of_code(g, means[i], resolution, settings) for g, means in made),
        ]

    return choose_ends(read_diagrams(diagrams, shapes), count_pieces)
