"""What figures show of shapes: surfaces of training shapes, pictures of the shapes of a folder."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import trimesh

from toposhape.publication.pictures.evenly import evenly
from toposhape.publication.pictures.pictures import portray_files


def export_examples(
    manifest: Path, grids: Sequence[Path], split: Path, folder: Path, number: int
) -> None:
    """Write surfaces of training shapes, evenly spread over their list, as NNN.ply.

    Args:
        manifest: the category's.
        grids: signed distances of the batches.
        split: whose training shapes.
        folder: is made.
        number: of shapes; all if there are fewer.
    """
    from toposhape.shapes.prepared import PreparedShapes  # pandas, which no picture needs
    from toposhape.shapes.surfaces import extract_surface

    fields = PreparedShapes(manifest, grids)
    training = json.loads(split.read_text(encoding="utf-8"))["training"]
    folder.mkdir(parents=True)
    for i, shape in enumerate(evenly(training, number)):
        surface = extract_surface(np.array(fields[shape]))
        trimesh.Trimesh(*surface, process=False).export(folder / f"{i:03d}.ply")


def picture_folder(meshes: Path, folder: Path, most: int, pixels: int) -> None:
    """Write portraits of the first meshes of a folder, in the order of their names.

    Args:
        meshes: the folder of PLY files.
        folder: is made.
        most: so many.
        pixels: width and height of a picture.
    """
    portray_files(sorted(meshes.glob("*.ply"))[:most], folder, pixels)
