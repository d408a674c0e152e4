"""Pretraining curves of every variant in one category."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd
from sidecars import write_sidecars

from toposhape.publication.style import save_figure
from toposhape.publication.training_figure import training_figure

histories = dict(zip(job.params.variants, map(pd.read_csv, job.input.histories), strict=True))
endings = {
    variant: json.loads(Path(path).read_text())["stop_reason"]
    for variant, path in zip(job.params.variants, job.input.trainings, strict=True)
}
save_figure(training_figure(histories, endings), job.output.png, job.output.pdf)
write_sidecars(job)
