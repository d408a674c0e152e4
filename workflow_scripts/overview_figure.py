"""Figure 1: training shapes, shapes without and with topological terms, at the same codes."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.publication.pictures.portraits import read_pictures
from toposhape.publication.pictures.sheets import evenly, overview_sheet, save_sheet

blocks = {"training shapes": evenly(read_pictures(job.input.training), job.params.shapes)}
for method, folder in zip(job.params.methods, job.input.synthetic, strict=True):
    blocks[method] = read_pictures(folder, job.params.shapes)
save_sheet(overview_sheet(blocks), job.output.png, job.output.pdf)
write_sidecars(job)
