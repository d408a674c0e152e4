"""The diagram generator as a critic of shapes."""

from types import SimpleNamespace

import numpy as np
import pytest
from small_run import solid

from toposhape.evaluation.describe import describe_fields
from toposhape.generators.diagrams.network import DiagramGenerator, generated_diagrams
from toposhape.generators.diagrams.store import save_diagram_generator
from toposhape.jobs.critic import WEIGHTS, Critic, best_by_diagrams
from toposhape.settings.diagrams import DiagramNetwork
from toposhape.settings.topology import Topology
from toposhape.topology import diagram_distance


def made(number):
    """The solid of a number, made of a code that is always the same."""
    (topology,) = describe_fields(solid(number)[None], Topology())
    return SimpleNamespace(code=np.array([0.5, -1], np.float32), topology=topology)


@pytest.fixture
def critic(tmp_path):
    diagrams = DiagramGenerator((2, 3, 1), 2, DiagramNetwork())
    save_diagram_generator(tmp_path / WEIGHTS, tmp_path / "diagrams.json", diagrams, {})
    return Critic.beside(tmp_path / "generator.safetensors")


def test_a_shape_costs_its_distance_from_the_diagrams_of_its_code(critic):
    import torch

    (asked,) = generated_diagrams(critic.diagrams, torch.tensor([[0.5, -1]]), 0.01)
    torus = made(2)
    of_degrees = zip(torus.topology.diagram.points, asked, strict=True)
    cost = sum(diagram_distance(points, others, engine="lap") for points, others in of_degrees)
    assert critic.cost(torus) == pytest.approx(cost)
    assert critic.cost(torus) != critic.cost(made(3))


def test_the_first_shape_needs_no_critic(tmp_path):
    assert best_by_diagrams(1, tmp_path / "generator.safetensors") is None
    with pytest.raises(FileNotFoundError, match="no diagram generator"):
        best_by_diagrams(2, tmp_path / "generator.safetensors")
