"""A run of five balls and tori on a small grid: the files that scores and figures read."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from toposhape.base.checksums import write_checksums
from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.topology_table import join_topology, write_topology
from toposhape.jobs.scoring import SetFiles, TruthFiles
from toposhape.jobs.truth import describe_batch
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.topology.tables import join_diagrams, write_diagrams

IDS = ["NA", "nan", "000", "007", "1e3", "None", "a b"]
SPLIT = {"training": IDS[3:], "validation": [], "test": IDS[:3]}
POINTS = 64
AXIS = np.linspace(-1, 1, 20)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


def solid(number: int) -> np.ndarray:
    """Signed distance of a ball (odd numbers) or a torus (even ones), no two alike."""
    if number % 2:
        return (np.sqrt(X**2 + Y**2 + Z**2) - 0.3 - 0.03 * number).astype(np.float32)
    return (np.hypot(np.hypot(X, Z) - 0.5, Y) - 0.15 - 0.015 * number).astype(np.float32)


def prepared(folder: Path) -> TruthFiles:
    """Two batches of prepared shapes with their diagrams and topology, joined."""
    lines, batches = [], {"000": IDS[:4], "001": IDS[4:]}
    for batch, ids in batches.items():
        place = folder / "batches" / batch
        place.mkdir(parents=True)
        fields = np.stack([solid(IDS.index(shape)) for shape in ids])
        np.save(place / "grid.npy", fields)
        surfaces = [surface_points(*extract_surface(field), 2 * POINTS, 0) for field in fields]
        np.save(place / "surface.npy", np.stack(surfaces))
        lines += [(shape, "ok", "", batch, row) for row, shape in enumerate(ids)]
        manifest(place / "manifest.csv", lines[-len(ids) :])
        describe_batch(
            place / "manifest.csv",
            place / "grid.npy",
            place / "diagrams.parquet",
            place / "topology.csv",
            Topology(),
            threads=1,
        )
    manifest(folder / "manifest.csv", lines)
    (folder / "split.json").write_text(json.dumps(SPLIT))
    found = [folder / "batches" / batch for batch in batches]
    join_diagrams([each / "diagrams.parquet" for each in found], folder / "diagrams.parquet")
    join_topology([each / "topology.csv" for each in found], folder / "topology.csv")
    return TruthFiles(
        folder / "diagrams.parquet",
        folder / "topology.csv",
        [each / "surface.npy" for each in found],
        folder / "manifest.csv",
        folder / "split.json",
    )


def manifest(path: Path, lines: list) -> None:
    """As far as readers need it."""
    columns = ["shape", "status", "reason", "batch", "row"]
    pd.DataFrame(lines, columns=columns).to_csv(path, index=False)


def synthetic(folder: Path, draws: int = 2, n: int = 3) -> SetFiles:
    """Sets of solids that are no prepared ones, and codes and generated diagrams of theirs."""
    folder.mkdir(parents=True)
    fields = np.stack([solid(number) for number in range(8, 8 + draws * n)])
    described = describe_fields(fields, Topology(), threads=1)
    names = [f"{i:03d}" for _ in range(draws) for i in range(n)]
    sets = [draw for draw in range(draws) for _ in range(n)]
    diagrams = [each.diagram for each in described]
    surfaces = [
        surface_points(*extract_surface(field), POINTS, i) for i, field in enumerate(fields)
    ]
    write_diagrams(folder / "diagrams.parquet", names, diagrams, sets=sets)
    write_diagrams(folder / "generated.parquet", names, diagrams[::-1], sets=sets)
    write_topology(folder / "topology.csv", names, described, sets)
    np.save(folder / "surfaces.npy", np.stack(surfaces).reshape(draws, n, POINTS, 3))
    codes = np.random.default_rng(0).standard_normal((draws, n, 2)).astype(np.float32)
    np.save(folder / "codes.npy", codes)
    write_checksums(sorted(folder.iterdir()))
    return SetFiles(folder / "diagrams.parquet", folder / "surfaces.npy", folder / "topology.csv")
