"""Pieces, handles and cavities of prepared shapes, and the surfaces of some training shapes."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
import pandas as pd
import trimesh

from toposhape.config import Topology
from toposhape.evaluation.diagrams import describe_fields
from toposhape.shapes.prepared import PreparedShapes
from toposhape.shapes.surfaces import extract_surface

grids = PreparedShapes(job.input.manifest, job.input.grids)
topology = Topology.model_validate(job.params.topology)
counts = [
    (shape, *describe_fields(np.array(grids[shape])[None], topology)[0].betti)
    for shape in grids.shapes
]
columns = ["shape", "b0", "b1", "b2"]
pd.DataFrame(counts, columns=columns).to_csv(job.output.topology, index=False)

training = json.loads(Path(job.input.split).read_text())["training"]
number = min(job.params.examples, len(training))
folder = Path(job.output.examples)
folder.mkdir(parents=True)
for i, place in enumerate(np.linspace(0, len(training) - 1, number).round().astype(int)):
    surface = extract_surface(np.array(grids[training[place]]))
    trimesh.Trimesh(*surface, process=False).export(folder / f"{i:03d}.ply")
finish(job)
