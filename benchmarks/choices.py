"""What other settings of a training give, on training and validation shapes: a table in Markdown.

    OMP_NUM_THREADS=1 python benchmarks/choices.py pretraining [results/chairs]
        [--category chair] [--row DeepSDF] --choice 'as it is' '{}' --choice Muon
        '{shape_generator: {training: {optimiser: muon}}}' ...
    OMP_NUM_THREADS=1 python benchmarks/choices.py joint ... --choice 'warped, clip 0.3'
        '{topology: {warped_consistency_weight: 1}, joint_training: {consistency_clip: 0.3}}' ...

A choice is a name and what it changes in config.yaml; `topology` is that of the row. The row is a
variant (pretraining) or a method (joint), which starts from the run's pretrained generators. No
test shape is looked at. A choice of the default size takes a core two to five minutes.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import yaml
from validation_scores import Prepared, header, lines, truth_line

from toposhape.generators import load
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.jobs.paths import Paths
from toposhape.jobs.training import Start, train_method
from toposhape.settings.run import Config, read_config

ROOT = Path(__file__).parents[1]
ROWS = {"pretraining": "DeepSDF", "joint": "Ours-DeepSDF"}
LOSS = {"pretraining": "validation", "joint": "data"}
"""Column of the history whose last value is shown."""


def changed(row: str, change: Mapping[str, Any]) -> Config:
    """The default configuration with a choice's changes."""
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    change = dict(change)
    if topology := change.pop("topology", None):
        change["methods"] = {row: {"topology": topology}}
    return read_config(_merged(settings, change))


def _merged(settings: dict[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in change.items():
        within = settings.get(name)
        merge = isinstance(value, Mapping) and isinstance(within, dict)
        settings[name] = _merged(within, value) if merge else value
    return settings


def pretrain(run: Path, prepared: Prepared, config: Config, variant: str, folder: Path) -> None:
    """Pretrain a variant into a folder."""
    del run
    train_shape_generator(
        prepared.rows("samples"), prepared.split["training"], prepared.split["validation"],
        config.shape_generator_of(prepared.folder.name), config.variants[variant],
        seed=(config.seed, 0),
        checkpoints=folder / "checkpoints", weights=folder / "generator.safetensors",
        metadata=folder / "generator.json", history=folder / "history.csv",
        device=torch.device("cpu"), title=variant,
    )  # fmt: skip


def train_jointly(run: Path, prepared: Prepared, config: Config, method: str, folder: Path) -> None:
    """Train a method into a folder, from the run's pretrained generators."""
    chosen, paths = config.methods[method], Paths(run.name, run.parent)
    names = {"category": prepared.folder.name, "variant": chosen.variant, "seed": 0}
    pretrained = Path(paths.pretrained.format(**names))
    given = pretrained / "diagrams.safetensors" if chosen.topology.pretrained_diagrams else None
    train_method(
        Start(pretrained / "generator.safetensors", given, prepared.folder / "diagrams.parquet"),
        prepared.rows("samples"),
        {
            **config.model_dump(),
            "variant": config.variants[chosen.variant].model_dump(),
            "terms": chosen.topology.model_dump(),
        },
        device="cpu",
        seed=(config.seed, 0),
        checkpoints=folder / "checkpoints",
        history=folder / "history.csv",
        title=method,
    )


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=list(ROWS))
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "chairs")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--row")
    parser.add_argument("--choice", nargs=2, action="append", required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    train = pretrain if given.stage == "pretraining" else train_jointly
    row = given.row or ROWS[given.stage]
    loss = LOSS[given.stage]
    prepared = Prepared.of(given.run, given.category)
    reference = prepared.reference()
    print(header("choice", "processor time", f"{loss} loss x 100"))
    print(truth_line(reference, "*these shapes*", "", ""))
    for name, change in given.choice:
        config = changed(row, yaml.safe_load(change))
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            begin = time.process_time()
            train(given.run, prepared, config, row, folder)
            seconds = time.process_time() - begin
            last = pd.read_csv(folder / "history.csv")[loss].iloc[-1]
            generator = load(folder / "generator.safetensors")
            first = name, f"{seconds:.0f} s", f"{100 * last:.2f}"
            print(*lines(generator, config, reference, *first), sep="\n", flush=True)


if __name__ == "__main__":
    main()
