"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Grid = Annotated[
    int, typer.Option(min=8, max=512, help="Resolution: vertices along each edge of the grid.")
]
UpAxis = Annotated[
    Literal["x", "y", "z", "-x", "-y", "-z"],
    typer.Option(help="Which axis of the meshes points upward."),
]
Source = Annotated[
    str,
    typer.Argument(
        metavar="GENERATOR",
        help="One that comes with Toposhape (chair, table, sofa), a .safetensors file, its folder, "
        "or RUN:CATEGORY/METHOD as in results/chairs:chair/Ours-DeepSDF.",
    ),
]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder for what is written; new or empty.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option(help="Where networks run; auto: on a GPU if there is one."),
]
Format = Annotated[
    Literal["glb", "ply", "obj"], typer.Option("--format", help="File format of the meshes.")
]
