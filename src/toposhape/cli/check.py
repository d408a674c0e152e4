"""`toposhape check`."""

from pathlib import Path
from typing import Annotated

import typer

from .options import Grid, UpAxis
from .output import AsJson, say, show_json, show_table, tracked


def check(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Meshes in it and in folders below.")
    ],
    grid: Grid = 64,
    up: UpAxis = "y",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Number of processes. Left out: one for each core.")
    ] = None,
    remarked: Annotated[
        bool, typer.Option("--remarked", help="List only meshes with remarks.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Whether meshes are fit for training: what is refused, pieces, handles, thin parts, copies."""
    from toposhape.jobs import checking

    total = len(checking.requested_meshes(folder))
    found = tracked(
        checking.check_folder(folder, resolution=grid, up=up, workers=workers), total, "meshes"
    )
    checked = checking.with_copies(list(found))
    counts = checking.summary(checked)
    shown = [each for each in checked if each.remarks or not remarked]
    if as_json:
        lines = [each._asdict() | {"remarks": each.remarks} for each in shown]
        show_json({"folder": str(folder), "grid": grid, "summary": counts, "meshes": lines})
        return
    columns = ("shape", "faces", "parts", "by triangles", "on the grid", "remarks")
    rows = [
        (
            each.shape,
            each.faces or None,
            each.parts or None,
            _numbers(each.mesh_betti),
            _numbers(each.betti),
            "; ".join(each.remarks),
        )
        for each in shown
    ]
    say(f"{folder}: pieces, handles, cavities by the triangles and on a grid of {grid}^3")
    show_table("", columns, rows)
    handles = ", ".join(f"{number}: {shapes}" for number, shapes in counts.pop("handles").items())
    say(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items()))
    if handles:
        say(f"shapes by number of handles on the grid: {handles}")


def _numbers(betti: tuple[int, ...] | None) -> str:
    return "" if betti is None else " ".join(map(str, betti))
