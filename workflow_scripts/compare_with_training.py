"""Figure 3's distances: training shapes to synthetic shapes and to generated diagrams."""

from running import finish, start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np

from toposhape.evaluation.generator_scores import compare_with_training, diagrams_of_codes
from toposhape.shapes.prepared import open_rows
from toposhape.topology.tables import read_diagrams
from toposhape.training.diagram_store import load_diagram_generator

training = json.loads(Path(job.input.split).read_text())["training"]
codes = open_rows(job.input.codes)
names = [f"{i:03d}" for i in range(codes.shape[1])]
synthetic = [
    diagram
    for draw in range(len(codes))
    for diagram in read_diagrams(job.input.diagrams, names, set_number=draw)
]
generator = load_diagram_generator(job.input.diagram_weights).diagrams
generated = diagrams_of_codes(generator, np.concatenate(codes), job.params.min_persistence)
compared = compare_with_training(
    read_diagrams(job.input.true_diagrams, training), synthetic, generated
)
np.savez(job.output.matrices, shapes=compared.shapes, diagrams=compared.diagrams)
finish(job)
