"""Shapes of a trained generator: sets of synthetic ones, and the test shapes reconstructed."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import trimesh
from numpy.typing import NDArray

from toposhape.base.files import whole, writing
from toposhape.base.progress import reported
from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.evaluation.synthesis import SyntheticShape, synthesise
from toposhape.evaluation.topology_table import synthetic_ids, write_topology
from toposhape.generators.contract import Examples, Generator, fields_of
from toposhape.generators.priors import normal_numbers
from toposhape.settings.implicit import Reconstruction
from toposhape.settings.topology import Topology
from toposhape.shapes.surfaces import extract_surface, surface_points
from toposhape.topology.tables import write_diagrams

from .repairs import Repairs
from .wanted import ANYTHING, Best, Wanted, until_wanted


class SyntheticFiles(NamedTuple):
    """Where sets of synthetic shapes are written (docs/formats.md).

    Attributes:
        codes: .npy.
        diagrams: .parquet.
        surfaces: .npy.
        topology: .csv.
        meshes: folder, for the first set.
        repairs: .csv, of what repair has done; None: no such file.
    """

    codes: Path
    diagrams: Path
    surfaces: Path
    topology: Path
    meshes: Path
    repairs: Path | None = None


Codes = Callable[[int], NDArray[np.float32]]
"""Codes (draws, n, d) of an attempt; see `draw_codes`."""

DISTANCES = {"kernel_density": "bandwidth", "filtered_density": "jitter"}
"""By prior the key that says how far from the codes that it starts from codes are drawn."""
OWN_SETTINGS = {**DISTANCES, "interpolation": "neighbours"}
"""Keys of a row that its prior takes."""


def prior_settings(row: Mapping[str, Any]) -> dict[str, float]:
    """What a row of the tables says to its `prior`, for `draw_codes`."""
    keys = (key for prior, key in OWN_SETTINGS.items() if prior == row.get("prior"))
    return {key: row[key] for key in keys if key in row}


def distance_setting(prior: str) -> str:
    """The key of a prior in `DISTANCES`.

    Raises:
        ValueError: if it draws near no codes.
    """
    if prior not in DISTANCES:
        raise ValueError(f"prior {prior} draws near no codes: only {', '.join(DISTANCES)} do")
    return DISTANCES[prior]


def wanted_of(row: Mapping[str, Any]) -> Wanted:
    """Which shapes a row of the tables takes."""
    wishes = "one_piece", "stands", "nothing_dangles"
    return Wanted(**{wish: row.get(wish, False) for wish in wishes})


def draw_codes(
    generator: Generator,
    prior: str,
    draws: int,
    shapes: int,
    seed: int,
    attempt: int = 0,
    **settings: float,
) -> NDArray[np.float32]:
    """Draw sets of codes (draws, shapes, d) from one of the generator's priors.

    Args:
        generator: of any family.
        prior: its name.
        draws: sets.
        shapes: of a set.
        seed: of all that is drawn.
        attempt: 0, or the codes that are drawn if those of the attempts before it will not do; the
            same ones for a shape, however many there are (`generators.priors`).
        settings: of the prior: `bandwidth` of kernel_density, `neighbours` of interpolation,
            `jitter` of filtered_density.

    Raises:
        ValueError: if it has no such prior.
    """
    if prior not in generator.priors:
        known = ", ".join(generator.priors)
        raise ValueError(
            f"a generator of the family {generator.family} has the priors {known}; "
            f"there is no {prior}"
        )
    noise = normal_numbers(draws, shapes, generator.latent_size, seed, attempt)
    return generator.priors[prior](noise, seed, attempt, **settings)


def codes_of_row(
    generator: Generator, row: Mapping[str, Any], draws: int, shapes: int, seed: int
) -> Codes:
    """Codes from which a row takes its shapes."""
    settings = prior_settings(row)

    def codes(attempt: int) -> NDArray[np.float32]:
        return draw_codes(generator, row["prior"], draws, shapes, seed, attempt, **settings)

    return cache(codes)


def synthesise_sets(
    generator: Generator,
    codes: Codes,
    files: SyntheticFiles,
    *,
    resolution: int,
    topology: Topology,
    points: int,
    seed: int,
    wanted: Wanted = ANYTHING,
    best: Best | None = None,
    repaired: bool = False,
    threads: int | None = None,
    title: str = "synthetic shapes",
) -> None:
    """Generate sets of shapes and write all that is known of them, and meshes of the first set.

    Args:
        generator: of any family.
        codes: those of every attempt at each shape, n of a set.
        files: to write.
        resolution: R of the fields.
        topology: how diagrams are made.
        points: surface points of each shape.
        seed: of these points.
        wanted: what shapes shall be like, see `until_wanted`.
        best: which of several is taken; None: the first.
        repaired: whether fields are repaired (`topology.repair`) before anything is made of them.
        threads: for diagrams.
        title: names the work in progress lines.
    """
    draws, number = codes(0).shape[:2]
    files.meshes.mkdir(parents=True)
    repairs = Repairs(generator.mirrored)

    def taken(draw: int) -> Iterator[tuple[SyntheticShape, int]]:
        """The shapes of a set, with surface points by their places among all."""

        def made(of_codes: NDArray[np.float32], first: int) -> Iterator[SyntheticShape]:
            return synthesise(
                generator,
                of_codes,
                resolution,
                topology,
                points=points,
                seed=seed + draw * number + first,
                mend=repairs.repair if repaired else None,
                threads=threads,
            )

        most_draws = wanted.draws(number, best is not None)
        return until_wanted(made, lambda attempt: codes(attempt)[draw], wanted, most_draws, best)

    ids, sets = synthetic_ids(draws, number)
    every = (each for draw in range(draws) for each in taken(draw))
    used, described, surfaces = [], [], []
    for i, (shape, _) in enumerate(reported(every, draws * number, title)):
        used.append(shape.code)
        described.append(shape.topology)
        surfaces.append(shape.surface)
        if sets[i] == 0:
            _export(shape.vertices, shape.faces, files.meshes / f"{ids[i]}.ply")
    stacked = np.stack(surfaces).astype(np.float32, copy=False)
    with whole(files.codes) as file:
        np.save(file, np.stack(used).reshape(draws, number, -1))
    with whole(files.surfaces) as file:
        np.save(file, stacked.reshape(draws, number, -1, 3))
    write_topology(files.topology, ids, described, sets)
    write_diagrams(files.diagrams, ids, [each.diagram for each in described], sets=sets)
    if not wanted.anything:
        others = sum(not wanted.accepts(each) for each in described)
        sys.stderr.write(f"{title}: {len(described) - others} {wanted.words()}, {others} not\n")
    if files.repairs:
        repairs.write(files.repairs, ids, sets)


def reconstruct_examples(
    generator: Generator,
    examples: Examples,
    distances: Path,
    meshes: Path,
    *,
    resolution: int,
    settings: Reconstruction,
    seed: int,
) -> None:
    """Reconstruct given shapes, measure how near the surfaces come, and write both.

    Args:
        generator: of any family.
        examples: given shapes.
        distances: CSV file to write: shape, chamfer (squared normalised units).
        meshes: folder to write.
        resolution: R of the fields.
        settings: of fitting codes; `surface_points` of each surface are compared.
        seed: of what is drawn.
    """
    meshes.mkdir(parents=True)
    made = generator.reconstruct(examples, resolution, settings, seed)
    found = []
    for i, (name, field) in enumerate(zip(examples.shapes, fields_of(made), strict=True)):
        vertices, faces = extract_surface(field)
        _export(vertices, faces, meshes / f"{i:03d}.ply")
        points = surface_points(vertices, faces, settings.surface_points, seed + i)
        found.append(chamfer_distance(points, np.array(examples.surfaces[name][: len(points)])))
    with whole(distances) as file:
        pd.DataFrame({"shape": examples.shapes, "chamfer": found}).to_csv(file, index=False)


def _export(vertices: NDArray[np.float32], faces: NDArray[np.int64], path: Path) -> None:
    with writing(path):
        trimesh.Trimesh(vertices, faces, process=False).export(path)
