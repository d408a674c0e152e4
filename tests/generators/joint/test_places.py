"""Equation (8) with places: who answers for whom, and what is asked for where."""

from itertools import combinations, permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from joint_runs import OURS, SHAPES, settings_of, train, truth, written

from toposhape.base.checksums import DamagedFileError
from toposhape.generators import ImplicitDecoder, grid_points
from toposhape.generators.joint.consistency import consistency_loss, warped
from toposhape.generators.joint.critical_points import values_at
from toposhape.generators.joint.places import (
    PlacedDiagram,
    nearby_pairs,
    placed_consistency,
    placed_target,
)
from toposhape.jobs.training import Start, train_method
from toposhape.settings.diagrams import DiagramGeneratorSettings
from toposhape.settings.implicit import Decoder, ShapeGenerator, Variant
from toposhape.settings.joint import JointTraining, TopologicalTerms
from toposhape.settings.topology import Topology
from toposhape.topology import StoredDiagram, diagram_distance, write_diagrams
from toposhape.topology.diagram import vertex_places

NEAR = {"consistency_bandwidth": 0.25, "place_radius": 1.0}


def points(count, seed):
    random = np.random.default_rng(seed)
    death = random.normal(0, 0.1, (count, 1))
    return np.hstack([death, death + random.uniform(0.01, 0.3, (count, 1))])


def places(count, seed):
    return np.random.default_rng([seed, 1]).uniform(-1, 1, (count, 2, 3))


def cost(p, at, q, q_at, pairs, radius):
    """Of a matching, by hand."""
    alone = [(each[:, 1] - each[:, 0]) ** 2 / 2 for each in (p, q)]
    total = alone[0].sum() + alone[1].sum()
    for i, j in pairs:
        apart = np.sum((at[i, 0] - q_at[j, 0]) ** 2) / radius**2
        both = alone[0][i] + alone[1][j]
        total += np.sum((p[i] - q[j]) ** 2) + (apart - 1) * both
    return total


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 99), st.sampled_from([0.3, 1.0, 5.0]))
def test_no_matching_is_cheaper(n, m, seed, radius):
    sets = points(n, seed), places(n, seed), points(m, seed + 1), places(m, seed + 1)
    found = cost(*sets, nearby_pairs(*sets, radius), radius)
    for size in range(min(n, m) + 1):
        for rows in combinations(range(n), size):
            for columns in permutations(range(m), size):
                assert found <= cost(*sets, zip(rows, columns, strict=True), radius) + 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_where_places_do_not_count_it_is_equation_1(seed):
    sets = points(6, seed), places(6, seed), points(4, seed + 1), places(4, seed + 1)
    pairs = nearby_pairs(*sets, 1e9)
    assert cost(*sets, pairs, 1e9) == pytest.approx(diagram_distance(sets[0], sets[2]))


@pytest.mark.parametrize(("apart", "paired"), [(0.49, True), (0.51, False)])
def test_equal_points_answer_for_each_other_up_to_the_radius(apart, paired):
    handle, here = np.array([[-0.1, 0.02]]), np.zeros((1, 2, 3))
    there = here + np.array([apart, 0, 0])
    assert len(nearby_pairs(handle, here, handle, there, 0.5)) == paired


def test_places_are_vertices_of_the_grid():
    vertices = np.array([[0, 7**3 - 1], [50, 51]])
    expected = grid_points(7).numpy()[vertices]
    np.testing.assert_allclose(vertex_places(vertices, 7), expected, atol=1e-6)
    with pytest.raises(ValueError, match="out of bounds"):
        vertex_places(vertices, 6)


def test_generated_points_are_where_the_true_ones_are_that_they_stand_for():
    made = np.array([[-0.3, 0.1], [-0.1, 0.02], [0.05, 0.06]])
    true, where = made[[1, 0]] + 0.001, places(2, 0)
    target = placed_target([made], PlacedDiagram([true], [where]))
    np.testing.assert_array_equal(target.points[0], made[:2])  # the third one is nobody
    np.testing.assert_array_equal(target.places[0], where[[1, 0]])


def tensors(arrays):
    return [torch.tensor(each, requires_grad=True) for each in arrays]


