"""The files that sets of synthetic shapes are written to, whichever generator made them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import trimesh
from numpy.typing import NDArray
from running import progress

from toposhape.evaluation.synthesis import SyntheticShape
from toposhape.shapes.files import writing
from toposhape.topology.tables import write_diagrams

COLUMNS = ["draw", "shape", "b0", "b1", "b2", "b0_dilated", "empty"]


def write_synthetic_files(
    output: Any, codes: NDArray[np.float32], shapes: Iterator[SyntheticShape], title: str
) -> None:
    """Write codes, diagrams, surfaces and topology of all sets, and meshes of the first.

    Args:
        output: a rule's outputs codes, diagrams, surfaces, topology and meshes (docs/formats.md).
        codes: (draws, n, d).
        shapes: one for each code, set after set.
        title: names the work in progress lines.
    """
    draws, n = codes.shape[:2]
    meshes = Path(output.meshes)
    meshes.mkdir(parents=True)
    diagrams, topology, surfaces = [], [], []
    for i, shape in enumerate(progress(shapes, draws * n, title)):
        draw, index = divmod(i, n)
        diagrams.append(shape.topology.diagram)
        surfaces.append(shape.surface)
        counts = (*shape.topology.betti, shape.topology.dilated_pieces)
        topology.append((draw, index, *counts, shape.is_empty))
        if draw == 0:
            mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
            with writing(meshes / f"{index:03d}.ply"):
                mesh.export(meshes / f"{index:03d}.ply")
    points = np.stack(surfaces).astype(np.float32, copy=False)
    with writing(output.codes):
        np.save(output.codes, codes)
    with writing(output.surfaces):
        np.save(output.surfaces, points.reshape(draws, n, -1, 3))
    with writing(output.topology):
        pd.DataFrame(topology, columns=COLUMNS).to_csv(output.topology, index=False)
    write_diagrams(
        output.diagrams,
        [f"{index:03d}" for _ in range(draws) for index in range(n)],
        diagrams,
        sets=[draw for draw in range(draws) for _ in range(n)],
    )
