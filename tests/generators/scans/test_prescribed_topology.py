"""Where a field must change for the wanted Betti numbers, and that the change is learned."""

import numpy as np
import pytest
import torch
from test_surface_fitting import TINY, sphere

from toposhape.generators.scans.fitting import fit_surface
from toposhape.generators.scans.network import new_network
from toposhape.generators.scans.topology import (
    RESOLUTION,
    Corrections,
    PrescribedTopology,
    topological_term,
)
from toposhape.settings.scans import SurfaceFitting, SurfaceMethod, SurfaceNetwork
from toposhape.shapes.grids import grid_points

PLACES = grid_points(RESOLUTION)
DATA = sphere()[0]


def ball(radius, *centre):
    return np.linalg.norm(PLACES - centre, axis=1) - radius


def torus():
    ring = np.linalg.norm(PLACES[:, :2], axis=1) - 0.55
    return np.hypot(ring, PLACES[:, 2]) - 0.2


def corrections(field, betti, data=DATA):
    grid = field.astype(np.float32).reshape((RESOLUTION,) * 3)
    return PrescribedTopology(data, betti).of_field(grid)


def test_what_is_right_is_left_alone():
    assert len(corrections(torus(), (1, 1, 0)).signs) == 0
    assert len(corrections(ball(0.5, 0, 0, 0), (1, 0, 0)).signs) == 0


def test_a_ghost_is_deleted_and_a_piece_with_data_is_joined():
    two = np.minimum(ball(0.4, -0.45, 0, 0), ball(0.15, 0.6, 0.01, 0))
    on_large = 0.4 * sphere()[1] - np.array([0.45, 0, 0], np.float32)
    on_small = 0.15 * sphere()[1] + np.array([0.6, 0.01, 0], np.float32)
    ghost = corrections(two, (1, 0, 0), on_large)
    assert ghost.signs.tolist() == [1]
    np.testing.assert_allclose(ghost.points[0], [0.6, 0.01, 0], atol=0.05)
    joined = corrections(two, (1, 0, 0), np.concatenate([on_large, on_small]))
    assert joined.signs.tolist() == [-1]
    np.testing.assert_allclose(joined.points[0], [0.2, 0, 0], atol=0.06)  # halfway of the gap


def test_a_surplus_handle_is_cut_or_filled_and_a_missing_one_is_opened_where_it_nearly_is():
    assert len(corrections(torus(), (1, 0, 0)).signs) == 1
    closed = torus() - 0.36  # the hole is just filled
    found = corrections(closed, (1, 1, 0))
    assert found.signs.tolist() == [1]
    np.testing.assert_allclose(found.points[0], 0, atol=0.05)
    assert len(corrections(ball(0.5, 0, 0, 0), (1, 3, 0)).signs) == 0  # nothing is near


def test_the_term_is_0_where_signs_are_right_and_pulls_where_they_are_wrong():
    network = new_network(SurfaceNetwork(width=32, depth=2), (0,))
    points = torch.tensor([[0.0, 0, 0], [0.9, 0, 0]])
    assert topological_term(network, Corrections(points, torch.tensor([-1.0, 1.0]))) == 0
    wrong = Corrections(points, torch.tensor([1.0, -1.0]))
    loss = topological_term(network, wrong)
    loss.backward()
    with torch.no_grad():
        for weight in network.parameters():
            weight -= 1e-3 * weight.grad
    assert 0 < topological_term(network, wrong) < loss


def test_a_method_that_prescribes_numbers_needs_some(tmp_path):
    points, normals = sphere(300)

    def fit(betti):
        fit_surface(
            points, normals, SurfaceFitting(**TINY), SurfaceMethod(topology_weight=1.0),
            betti=betti, seed=(0,), checkpoints=tmp_path / "checkpoints",
            weights=tmp_path / "w.safetensors", metadata=tmp_path / "w.json",
            history=tmp_path / "h.csv",
        )  # fmt: skip

    with pytest.raises(ValueError, match="nobody knows the Betti numbers"):
        fit(None)
    fit((1, 1, 0))  # of a ball: asked for in vain, and nothing breaks
    assert (tmp_path / "h.csv").read_text().startswith("epoch,learning_rate,loss,surface,normal")
