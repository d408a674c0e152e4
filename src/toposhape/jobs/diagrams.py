"""The persistence diagram of a file: a mesh, a volume or an image."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.mesh_topology import Betti
from toposhape.shapes.normalisation import Transform, Up
from toposhape.shapes.requests import MESH_SUFFIXES
from toposhape.shapes.volumes import VolumeRejected, read_npy, read_volume, volume_suffix
from toposhape.topology.diagram import Diagram
from toposhape.topology.grids.persistence import sublevel_diagrams, superlevel_diagrams

from .solids import read_solid

SHARE_OF_RANGE = 0.01
"""Of a volume's values: points that persist for less are details."""
LEAST_DEPTH = 0.01  # the same of meshes, in the shape frame, as `topology.min_persistence`

Filtration = Literal["superlevel", "sublevel"]


@dataclass(frozen=True, eq=False)
class ScalarField:
    """Numbers on a grid, and where they come from.

    Attributes:
        name: of the file.
        kind: `mesh`, whose numbers are depths below the surface in the shape frame; `volume`;
            `image`.
        values: (D, H, W), of an image (H, W).
        transform: of a mesh, from its own units to the shape frame.
        mesh_betti: of a mesh, Betti numbers by its triangles, where they say it.
    """

    name: str
    kind: Literal["mesh", "volume", "image"]
    values: NDArray[np.floating]
    transform: Transform | None = None
    mesh_betti: Betti | None = None

    @property
    def usual_level(self) -> float:
        """0 where values have both signs; otherwise the middle between least and largest."""
        low, high = float(self.values.min()), float(self.values.max())
        return 0.0 if low < 0 < high else (low + high) / 2

    @property
    def least_persistence(self) -> float:
        """What a point has to persist to be no detail."""
        if self.kind == "mesh":
            return LEAST_DEPTH
        return SHARE_OF_RANGE * float(np.ptp(self.values))


class Point(NamedTuple):
    """A point of a diagram, and the vertices [i, j(, k)] that cause it.

    Attributes:
        degree: 0 piece, 1 handle (of an image: hole), 2 cavity.
        birth: the value at which it appears.
        death: the value at which it is gone; None for the piece that never dies.
        birth_vertex: where it is born.
        death_vertex: where it dies; None for the piece that never dies.
    """

    degree: int
    birth: float
    death: float | None
    birth_vertex: tuple[int, ...]
    death_vertex: tuple[int, ...] | None

    @property
    def persistence(self) -> float:
        """How long it is there; infinite for the piece that never dies."""
        return float("inf") if self.death is None else abs(self.birth - self.death)


@dataclass(frozen=True, eq=False)
class FieldDiagram:
    """What is known of a field.

    Attributes:
        field: of which.
        filtration: `superlevel`, {f >= t} for falling t, or `sublevel`, {f <= t} for rising t.
        level: at which Betti numbers are counted.
        betti: of {f >= level} or {f <= level}: pieces, handles, cavities, of any persistence.
        points: those that persist long enough, longest first.
    """

    field: ScalarField
    filtration: Filtration
    level: float
    betti: Betti
    points: list[Point]

    def as_json(self) -> dict[str, Any]:
        """Everything but the values."""
        return {
            "file": self.field.name,
            "kind": self.field.kind,
            "shape": list(self.field.values.shape),
            "filtration": self.filtration,
            "level": self.level,
            "betti": list(self.betti),
            "mesh_betti": self.field.mesh_betti and list(self.field.mesh_betti),
            "points": [point._asdict() for point in self.points],
        }


def read_field(
    source: str, *, resolution: int = 64, up: Up = "y", array: str | None = None
) -> ScalarField:
    """Read a file as numbers on a grid.

    Args:
        source: a mesh, a volume, an image, or `-` for a volume in .npy format from stdin.
        resolution: of a mesh's grid, vertices along an edge.
        up: of a mesh, the axis that points upward.
        array: of an .npz file with several.

    Raises:
        VolumeRejected: for a volume that cannot be read, or a suffix that nobody knows.
        MeshRejected: for a mesh that bounds nothing.
        FileNotFoundError: if there is no such file.
        IsADirectoryError: for a folder.
    """
    if source == "-":
        return _of_values("stdin", read_npy(sys.stdin.buffer, "stdin"))
    if Path(source).is_dir():
        raise IsADirectoryError(21, f"a folder: name the files in it, as {source}/*", source)
    if Path(source).suffix.lower() in MESH_SUFFIXES:
        read = read_solid(source, up)
        return ScalarField(source, "mesh", -read.field(resolution), read.transform, read.betti())
    if not volume_suffix(source):
        raise VolumeRejected(
            f"{source}: no mesh, volume or image by its suffix; known are "
            f"{', '.join(sorted(MESH_SUFFIXES))}, .npy, .npz, .tif, .nrrd, .nii, .png, .jpg, .bmp"
        )
    return _of_values(source, read_volume(source, array))


def describe_field(
    field: ScalarField,
    *,
    filtration: Filtration = "superlevel",
    level: float | None = None,
    complex: Literal["freudenthal", "cubical"] = "freudenthal",
    min_persistence: float | None = None,
) -> FieldDiagram:
    """Compute the diagram of a field and its Betti numbers at a level.

    Args:
        field: of two or three axes.
        filtration: which sets grow.
        level: of the Betti numbers; `field.usual_level` if left out.
        complex: as of `superlevel_diagrams`.
        min_persistence: `field.least_persistence` if left out.

    Raises:
        ValueError: naming the file, for a value that is not finite.
    """
    diagrams_of = superlevel_diagrams if filtration == "superlevel" else sublevel_diagrams
    try:
        diagram = diagrams_of(field.values, complex=complex, essential=True)
    except ValueError as error:
        raise ValueError(f"{field.name}: {error}") from error
    assert isinstance(diagram, Diagram)  # of one field
    level = field.usual_level if level is None else level
    least = field.least_persistence if min_persistence is None else min_persistence
    points = [_lasting_piece(field, diagram), *_points(field, diagram.restricted(least))]
    points.sort(key=lambda point: (-point.persistence, point.degree))
    pieces, handles, cavities = diagram.betti_numbers(level)
    return FieldDiagram(field, filtration, level, (pieces, handles, cavities), points)


def _of_values(name: str, values: NDArray[np.floating]) -> ScalarField:
    return ScalarField(name, "image" if values.ndim == 2 else "volume", values)


def _points(field: ScalarField, diagram: Diagram) -> list[Point]:
    """The points of all degrees, each with its birth first."""
    order = (1, 0) if diagram.superlevel else (0, 1)
    return [
        Point(degree, *values, *(_place(field, vertex) for vertex in vertices))
        for degree, (points, pairs) in enumerate(zip(diagram.points, diagram.vertices, strict=True))
        for values, vertices in zip(
            points[:, order].tolist(), pairs[:, order].tolist(), strict=True
        )
    ]


def _lasting_piece(field: ScalarField, diagram: Diagram) -> Point:
    """The class that never dies: the component of the maximum, or of the minimum."""
    top = int(field.values.argmax() if diagram.superlevel else field.values.argmin())
    return Point(0, float(field.values.flat[top]), None, _place(field, top), None)


def _place(field: ScalarField, vertex: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(vertex, field.values.shape))
