"""`toposhape fit` and `toposhape interpolate`: codes of given meshes, ways between codes."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Device, Format, Grid, Out, Source, UpAxis
from .output import AsJson, complain, say, show_json, show_table, tracked

Steps = Annotated[
    int, typer.Option(min=1, help="Optimisation steps when a code is fitted to a mesh.")
]


def fit(
    generator: Source,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Meshes, or scans of it.")],
    out: Out = Path("out"),
    grid: Grid = 64,
    steps: Steps = 300,
    up: UpAxis = "y",
    seed: Annotated[int, typer.Option(min=0, help="Of the sample points.")] = 0,
    mesh_format: Format = "glb",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Find the shape of a generator that comes nearest to a mesh, which may have holes."""
    from toposhape.jobs import fitting, sampling
    from toposhape.jobs.generator_files import find_generator
    from toposhape.settings.implicit import Reconstruction
    from toposhape.shapes.ids import unique_ids

    sampling.require_empty(out)
    source = find_generator(generator)
    loaded, repaired = source.load(device), source.drawing().repair
    settings = Reconstruction(steps=steps)
    names = unique_ids([file.stem for file in files], list(map(str, files)))
    fitted: dict[str, fitting.Fitted] = {}
    for file, name in tracked(zip(files, names, strict=True), len(files), "fitting"):
        try:
            fitted[name] = fitting.fit_mesh(
                loaded,
                file,
                resolution=grid,
                settings=settings,
                up=up,
                seed=seed,
                repaired=repaired,
            )
        except ValueError as error:
            if len(files) == 1:
                raise
            complain(error)
    rows = fitting.fitted_rows(fitted)
    if fitted:
        fitting.write_fitted(out, fitted, mesh_format)
    if as_json:
        show_json(rows)
    elif rows:
        show_table("", list(rows[0]), [list(row.values()) for row in rows])
        say(f"{len(rows)} shapes in {out}; Chamfer distances x 1000, in normalised units")
    if len(fitted) < len(files):
        raise typer.Exit(1)


def interpolate(
    generator: Source,
    first: Annotated[str, typer.Argument(metavar="A", help="A seed, or a mesh file.")],
    last: Annotated[str, typer.Argument(metavar="B", help="A seed, or a mesh file.")],
    out: Out = Path("out"),
    frames: Annotated[int, typer.Option(min=2, help="Shapes on the way, ends included.")] = 9,
    grid: Grid = 64,
    steps: Steps = 300,
    up: UpAxis = "y",
    mesh_format: Format = "glb",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Walk from one shape to another: a mesh of each step, and a strip of pictures.

    A seed stands for the first shape of `sample --seed`; a mesh is fitted first.
    """
    from toposhape.jobs import fitting, sampling
    from toposhape.jobs.generator_files import find_generator
    from toposhape.settings.implicit import Reconstruction

    sampling.require_empty(out)
    source = find_generator(generator)
    loaded, drawing = source.load(device), source.drawing()
    settings = Reconstruction(steps=steps)
    start, end = (
        fitting.code_of(loaded, each, drawing, settings=settings, resolution=grid, up=up)
        for each in (first, last)
    )
    on_sphere = first.isdecimal() and last.isdecimal() and drawing.prior != "interpolation"
    codes, way = fitting.way_between(start, end, frames, on_sphere)
    made = sampling.shapes_of_codes(loaded, codes, resolution=grid, repaired=drawing.repair)
    shapes = list(tracked(made, frames, "shapes"))
    sampling.write_drawn(out, shapes, mesh_format, sheet=False)
    sampling.write_sheet(out / "strip.png", [shape.surface for shape in shapes], columns=frames)
    rows = [
        {"shape": row["shape"], **{k: row[k] for k in ("pieces", "handles", "cavities")}}
        for row in sampling.drawn_rows(shapes)
    ]
    if as_json:
        show_json({"folder": str(out), "way": way, "shapes": rows})
        return
    show_table("", list(rows[0]), [list(row.values()) for row in rows])
    words = {"arc": "the great arc", "line": "a straight line"}[way]
    say(f"{frames} shapes along {words} in {out}")
