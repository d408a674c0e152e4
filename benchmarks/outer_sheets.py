"""What the outer sheet of true points costs in equation (1), category by category.

    OMP_NUM_THREADS=1 python benchmarks/outer_sheets.py results/furniture

Takes the first shapes of every category that a run has prepared, makes the outer sheet of their
first surface points by the default settings, and compares its diagram with the shape's own, as the
chapter's table *what a sheet costs* does for test shapes. docs/point_clouds.md quotes it.
"""

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.scores import diagram_costs
from toposhape.generators.gradient_fields.outer_sheet import outer_sheet
from toposhape.settings.gradient_fields import OuterSheet
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import PreparedShapes, read_manifest
from toposhape.topology import Diagram
from toposhape.topology.tables import read_diagrams

SHEET = OuterSheet()


def sheet_diagram(surface: np.ndarray, resolution: int) -> Diagram:
    """The diagram of the outer sheet of the first points of a surface (P, 3)."""
    field = outer_sheet(
        np.array(surface[: SHEET.points]),
        resolution, SHEET.offset, SHEET.neighbours, SHEET.outlier_factor,
    )  # fmt: skip
    (found,) = describe_fields(field[None], Topology())
    return found.diagram


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="of a run with prepared shapes")
    parser.add_argument("--shapes", type=int, default=20)
    given = parser.parse_args()
    print("| category | shapes | sheet | median | another shape |\n| --- | --- | --- | --- | --- |")
    for folder in sorted((given.results / "shapes").glob("*/diagrams.parquet")):
        category = folder.parent
        manifest = category / "manifest.csv"
        surfaces, grids = (
            PreparedShapes(manifest, sorted(category.glob(f"batches/*/{name}.npy")))
            for name in ("surface", "grid")
        )
        table = read_manifest(manifest)
        ids = sorted(table["shape"][table["status"] == "ok"])[: given.shapes]
        true = read_diagrams(category / "diagrams.parquet", ids)
        made = [
            sheet_diagram(surfaces[shape], len(grids[shape]))
            for shape in tqdm(ids, category.name, leave=False)
        ]
        own = [diagram_costs([a], [b]).sum() for a, b in zip(true, made, strict=True)]
        others = diagram_costs(true).sum(axis=0)
        other = others.sum() / (len(ids) * (len(ids) - 1))
        shown = (f"{100 * value:.2f}" for value in (np.mean(own), np.median(own), other))
        print(f"| {category.name} | {len(ids)} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
