"""Make the generators that come with the package from a run of presets/packaged.yaml.

python -m toposhape.models [results/packaged]
"""

import argparse
from pathlib import Path

from toposhape.jobs.packaging import package_generator

from . import FOLDER

METHOD = "Anchored-DeepSDF"


def main() -> None:
    """Package the method's generator of every category of the run."""
    parser = argparse.ArgumentParser(prog="python -m toposhape.models", description=__doc__)
    parser.add_argument("run", nargs="?", type=Path, default=Path("results/packaged"))
    run = parser.parse_args().run
    for category in sorted(path.name for path in (run / "trained").iterdir()):
        package_generator(run, category, METHOD, FOLDER / category)


if __name__ == "__main__":
    main()
