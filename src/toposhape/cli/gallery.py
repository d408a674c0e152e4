"""`toposhape gallery`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import Grid, UpAxis
from .output import AsJson, note, say, show_json


def gallery(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Meshes, or folders of meshes.")],
    page: Annotated[Path, typer.Option("-o", "--out", help="HTML page to write.")] = Path(
        "gallery.html"
    ),
    against: Annotated[
        Path | None,
        typer.Option(
            help="Folder of meshes: show how far each diagram is from the nearest one of these."
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, help="How many shapes of each folder.")] = 60,
    title: Annotated[
        str | None, typer.Option(help="Title of the page. Left out: the folder's name.")
    ] = None,
    grid: Grid = 64,
    up: UpAxis = "y",
    as_json: AsJson = False,
) -> None:
    """One page with all meshes of a folder: turn, cut open, sort, compare.

    If there is no mesh right in the folder, each folder in it is a group of its own.
    """
    from toposhape.base.files import write_atomically
    from toposhape.jobs import folder_gallery
    from toposhape.jobs.comparison import Side

    def read(place: Path, count: int | None) -> Side:
        side = folder_gallery.read_group(
            place, resolution=grid, up=up, most=count, progress=sys.stderr.isatty()
        )
        for shape, reason in side.rejected.items():
            note(f"toposhape: {place}: {shape} is left out: {reason}")
        return side

    groups = folder_gallery.gallery_groups(folder)
    sides = {name: read(place, most) for name, place in groups.items()}
    truth = read(against, None) if against else None
    html = folder_gallery.gallery_of_groups(title or folder.resolve().name, sides, truth)
    page.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(page, html.encode())
    counts = {name: len(side.names) for name, side in sides.items()}
    if as_json:
        rejected = {name: side.rejected for name, side in sides.items()}
        show_json({"page": str(page), "shapes": counts, "rejected": rejected})
        return
    say(f"{page}: {', '.join(f'{name} {count}' for name, count in counts.items())}")
