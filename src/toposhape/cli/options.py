"""Options that several commands have."""

from typing import Annotated, Literal

import typer

Grid = Annotated[
    int, typer.Option(min=8, max=512, help="Vertices along an edge of the grid of a shape.")
]
UpAxis = Annotated[
    Literal["x", "y", "z", "-x", "-y", "-z"],
    typer.Option(help="The meshes' axis that points upward."),
]
