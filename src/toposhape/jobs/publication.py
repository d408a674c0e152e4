"""What figures and the gallery show, read from a run's files; drawing is left to publication."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load_file

from toposhape.evaluation.frames import read_frames
from toposhape.evaluation.topology_table import BETTI, read_topology
from toposhape.publication.figures.barcodes import Example
from toposhape.publication.figures.interpolation import Step
from toposhape.publication.figures.latents import LatentMap
from toposhape.publication.figures.matrices import Matrix
from toposhape.publication.gallery.page import GalleryShape, GalleryWalk
from toposhape.publication.pictures.evenly import evenly
from toposhape.publication.pictures.portraits import read_pictures, read_portraits
from toposhape.shapes.prepared import open_rows
from toposhape.topology.tables import StoredDiagram, read_diagrams

KINDS = ("second piece", "handle", "cavity")
"""What a point of each degree means."""


def ids_of(split: str | Path, part: str) -> list[str]:
    """Ids of the shapes for `training`, `validation` or `test`."""
    ids: list[str] = json.loads(Path(split).read_text(encoding="utf-8"))[part]
    return ids


def betti_numbers(topology: str | Path, shapes: Sequence[str] | None = None) -> NDArray[np.int64]:
    """(n, 3) pieces, handles and cavities of some shapes, or of all in a table."""
    return read_topology(topology, shapes)[BETTI].to_numpy()


def diagrams_of_part(
    diagrams: str | Path, split: str | Path, part: str
) -> dict[str, StoredDiagram]:
    """Diagrams of the shapes of a part of the split, by id."""
    shapes = ids_of(split, part)
    return dict(zip(shapes, read_diagrams(diagrams, shapes), strict=True))


def diagrams_of_first_draw(diagrams: str | Path, count: int) -> list[StoredDiagram]:
    """Diagrams of the first set of synthetic shapes.

    Args:
        diagrams: diagrams.parquet.
        count: of shapes in a set.
    """
    return read_diagrams(diagrams, [f"{i:03d}" for i in range(count)], set_number=0)


def examples(pictures: str | Path, diagrams: str | Path, most: int) -> list[Example]:
    """The first synthetic shapes, each with its picture and its diagram."""
    portraits = read_portraits(pictures, most)
    stored = read_diagrams(diagrams, list(portraits), set_number=0)
    return [
        Example(portrait.picture, diagram)
        for portrait, diagram in zip(portraits.values(), stored, strict=True)
    ]


def steps(frames: str | Path, pictures: str | Path) -> list[Step]:
    """The shapes of an interpolation with their pictures, for figure 2."""
    return [
        Step(picture, frame.diagram, *frame.betti[:2], frame.generated)
        for picture, frame in zip(read_pictures(pictures), read_frames(frames), strict=True)
    ]


def stored_matrices(
    path: str | Path, method: str, diagrams: str | Path, split: str | Path
) -> tuple[list[StoredDiagram], list[Matrix]]:
    """Figure 3's matrices, and the diagrams of the training shapes in their rows."""
    with np.load(path, allow_pickle=False) as stored:
        matrices = [
            Matrix(f"Synthetic shapes of {method}", stored["shapes"]),
            Matrix("Generated diagrams of the same codes", stored["diagrams"]),
        ]
    training = ids_of(split, "training")[: len(matrices[0].distances)]
    return read_diagrams(diagrams, training), matrices


def latent_map(
    topology: str | Path,
    training: str | Path,
    weights: str | Path,
    codes: str | Path,
    synthetic: str | Path,
) -> LatentMap:
    """Where a generator's training shapes and synthetic codes lie, with handles.

    Args:
        topology: topology.csv of the prepared shapes.
        training: generator.json, which names the shapes.
        weights: generator.safetensors with the codes' means.
        codes: codes.npy of synthetic shapes.
        synthetic: their topology.csv.
    """
    shapes = json.loads(Path(training).read_text(encoding="utf-8"))["shapes"]
    drawn = open_rows(codes)
    return LatentMap(
        load_file(weights)["codes.means"],
        read_topology(topology, shapes)["b1"].to_numpy(),
        drawn.reshape(-1, drawn.shape[-1]),
        read_topology(synthetic).sort_index()["b1"].to_numpy(),
    )


def training_curves(
    histories: Mapping[str, str | Path], trainings: Iterable[str | Path]
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Histories by name, and why each training ended, from its metadata."""
    read = {name: pd.read_csv(path) for name, path in histories.items()}
    endings = [
        json.loads(Path(path).read_text(encoding="utf-8"))["stop_reason"] for path in trainings
    ]
    return read, dict(zip(read, endings, strict=True))


def gallery_shapes(
    category: str,
    method: str,
    pictures: str | Path,
    diagrams: str | Path,
    topology: str | Path,
    most: int,
) -> list[GalleryShape]:
    """The first synthetic shapes of a generator."""
    portraits = read_portraits(pictures, most)
    stored = read_diagrams(diagrams, list(portraits), set_number=0)
    counts = read_topology(topology).loc[0].loc[list(portraits), BETTI].to_numpy()
    return [
        GalleryShape(category, method, name, portrait, diagram, tuple(betti.tolist()))
        for (name, portrait), diagram, betti in zip(portraits.items(), stored, counts, strict=True)
    ]


def dead_degree_notes(
    generators: Iterable[tuple[str, str]], trainings: Iterable[str | Path]
) -> list[str]:
    """What the gallery says of generators that go without a degree.

    Args:
        generators: (category, method) of each.
        trainings: generator.json of each.
    """
    return [
        f"{method}, {category}: its diagram generator makes no {KINDS[degree]}, which few "
        "training shapes have; nothing pulled these shapes towards having one."
        for (category, method), path in zip(generators, trainings, strict=True)
        for degree in json.loads(Path(path).read_text(encoding="utf-8")).get("dead_degrees", ())
    ]


def pieces_heading(topology: str | Path, split: str | Path, exported: int, shown: int) -> str:
    """The heading of the training shapes in figure 1: how many of those shown fall apart.

    Thin parts between two vertices of the grid are not in it, so a shape that is whole as a mesh
    may be several pieces there.

    Args:
        topology: topology.csv of the prepared shapes.
        split: whose training shapes.
        exported: how many there are pictures of.
        shown: how many of these the figure has.
    """
    shapes = evenly(evenly(ids_of(split, "training"), exported), shown)
    torn = int((read_topology(topology, shapes)["b0"] > 1).sum())
    return f"training shapes ({torn} of {len(shapes)} in pieces on the grid)"


def gallery_walk(
    category: str, method: str, pictures: str | Path, frames: str | Path
) -> GalleryWalk:
    """The way between the first two synthetic shapes of a generator."""
    portraits = read_portraits(pictures)
    shown = [
        GalleryShape(category, method, each.name, portraits[each.name], each.diagram, each.betti)
        for each in read_frames(frames)
    ]
    return GalleryWalk(shown, ("000", "001"))
