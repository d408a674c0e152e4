"""Histograms of pieces, handles and cavities of every method."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sidecars import write_figure_sidecars

from toposhape.config import Topology
from toposhape.evaluation.diagrams import describe_fields
from toposhape.publication.betti_figure import betti_figure
from toposhape.publication.style import save_figure
from toposhape.shapes.prepared import PreparedShapes

test = json.loads(Path(job.input.split).read_text())["test"]
grids = PreparedShapes(job.input.manifest, job.input.grids)
topology = Topology.model_validate(job.params.topology)
true = [describe_fields(np.array(grids[shape])[None], topology)[0].betti for shape in test]
synthetic = {
    method: pd.read_csv(path)[["b0", "b1", "b2"]].to_numpy()
    for method, path in zip(job.params.methods, job.input.synthetic, strict=True)
}
save_figure(betti_figure(np.array(true), synthetic), job.output.png, job.output.pdf)
write_figure_sidecars(job, [*job.input.grids, *job.input.synthetic])
