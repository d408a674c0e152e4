"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Grid = Annotated[
    int, typer.Option(min=8, max=512, help="Vertices along an edge of the grid of a shape.")
]
UpAxis = Annotated[
    Literal["x", "y", "z", "-x", "-y", "-z"],
    typer.Option(help="The meshes' axis that points upward."),
]
Source = Annotated[
    str,
    typer.Argument(
        metavar="GENERATOR",
        help="One that comes with Toposhape (chair, table, sofa), a .safetensors file, its folder, "
        "or RUN:CATEGORY/METHOD as in results/chairs:chair/Ours-DeepSDF.",
    ),
]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder to write; new or empty.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(help="Where networks run; auto: a GPU if any.")
]
Format = Annotated[Literal["glb", "ply", "obj"], typer.Option("--format", help="Of the meshes.")]
