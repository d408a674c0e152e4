"""Training shapes against synthetic shapes of a baseline and against its diagram generator."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import stored_matrices
from toposhape.publication.figures.matrices import matrices_figure
from toposhape.publication.figures.style import save_figure

given = job.input
shown = stored_matrices(given.matrices, job.params.method, given.diagrams, given.splits[0])
save_figure(matrices_figure(*shown), job.output.png, job.output.pdf)
write_sidecars(job)
