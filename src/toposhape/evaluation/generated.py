"""What a diagram generator makes of codes."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from toposhape.generators import DiagramGenerator, generated_diagrams
from toposhape.topology import StoredDiagram, write_diagrams

from .topology_table import synthetic_ids


def diagrams_of_codes(
    generator: DiagramGenerator, codes: NDArray[np.float32], min_persistence: float
) -> list[StoredDiagram]:
    """Generated diagrams of codes (n, d), wherever the generator is."""
    device = next(generator.parameters()).device
    on_device = torch.from_numpy(np.array(codes)).to(device)
    made = generated_diagrams(generator, on_device, min_persistence)
    return [StoredDiagram(points) for points in made]


def write_generated(
    path: str | Path,
    generator: DiagramGenerator,
    codes: NDArray[np.float32],
    min_persistence: float,
) -> None:
    """Write the generated diagrams of the codes of synthetic shapes: generated.parquet.

    Args:
        path: the file; spelled as diagrams.parquet beside it.
        generator: of diagrams.
        codes: (draws, n, d).
        min_persistence: points nearer to the diagonal are left out.
    """
    ids, sets = synthetic_ids(*codes.shape[:2])
    made = [d for each in codes for d in diagrams_of_codes(generator, each, min_persistence)]
    write_diagrams(path, ids, made, sets=sets)
