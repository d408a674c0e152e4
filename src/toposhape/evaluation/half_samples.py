"""How sure scores of two sets are, and how small they can be: from halves of the sets.

Drawing shapes with replacement, as the plain bootstrap does, makes copies, and copies are what
nearest neighbours, coverage and assignments see first. Halves drawn without replacement have none,
and vary about the whole as much as the whole does about the truth: the variance of a mean of n/2
of n values, given these, is s^2 / (n/2) (1 - 1/2) = s^2 / n. Scores of n/2 shapes are others than
those of n, so that only the deviations from their mean are taken over (delete-half jackknife, Shao
and Wu, A general theory for jackknife variance estimation, Ann. Statist. 17, 1989).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .metrics import METRICS
from .scores import diagram_costs
from .set_scores import Comparison, means, shape_facts

LEAST = 4  # shapes: halves have two


class Certainty(NamedTuple):
    """A score, and what is known of it.

    Attributes:
        value: of n synthetic shapes against n reference shapes.
        low: lower end of the 95 % confidence interval, no lower than the score can be.
        high: its upper end, no higher than the score can be.
        halves: mean score of n/2 against n/2: what `floor` is to be compared with.
        floor: mean score of one half of the reference set against the other.
    """

    value: float
    low: float
    high: float
    halves: float
    floor: float


def certain_scores(
    comparison: Comparison, *, samples: int = 200, seed: int = 0
) -> dict[str, Certainty]:
    """Every score of two sets of n shapes with its interval and floor.

    Args:
        comparison: of equally large sets.
        samples: of halves drawn.
        seed: of drawing them.

    Raises:
        ValueError: for sets of different sizes, or fewer than `LEAST` shapes.
    """
    n = len(comparison.synthetic.shapes)
    if n != len(comparison.reference.shapes) or n < LEAST:
        raise ValueError(
            f"{len(comparison.reference.shapes)} and {n} shapes: intervals need two sets of one "
            f"size, of at least {LEAST}"
        )
    facts = [shape_facts(each.shapes) for each in (comparison.reference, comparison.synthetic)]
    random = np.random.default_rng([seed, 0x4A])
    whole = np.arange(n)
    value = _scores(comparison, facts[1], whole, whole)
    halves = [
        _scores(comparison, facts[1], _half(random, n)[0], _half(random, n)[0])
        for _ in range(samples)
    ]
    truth = comparison.reference
    own = Comparison(truth, truth, diagram_costs(truth.shapes.diagrams), truth.geometry)
    floors = [_scores(own, facts[0], *_half(random, n)) for _ in range(samples)]
    drawn = pd.DataFrame(halves)
    mean, floor = means(drawn), means(pd.DataFrame(floors))
    low, high = ((drawn - drawn.mean()).quantile(share) for share in (0.025, 0.975))
    return {
        name: Certainty(v, *_possible(name, v + low[name], v + high[name]), mean[name], floor[name])
        for name, v in value.items()
    }


def _possible(name: str, low: float, high: float) -> tuple[float, float]:
    """An interval within what a score can be: the energy distance alone can be below zero."""
    least = -np.inf if name == "energy_distance" else 0.0
    most = 1.0 if METRICS[name].unit == "%" else np.inf
    return float(max(low, least)), float(min(high, most))


def _scores(
    comparison: Comparison, facts: pd.DataFrame, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> Mapping[str, float]:
    scores = comparison.take(rows, columns).scores()
    return {**scores, **means(facts.iloc[columns])}


def _half(random: np.random.Generator, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two halves without a shape in common, of n // 2 each."""
    order = random.permutation(n)
    return order[: n // 2], order[n // 2 : 2 * (n // 2)]
