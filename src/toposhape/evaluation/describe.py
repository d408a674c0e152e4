"""What is known of a shape from its field: the same for prepared and for synthetic shapes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.settings.topology import Topology
from toposhape.topology import Diagram, superlevel_diagrams
from toposhape.topology.grids.persistence import Complex

from .solids import dangling_parts, largest_piece, stands

DILATION = 0.02  # normalised units: a gap that closes when the solid grows by this is a thin one
FIELDS_AT_A_TIME = 8
"""Of many fields so many are made and described together: that bounds the memory."""


class FieldTopology(NamedTuple):
    """What one field f and its solid {f <= 0} are like.

    Attributes:
        diagram: degrees 0, 1, 2 by the run's settings.
        betti: pieces, handles and cavities of the solid {f <= 0} on the grid, of any
            persistence; (0, 0, 0) if nothing is inside.
        dilated_pieces: pieces of {f <= DILATION}, which does not see thin gaps.
        empty: whether f has no zero level set, so that there is no surface.
        resolution: R, vertices along each edge of the grid.
        largest_share: of the solid's volume, what is in its largest piece; 0 if nothing is inside.
        stands: whether the largest piece would stand on the ground (`stands`).
        dangling: parts that end in the air, as torn legs do (`dangling_parts`).
    """

    diagram: Diagram
    betti: tuple[int, int, int]
    dilated_pieces: int
    empty: bool
    resolution: int
    largest_share: float
    stands: bool
    dangling: int


def describe_fields(
    distances: NDArray[np.float32], topology: Topology, threads: int | None = None
) -> list[FieldTopology]:
    """Describe signed distance fields (n, R, R, R), negative inside, y up."""
    solids = _superlevel(-distances, topology, threads)
    filtered = solids if topology.side == "interior" else _superlevel(distances, topology, threads)
    return [
        FieldTopology(
            diagram.restricted(topology.min_persistence),
            _betti_numbers(solid, field, 0.0),
            _betti_numbers(solid, field, DILATION)[0],
            not field.min() < 0 < field.max(),
            len(field),
            *_weigh(field <= 0, topology.complex),
        )
        for diagram, solid, field in zip(filtered, solids, distances, strict=True)
    ]


def _weigh(inside: NDArray[np.bool_], complex: Complex) -> tuple[float, bool, int]:
    """`largest_share`, `stands` and `dangling` of a solid."""
    piece = largest_piece(inside, complex)
    share = float(piece.sum() / max(inside.sum(), 1))
    return share, stands(piece, inside), dangling_parts(inside, complex)


def _superlevel(
    fields: NDArray[np.float32], topology: Topology, threads: int | None
) -> list[Diagram]:
    return superlevel_diagrams(
        list(fields), complex=topology.complex, engine=topology.engine, threads=threads
    )


def _betti_numbers(
    solid: Diagram, distance: NDArray[np.float32], level: float
) -> tuple[int, int, int]:
    """Betti numbers of {f <= level}, from the diagram of the superlevel sets of -f."""
    if distance.min() > level:
        return 0, 0, 0
    pieces, handles, cavities = solid.betti_numbers(-level)
    return pieces, handles, cavities
