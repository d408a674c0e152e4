"""`toposhape sample`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .options import Device, Format, Grid, Out, Source
from .output import AsJson, note, say, show_json, show_table, tracked

REPAIRS = ("bridged", "removed", "filled", "left")


def sample(
    generator: Source,
    out: Out = Path("out"),
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many shapes.")] = 16,
    seed: Annotated[
        int, typer.Option(min=0, help="Of the random codes: the same seed, the same shapes.")
    ] = 0,
    grid: Grid = 64,
    prior: Annotated[
        Literal["normal", "posterior", "kernel_density", "interpolation", "filtered_density"]
        | None,
        typer.Option(
            help="Codes of N(0, I), of the posteriors of training shapes, near these "
            "(kernel_density: more shapes are in one piece), between two (interpolation: more "
            "stand, fewer kinds), or beside codes that were tried (filtered_density: most are "
            "whole and stand). Left out: as the run's row says, or normal; of generators that "
            "come with the package filtered_density."
        ),
    ] = None,
    away: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="How far from codes that were tried (jitter of filtered_density) or from those of "
            "training shapes (bandwidth of kernel_density) codes are drawn: the farther, the less "
            "like training shapes, and the more draws. Left out: as the run's row says; of "
            "generators that come with the package 0.05, or 0.5 of kernel_density.",
        ),
    ] = None,
    one_piece: Annotated[
        bool | None,
        typer.Option(
            "--one-piece/--no-one-piece",
            help="Draw until so many are in one piece. Left out: as the run's row says; those that "
            "come with the package do.",
            show_default=False,
        ),
    ] = None,
    stands: Annotated[
        bool | None,
        typer.Option(
            "--stands/--no-stands",
            help="Draw until so many would stand on the ground (y is up). Left out: as the run's "
            "row says; those that come with the package do.",
            show_default=False,
        ),
    ] = None,
    nothing_dangles: Annotated[
        bool | None,
        typer.Option(
            "--nothing-dangles/--no-nothing-dangles",
            help="Draw until of so many no part ends in the air, as torn legs do (y is up). Left "
            "out: as the run's row says; those that come with the package do.",
            show_default=False,
        ),
    ] = None,
    handles: Annotated[
        int | None, typer.Option(min=0, help="Draw until so many have this number of handles.")
    ] = None,
    best_of: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Of so many shapes near the same training shape take the one whose diagrams are "
            "nearest to those that the diagram generator has for its code. Left out: as the run's "
            "row says, or 1.",
        ),
    ] = None,
    repair: Annotated[
        bool | None,
        typer.Option(
            "--repair/--no-repair",
            help="Join loose pieces, or take them away. Left out: as the run's row says, or not.",
            show_default=False,
        ),
    ] = None,
    most_draws: Annotated[
        int | None,
        typer.Option(
            min=1, help="Give up after so many draws, of all shapes. Left out: 40 for each."
        ),
    ] = None,
    mesh_format: Format = "glb",
    sheet: Annotated[bool, typer.Option(help="Write sheet.png, pictures of all shapes.")] = True,
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Draw shapes from a trained generator: meshes, diagrams, codes."""
    from toposhape.jobs import sampling
    from toposhape.jobs.generator_files import find_generator

    sampling.require_empty(out)
    source = find_generator(generator)
    drawing = source.drawing(
        prior,
        repair,
        best_of,
        away,
        one_piece=one_piece,
        stands=stands,
        nothing_dangles=nothing_dangles,
        handles=handles,
    )
    draws = most_draws or drawing.draws(number)
    shapes = sampling.drawn_shapes(
        source.load(device), drawing, number, seed, resolution=grid, most_draws=draws
    )
    found = list(tracked(shapes, number, "shapes"))
    if found:
        sampling.write_drawn(out, found, mesh_format, sheet)
    made = sum(shape.draws for shape in found) if len(found) == number else draws
    rows = sampling.drawn_rows(found)
    if as_json:
        told = {"folder": str(out), "draws": made, "drawing": drawing.told()}
        show_json(told | {"shapes": rows})
    elif rows:
        columns = [
            name for name in rows[0] if name not in REPAIRS or any(row[name] for row in rows)
        ]
        show_table("", columns, [[row[name] for name in columns] for row in rows])
        how = f"; {source.row.trained_as} with {drawing.words()}" if source.row else ""
        say(f"{len(found)} shapes of {made} draws in {out}{how}")
        loose = sum(shape.topology.betti[0] > 1 for shape in found)
        if loose and not drawing.repair:
            say(f"in more than one piece: {loose}; --repair joins pieces, --one-piece draws on")
    if len(found) < number:
        note(
            f"toposhape: {len(found)} of {number} shapes in {made} draws are as wanted: "
            "raise --most-draws, add --repair, or want less"
        )
        raise typer.Exit(1)
