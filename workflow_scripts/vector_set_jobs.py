"""What the jobs of 3DShape2VecSet share: the shapes of a split, from the batches' arrays."""

import json
from pathlib import Path
from typing import Any

from toposhape.generators.vector_sets.data import OccupancySource, ShapeSources
from toposhape.shapes.prepared import PreparedShapes


def shape_sources(inputs: Any) -> ShapeSources:
    """Training and validation shapes of a job with samples, grids, surfaces, manifest, split."""
    split = json.loads(Path(inputs.split).read_text())
    rows = [
        PreparedShapes(inputs.manifest, files)
        for files in (inputs.samples, inputs.grids, inputs.surfaces)
    ]
    return ShapeSources(
        OccupancySource(*rows, split["training"]), OccupancySource(*rows, split["validation"])
    )
