"""Training curves of every method in one category."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd
from sidecars import write_figure_sidecars

from toposhape.publication.style import save_figure
from toposhape.publication.training_figure import training_figure

histories = dict(zip(job.params.methods, map(pd.read_csv, job.input.histories), strict=True))
endings = {
    method: json.loads(Path(path).read_text())["stop_reason"]
    for method, path in zip(job.params.methods, job.input.trainings, strict=True)
}
save_figure(training_figure(histories, endings), job.output.png, job.output.pdf)
write_figure_sidecars(job, job.input.histories)
