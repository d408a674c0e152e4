"""Training shapes against synthetic shapes of a baseline and against its diagram generator."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
from sidecars import write_sidecars

from toposhape.publication.matrices_figure import Matrix, matrices_figure
from toposhape.publication.style import save_figure
from toposhape.topology.tables import read_diagrams

with np.load(job.input.matrices, allow_pickle=False) as stored:
    matrices = [
        Matrix(f"Synthetic shapes of {job.params.method}", stored["shapes"]),
        Matrix("Generated diagrams of the same codes", stored["diagrams"]),
    ]
training = json.loads(Path(job.input.splits[0]).read_text())["training"]
true = read_diagrams(job.input.diagrams, training[: len(matrices[0].distances)])
save_figure(matrices_figure(true, matrices), job.output.png, job.output.pdf)
write_sidecars(job)
