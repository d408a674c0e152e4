"""Plane reproduction and the geometric initialisation as a figure."""

from running import start

job = start(snakemake)

import numpy as np

from toposhape.publication.figures.plane import plane_figure
from toposhape.publication.figures.style import save_figure
from toposhape.publication.traceability import write_sidecar

with np.load(job.input[0]) as pictures:
    save_figure(plane_figure(dict(pictures)), job.output.png, job.output.pdf)
for path in job.output:
    write_sidecar(
        path, inputs=job.input, config_digest=job.params.digest, training_seeds=job.params.seeds
    )
