"""Can a diagram generator improve ShapeGF by choosing among its codes?

    python benchmarks/cloud_consistency.py results/chairs

A diagram generator learns the diagrams of training shapes from their codes, equation (12). Of every
few shapes that the chapter point_clouds has made, the one is kept whose outer sheet has the diagram
nearest to PD(z), equation (8). Beside it stand judges that cost as much and know no PD(z): chance,
the nearest diagram of any training shape, and the number of pieces. Compared with validation
shapes. Writes docs/records/cloud_consistency.md.
"""

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from toposhape.evaluation.chamfer import chamfer_matrix
from toposhape.evaluation.scores import diagram_costs, nearest, pd_lap_of
from toposhape.evaluation.topology_table import read_topology
from toposhape.generators.diagrams.network import DiagramGenerator, generated_diagrams
from toposhape.generators.diagrams.objectives import fit_loss
from toposhape.generators.diagrams.pretraining import new_diagram_generator, stored_points
from toposhape.generators.diagrams.store import Diagrams
from toposhape.generators.gradient_fields.data import CloudSource
from toposhape.generators.gradient_fields.generator import GradientFieldGenerator, load_generator
from toposhape.learning.seeds import random_source
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.point_clouds import ROWS
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import StoredDiagram, read_diagrams

PAGE = Path(__file__).parent.parent / "docs" / "records" / "cloud_consistency.md"
TAU = Topology().min_persistence
VIEWS = 8
EPOCHS = 150
COMPARED = 512  # points of a cloud in Chamfer distances
SHUFFLES = 20  # of the shapes before they are grouped
JUDGES = {
    "chance": "any of them",
    "PD(z)": "nearest to PD(z)",
    "training": "nearest to a training diagram",
    "pieces": "fewest pieces",
}


@dataclass(frozen=True)
class Truth:
    """Training and validation shapes of the category."""

    learned: CloudSource
    training: list[StoredDiagram]
    watched: CloudSource
    validation: list[StoredDiagram]

    @classmethod
    def read(cls, shapes: Path) -> "Truth":
        """From a category's folder of prepared shapes."""
        split = json.loads((shapes / "split.json").read_text(encoding="utf-8"))
        files = sorted(shapes.glob("batches/*/surface.npy"))
        surfaces = PreparedShapes(shapes / "manifest.csv", files)
        parts = [
            (
                CloudSource(surfaces, split[part]),
                read_diagrams(shapes / "diagrams.parquet", split[part]),
            )
            for part in ("training", "validation")
        ]
        return cls(*parts[0], *parts[1])


class PredictedDiagrams:
    """PD(z) of codes of one encoder, in the scale of training shapes' codes."""

    def __init__(self, generator: GradientFieldGenerator, truth: Truth) -> None:
        """Learn it from the training shapes."""
        codes = generator.first.encoded(truth.learned, VIEWS, random_source("codes")).codes
        flat = codes.flatten(0, 1)
        self.mean, self.deviation = flat.mean(dim=0), flat.std(dim=0)
        self.network = _train(self._scaled(codes), stored_points(truth.training))

    def of(self, codes: Tensor) -> list[StoredDiagram]:
        """Diagrams of codes (n, d)."""
        return [
            StoredDiagram(d) for d in generated_diagrams(self.network, self._scaled(codes), TAU)
        ]

    def _scaled(self, codes: Tensor) -> Tensor:
        return (codes - self.mean) / self.deviation


def _train(codes: Tensor, truth: Diagrams) -> DiagramGenerator:
    """Equation (12) without smoothness: codes (views, n, d), diagrams of n shapes."""
    made = new_diagram_generator(truth, codes.shape[-1], DiagramGeneratorSettings(), (0,))
    adam = torch.optim.Adam(made.parameters(), 1e-3)
    random = random_source("PD")
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(truth), generator=random).split(16):
            view = torch.randint(len(codes), batch.shape, generator=random)
            loss = fit_loss(made(codes[view, batch]), [truth[i] for i in batch.tolist()])
            adam.zero_grad()
            loss.backward()
            adam.step()
    return made


def known_of_validation(
    predicted: PredictedDiagrams, generator: GradientFieldGenerator, truth: Truth
) -> str:
    """How near PD comes to shapes that it has not seen."""
    n = len(truth.watched)
    points = [truth.watched.windows([i], 4 * 256, random_source("views", i))[0] for i in range(n)]
    codes = torch.stack([generator.encode(each.numpy()) for each in points])
    costs = diagram_costs(truth.validation, predicted.of(codes)).sum(axis=0)
    among = diagram_costs(truth.validation).sum(axis=0)
    pairs = n * n - n
    own, others = 100 * np.diag(costs).mean(), 100 * (costs.sum() - np.trace(costs)) / pairs
    return (
        f"PD of the code of a validation shape is at {own:.2f} from its own diagram and at "
        f"{others:.2f} from those of others, which are at {100 * among.sum() / pairs:.2f} from "
        "each other (equation (1) x 100)."
    )


