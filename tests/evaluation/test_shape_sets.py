"""Sets of shapes from anybody's signed distance fields."""

import numpy as np
import pytest

from toposhape.evaluation.set_scores import Reference, score_set
from toposhape.evaluation.shape_sets import field_set

AXIS = np.linspace(-1, 1, 32, dtype=np.float32)
X, Y, Z = np.meshgrid(AXIS, AXIS, AXIS, indexing="ij")


def ball(radius, x=0.0):
    return np.sqrt((X - x) ** 2 + Y**2 + Z**2) - radius


def fields():
    torus = np.hypot(np.hypot(X, Z) - 0.6, Y) - 0.2
    two = np.minimum(ball(0.3, -0.5), ball(0.3, 0.5))
    shell = np.maximum(ball(0.8), -ball(0.4))
    nothing = np.ones_like(X)
    return np.stack([torus, two, shell, nothing]).astype(np.float32)


def test_pieces_handles_cavities_and_surfaces_of_known_solids():
    shapes = field_set(fields(), points=500)
    assert shapes.betti.tolist() == [[1, 1, 0], [2, 0, 0], [1, 0, 1], [0, 0, 0]]
    assert shapes.empty.tolist() == [False, False, False, True]
    assert len(shapes.diagrams[0].points[1]) == 1
    distances = np.linalg.norm(shapes.surfaces[2], axis=1)
    assert np.minimum(abs(distances - 0.8), abs(distances - 0.4)).max() < 0.02
    assert not shapes.surfaces[3].any()


def test_a_set_scored_against_itself_is_perfect():
    shapes = field_set(fields())
    scores = score_set(shapes, Reference.of(shapes))
    assert scores["pd_lap"] == scores["cd_nearest"] == scores["handle_error"] == 0


def test_a_field_with_nan_is_refused():
    broken = fields()
    broken[1, 3, 4, 5] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        field_set(broken)
