"""The gallery: the first synthetic shapes and some interpolations, on one page."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.base.files import write_atomically
from toposhape.jobs.publication import (
    dead_degree_notes,
    diagrams_of_part,
    gallery_shapes,
    gallery_walk,
)
from toposhape.publication.gallery.page import gallery_page

params, given = job.params, job.input
files = zip(given.pictures, given.diagrams, given.topology, strict=True)
shapes = [
    shape
    for generator, of_generator in zip(params.generators, files, strict=True)
    for shape in gallery_shapes(*generator, *of_generator, params.shapes)
]
walks = [
    gallery_walk(*generator, pictures, frames)
    for generator, pictures, frames in zip(
        params.walking, given.walk_pictures, given.walks, strict=True
    )
]
test_diagrams = {
    category: diagrams_of_part(diagrams, split, "test")
    for category, diagrams, split in zip(
        params.categories, given.test_diagrams, given.splits, strict=True
    )
}
notes = dead_degree_notes(params.trained, given.trainings)
page = gallery_page(params.title, shapes, walks, test_diagrams, side=params.side, notes=notes)
write_atomically(job.output.page, page.encode())
write_sidecars(job)
