"""The first synthetic shapes with their barcodes, without and with topological terms."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.publication.barcodes_figure import Example, barcodes_figure
from toposhape.publication.portraits import read_portraits
from toposhape.publication.style import save_figure
from toposhape.topology.tables import read_diagrams

rows = {}
for method, folder, diagrams in zip(
    job.params.methods, job.input.synthetic, job.input.diagrams, strict=True
):
    portraits = read_portraits(folder, job.params.columns)
    stored = read_diagrams(diagrams, list(portraits), set_number=0)
    rows[method] = [
        Example(portrait.picture, diagram)
        for portrait, diagram in zip(portraits.values(), stored, strict=True)
    ]
save_figure(barcodes_figure(rows, job.params.side), job.output.png, job.output.pdf)
write_sidecars(job)
