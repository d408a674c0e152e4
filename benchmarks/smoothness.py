"""Does the smoothness term (10) help diagrams of codes that the diagram generator never saw?

    python benchmarks/smoothness.py results/furniture chair table

Needs the pretrained shape generators of a run. A diagram generator learns the diagrams of some of
the training shapes, with the codes that the shape generator gave them; the score is the distance
(1) between what it says of the *other* training shapes' codes and their diagrams. All trainings
take the same number of steps. Writes docs/records/benchmarks_smoothness.md.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import yaml

from toposhape.generators import VariationalCodes, generated_diagrams
from toposhape.generators.diagrams.health import DeadGeneratorError
from toposhape.generators.diagrams.pretraining import stored_points, train_diagram_generator
from toposhape.generators.diagrams.store import Diagrams, load_diagram_generator
from toposhape.generators.implicit.generator import ImplicitGenerator
from toposhape.generators.implicit.store import load_generator
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.run import read_config
from toposhape.topology import diagram_distance
from toposhape.topology.tables import read_diagrams

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "records" / "benchmarks_smoothness.md"
VARIANT = "DeepSDF-SE"
WEIGHTS = (0.0, 0.001, 0.01, 0.1)
COUNTS = (24, 84)  # shapes that are learned
HELD_OUT = 28
STEPS = 600
SEEDS = (0, 1)


def shapes_at(generator: ImplicitGenerator, chosen: np.ndarray) -> ImplicitGenerator:
    """The generator with the codes of some of its shapes only."""
    codes = VariationalCodes(len(chosen), generator.codes.means.shape[1])
    codes.load_state_dict({k: v[chosen] for k, v in generator.codes.state_dict().items()})
    ids = tuple(generator.shape_ids[i] for i in chosen)
    return replace(generator, codes=codes, shape_ids=ids)


def mean_distance(given: Diagrams, true: Diagrams) -> float:
    """Mean over shapes of (1), summed over degrees, x 100."""
    pairs = zip(given, true, strict=True)
    each = [sum(diagram_distance(a, b) for a, b in zip(*pair, strict=True)) for pair in pairs]
    return 100 * float(np.mean(each))


def held_out_distance(
    generator: ImplicitGenerator, truth: Diagrams, settings: DiagramGeneratorSettings, seed: int,
    count: int, min_persistence: float,
) -> float:  # fmt: skip
    """Train on `count` shapes; the distance on HELD_OUT others, or NaN if a degree dies."""
    order = np.random.default_rng(seed).permutation(len(truth))
    learned, others = order[:count], order[-HELD_OUT:]
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder)
        try:
            train_diagram_generator(
                shapes_at(generator, learned),
                [truth[i] for i in learned],
                [],
                settings,
                min_persistence=min_persistence,
                seed=(seed,),
                checkpoints=to / "checkpoints",
                weights=to / "diagrams.safetensors",
                metadata=to / "diagrams.json",
                history=to / "history.csv",
                title=f"{count} shapes, weight {settings.training.smoothness_weight}",
            )
        except DeadGeneratorError:
            return float("nan")
        trained = load_diagram_generator(to / "diagrams.safetensors").diagrams
    codes = generator.codes.means.detach()[others]
    found = generated_diagrams(trained, codes, min_persistence)
    return mean_distance(found, [truth[i] for i in others])


def table(run: Path, category: str) -> list[str]:
    """A row for each number of learned shapes, a column for each weight."""
    config = read_config(yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8")))
    generator = load_generator(
        run / "generators" / category / VARIANT / "seed0" / "generator.safetensors"
    )
    diagrams = run / "shapes" / category / "diagrams.parquet"
    truth = stored_points(read_diagrams(diagrams, generator.shape_ids))
    lines = ["| learned shapes | " + " | ".join(f"lambda_s {w:g}" for w in WEIGHTS) + " |"]
    lines.append("| ---: |" + " ---: |" * len(WEIGHTS))
    for count in COUNTS:
        batches = -(-count // config.diagram_generator.training.shapes_per_batch)
        cells = []
        for weight in WEIGHTS:
            changed = {"smoothness_weight": weight, "max_epochs": STEPS // batches}
            settings = config.diagram_generator.model_copy(update={
                "training": config.diagram_generator.training.model_copy(update=changed)
            })  # fmt: skip
            found = [
                held_out_distance(
                    generator, truth, settings, seed, count, config.topology.min_persistence
                )
                for seed in SEEDS
            ]
            cells.append(f"{np.mean(found):.2f} ({' '.join(f'{value:.2f}' for value in found)})")
        lines.append(f"| {count} | " + " | ".join(cells) + " |")
    return lines


def main() -> None:
    """Measure and write the page."""
    torch.set_num_threads(1)
    run, categories = Path(sys.argv[1]), sys.argv[2:]
    page = [
        "# Smoothness and codes that were not seen",
        "",
        f"Written by `python benchmarks/smoothness.py results/{run.name} {' '.join(categories)}`: "
        f"distance (1) x 100 between PD(z) and the true diagrams at the codes of {HELD_OUT} shapes "
        f"that the diagram generator did not learn, mean of seeds {SEEDS} (each in brackets), "
        f"{STEPS} steps, else config.yaml, codes of {VARIANT}; nan: a degree died.",
    ]
    for category in categories:
        page += ["", f"## {category.capitalize()}", "", *table(run, category)]
    PAGE.write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
