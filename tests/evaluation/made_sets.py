"""Sets of shapes made of random numbers, for tests of their scores."""

import numpy as np
import pandas as pd

from toposhape.evaluation.set_scores import ShapeSet
from toposhape.evaluation.topology_table import COLUMNS as TABLE_COLUMNS
from toposhape.topology import StoredDiagram


def shapes(count, seed, centre=0.0):
    random, places = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    diagrams = []
    for _ in range(count):
        death = random.normal(0, 0.05, (3, 2, 1)).astype(np.float32)
        life = random.uniform(0.02, 0.2, (3, 2, 1)).astype(np.float32)
        vertices = tuple(places.integers(16**3, size=(3, 2, 2)))
        diagrams.append(StoredDiagram(tuple(np.concatenate([death, death + life], 2)), vertices))
    surfaces = random.normal(centre, 0.3, (count, 64, 3)).astype(np.float32)
    return ShapeSet(diagrams, surfaces, table(np.arange(count) % 2 + 1, [3] * count))


def table(b0, b1=None, b2=None, **columns):
    """Lines of topology.csv for shapes of so many pieces and handles."""
    zero = np.zeros(len(b0), int)
    given = {
        "b0": b0,
        "b1": zero if b1 is None else b1,
        "b2": zero if b2 is None else b2,
        "b0_dilated": zero + 1,
        "empty": zero > 0,
        "resolution": zero + 16,
        "largest_share": zero + 1.0,
        "stands": zero == 0,
        "dangling": zero,
        **columns,
    }
    return pd.DataFrame({name: list(values) for name, values in given.items()})[TABLE_COLUMNS]


def value(table, method, metric, draw=0):
    line = table[(table.method == method) & (table.metric == metric)]
    return line.value.iloc[draw]
