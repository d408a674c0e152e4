"""`toposhape diagram`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .options import Grid, UpAxis
from .output import AsJson, complain, say, show_json, show_table, tracked

if TYPE_CHECKING:
    from toposhape.jobs.diagrams import FieldDiagram

DEGREES = ("piece", "handle", "cavity")
DEGREES_OF_IMAGES = ("piece", "hole")

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Meshes (glb, ply, obj, off, stl), volumes (npy, npz, tif, nrrd, nii), images (png, "
        "jpg); - is a volume in npy format from stdin.",
    ),
]


def diagram(
    files: Files,
    level: Annotated[
        float | None,
        typer.Option(
            help="Where Betti numbers are counted. Left out: 0, or mid-range if 0 is not in it."
        ),
    ] = None,
    filtration: Annotated[
        Literal["superlevel", "sublevel"],
        typer.Option(
            help="superlevel: {f >= t} as t falls, large values are inside; sublevel: {f <= t}."
        ),
    ] = "superlevel",
    complex: Annotated[
        Literal["freudenthal", "cubical"],
        typer.Option(
            help="Cells between vertices: cut into tetrahedra (triangles), or whole cubes."
        ),
    ] = "freudenthal",
    min_persistence: Annotated[
        float | None,
        typer.Option(
            help="Least persistence of a point. Left out: 0.01 for meshes, else 1 % of the range."
        ),
    ] = None,
    grid: Grid = 64,
    up: UpAxis = "y",
    array: Annotated[
        str | None, typer.Option(help="Name of the array, where an .npz file has several.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=0, help="Points in the table and in FILE_where.glb.")
    ] = 12,
    picture: Annotated[bool, typer.Option("--picture", help="Write FILE_diagram.png.")] = False,
    where: Annotated[
        bool,
        typer.Option(
            "--where", help="Write FILE_where.glb: spheres where points are born and die."
        ),
    ] = False,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for what is written.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """Persistence diagrams: Betti numbers, points, pictures.

    The field of a mesh is the depth below its surface, in units in which its farthest vertex lies
    at 1 / 1.03: Betti numbers at 0 are pieces, handles and cavities of the solid on the grid.
    """
    from toposhape.jobs.diagrams import describe_field, read_field
    from toposhape.shapes.ids import unique_ids

    stems = ["stdin" if name == "-" else Path(name.removesuffix(".gz")).stem for name in files]
    pictures = unique_ids([f"{stem}_diagram" for stem in stems], files)
    places = unique_ids([f"{stem}_where" for stem in stems], files)
    written: list[dict[str, Any]] = []
    failed = False
    named = zip(files, pictures, places, strict=True)
    for source, in_picture, in_space in tracked(named, len(files), "diagrams"):
        try:
            field = read_field(source, resolution=grid, up=up, array=array)
            found = describe_field(
                field,
                filtration=filtration,
                level=level,
                complex=complex,
                min_persistence=min_persistence,
            )
            made = _write(
                found,
                out / f"{in_picture}.png" if picture else None,
                out / f"{in_space}.glb" if where else None,
                most,
            )
        except (ValueError, OSError, ImportError) as error:
            if len(files) == 1:
                raise
            failed = True
            written.append({"file": source, "error": str(error)})
            complain(error)
            continue
        written.append(found.as_json() | made)
        if not as_json:
            _show(found, made, most)
    if as_json:
        show_json(written)
    if failed:
        raise typer.Exit(1)


def _write(
    found: FieldDiagram, picture: Path | None, where: Path | None, most: int
) -> dict[str, str]:
    """Write what is asked for; returns where it is."""
    from toposhape.jobs.diagram_pictures import write_critical_vertices, write_diagram_picture

    made = {}
    if picture:
        write_diagram_picture(found, picture)
        made["picture"] = str(picture)
    if where:
        write_critical_vertices(found, where, most)
        made["where"] = str(where)
    return made


def _show(found: FieldDiagram, made: dict[str, str], most: int) -> None:
    field = found.field
    pieces, handles, cavities = found.betti
    sign = ">=" if found.filtration == "superlevel" else "<="
    holes = (
        f"holes {handles}" if field.kind == "image" else f"handles {handles}, cavities {cavities}"
    )
    grid = f"{field.kind} {' x '.join(map(str, field.values.shape))}"
    say(f"{field.name}: pieces {pieces}, {holes} ({grid}, values {sign} {found.level:.4g})")
    if field.mesh_betti and field.mesh_betti != found.betti:
        say("  by its triangles: pieces {}, handles {}, cavities {}".format(*field.mesh_betti))
    names = DEGREES_OF_IMAGES if field.kind == "image" else DEGREES
    rows = [
        (
            names[point.degree],
            point.birth,
            "never" if point.death is None else point.death,
            None if point.death is None else point.persistence,
            _place(point.birth_vertex),
            _place(point.death_vertex),
        )
        for point in found.points[:most]
    ]
    columns = ("", "birth", "death", "persistence", "born at", "dies at")
    if rows:
        show_table("", columns, rows)
    if len(found.points) > len(rows):
        say(f"  {len(found.points) - len(rows)} shorter ones are left out (--most)")
    for path in made.values():
        say(f"  {path}")


def _place(vertex: tuple[int, ...] | None) -> str:
    return "" if vertex is None else " ".join(map(str, vertex))
