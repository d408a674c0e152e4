"""Histograms of Betti numbers of every method."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd
from sidecars import write_sidecars

from toposhape.publication.betti_figure import betti_figure
from toposhape.publication.style import save_figure

COUNTS = ["b0", "b1", "b2"]
test = json.loads(Path(job.input.splits[0]).read_text())["test"]
true = pd.read_csv(job.input.topology, dtype={"shape": str}).set_index("shape")
synthetic = {
    method: pd.read_csv(path)[COUNTS].to_numpy()
    for method, path in zip(job.params.methods, job.input.synthetic, strict=True)
}
figure = betti_figure(true.loc[test, COUNTS].to_numpy(), synthetic)
save_figure(figure, job.output.png, job.output.pdf)
write_sidecars(job)
