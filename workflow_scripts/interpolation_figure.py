"""Shapes between two training shapes, by a Lipschitz-regularised generator and by our method."""

from running import progress, start

job = start(snakemake)

from functools import partial

import numpy as np
import torch
from sidecars import write_figure_sidecars

from toposhape.config import Topology
from toposhape.evaluation.diagrams import describe_fields
from toposhape.evaluation.generator_scores import diagrams_of_codes
from toposhape.evaluation.interpolation import choose_ends, codes_between
from toposhape.evaluation.synthesis import synthesise
from toposhape.generators.fields import SYNTHESIS_TOLERANCE, evaluate_on_grid
from toposhape.publication.interpolation_figure import Step, interpolation_figure
from toposhape.publication.samples_figure import Mesh
from toposhape.publication.style import save_figure
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import read_diagrams
from toposhape.training import TrainedGenerator, load_generator
from toposhape.training.diagram_store import load_diagram_generator

COLUMNS = 8

torch.set_num_threads(job.threads)
params, title = job.params, f"Interpolation, {job.wildcards.category}"
topology = Topology.model_validate(params.topology)
generators = {
    params.lipschitz: load_generator(job.input.lipschitz),
    params.topological: load_generator(job.input.topological),
}
shapes = generators[params.lipschitz].shapes
if generators[params.topological].shapes != shapes:
    raise ValueError(f"{title}: the two generators were trained on different shapes")


def fields_of(generator: TrainedGenerator) -> partial:
    """Codes -> signed distances on the grid."""
    return partial(
        evaluate_on_grid,
        generator.decoder,
        resolution=params.resolution,
        tolerance=SYNTHESIS_TOLERANCE,
    )


def means_of(generator: TrainedGenerator) -> np.ndarray:
    """Posterior means of the training shapes."""
    return generator.codes.means.detach().numpy()


def pieces(field: np.ndarray) -> int:
    """Connected pieces of the solid."""
    return describe_fields(field[None], topology, job.threads)[0].betti[0]


def count_pieces() -> np.ndarray:
    """Pieces of all training shapes: the true ones, and as both generators show them."""
    grids = PreparedShapes(job.input.manifest, job.input.grids)
    counts = [[pieces(np.array(grids[shape])) for shape in shapes]]
    for name, generator in generators.items():
        codes = progress(means_of(generator), len(shapes), f"{title}: shapes of {name}")
        counts.append([pieces(fields_of(generator)(code[None])[0]) for code in codes])
    return np.array(counts)


def steps_of(generator: TrainedGenerator, ends: tuple[int, int]) -> list[Step]:
    """The shapes on the straight line between two posterior means."""
    codes = codes_between(*means_of(generator)[list(ends)], COLUMNS)
    made = synthesise(fields_of(generator), codes, topology, points=1, seed=0, threads=job.threads)
    wanted = [None] * COLUMNS
    if generator is generators[params.topological]:
        diagrams = load_diagram_generator(job.input.diagram_weights).diagrams
        wanted = diagrams_of_codes(diagrams, codes, topology.min_persistence)
    return [
        Step(Mesh(shape.vertices, shape.faces), shape.topology.diagram,
             *shape.topology.betti[:2], generated)
        for shape, generated in zip(made, wanted, strict=True)
    ]  # fmt: skip


ends = choose_ends(read_diagrams(job.input.diagrams, shapes), count_pieces())
figure = interpolation_figure(
    {name: steps_of(generator, ends) for name, generator in generators.items()},
    params.publication["picture_pixels"],
)
save_figure(figure, job.output.png, job.output.pdf)
write_figure_sidecars(
    job,
    [
        job.input.diagrams,
        *job.input.grids,
        job.input.lipschitz,
        job.input.topological,
        job.input.diagram_weights,
        job.input.diagram_metadata,
    ],
)
