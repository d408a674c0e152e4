"""Figure 3's distances: training shapes to synthetic shapes and to generated diagrams."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

import numpy as np
from truth_files import truth_files

from toposhape.base.files import whole
from toposhape.jobs.scoring import compare_diagrams

given = job.input
matrices = compare_diagrams(
    truth_files(given),
    Path(given.synthetic),
    Path(given.generated),
    Path(given.synthetic_topology),
)
with whole(job.output.matrices) as file:
    np.savez(file, **matrices)
finish(job)
