"""Shapes of a trained generator for people: as many as are wanted, and such as are wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import trimesh
from numpy.typing import NDArray
from PIL import Image

from toposhape.base.files import whole
from toposhape.evaluation.describe import FIELDS_AT_A_TIME, FieldTopology, describe_fields
from toposhape.evaluation.topology_table import write_topology
from toposhape.generators.contract import Generator, fields_of
from toposhape.publication.pictures.grid import picture_grid
from toposhape.publication.pictures.pictures import picture
from toposhape.publication.pictures.pieces import Mesh
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface
from toposhape.topology.repair import Change, repair
from toposhape.topology.tables import write_diagrams

from .generator_files import Drawing
from .synthesis import codes_of_row
from .wanted import until_wanted

PIXELS = 240

MeshFormat = Literal["glb", "ply", "obj"]


class Drawn(NamedTuple):
    """A shape of a generator.

    Attributes:
        code: (d,).
        surface: of its field, in the shape frame.
        topology: what its field is like, after repair.
        changes: what repair has done.
        draws: how many codes were drawn for it.
    """

    code: NDArray[np.float32]
    surface: Mesh
    topology: FieldTopology
    changes: Sequence[Change] = ()
    draws: int = 1


def shapes_of_codes(
    generator: Generator,
    codes: NDArray[np.float32],
    *,
    resolution: int,
    repaired: bool = False,
    topology: Topology | None = None,
) -> Iterator[Drawn]:
    """Make the shapes of codes, one after the other.

    Args:
        generator: of any family that makes fields.
        codes: (n, d).
        resolution: R of the fields.
        repaired: whether fields are repaired (`topology.repair`) before they are looked at.
        topology: how diagrams are made; the default run's if None.

    Raises:
        ValueError: if the generator makes point clouds.
    """
    topology = topology or Topology()
    for first in range(0, len(codes), FIELDS_AT_A_TIME):
        block = codes[first : first + FIELDS_AT_A_TIME]
        fields, changes = [], []
        for field in fields_of(generator.shapes(block, resolution)):
            mended = repair(field, mirrored=generator.mirrored) if repaired else None
            fields.append(field if mended is None else mended.field)
            changes.append([] if mended is None else mended.changes)
        described = describe_fields(np.stack(fields), topology)
        for i, of_field in enumerate(described):
            surface = Mesh(*extract_surface(fields[i]))
            yield Drawn(block[i], surface, of_field, changes[i])


def drawn_shapes(
    generator: Generator,
    drawing: Drawing,
    number: int,
    seed: int,
    *,
    resolution: int,
    most_draws: int | None = None,
) -> Iterator[Drawn]:
    """Shapes of a seed, each drawn again until it is as wanted; fewer where draws end before.

    Args:
        generator: of any family that makes fields.
        drawing: how codes are drawn and what is done with shapes.
        number: of shapes.
        seed: of the codes.
        resolution: R of the fields.
        most_draws: codes that are drawn for all shapes; as many as `drawing` says if None.

    Raises:
        ValueError: if the generator makes point clouds.
    """
    most = drawing.draws(number) if most_draws is None else most_draws
    number = min(number, most)
    row = {"prior": drawing.prior, **drawing.settings}
    codes = codes_of_row(generator, row, 1, number, seed)

    def made(of_codes: NDArray[np.float32], _: int) -> Iterator[Drawn]:
        return shapes_of_codes(generator, of_codes, resolution=resolution, repaired=drawing.repair)

    for shape, draws in until_wanted(
        made, lambda attempt: codes(attempt)[0], drawing.wanted, most, drawing.best
    ):
        if drawing.wanted.accepts(shape.topology):
            yield shape._replace(draws=draws)


def require_empty(folder: str | Path) -> Path:
    """The folder, if nothing is in it: what is written must not mix with what was there.

    Raises:
        FileExistsError: if something is.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there and not empty: choose another with -o")
    return folder


def write_drawn(
    folder: str | Path, shapes: Sequence[Drawn], mesh_format: MeshFormat, sheet: bool
) -> None:
    """Write meshes 000, 001, ... and all that is known of them.

    Beside the meshes: `codes.npy` (n, d); `diagrams.parquet` and `topology.csv` (docs/formats.md);
    `shapes.csv`, of each shape its draws and what repair did; `sheet.png`, pictures of all.

    Args:
        folder: made if needed.
        shapes: one at least.
        mesh_format: suffix of the meshes.
        sheet: whether pictures are made.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{i:03d}" for i in range(len(shapes))]
    for name, shape in zip(names, shapes, strict=True):
        write_mesh(folder / f"{name}.{mesh_format}", shape.surface)
    with whole(folder / "codes.npy") as file:
        np.save(file, np.stack([shape.code for shape in shapes]))
    write_diagrams(folder / "diagrams.parquet", names, [s.topology.diagram for s in shapes])
    write_topology(folder / "topology.csv", names, [s.topology for s in shapes])
    with whole(folder / "shapes.csv") as file:
        pd.DataFrame(drawn_rows(shapes)).to_csv(file, index=False)
    if sheet:
        write_sheet(folder / "sheet.png", [shape.surface for shape in shapes])


def drawn_rows(shapes: Sequence[Drawn]) -> list[dict[str, str | int]]:
    """Of each shape its name, draws, Betti numbers, and how often repair did what."""
    return [
        {
            "shape": f"{i:03d}",
            "draws": shape.draws,
            **dict(zip(("pieces", "handles", "cavities"), shape.topology.betti, strict=True)),
            **{
                kind: sum(change.kind == kind for change in shape.changes)
                for kind in ("bridged", "removed", "filled", "left")
            },
        }
        for i, shape in enumerate(shapes)
    ]


def write_mesh(path: str | Path, surface: Mesh) -> None:
    """Write a surface in the format of the suffix; PLY and OBJ may be empty, GLB becomes a point.

    glTF knows no mesh without faces.
    """
    path = Path(path)
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    if len(mesh.faces) == 0 and path.suffix == ".glb":
        mesh = trimesh.Trimesh(np.zeros((3, 3)), [[0, 1, 2]], process=False)
    with whole(path) as file:
        mesh.export(file, file_type=path.suffix[1:])


def write_sheet(path: str | Path, surfaces: Sequence[Mesh], columns: int | None = None) -> None:
    """Write pictures of surfaces, row by row; loose pieces are red."""
    columns = columns or min(len(surfaces), max(4, round(len(surfaces) ** 0.5)))
    rows = -(-len(surfaces) // columns)
    sheet = picture_grid([picture(each, PIXELS) for each in surfaces], rows, columns)
    with whole(path) as file:
        Image.fromarray(sheet).save(file)
