"""Figure 2's shapes between two training shapes, by two generators, with their diagrams."""

from running import finish, start

job = start(snakemake)

import pandas as pd
import torch

from toposhape.config import Topology
from toposhape.evaluation.frames import write_frames
from toposhape.evaluation.generator_scores import diagrams_of_codes
from toposhape.evaluation.interpolation import (
    choose_ends,
    codes_between,
    pieces_of_code,
    shapes_of_codes,
)
from toposhape.topology.tables import read_diagrams
from toposhape.training import choose_device, load_generator
from toposhape.training.diagram_store import load_diagram_generator

torch.set_num_threads(job.threads)
params, given = job.params, job.input
topology = Topology.model_validate(params.topology)
device = choose_device(params.device)
lipschitz, topological = generators = [
    load_generator(weights, device=device) for weights in (given.lipschitz, given.topological)
]
shapes = lipschitz.shapes
if topological.shapes != shapes:
    raise ValueError(
        f"{given.lipschitz} and {given.topological} were trained on different shapes; "
        "delete both and train again"
    )
decoders = [generator.decoder for generator in generators]
means = [generator.codes.means.detach().cpu().numpy() for generator in generators]
true_pieces = pd.read_csv(given.topology, dtype={"shape": str}).set_index("shape")["b0"]


def count_pieces(i: int) -> list[int]:
    """Pieces of a training shape: the true ones, and as both generators show it."""
    made = zip(decoders, means, strict=True)
    return [
        int(true_pieces[shapes[i]]),
        *(pieces_of_code(d, codes[i], params.resolution, topology) for d, codes in made),
    ]


ends = choose_ends(read_diagrams(given.diagrams, shapes), count_pieces)
diagrams = load_diagram_generator(given.diagram_weights).diagrams
for decoder, ends_of, folder, asked in zip(
    decoders, means, job.output, (None, diagrams), strict=True
):
    codes = codes_between(*ends_of[list(ends)], params.frames)
    write_frames(
        folder,
        codes,
        shapes_of_codes(decoder, codes, params.resolution, topology, job.threads),
        asked and diagrams_of_codes(asked, codes, topology.min_persistence),
    )
finish(job)
