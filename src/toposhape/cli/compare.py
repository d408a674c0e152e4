"""`toposhape compare`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Grid, UpAxis
from .output import AsJson, note, say, show_json, show_table


def compare(
    reference: Annotated[Path, typer.Argument(metavar="A", help="Folder of meshes: the truth.")],
    synthetic: Annotated[
        Path, typer.Argument(metavar="B", help="Folder of meshes: what is judged.")
    ],
    page: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="HTML page to write, with scores and worst shapes."),
    ] = None,
    grid: Grid = 64,
    points: Annotated[
        int, typer.Option(min=16, help="Points on each surface, for Chamfer distances.")
    ] = 2048,
    samples: Annotated[
        int, typer.Option(min=20, help="Random halves, for intervals and floor.")
    ] = 200,
    worst: Annotated[
        int, typer.Option(min=0, help="How many of the worst shapes of each kind the page shows.")
    ] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Of the points and halves drawn.")] = 0,
    up: UpAxis = "y",
    as_json: AsJson = False,
) -> None:
    """Every score of the tables for two folders of meshes, with intervals and the floor.

    Every mesh is normalised by itself, as in the pipeline.
    """
    from toposhape.base.files import write_atomically
    from toposhape.evaluation.metrics import METRICS
    from toposhape.jobs import comparison
    from toposhape.publication.comparison_page import Line

    sides = [
        comparison.read_side(
            folder, resolution=grid, points=points, up=up, progress=sys.stderr.isatty()
        )
        for folder in (reference, synthetic)
    ]
    for side in sides:
        for shape, reason in side.rejected.items():
            note(f"toposhape: {side.folder}: {shape} is left out: {reason}")
    compared = comparison.compare_sides(*sides, samples=samples, seed=seed)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(page, comparison.page_of(compared, worst).encode())
    if as_json:
        show_json(compared.as_json() | {"page": page and str(page)})
        return
    lines = [Line(METRICS[name], *score).cells() for name, score in compared.scores.items()]
    columns = ("score", "B against A", "95 %", "halves of B and A", "halves of A", "better")
    show_table("", columns, lines)
    say(f"{len(compared.synthetic.names)} meshes of each{f'; {page}' if page else ''}")
