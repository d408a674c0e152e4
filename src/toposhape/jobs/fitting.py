"""Codes for given meshes, and ways between codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.evaluation.describe import FieldTopology, describe_fields
from toposhape.evaluation.interpolation import codes_between, codes_on_arc
from toposhape.generators.contract import Examples, Generator, fields_of
from toposhape.generators.families import FAMILIES
from toposhape.publication.pictures.pieces import Mesh
from toposhape.settings.implicit import Reconstruction
from toposhape.settings.topology import Topology
from toposhape.shapes.grids import Grid
from toposhape.shapes.normalisation import Transform, Up
from toposhape.shapes.sampling import sample_signed_distance, sample_surface
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.topology.repair import repair

from .generator_files import Drawing
from .sampling import MeshFormat, drawn_shapes, write_mesh, write_sheet
from .solids import ReadSolid, read_solid

SAMPLES = 50_000  # of a mesh's signed distance
SURFACE_POINTS = 10_000  # of each side of a Chamfer distance


class Given(NamedTuple):
    """A mesh to which a code is fitted.

    Attributes:
        name: of the file.
        read: the solid.
        field: its signed distance (R, R, R).
        surface: (P, 3) points of it, in random order.
    """

    name: str
    read: ReadSolid
    field: NDArray[np.float32]
    surface: NDArray[np.float32]


class Fitted(NamedTuple):
    """What a generator makes of a mesh.

    Attributes:
        name: of the file.
        transform: from the file's units, upright, to the shape frame.
        given: the given surface as the grid shows it, in the shape frame.
        made: the generator's surface, in the shape frame.
        code: (d,), if the family has codes that can be fitted.
        chamfer: distance of both, in squared normalised units.
        given_topology: of the given field.
        made_topology: of the generator's field.
    """

    name: str
    transform: Transform
    given: Mesh
    made: Mesh
    code: NDArray[np.float32] | None
    chamfer: float
    given_topology: FieldTopology
    made_topology: FieldTopology

    def made_in_file_units(self) -> Mesh:
        """The generator's surface where the given one was."""
        return Mesh(self.transform.invert(self.made.vertices), self.made.faces)


def fit_mesh(
    generator: Generator,
    path: str | Path,
    *,
    resolution: int,
    settings: Reconstruction,
    up: Up = "y",
    seed: int = 0,
    repaired: bool = False,
) -> Fitted:
    """Make the shape of a generator that comes nearest to a mesh.

    Args:
        generator: of any family.
        path: the mesh file.
        resolution: R of the fields.
        settings: of fitting codes, for families that have some.
        up: the mesh's axis that points upward.
        seed: of what is drawn.
        repaired: whether what the generator makes is repaired (`topology.repair`).

    Raises:
        MeshRejected: if the file cannot become a solid.
    """
    given = _read(path, resolution, up, seed)
    examples = _examples(given, seed)
    code = None
    if FAMILIES[generator.family].has_codes:
        code = generator.fit_codes(examples, settings, seed)[0]
        (field,) = fields_of(generator.shapes(code[None], resolution))
    else:
        (field,) = fields_of(generator.reconstruct(examples, resolution, settings, seed))
    if repaired:
        field = repair(field, mirrored=generator.mirrored).field
    vertices, faces = extract_surface(field)
    made = Mesh(vertices, faces)
    described = describe_fields(np.stack([given.field, field]), Topology())
    points = surface_points(vertices, faces, SURFACE_POINTS, seed)
    return Fitted(
        given.name,
        given.read.transform,
        Mesh(*extract_surface(given.field)),
        made,
        code,
        chamfer_distance(points, given.surface),
        *described,
    )


def fitted_rows(fitted: Mapping[str, Fitted]) -> list[dict[str, str | float]]:
    """Of each mesh the distance, and Betti numbers by the grid before and after."""
    return [
        {
            "shape": name,
            "file": each.name,
            "chamfer_x1000": 1000 * each.chamfer,
            "given": " ".join(map(str, each.given_topology.betti)),
            "made": " ".join(map(str, each.made_topology.betti)),
        }
        for name, each in fitted.items()
    ]


def write_fitted(folder: str | Path, fitted: Mapping[str, Fitted], mesh_format: MeshFormat) -> None:
    """Write meshes in their files' units, upright; `fitted.csv`; `codes.npy`; `sheet.png`.

    The sheet has given shapes above and made ones below.

    Args:
        folder: made if needed.
        fitted: by the names of the files to write, one at least.
        mesh_format: suffix of the meshes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, each in fitted.items():
        write_mesh(folder / f"{name}.{mesh_format}", each.made_in_file_units())
    with whole(folder / "fitted.csv") as file:
        pd.DataFrame(fitted_rows(fitted)).to_csv(file, index=False)
    codes = [each.code for each in fitted.values() if each.code is not None]
    if codes:
        with whole(folder / "codes.npy") as file:
            np.save(file, np.stack(codes))
    pictures = [each.given for each in fitted.values()] + [each.made for each in fitted.values()]
    write_sheet(folder / "sheet.png", pictures, columns=len(fitted))


def code_of(
    generator: Generator,
    end: str,
    drawing: Drawing,
    *,
    settings: Reconstruction,
    resolution: int,
    up: Up = "y",
) -> NDArray[np.float32]:
    """The code of one end of a way: of a seed, or fitted to a mesh.

    Args:
        generator: of any family; one whose codes can be fitted for a mesh.
        end: a whole number, whose code is that of its first shape as `drawn_shapes` takes it, or a
            file.
        drawing: how shapes of numbers are drawn.
        settings: of fitting.
        resolution: R of the fields by which it is seen whether a shape is as wanted.
        up: the mesh's axis that points upward.

    Raises:
        ValueError: if the generator has no codes to fit, the end is neither, or none of the draws
            of a number is as wanted.
        MeshRejected: if the file cannot become a solid.
    """
    if end.isdecimal():
        for shape in drawn_shapes(generator, drawing, 1, int(end), resolution=resolution):
            return shape.code
        draws = drawing.draws(1)
        raise ValueError(
            f"seed {end}: none of its {draws} draws is {drawing.wanted.words()}: try another"
        )
    if not Path(end).exists():
        raise ValueError(f"{end}: neither a seed, a whole number from 0 on, nor a mesh file")
    examples = _examples(_read(end, 64, up, 0), 0)
    code: NDArray[np.float32] = generator.fit_codes(examples, settings, 0)[0]
    return code


def way_between(
    first: NDArray[np.float32], last: NDArray[np.float32], count: int, on_sphere: bool
) -> tuple[NDArray[np.float32], Literal["arc", "line"]]:
    """Codes from one end to the other, and how they lie.

    Between codes of N(0, I) or of the kernel density, which lie near a sphere, they lie on the
    great arc; fitted codes may lie anywhere, and the way is straight.
    """
    if on_sphere:
        return codes_on_arc(first, last, count), "arc"
    return codes_between(first, last, count), "line"


def _read(path: str | Path, resolution: int, up: Up, seed: int) -> Given:
    read = read_solid(path, up)
    random = np.random.default_rng([seed, 0xF1])
    surface = sample_surface(read.solid, SURFACE_POINTS, random)
    return Given(str(path), read, read.field(resolution), surface)


def _examples(given: Given, seed: int) -> Examples:
    random = np.random.default_rng([seed, 0xF2])
    samples = sample_signed_distance(given.read.solid, Grid(given.field), SAMPLES, random)
    return Examples([given.name], {given.name: samples}, {given.name: given.surface})
