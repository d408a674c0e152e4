"""Shapes between two training shapes, by a Lipschitz-regularised generator and by our method."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import steps
from toposhape.publication.figures.interpolation import interpolation_figure
from toposhape.publication.figures.style import save_figure

rows = zip(job.params.methods, job.input.frames, job.input.pictures, strict=True)
figure = interpolation_figure({method: steps(*folders) for method, *folders in rows})
save_figure(figure, job.output.png, job.output.pdf)
write_sidecars(job)
