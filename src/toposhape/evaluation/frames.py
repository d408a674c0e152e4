"""The files of an interpolation: a mesh, a diagram and counts for every frame.

In the folder: `NNN.ply`; `codes.npy`, float32 (frames, d); `diagrams.parquet`; `topology.csv`; and,
if a diagram generator was asked, `generated.parquet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.topology.distances.wasserstein import HasPoints
from toposhape.topology.tables import StoredDiagram, read_diagrams, write_diagrams

from .topology_table import BETTI, read_topology, write_topology

if TYPE_CHECKING:
    from .describe import FieldTopology


class Shape(Protocol):
    """What a frame is written of, such as a `SyntheticShape` (importing that needs torch)."""

    @property
    def vertices(self) -> NDArray[np.float32]:
        """(V, 3)."""

    @property
    def faces(self) -> NDArray[np.int64]:
        """(F, 3)."""

    @property
    def topology(self) -> FieldTopology:
        """Of its field."""


class Frame(NamedTuple):
    """A shape of an interpolation.

    Attributes:
        name: of its files.
        diagram: of its field.
        betti: pieces, handles and cavities of the solid.
        generated: what the diagram generator makes of its code, if one was asked.
    """

    name: str
    diagram: StoredDiagram
    betti: tuple[int, int, int]
    generated: StoredDiagram | None = None


def write_frames(
    folder: str | Path,
    codes: NDArray[np.float32],
    shapes: Iterable[Shape],
    generated: Sequence[HasPoints] | None = None,
) -> None:
    """Write the frames of an interpolation.

    Args:
        folder: made if needed.
        codes: (frames, d).
        shapes: one for each code.
        generated: diagrams that a diagram generator makes of the codes.
    """
    import trimesh  # half a second, and figures only read frames

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{i:03d}" for i in range(len(codes))]
    described = []
    for name, shape in zip(names, shapes, strict=True):
        mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
        mesh.export(folder / f"{name}.ply")
        described.append(shape.topology)
    with whole(folder / "codes.npy") as file:
        np.save(file, codes)
    write_diagrams(folder / "diagrams.parquet", names, [each.diagram for each in described])
    write_topology(folder / "topology.csv", names, described)
    if generated is not None:
        write_diagrams(folder / "generated.parquet", names, generated)


def read_frames(folder: str | Path) -> list[Frame]:
    """The frames of an interpolation, in order."""
    folder = Path(folder)
    table = read_topology(folder / "topology.csv")
    names = table.index.tolist()
    asked = folder / "generated.parquet"
    parts = (
        names,
        read_diagrams(folder / "diagrams.parquet", names),
        map(tuple, table[BETTI].to_numpy().tolist()),
        read_diagrams(asked, names) if asked.exists() else [None] * len(names),
    )
    return [Frame(*each) for each in zip(*parts, strict=True)]
