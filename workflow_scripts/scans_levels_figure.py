"""Level sets of all learned surfaces on their middle planes."""

from running import start

job = start(snakemake)

from pathlib import Path

import numpy as np

from toposhape.publication.figures.level_sets import level_sets_figure
from toposhape.publication.figures.style import save_figure
from toposhape.publication.traceability import write_sidecar

planes = {}
for file in map(Path, job.input):
    method = file.parent.name.rpartition("_seed")[0]
    planes.setdefault(file.parent.parent.name, {})[method] = np.load(file)
save_figure(level_sets_figure(planes), job.output.png, job.output.pdf)
for path in job.output:
    write_sidecar(
        path, inputs=job.input, config_digest=job.params.digest, training_seeds=job.params.seeds
    )
