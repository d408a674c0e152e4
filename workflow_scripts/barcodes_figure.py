"""The first synthetic shapes with their barcodes, without and with topological terms."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import examples
from toposhape.publication.figures.barcodes import barcodes_figure
from toposhape.publication.figures.style import save_figure

given, params = job.input, job.params
rows = {
    method: examples(pictures, diagrams, params.columns)
    for method, pictures, diagrams in zip(
        params.methods, given.synthetic, given.diagrams, strict=True
    )
}
save_figure(barcodes_figure(rows, params.side), job.output.png, job.output.pdf)
write_sidecars(job)
