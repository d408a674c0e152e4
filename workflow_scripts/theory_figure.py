"""What one part of the paper's theory looks like."""

from running import start

job = start(snakemake)

import numpy as np

from toposhape.publication.figures.style import save_figure
from toposhape.publication.figures.theory import theory_figure
from toposhape.publication.traceability import write_sidecar

with np.load(job.input[0]) as pictures:
    figure = theory_figure(job.wildcards.part, dict(pictures))
save_figure(figure, job.output.png, job.output.pdf)
for path in job.output:
    write_sidecar(
        path,
        inputs=job.input,
        config_digest=job.params.digest,
        training_seeds=job.params.seeds[:1],
    )
