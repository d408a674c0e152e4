"""Histograms of Betti numbers of every method."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import betti_numbers, ids_of
from toposhape.publication.figures.betti import betti_figure
from toposhape.publication.figures.style import save_figure

given = job.input
synthetic = map(betti_numbers, given.synthetic)
figure = betti_figure(
    betti_numbers(given.topology, ids_of(given.splits[0], "test")),
    dict(zip(job.params.methods, synthetic, strict=True)),
)
save_figure(figure, job.output.png, job.output.pdf)
write_sidecars(job)
