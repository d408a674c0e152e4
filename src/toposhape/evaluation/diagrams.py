"""Diagrams of signed distance fields, by the readings that a run chooses."""

import numpy as np
from numpy.typing import NDArray

from toposhape.config import Topology
from toposhape.topology import Diagram, superlevel_diagrams


def filtration(distance: NDArray[np.float32], side: str) -> NDArray[np.float32]:
    """The function whose superlevel sets are filtered: -f for the interior (reading 1), else f."""
    return -distance if side == "interior" else distance


def diagrams_of(
    distances: NDArray[np.float32], topology: Topology, threads: int | None = None
) -> list[Diagram]:
    """Diagrams of signed distance fields (n, R, R, R) as the settings say."""
    return superlevel_diagrams(
        filtration(distances, topology.side),
        complex=topology.complex,
        min_persistence=topology.min_persistence,
        engine=topology.engine,
        threads=threads,
    )


def solid_betti_numbers(
    distances: NDArray[np.float32], topology: Topology, threads: int | None = None
) -> list[tuple[int, int, int]]:
    """Components, handles and cavities of the solids {f <= 0} of fields (n, R, R, R)."""
    diagrams = superlevel_diagrams(
        -distances, complex=topology.complex, engine=topology.engine, threads=threads
    )
    solid = distances.reshape(len(distances), -1).min(axis=1) <= 0
    return [d.betti_numbers(0.0) if s else (0, 0, 0) for d, s in zip(diagrams, solid, strict=True)]
