"""Letters, clouds and their ways: the figures of the ShapeGF chapter."""

from running import finish, start

job = start(snakemake)

import numpy as np

from toposhape.jobs.point_clouds_figures import shown_rows, shown_steps
from toposhape.publication.figures.point_clouds import clouds_figure, letters_figure, steps_figure
from toposhape.publication.figures.style import save_figure
from toposhape.publication.traceability import write_sidecar

given = job.input
with np.load(given.letters) as letters, np.load(given.shown[0]) as shown:
    figures = (
        letters_figure(dict(letters)),
        steps_figure(shown_steps(dict(shown))),
        clouds_figure(shown_rows(dict(shown), job.params.methods, given.clouds, given.meshes)),
    )
for figure, png, pdf in zip(figures, job.output.png, job.output.pdf, strict=True):
    save_figure(figure, png, pdf)
files = [given.letters, *given.shown, *given.clouds]
for path in (*job.output.png, *job.output.pdf):
    write_sidecar(
        path,
        inputs=files,
        config_digest=job.params.digest,
        training_seeds=job.params.seeds,
        draws=job.params.draws,
    )
finish(job)
