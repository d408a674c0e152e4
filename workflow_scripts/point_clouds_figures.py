"""Letters, clouds and their ways: the figures of the ShapeGF chapter."""

from running import finish, start

job = start(snakemake)

import numpy as np

from toposhape.jobs.point_clouds_figures import shown_rows, shown_steps, shown_ways
from toposhape.publication.figures.animation import save_animation
from toposhape.publication.figures.point_clouds import (
    clouds_figure,
    letters_figure,
    steps_animation,
    steps_figure,
)
from toposhape.publication.figures.style import save_figure
from toposhape.publication.traceability import write_sidecar

given = job.input
with np.load(given.letters) as letters, np.load(given.shown[0]) as shown:
    arrays = dict(shown)
    steps = shown_steps(arrays)
    figures = (
        letters_figure(dict(letters)),
        steps_figure(steps),
        clouds_figure(shown_rows(arrays, job.params.methods, given.clouds, given.meshes)),
        clouds_figure(shown_ways(arrays)),
    )
save_animation(steps_animation(steps), job.output.film)
for figure, png, pdf in zip(figures, job.output.png, job.output.pdf, strict=True):
    save_figure(figure, png, pdf)
params = job.params
told = {"config_digest": params.digest, "training_seeds": params.seeds, "draws": params.draws}
for path in (*job.output.png, *job.output.pdf, job.output.film):
    write_sidecar(path, inputs=[given.letters, *given.shown, *given.clouds], **told)
finish(job)
