"""A piece of furniture while it is put together, and the topology that its joints declare.

The bookkeeping is the oldest rule of handle bodies. A part (a ball, unless it says otherwise) is
glued to what stands already at ``places`` separate spots, each of them contractible. The first
spot joins, every further one closes a loop: a rung between two posts adds one handle. So the
Betti numbers follow from how the designer joins parts, and no mesh is ever asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from manifold3d import Manifold, OpType
from numpy.typing import NDArray

__all__ = ["Body", "DeclaredTopology", "FurnitureShape"]


@dataclass(frozen=True)
class DeclaredTopology:
    """Betti numbers of a solid.

    Attributes:
        b0: Pieces.
        b1: Handles, that is tunnels.
        b2: Enclosed cavities.
    """

    b0: int
    b1: int
    b2: int


@dataclass(frozen=True, eq=False)
class FurnitureShape:
    """A watertight triangle mesh with the topology that its design declares.

    Attributes:
        vertices: (V, 3) float64, in metres, y up, front towards +z, standing on y = 0.
        faces: (F, 3) int64, anticlockwise seen from outside.
        topology: Betti numbers of the solid that the mesh bounds.
        design: Every decision that was drawn, by name.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    topology: DeclaredTopology
    design: dict[str, Any]


@dataclass
class Body:
    """Parts glued together, with the Betti numbers so far."""

    parts: list[Manifold] = field(default_factory=list)
    pieces: int = 0
    handles: int = 0
    cavities: int = 0

    def glue(self, part: Manifold, places: int = 1, *, handles: int = 0, cavities: int = 0) -> None:
        """Add a part that meets one standing piece at ``places`` separate contractible spots.

        Args:
            part: The solid; connected.
            places: Number of spots; 0 starts a piece of its own.
            handles: Handles of the part itself.
            cavities: Enclosed cavities of the part itself; nothing may be glued into them.
        """
        self.parts.append(part)
        self.pieces += places == 0
        self.handles += max(places - 1, 0) + handles
        self.cavities += cavities

    def topology(self) -> DeclaredTopology:
        """What the joints made so far declare."""
        return DeclaredTopology(self.pieces, self.handles, self.cavities)

    def mesh(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Vertices (V, 3) and faces (F, 3) of the union of all parts."""
        mesh = Manifold.batch_boolean(self.parts, OpType.Add).to_mesh64()
        vertices = np.array(mesh.vert_properties[:, :3], dtype=np.float64)
        return vertices, np.array(mesh.tri_verts, dtype=np.int64)
