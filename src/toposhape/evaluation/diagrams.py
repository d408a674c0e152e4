"""Diagrams of signed distance fields, by the readings that a run chooses."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.config import Topology
from toposhape.topology import Diagram, superlevel_diagrams

DILATION = 0.02  # normalised units: a gap that closes when the solid grows by this is a thin one


class FieldTopology(NamedTuple):
    """What the topology of one field {f <= 0} is.

    Attributes:
        diagram: degrees 0, 1, 2 by the run's settings.
        betti: pieces, handles and cavities of the solid {f <= 0} on the grid, of any
            persistence; (0, 0, 0) if nothing is inside.
        dilated_pieces: pieces of {f <= DILATION}, which does not see thin gaps.
    """

    diagram: Diagram
    betti: tuple[int, int, int]
    dilated_pieces: int


def describe_fields(
    distances: NDArray[np.float32], topology: Topology, threads: int | None = None
) -> list[FieldTopology]:
    """Diagrams and Betti numbers of signed distance fields (n, R, R, R), negative inside."""
    solids = _superlevel(-distances, topology, threads)
    filtered = solids if topology.side == "interior" else _superlevel(distances, topology, threads)
    return [
        FieldTopology(
            diagram.restricted(topology.min_persistence),
            _betti_numbers(solid, field, 0.0),
            _betti_numbers(solid, field, DILATION)[0],
        )
        for diagram, solid, field in zip(filtered, solids, distances, strict=True)
    ]


def _superlevel(
    fields: NDArray[np.float32], topology: Topology, threads: int | None
) -> list[Diagram]:
    return superlevel_diagrams(
        fields, complex=topology.complex, engine=topology.engine, threads=threads
    )


def _betti_numbers(
    solid: Diagram, distance: NDArray[np.float32], level: float
) -> tuple[int, int, int]:
    """Betti numbers of {f <= level}, from the diagram of the superlevel sets of -f."""
    return solid.betti_numbers(-level) if distance.min() <= level else (0, 0, 0)
