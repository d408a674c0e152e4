"""Scores of a generator against validation and training shapes: choices see no test shape."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.set_scores import Reference, ShapeSet, score_set
from toposhape.evaluation.shape_sets import prepared_set
from toposhape.evaluation.synthesis import synthesise
from toposhape.evaluation.topology_table import topology_table
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.priors import normal_numbers
from toposhape.settings.run import Config
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes

SHAPES = 64
POINTS = 2048
SHOWN = (
    "pd_lap", "spread", "cd_nearest", "one_nna", "one_piece_share", "handles_mean",
    "handles_in_place", "long_handles", "mirror_distance", "stands_share", "nothing_dangles_share",
)  # fmt: skip


class Prepared(NamedTuple):
    """The prepared shapes of a category."""

    folder: Path
    split: dict[str, list[str]]

    @classmethod
    def of(cls, run: Path, category: str) -> "Prepared":
        """Those of a run, a folder in results/."""
        folder = run / "shapes" / category
        return cls(folder, json.loads((folder / "split.json").read_text(encoding="utf-8")))

    def rows(self, name: str) -> PreparedShapes:
        """These arrays of all batches."""
        arrays = sorted(self.folder.glob(f"batches/*/{name}.npy"))
        return PreparedShapes(self.folder / "manifest.csv", arrays)

    def reference(self) -> Reference:
        """The validation shapes, filled up with training shapes."""
        training = np.random.default_rng(0).permutation(self.split["training"]).tolist()
        ids = [*self.split["validation"], *training][:SHAPES]
        files = self.folder / "diagrams.parquet", self.folder / "topology.csv"
        return Reference.of(prepared_set(ids, *files, self.rows("surface"), POINTS))


def header(*first: str) -> str:
    """The head of a table: these columns, the codes, the scores."""
    titles = [*first, "codes", *(METRICS[name].title for name in SHOWN)]
    return f"| {' | '.join(titles)} |\n|{' --- |' * len(titles)}"


def truth_line(reference: Reference, *first: str) -> str:
    """The line of the reference itself."""
    return line((*first, ""), score_set(reference.shapes, reference))


def lines(
    generator: ImplicitGenerator, config: Config, reference: Reference, *first: str
) -> list[str]:
    """A generator's lines: shapes of two priors, and of the codes of training shapes."""
    noise = normal_numbers(1, SHAPES, generator.latent_size, seed=0)[0]
    means = generator.codes.means.detach().numpy()
    drawn = {
        "N(0, I)": noise,
        "kernel density": generator.priors["kernel_density"](noise, 0, bandwidth=0.5),
        "training": np.random.default_rng(1).permutation(means)[:SHAPES],
    }
    return [
        line(
            (*first, name),
            score_set(
                shape_set(generator, codes, config.shapes.resolution, config.topology), reference
            ),
        )
        for name, codes in drawn.items()
    ]


def shape_set(
    generator: ImplicitGenerator, codes: NDArray[np.float32], resolution: int, topology: Topology
) -> ShapeSet:
    """The shapes of codes (n, d)."""
    made = list(synthesise(generator, codes, resolution, topology, points=POINTS, seed=0))
    table = topology_table([f"{i:03d}" for i in range(len(made))], [s.topology for s in made])
    diagrams = [shape.topology.diagram for shape in made]
    return ShapeSet(diagrams, np.stack([shape.surface for shape in made]), table)


def line(first: tuple[str, ...], scores: dict[str, float]) -> str:
    """A line of the table."""
    shown = (METRICS[name] for name in SHOWN)
    cells = [*first, *(f"{m.factor * scores[m.name]:.{m.decimals}f}" for m in shown)]
    return f"| {' | '.join(cells)} |"
