"""Make the generators that come with the package.

python -m toposhape.models results/chairs      after make reproduce: chairs
python -m toposhape.models results/packaged    after presets/packaged.yaml: tables and sofas
"""

import argparse
from pathlib import Path

from toposhape.jobs.packaging import package_generator

from . import FOLDER

METHOD = "Anchored-DeepSDF"
ROWS = ("DeepSDF-VAD", METHOD, "Anchored-KDE", "Anchored-KDE-Repaired")
COMMANDS = {
    "chairs": "`make reproduce`",
    "packaged": "`snakemake --cores all --configfile config.yaml presets/packaged.yaml`",
}
"""What makes a run."""


def main() -> None:
    """Package the method's generator of every category of the run."""
    parser = argparse.ArgumentParser(prog="python -m toposhape.models", description=__doc__)
    parser.add_argument("run", type=Path, help="results/chairs or results/packaged")
    run = parser.parse_args().run
    if run.name not in COMMANDS:
        parser.error(f"{run}: packaged are runs of the names {', '.join(COMMANDS)}")
    made_by = f"{COMMANDS[run.name]}, then `python -m toposhape.models results/{run.name}`"
    for category in sorted(path.name for path in (run / "trained").iterdir()):
        if (run / "trained" / category / METHOD).is_dir():
            package_generator(run, category, METHOD, FOLDER / category, rows=ROWS, made_by=made_by)


if __name__ == "__main__":
    main()
