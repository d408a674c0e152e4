"""What one experiment of the TopologyLayer paper looks like, before and after."""

from running import start

job = start(snakemake)

import numpy as np

from toposhape.jobs.layer_experiments import gathered_numbers
from toposhape.layer_experiments import EXPERIMENTS
from toposhape.publication.figures.layer_experiments import errors_figure, pictures_figure
from toposhape.publication.figures.style import save_figure
from toposhape.publication.traceability import write_sidecar

name = job.wildcards.experiment
if name in ("clusters", "lines"):
    figure = errors_figure(EXPERIMENTS[name], gathered_numbers(job.input.numbers))
else:
    with np.load(job.input.pictures) as pictures:
        figure = pictures_figure(EXPERIMENTS[name], dict(pictures))
save_figure(figure, job.output.png, job.output.pdf)
for path in job.output:
    write_sidecar(
        path,
        inputs=[*job.input.numbers, job.input.pictures],
        config_digest=job.params.digest,
        training_seeds=job.params.seeds,
    )
