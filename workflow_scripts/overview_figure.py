"""Figure 1: training shapes, shapes without and with topological terms, at the same codes."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import pieces_heading
from toposhape.publication.pictures.evenly import evenly
from toposhape.publication.pictures.portraits import read_pictures
from toposhape.publication.pictures.sheets import overview_sheet, save_sheet

given, count = job.input, job.params.shapes
examples = read_pictures(given.training)
heading = pieces_heading(given.topology, given.splits[0], len(examples), count)
blocks = {heading: evenly(examples, count)}
for method, folder in zip(job.params.methods, given.synthetic, strict=True):
    blocks[method] = read_pictures(folder, count)
save_sheet(overview_sheet(blocks), job.output.png, job.output.pdf)
write_sidecars(job)
