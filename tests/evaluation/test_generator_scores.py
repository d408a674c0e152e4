"""Diagram generators' scores, and codes of the aggregate posterior."""

import numpy as np
import torch

from toposhape.evaluation.generated import diagrams_of_codes
from toposhape.evaluation.generator_scores import compare_with_training
from toposhape.generators import DiagramGenerator
from toposhape.generators.priors import normal_numbers
from toposhape.settings.diagrams import DiagramNetwork
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
    codes = normal_numbers(1, 5, 4, seed=0)[0]
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