@pytest.mark.parametrize("change", [lambda v: v, lambda v: warped(v, 0.03)])
def test_what_is_missing_is_asked_for_and_what_is_elsewhere_is_sent_away(change):
    """One handle where it should be, one elsewhere, one missing."""
    there, elsewhere, wanted = np.zeros((2, 3)), np.full((2, 3), 0.9), np.full((2, 3), -0.9)
    found = torch.tensor([[-0.11, 0.03], [-0.08, 0.02]], dtype=torch.float64, requires_grad=True)
    goals = np.array([[-0.1, 0.02], [-0.08, 0.02]])
    values = torch.tensor([[0.01, -0.02], [0.04, -0.01]], dtype=torch.float64, requires_grad=True)
    target = PlacedDiagram([goals], [np.stack([there, wanted])])
    at = [np.stack([there, elsewhere])]
    loss = placed_consistency([(found,)], [at], [target], [(values,)], 1.0, change)
    g, t, v = (change(torch.as_tensor(each)) for each in (goals, found, values))
    alone = [(each[1, 1] - each[1, 0]) ** 2 / 2 for each in (t, g)]
    expected = (t[0] - g[0]).square().sum() + sum(alone) + (v[1] - g[1]).square().sum()
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert values.grad[0].tolist() == [0, 0]  # that one is there
    assert values.grad[1, 0] > 0 > values.grad[1, 1]  # down where it dies, up where it is born
    assert found.grad[1, 0] < 0 < found.grad[1, 1]  # to the diagonal


def test_the_gradient_is_that_of_differences():
    found, values = tensors([points(5, 0), points(3, 1) - 0.1])
    at, target = [places(5, 2)], PlacedDiagram([points(3, 3)], [places(3, 4)])

    def loss(found, values):
        return placed_consistency([(found,)], [at], [target], [(values,)], 0.8)

    assert torch.autograd.gradcheck(loss, (found, values))


def test_with_a_wide_radius_and_nothing_missing_it_is_the_plain_term():
    found, goals = torch.tensor(points(4, 0)), points(4, 0) + 0.01
    target = PlacedDiagram([goals], [places(4, 1)])
    placed = placed_consistency([(found,)], [[places(4, 2)]], [target], [(found,)], 1e9)
    torch.testing.assert_close(placed, consistency_loss([(found,)], [[goals]]))


def test_values_are_those_of_the_decoder_with_gradient():
    decoder = ImplicitDecoder(Decoder(width=16, depth=2, latent_size=3, skip_layers=()))
    code, where = torch.randn(3), [places(2, 0), places(0, 1), places(1, 2)]
    found = values_at(decoder, code, where, Topology())
    assert [tuple(each.shape) for each in found] == [(2, 2), (0, 2), (1, 2)]
    x = torch.as_tensor(where[2][0], dtype=torch.float32)
    torch.testing.assert_close(found[2][0], -decoder(x[None], code[None])[0])
    assert all(each.requires_grad for each in found)
    nothing = values_at(decoder, code, [places(0, 0)] * 3, Topology())
    assert [len(each) for each in nothing] == [0, 0, 0]


def true_places():
    return [[places(len(p), i) for p in each] for i, each in enumerate(truth())]


def test_a_training_uses_places_only_if_a_method_asks(start, tmp_path):
    near = OURS.model_copy(update={"consistency_bandwidth": 0.25})
    made = {}
    for name, terms, known in (
        ("plain", near, {}),
        ("given", near, {"places": true_places()}),
        ("placed", near.model_copy(update=NEAR), {"places": true_places()}),
    ):
        made[name] = written(
            train(tmp_path / name, start, settings_of(terms, {"steps": 4}), **known)
        )
    assert made["plain"] == made["given"] != made["placed"]
    with pytest.raises(ValueError, match="place_radius needs the places"):
        train(tmp_path / "none", start, settings_of(near.model_copy(update=NEAR)))


def test_places_need_codes_near_those_of_training_shapes():
    with pytest.raises(ValueError, match="known near training shapes only"):
        TopologicalTerms(consistency_weight=1, place_radius=1)


def test_diagrams_without_vertices_are_refused(start, tmp_path):
    shapes = [f"t{i}" for i in range(SHAPES)]
    file = tmp_path / "diagrams.parquet"
    write_diagrams(file, shapes, [StoredDiagram(each) for each in truth()])
    sections = {
        "joint_training": JointTraining(resolution=24),
        "terms": OURS.model_copy(update=NEAR),
        "variant": Variant(activation="relu"),
        "shape_generator": ShapeGenerator(),
        "diagram_generator": DiagramGeneratorSettings(),
        "topology": Topology(),
    }
    with pytest.raises(DamagedFileError, match="earlier version and tells no vertices"):
        train_method(
            Start(start.shapes, start.diagrams, file),
            {},
            {name: each.model_dump() for name, each in sections.items()},
            device="cpu",
            seed=(0, 0),
            checkpoints=tmp_path / "checkpoints",
            history=tmp_path / "history.csv",
            title="placed",
        )
