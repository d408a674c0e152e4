"""Rows of shapes: training shapes, then the first synthetic shapes of every method."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.publication.pictures.evenly import evenly
from toposhape.publication.pictures.portraits import read_pictures
from toposhape.publication.pictures.sheets import samples_sheet, save_sheet

columns = job.params.columns
rows = {"training shapes": evenly(read_pictures(job.input.training), columns)}
for method, folder in zip(job.params.methods, job.input.synthetic, strict=True):
    rows[method] = read_pictures(folder, columns)
save_sheet(samples_sheet(rows), job.output.png, job.output.pdf)
write_sidecars(job)
