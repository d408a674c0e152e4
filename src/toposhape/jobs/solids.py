"""From a mesh file to its solid, its field and what the mesh itself says of its topology."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.settings.shapes import Shapes
from toposhape.shapes.fine_grids import fine_distance_grid
from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.mesh_topology import Betti, mesh_betti_numbers
from toposhape.shapes.meshes import Mesh, MeshRejected, load_mesh
from toposhape.shapes.normalisation import Transform, Up, normalising_transform
from toposhape.shapes.signed_distance import Solid, make_solid

SHEET_THICKNESS = Shapes().sheet_thickness  # of open sheets
FINE = 96  # vertices an edge: finer grids are exact near the surface and interpolated elsewhere


class ReadSolid(NamedTuple):
    """A mesh file in the shape frame.

    Attributes:
        mesh: as it was read, upright, in its own units.
        transform: from there to the shape frame.
        solid: in the shape frame.
    """

    mesh: Mesh
    transform: Transform
    solid: Solid

    def field(self, resolution: int) -> NDArray[np.float32]:
        """Signed distance (R, R, R) on the grid of [-1, 1]^3, negative inside.

        Raises:
            MeshRejected: if the shape is so thin that no vertex is inside.
        """
        make = signed_distance_grid if resolution <= FINE else fine_distance_grid
        values = make(self.solid, resolution).values
        if not (values < 0).any():
            raise MeshRejected(
                f"too thin for {resolution} vertices an edge: none is inside; use a finer grid"
            )
        return values

    def betti(self) -> Betti | None:
        """Pieces, handles and cavities by the mesh itself; None where it does not say."""
        return mesh_betti_numbers(self.transform.apply(self.mesh.vertices), self.mesh.faces)


def read_solid(path: str | Path, up: Up = "y", *, least_thickness: float = 0.0) -> ReadSolid:
    """Read a mesh file.

    Args:
        path: the file.
        up: its axis that points upward.
        least_thickness: to which thinner parts are thickened, in the shape frame; 0: none is.

    Raises:
        MeshRejected: with the file and the reason, for whatever cannot become a solid.
    """
    if not Path(path).exists():
        raise MeshRejected(f"{path}: file not found: mend its name")
    try:
        mesh = load_mesh(path, up=up)
        transform = normalising_transform(mesh.vertices)
        vertices = transform.apply(mesh.vertices)
        solid = make_solid(
            vertices,
            mesh.faces,
            sheet_thickness=SHEET_THICKNESS,
            least_thickness=least_thickness,
        )
    except ValueError as error:
        raise MeshRejected(f"{path}: {error} (export it again, or leave it out)") from error
    return ReadSolid(mesh, transform, solid)
