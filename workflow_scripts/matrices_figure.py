"""Training shapes against synthetic shapes of a baseline and against its diagram generator."""

from running import start

job = start(snakemake)

import json
from pathlib import Path

import numpy as np
from sidecars import write_figure_sidecars

from toposhape.evaluation.generator_scores import compare_with_training, diagrams_of_codes
from toposhape.publication.matrices_figure import Matrix, matrices_figure
from toposhape.publication.style import save_figure
from toposhape.topology.tables import read_diagrams
from toposhape.training.diagram_store import load_diagram_generator

training = json.loads(Path(job.input.split).read_text())["training"]
true = read_diagrams(job.input.true_diagrams, training)
codes = np.load(job.input.codes)
synthetic = [
    diagram
    for draw in range(len(codes))
    for diagram in read_diagrams(
        job.input.diagrams, [f"{i:03d}" for i in range(len(codes[draw]))], set_number=draw
    )
]
generator = load_diagram_generator(job.input.diagram_weights).diagrams
generated = diagrams_of_codes(generator, np.concatenate(codes), job.params.min_persistence)
compared = compare_with_training(true, synthetic, generated)

figure = matrices_figure(
    true[: len(compared.shapes)],
    [
        Matrix(f"Synthetic shapes of {job.params.method}", compared.shapes),
        Matrix("Generated diagrams of the same codes", compared.diagrams),
    ],
)
save_figure(figure, job.output.png, job.output.pdf)
write_figure_sidecars(
    job,
    [job.input.true_diagrams, job.input.diagrams, job.input.codes, job.input.diagram_weights],
)
