r"""What shapes of several priors of one generator are, against shapes that it has never seen.

    snakemake --cores all --config name=unseen \
        'categories=[{name: chair, source: procedural, count: 320, mirrored: true}]' \
        -- results/unseen/shapes/chair/batches/{008,009,010,011}/diagrams.parquet
    OMP_NUM_THREADS=1 python benchmarks/priors.py \
        results/chairs/trained/chair/Placed-DeepSDF/seed0

Procedural shapes 160 to 239 are in none of the default run's parts, so codes may be drawn as near
to training shapes as one likes: copies do not gain by it. Novelty is the median Chamfer distance to
the nearest training shape. Scores are means of three sets of as many shapes.
docs/joint_training.md quotes it. With --category sofa, say, --run and --unseen are folders of
sofas; codes that were tried (`filter_codes`) have a line where they lie beside the generator.

Few sets say little: --each 3 --sets 200 makes three shapes near each training shape and takes all
sets from these, which costs about as much as four sets of 80.
"""

import argparse
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from validation_scores import POINTS, Prepared, header, line, shape_set, truth_line

from toposhape.evaluation.novelty import novelty
from toposhape.evaluation.set_scores import (
    Comparison,
    Reference,
    ShapeSet,
    means,
    score_set,
    shape_facts,
)
from toposhape.evaluation.shape_sets import prepared_set
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.priors import normal_numbers
from toposhape.settings.shapes import Shapes
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes, read_manifest

ROOT = Path(__file__).parents[1]
PRIORS: Mapping[str, tuple[str, dict[str, float]]] = {
    "N(0, I)": ("normal", {}),
    **{f"kernel density, h {h}": ("kernel_density", {"bandwidth": h}) for h in (0.5, 0.35, 0.2)},
    **{f"interpolation, {k} nearest": ("interpolation", {"neighbours": k}) for k in (3, 10)},
    "posterior": ("posterior", {}),
    "beside tried codes": ("filtered_density", {}),
    **{f"beside tried codes, {s}": ("filtered_density", {"jitter": s}) for s in (0.15, 0.3)},
    "training": ("kernel_density", {"bandwidth": 1e-6}),
}


def unseen_shapes(batches: list[Path]) -> Reference:
    """The shapes of these batches."""
    sets = []
    for batch in batches:
        table = read_manifest(batch / "manifest.csv")
        surfaces = PreparedShapes(batch / "manifest.csv", [batch / "surface.npy"])
        ids = table["shape"][table["status"] == "ok"].tolist()
        files = batch / "diagrams.parquet", batch / "topology.csv"
        sets.append(prepared_set(ids, *files, surfaces, POINTS))
    return Reference.of(
        ShapeSet(
            [diagram for each in sets for diagram in each.diagrams],
            np.concatenate([each.surfaces for each in sets]),
            pd.concat([each.table for each in sets]),
        )
    )


def far(surfaces: NDArray[np.floating], training: NDArray[np.floating]) -> float:
    """The median Chamfer distance to the nearest training shape x 1000."""
    return 1000 * novelty(surfaces, training)["novelty_median"]


def drawn_set(
    generator: ImplicitGenerator, prior: str, settings: dict[str, float], number: int, seed: int
) -> ShapeSet:
    """So many shapes of a prior."""
    noise = normal_numbers(1, number, generator.latent_size, seed)[0]
    codes = generator.priors[prior](noise, seed, **settings)
    return shape_set(generator, codes, Shapes().resolution, Topology())


def of_sets(
    made: Callable[[int, int], ShapeSet], unseen: Reference, number: int, sets: int
) -> tuple[dict[str, float], list[ShapeSet]]:
    """Means over sets that are drawn one by one, and these."""
    drawn = [made(number, seed) for seed in range(sets)]
    scores = [score_set(each, unseen.choose(number, seed)) for seed, each in enumerate(drawn)]
    return _means(scores), drawn


def of_pool(
    pool: ShapeSet, unseen: Reference, number: int, sets: int, shapes: int
) -> dict[str, float]:
    """Means over sets from a pool in which so many shapes in a row are near another shape each."""
    whole, random = Comparison.of(pool, unseen), np.random.default_rng(0)
    scores = []
    for _ in range(sets):
        rows = random.permutation(len(unseen.shapes))[:number]
        columns = shapes * random.integers(len(pool) // shapes) + random.permutation(shapes)
        scores.append(whole.take(rows, columns[:number]).scores())
    return means(shape_facts(pool)) | _means(scores)


def _means(scores: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([each[key] for each in scores])) for key in scores[0]}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trained", type=Path, help="folder of a generator of the family implicit")
    parser.add_argument("--run", type=Path, default=ROOT / "results" / "chairs")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--unseen", type=Path, default=ROOT / "results" / "unseen")
    parser.add_argument("--sets", type=int, default=3)
    parser.add_argument("--shapes", type=int, help="of a set; as many as are unseen")
    parser.add_argument("--each", type=int, help="near each training shape; all sets are of these")
    parser.add_argument("--only", choices=PRIORS, nargs="+", default=[*PRIORS])
    given = parser.parse_args()
    torch.set_num_threads(1)
    batches = sorted(given.unseen.glob(f"shapes/{given.category}/batches/[0-9]*"))
    unseen = unseen_shapes(batches)
    prepared = Prepared.of(given.run, given.category)
    surfaces = prepared.rows("surface")
    training = np.stack([surfaces[shape][:POINTS] for shape in prepared.split["training"]])
    generator = load_generator(given.trained / "generator.safetensors")
    number = given.shapes or len(unseen.shapes)
    print(header("novelty"))
    print(truth_line(unseen, f"{far(unseen.shapes.surfaces, training):.2f}"))
    for name in given.only:
        prior, settings = PRIORS[name]
        if prior not in generator.priors:
            continue
        made = partial(drawn_set, generator, prior, settings)
        if given.each:
            drawn = [made(given.each * len(training), 0)]
            mean = of_pool(drawn[0], unseen, number, given.sets, len(training))
        else:
            mean, drawn = of_sets(made, unseen, number, given.sets)
        away = np.mean([far(each.surfaces, training) for each in drawn])
        print(line((f"{away:.2f}", name), mean), flush=True)


if __name__ == "__main__":
    main()
