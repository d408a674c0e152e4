"""Maps of the latent space of a baseline and of a method with topological terms."""

from running import start

job = start(snakemake)

import numpy as np
import pandas as pd
from sidecars import write_figure_sidecars

from toposhape.config import Topology
from toposhape.evaluation.diagrams import describe_fields
from toposhape.publication.latents_figure import LatentMap, latents_figure
from toposhape.publication.style import save_figure
from toposhape.shapes.prepared import PreparedShapes
from toposhape.training import load_generator

given = job.input
grids = PreparedShapes(given.manifest, given.grids)
topology = Topology.model_validate(job.params.topology)
maps = {}
for method, weights, codes, counts in zip(
    job.params.methods, given.weights, given.codes, given.topology, strict=True
):
    generator = load_generator(weights)
    described = [describe_fields(np.array(grids[s])[None], topology)[0] for s in generator.shapes]
    drawn = np.load(codes)
    maps[method] = LatentMap(
        generator.codes.means.detach().numpy(),
        np.array([each.betti[1] for each in described]),
        drawn.reshape(-1, drawn.shape[-1]),
        pd.read_csv(counts).sort_values(["draw", "shape"])["b1"].to_numpy(),
    )
save_figure(latents_figure(maps), job.output.png, job.output.pdf)
write_figure_sidecars(job, [*given.weights, *given.codes, *given.topology])
