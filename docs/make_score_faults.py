"""Write docs/records/score_faults.md: which faults of a set each score sees, and which fool it.

python docs/make_score_faults.py [--category chair table] [--test 32] [--pool 64] [--draws 10]

Furniture that comes with the project, on 64^3 grids; minutes on one core, the same every time.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shape_faults import (
    Fault,
    Field,
    crumbled,
    filled_cavities,
    filled_handles,
    hollowed,
    moved,
    noisy,
    torn,
)

from toposhape.evaluation.metrics import METRICS, Metric
from toposhape.evaluation.novelty import novelty
from toposhape.evaluation.scores import diagram_costs, diagram_metric, energy_distance
from toposhape.evaluation.set_scores import Reference, ShapeSet, score_set
from toposhape.evaluation.shape_sets import field_set
from toposhape.shapes.furniture import make_shape
from toposhape.shapes.grids import signed_distance_grid
from toposhape.shapes.normalisation import normalising_transform
from toposhape.shapes.signed_distance import make_solid

PAGE = Path(__file__).parent / "records" / "score_faults.md"
RESOLUTION = 64
POINTS = 2048
SEEN = 2.0  # deviations over draws
OTHER = {"chair": "table", "table": "chair", "sofa": "chair"}
SQUARED = Metric(
    "energy_distance_of_squares", "energy distance of squared costs (given up)", 100, "x 100",
    "lower", "",
)  # fmt: skip
FAULTS: dict[str, Fault] = {
    "moved by 0.06": moved(2),
    "one leg torn": torn(one=True),
    "all legs torn": torn(one=False),
    "crumbs": crumbled,
    "handles walled up": filled_handles,
    "cavities filled": filled_cavities,
    "hollow": hollowed,
    "noise": noisy,
}


class Sets(NamedTuple):
    """Shapes of one distribution.

    Attributes:
        test: what is compared with.
        training: (m, R, R, R) fields that a generator would have learnt from.
        fresh: (m, R, R, R) fields of further true shapes.
        smaller: (m, R, R, R) the same shapes, 5 % smaller.
        of_any_size: (m, R, R, R) the same shapes, each 0.6 to 1 times as large.
        others: (m, R, R, R) fields of another category.
    """

    test: ShapeSet
    training: NDArray[np.float32]
    fresh: NDArray[np.float32]
    smaller: NDArray[np.float32]
    of_any_size: NDArray[np.float32]
    others: NDArray[np.float32]


def field_of(category: str, index: int, size: float = 1.0) -> Field:
    """Signed distance of a procedural shape, so much larger than normalised."""
    shape = make_shape(category, seed=0, index=index)
    vertices = size * normalising_transform(shape.vertices).apply(shape.vertices)
    solid = make_solid(vertices, shape.faces, sheet_thickness=0.0)
    return signed_distance_grid(solid, RESOLUTION).values.astype(np.float32)


def fields_of(category: str, numbers: Iterable[int], sizes: Iterable[float]) -> NDArray[np.float32]:
    """Signed distances of procedural shapes of these numbers and sizes."""
    return np.stack([field_of(category, i, size) for i, size in zip(numbers, sizes, strict=False)])


def true_sets(category: str, tests: int, pool: int) -> Sets:
    """Different shapes for each purpose, by their numbers."""
    normal = repeat(1.0)
    fresh = range(tests + pool, tests + 2 * pool)
    any_size = np.exp(np.random.default_rng(5).uniform(np.log(0.6), 0, pool))
    return Sets(
        described(fields_of(category, range(tests), normal)),
        fields_of(category, range(tests, tests + pool), normal),
        fields_of(category, fresh, normal),
        fields_of(category, fresh, repeat(0.95)),
        fields_of(category, fresh, any_size),
        fields_of(OTHER[category], range(pool), normal),
    )


def described(fields: NDArray[np.float32], seed: int = 0) -> ShapeSet:
    """What scores need to know of fields; every surface is sampled by itself."""
    return field_set(fields, points=POINTS, seed=1_000_000 * seed)


def makers(sets: Sets, n: int) -> dict[str, Callable[[int], ShapeSet]]:
    """For each fault what makes the n shapes of a draw; the first has none."""

    def chosen(draw: int, pool: int, count: int) -> NDArray[np.int64]:
        return np.sort(np.random.default_rng([draw, 7]).permutation(pool)[:count])

    def from_pool(fields: NDArray[np.float32], seed: int = 0) -> Callable[[int], ShapeSet]:
        known = cache(lambda: described(fields, seed))
        return lambda draw: known().take(chosen(draw, len(fields), n))

    def repeated(count: int) -> Callable[[int], ShapeSet]:
        def make(draw: int) -> ShapeSet:
            places = np.resize(chosen(draw, len(sets.fresh), count), n)
            return described(sets.fresh[places], seed=1 + draw)

        return make

    def collapsed(draw: int) -> ShapeSet:
        return described(np.repeat(sets.training[typical][None], n, axis=0), seed=1 + draw)

    def mixed(draw: int) -> ShapeSet:
        places = chosen(draw, len(sets.fresh), n)
        fields = sets.fresh[places]
        fields[::3] = sets.others[places[::3]]
        return described(fields)

    def faulty(fault: Fault) -> Callable[[int], ShapeSet]:
        randoms = [np.random.default_rng([i, 11]) for i in range(len(sets.fresh))]
        return from_pool(np.stack([fault(*each) for each in zip(sets.fresh, randoms, strict=True)]))

    typical = diagram_costs(described(sets.training).diagrams).sum(axis=(0, 1)).argmin()
    return {
        "none": from_pool(sets.fresh),
        "one shape": collapsed,
        "4 shapes": repeated(4),
        "pairs": repeated(n // 2),
        "copies of training": from_pool(sets.training, seed=99),  # other points of its surfaces
        "a third another category": mixed,
        "5 % smaller": from_pool(sets.smaller),
        "sizes 0.6 to 1": from_pool(sets.of_any_size),
        **{name: faulty(fault) for name, fault in FAULTS.items()},
    }


def scores_of(
    made: ShapeSet, reference: Reference, training: NDArray[np.floating]
) -> dict[str, float]:
    """Every score of a set, and the energy distance as it was."""
    costs = diagram_costs(reference.shapes.diagrams, made.diagrams).sum(axis=0)
    own = diagram_costs(made.diagrams).sum(axis=0)
    squared = energy_distance(costs, reference.topology**2, own)
    new = novelty(made.surfaces, training)
    return {**score_set(made, reference), **new, SQUARED.name: squared}


def verdict(metric: Metric, moved_by: float) -> str:
    """What a score makes of a fault that moves it by so many deviations of the draws."""
    if abs(moved_by) <= SEEN:
        return "blind"
    if metric.direction == "reference":
        return "sees"
    return "sees" if (moved_by > 0) == (metric.direction == "lower") else "fooled"


def movements(scores: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """By score (lines) and fault: (mean - mean without fault) / deviation without fault."""
    floor = scores["none"]
    deviation = floor.std(ddof=1)
    moved_by = {
        fault: (table.mean() - floor.mean()) / deviation
        for fault, table in scores.items()
        if fault != "none"
    }
    return pd.DataFrame(moved_by).fillna(0.0)  # 0 / 0: nothing moved


def entry(metric: Metric, moved_by: float) -> str:
    """A place of the table."""
    number = f"{np.clip(moved_by, -99, 99):+.0f}".replace("-", "−")
    what = verdict(metric, moved_by)
    return {"blind": "·", "sees": number, "fooled": f"**{number} fooled**"}[what]


def negative_share(diagrams: list) -> tuple[float, float]:
    """Share of negative eigenvalues (by size) of centred -d / 2, for d and for its square.

    None if distances were of negative type (docs/scores.md).
    """
    distances = diagram_metric(diagram_costs(diagrams))
    centre = np.eye(len(distances)) - 1 / len(distances)
    shares = []
    for matrix in (distances, distances**2):
        values = np.linalg.eigvalsh(-0.5 * centre @ matrix @ centre)
        shares.append(float(-values[values < 0].sum() / np.abs(values).sum()))
    return shares[0], shares[1]


def section(category: str, tests: int, pool: int, draws: int) -> list[str]:
    """The page's part about one category."""
    sets = true_sets(category, tests, pool)
    reference, training = Reference.of(sets.test), described(sets.training).surfaces
    scores = {
        fault: pd.DataFrame(scores_of(make(draw), reference, training) for draw in range(draws))
        for fault, make in makers(sets, tests).items()
    }
    moved_by = movements(scores)
    metrics = [m for m in (*METRICS.values(), SQUARED) if m.name in moved_by.index]
    lines = [f"## {category.capitalize()}s", ""]
    lines.append(f"| score | without fault | {' | '.join(moved_by)} |")
    lines.append("| --- | ---: |" + " ---: |" * len(moved_by.columns))
    for metric in metrics:
        plain = scores["none"][metric.name] * metric.factor
        without = f"{plain.mean():.{metric.decimals}f} ± {plain.std(ddof=1):.{metric.decimals}f}"
        entries = [entry(metric, moved_by.loc[metric.name, fault]) for fault in moved_by]
        lines.append(f"| {metric.title} ({metric.unit}) | {without} | {' | '.join(entries)} |")
    diagrams = [*sets.test.diagrams, *described(sets.fresh).diagrams]
    metric_share, squared_share = negative_share(diagrams)
    return [
        *lines,
        "",
        f"Of the {len(diagrams)} true shapes' matrix of distances, centred, negative eigenvalues "
        f"make up {100 * metric_share:.2f} % (of squared distances {100 * squared_share:.1f} %): "
        "none if the metric were of negative type.",
        "",
    ]


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--category", nargs="+", default=["chair", "table"])
    parser.add_argument("--test", type=int, default=32)
    parser.add_argument("--pool", type=int, default=64)
    parser.add_argument("--draws", type=int, default=10)
    given = parser.parse_args()
    page = [
        "# Which faults the scores see",
        "",
        f"Written by `python docs/make_score_faults.py {' '.join(sys.argv[1:])}`: furniture on "
        f"{RESOLUTION}^3 grids; "
        f"{given.test} test shapes against {given.draws} sets of {given.test}, drawn from "
        f"{given.pool} further true shapes, each set with a fault. Numbers: how far the fault "
        "moves the mean of a score, in deviations over the draws without fault. A dot: by less "
        f"than {SEEN:g}, the score is blind to it. **fooled**: the score calls the fault better "
        "than the truth. Scores that have no better direction see what moves them. What to make "
        "of it: "
        "[scores.md](../scores.md).",
        "",
        *(
            line
            for category in given.category
            for line in section(category, given.test, given.pool, given.draws)
        ),
    ]
    PAGE.write_text("\n".join(page).rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
