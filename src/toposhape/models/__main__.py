"""Make the generators that come with the package from the run of presets/packaged.yaml.

python -m toposhape.models results/packaged
"""

import argparse
from pathlib import Path

from toposhape.jobs.generator_files import AS_PACKAGED
from toposhape.jobs.packaging import package_generator

from . import FOLDER

DRAWN = "Placed-Filtered", "Placed-Filtered-Chosen"
ROWS = ("DeepSDF-VAD", AS_PACKAGED.trained_as, "Placed-KDE", *DRAWN)
MADE_BY = (
    "`snakemake --cores all --configfile presets/packaged.yaml`, then "
    "`python -m toposhape.models results/packaged`"
)


def main() -> None:
    """Package the generator of every category of the run."""
    parser = argparse.ArgumentParser(prog="python -m toposhape.models", description=__doc__)
    parser.add_argument("run", type=Path, help="results/packaged")
    run = parser.parse_args().run
    method = AS_PACKAGED.trained_as
    folders = sorted((run / "trained").glob(f"*/{method}"))
    if not folders:
        parser.error(f"{run} has no training of {method}: first {MADE_BY.partition(',')[0]}")
    for folder in folders:
        category = folder.parent.name
        package_generator(run, category, method, FOLDER / category, rows=ROWS, made_by=MADE_BY)


if __name__ == "__main__":
    main()
