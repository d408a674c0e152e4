"""The chapter of ShapeGF: clouds drawn, shapes auto-encoded, sets scored, what a sheet costs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.files import whole
from toposhape.base.progress import reported
from toposhape.evaluation.chamfer import chamfer_distance
from toposhape.evaluation.describe import describe_fields
from toposhape.evaluation.earth_mover import earth_mover_distance
from toposhape.evaluation.point_scores import CloudReference, score_clouds
from toposhape.evaluation.score_table import COLUMNS
from toposhape.evaluation.scores import diagram_costs
from toposhape.generators.gradient_fields.data import CloudSource
from toposhape.generators.gradient_fields.generator import (
    GradientFieldGenerator,
    load_generator,
)
from toposhape.generators.gradient_fields.outer_sheet import bare_share
from toposhape.settings.gradient_fields import OuterSheet
from toposhape.settings.topology import Topology
from toposhape.shapes.neighbours import outliers
from toposhape.shapes.prepared import PreparedShapes
from toposhape.topology.tables import read_diagrams

from .scoring import TruthFiles

SAMPLERS: dict[str, dict[str, Any]] = {
    "ancestral, 24": {"kind": "ancestral", "levels": 24},
    "ancestral, 12": {"kind": "ancestral", "levels": 12},
    "Langevin, 10 x 10": {"kind": "langevin", "levels": 10, "steps": 10},
    "Langevin, 10 x 2": {"kind": "langevin", "levels": 10, "steps": 2},
    "Heun, 12": {"kind": "heun", "levels": 12},
}
"""Ways of sampling that are compared."""
COMPARED_SHAPES = 8
SHEET_SHAPES = 20
FIRST, SECOND = 0, 1  # disjoint draws of a shape's points; their distance is the oracle's


def draw_clouds(generator: Path, codes: Path, clouds: Path, points: int, **loading: Any) -> None:
    """Draw the cloud of every synthetic shape.

    Args:
        generator: weights.
        codes: codes.npy (draws, n, d) of its synthetic shapes.
        clouds: .npy to write, (draws, n, points, 3).
        points: of a cloud.
        loading: device and sampling, for the generator.
    """
    noise = np.load(codes)
    made = load_generator(generator, **loading).clouds(noise.reshape(-1, noise.shape[-1]), points)
    stacked = np.stack(list(reported(made, noise[..., 0].size, "clouds")))
    with whole(clouds) as file:
        np.save(file, stacked.reshape(*noise.shape[:2], points, 3))


def score_cloud_sets(
    scored: tuple[str, str, int | None],
    sets: NDArray[np.float32],
    test: CloudSource,
    earth_mover_points: int,
    threads: int | None = None,
) -> pd.DataFrame:
    """A score table of sets of clouds; earth mover's distances of the first set alone.

    Args:
        scored: category, row of the tables, training seed (None for no generator).
        sets: (draws, n, P, 3).
        test: what they are compared with.
        earth_mover_points: of a cloud in earth mover's distances.
        threads: of matrices.
    """
    clouds = measured_clouds(test, sets.shape[2])
    reference = CloudReference.of(clouds, earth_mover_points, threads)
    lines = [
        (*scored, draw, name, value, len(synthetic))
        for draw, synthetic in enumerate(sets)
        for name, value in score_clouds(
            synthetic, reference, earth_mover=draw == 0, threads=threads
        ).items()
    ]
    table = pd.DataFrame(lines, columns=COLUMNS)
    return table.astype({"training_seed": "Int64", "draw": "Int64"})


def training_sets(
    training: CloudSource, draws: int, shapes: int, points: int
) -> NDArray[np.float32]:
    """Sets of training shapes, what a generator is measured by: (draws, shapes, points, 3)."""
    orders = [
        np.random.default_rng([draw, 0xC1]).permutation(len(training)) for draw in range(draws)
    ]
    return np.stack([measured_clouds(training, points, order[:shapes]) for order in orders])


def measured_clouds(
    source: CloudSource, points: int, places: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """Points of shapes that nothing was learned from, (n, points, 3)."""
    chosen = range(len(source)) if places is None else places.tolist()
    return np.stack([source.measured(place, points) for place in chosen])


def reconstruct_clouds(
    generator: Path,
    sources: Mapping[str, CloudSource],
    surfaces: PreparedShapes,
    points: int,
    **loading: Any,
) -> pd.DataFrame:
    """Auto-encode shapes and measure how near their clouds come.

    Test shapes by the generator's own sampler; some of every part by all `SAMPLERS`.

    Args:
        generator: weights.
        sources: shapes by part: training, test.
        surfaces: their surface points.
        points: of a cloud.
        loading: device and sampling, for the generator.

    Returns:
        A line for each shape and sampler: part, shape, sampler ("oracle" is another draw of the
        shape's own points), chamfer, earth_mover.
    """
    trained = load_generator(generator, **loading)
    lines = []
    for part, source in sources.items():
        chosen = len(source) if part == "test" else COMPARED_SHAPES
        for place in reported(range(min(chosen, len(source))), chosen, f"{part} shapes"):
            truth = source.measured(place, points, FIRST)
            clouds = {"oracle": source.measured(place, points, SECOND)}
            clouds |= _sampled(trained, surfaces[source.shapes[place]], place, points)
            for name, cloud in clouds.items():
                pair = chamfer_distance(cloud, truth), earth_mover_distance(cloud, truth)
                lines.append((part, source.shapes[place], name, *pair))
    return pd.DataFrame(lines, columns=["part", "shape", "sampler", "chamfer", "earth_mover"])


def _sampled(
    trained: GradientFieldGenerator, surface: NDArray[np.float32], place: int, points: int
) -> dict[str, NDArray[np.float32]]:
    code = trained.encode(surface)
    names = list(SAMPLERS) if place < COMPARED_SHAPES else list(SAMPLERS)[:1]
    found = {}
    for name in names:
        sampler = trained.sampler.model_copy(update=SAMPLERS[name])
        made = replace(trained, sampler=sampler)
        found[name] = made.cloud(code, points, f"reconstruction {place}")
    return found


def measure_sheets(
    truth: TruthFiles,
    grids: PreparedShapes,
    surfaces: PreparedShapes,
    generator: Path,
    topology: Topology,
    **loading: Any,
) -> pd.DataFrame:
    """What the outer sheet of a cloud costs, on test shapes whose diagrams are known.

    Args:
        truth: the category's prepared shapes.
        grids: their signed distances.
        surfaces: their surface points.
        generator: weights; the same shapes auto-encoded are the third kind of field.
        topology: how diagrams are made.
        loading: device and sampling, for the generator.

    Returns:
        A line for each shape and field ("true points", "auto-encoded", "another shape"): distance
        of equation (1) from the true diagram, iou of the solids, bare share of the cloud, outliers
        left out.
    """
    ids = truth.ids("test")[:SHEET_SHAPES]
    diagrams = read_diagrams(truth.diagrams, ids)
    trained = load_generator(generator, **loading)
    costs = diagram_costs(diagrams).sum(axis=0)
    lines: list[tuple[str, str, float, float, float]] = []
    for i, shape in enumerate(reported(ids, len(ids), "outer sheets")):
        grid = np.array(grids[shape])
        for name, field, bare in _sheets(trained, surfaces[shape], len(grid), shape):
            (found,) = describe_fields(field[None], topology)
            cost = diagram_costs([diagrams[i]], [found.diagram]).sum()
            lines.append((shape, name, float(cost), _iou(field < 0, grid < 0), bare))
        others = np.delete(costs[i], i)
        lines.append((shape, "another shape", float(others.mean()), np.nan, np.nan))
    return pd.DataFrame(lines, columns=["shape", "field", "distance", "iou", "bare_share"])


def _sheets(
    trained: GradientFieldGenerator, surface: NDArray[np.float32], resolution: int, shape: str
) -> Iterator[tuple[str, NDArray[np.float32], float]]:
    settings: OuterSheet = trained.surface
    clouds = {
        "true points": np.array(surface[: settings.points]),
        "auto-encoded": trained.cloud(trained.encode(surface), settings.points, shape),
    }
    for name, cloud in clouds.items():
        field = trained.sheet(cloud, resolution)
        kept = cloud[~outliers(cloud.astype(np.float64), settings.outlier_factor)]
        yield name, field, bare_share(kept, field, 2 * settings.offset)


def _iou(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a & b).sum() / max((a | b).sum(), 1))
