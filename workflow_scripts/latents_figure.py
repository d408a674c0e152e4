"""Maps of the latent space of a baseline and of a method with topological terms."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import pandas as pd
from safetensors.numpy import load_file
from sidecars import write_sidecars

from toposhape.publication.latents_figure import LatentMap, latents_figure
from toposhape.publication.style import save_figure
from toposhape.shapes.prepared import open_rows

given = job.input
true = pd.read_csv(given.topology, dtype={"shape": str}).set_index("shape")["b1"]
maps = {}
for method, *files in zip(
    job.params.methods, given.trainings, given.weights, given.codes, given.synthetic, strict=True
):
    training, weights, codes, counts = files
    shapes = json.loads(Path(training).read_text())["shapes"]
    drawn = open_rows(codes)
    maps[method] = LatentMap(
        load_file(weights)["codes.means"],
        true[shapes].to_numpy(),
        drawn.reshape(-1, drawn.shape[-1]),
        pd.read_csv(counts).sort_values(["draw", "shape"])["b1"].to_numpy(),
    )
save_figure(latents_figure(maps), job.output.png, job.output.pdf)
write_sidecars(job)
