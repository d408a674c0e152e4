"""The gallery: the first synthetic shapes and one interpolation of every method, on one page."""

from running import start

job = start(snakemake)

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from toposhape.publication.gallery.page import GalleryShape, GalleryWalk, gallery_page
from toposhape.publication.samples_figure import read_meshes
from toposhape.publication.summary import count_shapes
from toposhape.publication.traceability import write_sidecar
from toposhape.topology.tables import read_diagrams

params, given = job.params, job.input
used = [*given.diagrams, *given.topology, *given.test_diagrams]  # grows by the meshes


def gallery_shapes(
    category: str, method: str, files: list[Path], diagrams: Path, topology: Path, draw: int | None
) -> Iterator[GalleryShape]:
    """The shapes of some mesh files; their counts are the first lines of the table."""
    names = [file.stem for file in files]
    counts = pd.read_csv(topology)[["b0", "b1", "b2"]].to_numpy()[: len(files)].tolist()
    parts = (names, read_meshes(files), read_diagrams(diagrams, names, set_number=draw), counts)
    used.extend(files)
    for name, mesh, diagram, betti in zip(*parts, strict=True):
        yield GalleryShape(category, method, name, mesh, diagram, tuple(betti))


shapes = [
    shape
    for (category, method), folder, diagrams, topology in zip(
        params.generators, given.meshes, given.diagrams, given.topology, strict=True
    )
    for shape in gallery_shapes(
        category, method, sorted(Path(folder).glob("*.ply"))[: params.shapes], diagrams, topology, 0
    )
]
walks = []
for (category, method), folder in zip(params.walking, map(Path, given.walks), strict=True):
    files, diagrams, topology = (
        folder.glob("*.ply"),
        folder / "diagrams.parquet",
        folder / "topology.csv",
    )
    frames = gallery_shapes(category, method, sorted(files), diagrams, topology, None)
    walks.append(GalleryWalk(list(frames), ("000", "001")))
    used += [diagrams, topology]

test_diagrams = {}
for category, diagrams, split in zip(
    params.categories, given.test_diagrams, given.splits, strict=True
):
    test = json.loads(Path(split).read_text())["test"]
    test_diagrams[category] = dict(zip(test, read_diagrams(diagrams, test), strict=True))

page = gallery_page(params.title, shapes, walks, test_diagrams, side=params.side)
Path(job.output.page).write_text(page, encoding="utf-8")
parts = zip(params.categories, given.manifests, given.splits, strict=True)
write_sidecar(
    job.output.page,
    inputs=[*used, *given.manifests, *given.splits, *given.trainings],
    config_digest=params.config_digest,
    training_seeds=params.training_seeds,
    draws=1,
    shapes={category: count_shapes(manifest, split) for category, manifest, split in parts},
    trainings=given.trainings,
)
