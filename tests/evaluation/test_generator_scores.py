"""Diagram generators' scores, and codes of the aggregate posterior."""

import numpy as np
import torch

from toposhape.config import DiagramNetwork
from toposhape.evaluation.generator_scores import compare_with_training, diagrams_of_codes
from toposhape.evaluation.synthesis import draw_codes, posterior_codes
from toposhape.generators import DiagramGenerator, VariationalCodes
from toposhape.topology import StoredDiagram, diagram_distance


def diagram(birth: float) -> StoredDiagram:
    none = np.empty((0, 2), np.float32)
    return StoredDiagram((none, np.array([[0, birth]], np.float32), none))


def test_generated_diagrams_are_those_of_the_network_above_the_threshold():
    torch.manual_seed(0)
    generator = DiagramGenerator((2, 3, 0), 4, DiagramNetwork())
    generator.place(
        [([[0, 0.2]], [[0, 0.3], [-0.1, 0.5]], np.empty((0, 2)))], torch.Generator().manual_seed(0)
    )
    codes = draw_codes(1, 5, 4, seed=0)[0]
    made = diagrams_of_codes(generator, codes, min_persistence=0.01)
    direct = [points.detach().numpy() for points in generator(torch.from_numpy(codes))]
    for i, each in enumerate(made):
        for points, all_points in zip(each.points, direct, strict=True):
            kept = all_points[i][np.diff(all_points[i])[:, 0] >= 0.01]
            np.testing.assert_array_equal(points, kept)


def test_both_matrices_compare_the_same_training_shapes():
    training = [diagram(b) for b in (0.1, 0.2, 0.3, 0.4)]
    result = compare_with_training(training, training[:3][::-1], training)
    assert result.shapes.shape == result.diagrams.shape == (3, 3)
    far = diagram_distance([[0, 0.1]], [[0, 0.3]])
    assert np.isclose(result.shapes[0, 0], far)
    assert np.allclose(result.values(), 0)


def test_posterior_codes_have_the_moments_of_the_mixture():
    codes = VariationalCodes(2, 1, mean_deviation=1.0, deviation=0.5)
    with torch.no_grad():
        codes.means.copy_(torch.tensor([[-2.0], [2.0]]))
    drawn = posterior_codes(codes, draw_codes(40, 500, 1, seed=0), seed=0)
    assert drawn.shape == (40, 500, 1)
    assert drawn.dtype == np.float32
    assert abs(drawn.mean()) < 0.05
    assert abs(drawn.var() - (4 + 0.25)) < 0.05
    again = posterior_codes(codes, draw_codes(40, 500, 1, seed=0), seed=0)
    np.testing.assert_array_equal(drawn, again)
