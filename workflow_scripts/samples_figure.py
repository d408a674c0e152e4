"""Rows of shapes: training shapes, then the first synthetic shapes of every method."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
from sidecars import write_figure_sidecars

from toposhape.publication.samples_figure import Mesh, read_meshes, samples_sheet, save_sheet
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.surfaces import extract_surface

publication = job.params.publication
columns = publication["shapes_per_row"]
training = json.loads(Path(job.input.split).read_text())["training"]
chosen = [training[i] for i in np.linspace(0, len(training) - 1, columns).round().astype(int)]
grids = PreparedShapes(job.input.manifest, job.input.grids)
rows = {"training shapes": [Mesh(*extract_surface(np.array(grids[shape]))) for shape in chosen]}
for method, folder in zip(job.params.methods, job.input.synthetic, strict=True):
    rows[method] = read_meshes(sorted(Path(folder).glob("*.ply"))[:columns])

save_sheet(samples_sheet(rows, publication["picture_pixels"]), job.output.png, job.output.pdf)
write_figure_sidecars(
    job, [*job.input.grids, *(f for d in job.input.synthetic for f in Path(d).glob("*.ply"))]
)
