"""Quantiles of a shape space's distances."""

from running import start

job = start(snakemake)

from pathlib import Path

import pandas as pd

from toposhape.base.tables import read_table
from toposhape.publication.tables.publish import publish_table
from toposhape.publication.tables.scan_space import scan_space_document

columns = ("kind", "scan", "seed", "truth_chamfer", "scan_chamfer")
tables = [read_table(file, texts=("kind",), needed=columns) for file in job.input]
scores = pd.concat(tables, ignore_index=True)
publish_table(
    scan_space_document(scores),
    scores,
    Path(job.output[0]).parent,
    inputs=job.input,
    config_digest=job.params.digest,
    training_seeds=job.params.seeds,
)
