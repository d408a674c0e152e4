"""Figure 1: training shapes, shapes without and with topological terms, at the same codes."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
from sidecars import write_figure_sidecars

from toposhape.publication.comparison_figures import overview_sheet
from toposhape.publication.samples_figure import Mesh, read_meshes, save_sheet
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.surfaces import extract_surface

SHAPES = 9
training = json.loads(Path(job.input.split).read_text())["training"]
places = np.linspace(0, len(training) - 1, min(SHAPES, len(training))).round().astype(int)
grids = PreparedShapes(job.input.manifest, job.input.grids)
blocks = {"training shapes": [Mesh(*extract_surface(np.array(grids[training[i]]))) for i in places]}
for method, folder in zip(job.params.methods, job.input.synthetic, strict=True):
    blocks[method] = read_meshes(sorted(Path(folder).glob("*.ply"))[: len(places)])
pixels = job.params.publication["picture_pixels"]
save_sheet(overview_sheet(blocks, pixels), job.output.png, job.output.pdf)
meshes = [file for folder in job.input.synthetic for file in Path(folder).glob("*.ply")]
write_figure_sidecars(job, [*job.input.grids, *meshes])
