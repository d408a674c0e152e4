"""The gallery: the first synthetic shapes and some interpolations, on one page."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd
from sidecars import write_sidecars

from toposhape.evaluation.frames import COUNTS, read_frames
from toposhape.publication.gallery.page import GalleryShape, GalleryWalk, gallery_page
from toposhape.publication.portraits import read_portraits
from toposhape.topology.tables import read_diagrams

params, given = job.params, job.input
shapes = []
for origin, folder, stored, topology in zip(
    params.generators, given.pictures, given.diagrams, given.topology, strict=True
):
    portraits = read_portraits(folder, params.shapes)
    diagrams = read_diagrams(stored, list(portraits), set_number=0)
    counts = pd.read_csv(topology).query("draw == 0").set_index("shape")[COUNTS]
    shapes += [
        GalleryShape(*origin, name, portrait, diagram, tuple(counts.loc[int(name)].tolist()))
        for (name, portrait), diagram in zip(portraits.items(), diagrams, strict=True)
    ]
walks = []
for origin, pictures, folder in zip(params.walking, given.walk_pictures, given.walks, strict=True):
    portraits = read_portraits(pictures)
    frames = [
        GalleryShape(*origin, frame.name, portraits[frame.name], frame.diagram, frame.betti)
        for frame in read_frames(folder)
    ]
    walks.append(GalleryWalk(frames, ("000", "001")))

test_diagrams = {}
for category, diagrams, split in zip(
    params.categories, given.test_diagrams, given.splits, strict=True
):
    test = json.loads(Path(split).read_text())["test"]
    test_diagrams[category] = dict(zip(test, read_diagrams(diagrams, test), strict=True))

page = gallery_page(params.title, shapes, walks, test_diagrams, side=params.side)
Path(job.output.page).write_text(page, encoding="utf-8")
write_sidecars(job)
