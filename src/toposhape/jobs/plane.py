"""Plane reproduction: theorems 1 to 3 of IGR, its initial sphere, and known surfaces."""

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from toposhape.base.files import whole
from toposhape.generators.scans.descents import descents
from toposhape.generators.scans.initial_spheres import NETWORKS, initial_radii
from toposhape.generators.scans.known_surfaces import STARTS, SURFACES, reproduce


def reproduce_plane(seeds: Iterable[int], run_seed: int, numbers: Path, pictures: Path) -> None:
    """Write all that the table and the figure show.

    Args:
        seeds: each network is learned once for each.
        run_seed: of the run.
        numbers: CSV file to write: surface, start, seed, and mean, deviation and median of the
            relative error.
        pictures: npz file to write: what `descents` returns; `radii <network>, <formula or
            calibrated>`; `<surface> from <start>`, values on the plane y = 0, of the first seed.
    """
    seeds = list(seeds)
    arrays: dict[str, Any] = descents(run_seed)
    for name, settings in NETWORKS.items():
        for kind in ("formula", "calibrated"):
            radii = [
                initial_radii(settings, (run_seed, seed), calibrated=kind == "calibrated")
                for seed in range(4)
            ]
            arrays[f"radii {name}, {kind}"] = np.concatenate(radii)
    lines = []
    for surface, start, seed in product(SURFACES, STARTS, seeds):
        with TemporaryDirectory() as folder:
            made = reproduce(surface, start, (run_seed, seed), Path(folder))
        lines.append(
            {
                "surface": surface,
                "start": start,
                "seed": seed,
                "mean": made.errors.mean(),
                "deviation": made.errors.std(),
                "median": np.median(made.errors),
            }
        )
        if seed == seeds[0]:
            arrays[f"{surface} from {start}"] = made.values
    with whole(numbers) as file:
        pd.DataFrame(lines).to_csv(file, index=False)
    with whole(pictures) as file, file.open("wb") as stream:
        np.savez(stream, **arrays)
