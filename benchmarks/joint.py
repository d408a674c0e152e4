"""What other terms or settings of joint training give, on training and validation shapes.

    OMP_NUM_THREADS=1 python benchmarks/joint.py [results/chairs] [--category chair]
        [--method Ours-DeepSDF] --choice 'as it is' '{}' --choice 'warped, clip 0.3'
        '{topology: {warped_consistency_weight: 1}, joint_training: {consistency_clip: 0.3}}' ...

A choice is a name and what it changes in `joint_training` and in the method's `topology`. All
start from the run's pretrained generators. Prints a table in Markdown; a choice of the default
size takes a core two to four minutes.
"""

import argparse
import tempfile
import time
from pathlib import Path

import torch
import yaml
from validation_scores import Prepared, header, lines, truth_line

from toposhape.generators import load
from toposhape.jobs.paths import Paths
from toposhape.jobs.training import Start, train_method
from toposhape.settings.run import Config, read_config

ROOT = Path(__file__).parents[1]


def train(run: Path, prepared: Prepared, config: Config, method: str, folder: Path) -> float:
    """Train a method into a folder; returns the processor time [s]."""
    chosen, paths = config.methods[method], Paths(run.name, run.parent)
    names = {"category": prepared.folder.name, "variant": chosen.variant, "seed": 0}
    pretrained = Path(paths.pretrained.format(**names))
    given = pretrained / "diagrams.safetensors" if chosen.topology.pretrained_diagrams else None
    begin = time.process_time()
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
    return time.process_time() - begin


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="?", type=Path, default=ROOT / "results" / "chairs")
    parser.add_argument("--category", default="chair")
    parser.add_argument("--method", default="Ours-DeepSDF")
    parser.add_argument("--choice", nargs=2, action="append", required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    prepared = Prepared.of(given.run, given.category)
    reference = prepared.reference()
    print(header("choice", "processor time"))
    print(truth_line(reference, "*these shapes*", ""))
    for name, change in given.choice:
        settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
        changes = yaml.safe_load(change)
        settings["joint_training"].update(changes.get("joint_training", {}))
        settings["methods"][given.method]["topology"].update(changes.get("topology", {}))
        config = read_config(settings)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            seconds = train(given.run, prepared, config, given.method, folder)
            generator = load(folder / "generator.safetensors")
            first = name, f"{seconds:.0f} s"
            print(*lines(generator, config, reference, *first), sep="\n", flush=True)


if __name__ == "__main__":
    main()