def selected(
    folder: Path, codes: Tensor, predicted: PredictedDiagrams, truth: Truth
) -> dict[str, dict[str, tuple[float, float]]]:
    """Scores of the sets that each judge keeps: mean and deviation over shuffles.

    Args:
        folder: synthetic shapes of a row of the chapter.
        codes: of their first set, (n, d).
        predicted: PD.
        truth: what they are compared with.
    """
    topology = read_topology(folder / "topology.csv").xs(0)
    diagrams = read_diagrams(folder / "diagrams.parquet", sorted(topology.index), set_number=0)
    clouds = np.load(folder / "clouds.npy", mmap_mode="r")[0, :, :COMPARED]
    surfaces = [truth.watched.measured(i, COMPARED) for i in range(len(truth.watched))]
    pairs = zip(predicted.of(codes), diagrams, strict=True)
    away = np.array([diagram_costs([goal], [made]).sum() for goal, made in pairs])
    pieces = topology.sort_index()["b0"].to_numpy()
    judged = {
        "chance": np.zeros(len(away)),
        "PD(z)": away,
        "training": diagram_costs(truth.training, diagrams).sum(axis=0).min(axis=0),
        "pieces": pieces,
    }
    costs = diagram_costs(truth.validation, diagrams)
    chamfer = chamfer_matrix(surfaces, list(clouds))
    size = len(away) // len(surfaces)  # of a group
    found: dict[str, list[dict[str, float]]] = {name: [] for name in judged}
    for shuffle in range(SHUFFLES):
        order = np.random.default_rng(shuffle).permutation(len(away))[: size * len(surfaces)]
        for name, judge in judged.items():
            kept = np.array([min(g, key=judge.__getitem__) for g in order.reshape(-1, size)])
            found[name].append(
                {
                    "(8) x 100": 100 * away[kept].mean(),
                    "PD-LAP x 100": 100 * pd_lap_of(costs[:, :, kept])["pd_lap"],
                    "one piece, %": 100 * (pieces[kept] == 1).mean(),
                    "MMD-CD x 1000": 1000 * nearest(chamfer[:, kept]),
                }
            )
    return {name: _moments(scores) for name, scores in found.items()}


def _moments(scores: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    values: dict[str, NDArray[np.float64]] = {
        name: np.array([each[name] for each in scores]) for name in scores[0]
    }
    return {name: (float(v.mean()), float(v.std())) for name, v in values.items()}


def table(rows: Mapping[str, Mapping[str, tuple[float, float]]]) -> list[str]:
    """A Markdown table of means and deviations."""
    names = list(next(iter(rows.values())))
    lines = ["| kept | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for name, scores in rows.items():
        cells = [f"{mean:.2f} ± {deviation:.2f}" for mean, deviation in scores.values()]
        lines.append(f"| {JUDGES[name]} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def main() -> None:
    """Choose among the shapes of every row of the chapter, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="of a run with the chapter point_clouds")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--page", type=Path, default=PAGE)
    given = parser.parse_args()
    torch.set_num_threads(1)
    truth = Truth.read(given.results / "shapes" / given.category)
    predicted, lines = None, []
    for method in ROWS.values():
        place = Path(given.category) / method / "seed0"
        generator = load_generator(given.results / "trained" / place / "generator.safetensors")
        if predicted is None:  # all rows have one encoder
            predicted = PredictedDiagrams(generator, truth)
            lines += [known_of_validation(predicted, generator, truth), ""]
        folder = given.results / "synthetic" / place
        codes = generator.prior.codes(torch.from_numpy(np.load(folder / "codes.npy")[0])).detach()
        size = len(codes) // len(truth.watched)
        lines += [f"## {method}: one of {size}, {len(truth.watched)} of {len(codes)} shapes", ""]
        lines += table(selected(folder, codes, predicted, truth))
    command = f"python benchmarks/cloud_consistency.py results/{given.results.name}"
    told = (
        f"Written by `{command}`: shapes that are kept by several judges, compared with validation "
        f"shapes; means and deviations over {SHUFFLES} groupings of the same shapes."
    )
    heading = ["# Can a diagram generator improve ShapeGF?", "", told, ""]
    given.page.write_text("\n".join([*heading, *lines]).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
