"""Pretraining curves of every variant in one category."""

from running import start

job = start(snakemake)

from sidecars import write_sidecars

from toposhape.jobs.publication import training_curves
from toposhape.publication.figures.style import save_figure
from toposhape.publication.figures.training import training_figure

histories = dict(zip(job.params.variants, job.input.histories, strict=True))
figure = training_figure(*training_curves(histories, job.input.trainings))
save_figure(figure, job.output.png, job.output.pdf)
write_sidecars(job)
