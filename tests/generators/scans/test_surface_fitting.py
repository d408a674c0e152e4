"""Surfaces from points: distances of sphere and torus, signs, kills, the initial sphere."""

import numpy as np
import pytest
import torch
import trimesh

from toposhape.evaluation.surface_scores import surface_betti_numbers
from toposhape.generators.scans import fitting as fitting_module
from toposhape.generators.scans.draws import ScanPoints, SurfaceDraw
from toposhape.generators.scans.extraction import closed_surface, surface_field
from toposhape.generators.scans.fitting import fit_surface
from toposhape.generators.scans.network import new_network, no_code
from toposhape.generators.scans.objective import surface_terms
from toposhape.generators.scans.store import load_surface
from toposhape.learning.seeds import random_source
from toposhape.settings.scans import SurfaceFitting, SurfaceMethod, SurfaceNetwork
from toposhape.shapes.grids import grid_points
from toposhape.shapes.surfaces import Surface

TINY = {"network": {"width": 48, "depth": 3}, "points_per_step": 200, "max_epochs": 6}


def sphere(count=2000, radius=0.6):
    points = np.random.default_rng(0).normal(size=(count, 3)).astype(np.float32)
    normals = points / np.linalg.norm(points, axis=1, keepdims=True)
    return radius * normals, normals


def fit(folder, points, normals, *, seed=0, use_normals=True, **settings):
    folder.mkdir(exist_ok=True)
    fit_surface(
        points, normals, SurfaceFitting(**{**TINY, **settings}), SurfaceMethod(normals=use_normals),
        seed=(seed,), checkpoints=folder / "checkpoints", weights=folder / "w.safetensors",
        metadata=folder / "w.json", history=folder / "h.csv",
    )  # fmt: skip
    return load_surface(folder / "w.safetensors")


def values(network, points):
    points = torch.as_tensor(points, dtype=torch.float32)[None]
    with torch.no_grad():
        return network(points, no_code(points))[0].numpy()


@pytest.mark.parametrize("use_normals", [True, False])
def test_of_a_sphere_the_distance_is_learned(tmp_path, use_normals):
    points, normals = sphere(radius=0.7)
    network = fit(tmp_path, points, normals, use_normals=use_normals, max_epochs=12)
    where = np.random.default_rng(1).uniform(-1, 1, (4000, 3))
    error = values(network, where) - (np.linalg.norm(where, axis=1) - 0.7)
    assert np.abs(error).mean() < 0.02


def test_of_a_torus_the_hole_stays_open(tmp_path):
    mesh = trimesh.creation.torus(0.6, 0.22)
    points, faces = trimesh.sample.sample_surface(mesh, 3000, seed=0)
    normals = mesh.face_normals[faces].astype(np.float32)
    network = fit(tmp_path, points.astype(np.float32), normals, max_epochs=15)
    surface = Surface(*closed_surface(surface_field(network, 48)))
    assert surface_betti_numbers(surface) == (1, 1, 0)


def test_flipped_normals_flip_the_sign(tmp_path):
    points, normals = sphere(radius=0.5)
    network = fit(tmp_path, points, -normals, max_epochs=12)
    assert values(network, [[0.0, 0, 0]]) > 0.2
    assert surface_field(network, 24)[12, 12, 12] < 0  # extraction turns it: the box is outside


def test_a_killed_fit_ends_in_the_same_weights(tmp_path, monkeypatch):
    points, normals = sphere(500)
    whole = fit(tmp_path / "whole", points, normals, checkpoint_every=2)
    inner, calls = fitting_module.surface_terms, []

    def killed(*arguments, **terms):
        calls.append(1)
        if len(calls) == 95:  # in the fifth epoch
            raise KeyboardInterrupt
        return inner(*arguments, **terms)

    monkeypatch.setattr(fitting_module, "surface_terms", killed)
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "killed", points, normals, checkpoint_every=2)
    resumed = fit(tmp_path / "killed", points, normals, checkpoint_every=2)
    assert len(calls) == 95 + 40  # it went on after the fourth
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name])


def test_another_scan_is_another_training(tmp_path):
    points, normals = sphere(500)
    for scan in (points, 0.9 * points):
        fit(tmp_path, scan, normals, max_epochs=3)
    assert len([each for each in (tmp_path / "checkpoints").iterdir() if each.is_dir()]) == 2


def test_a_method_with_normals_needs_some(tmp_path):
    with pytest.raises(ValueError, match="the scan has no normals; use a method without"):
        fit(tmp_path, sphere()[0], None)


@pytest.mark.parametrize("activation", ["silu", "softplus"])
@pytest.mark.parametrize(("width", "depth", "skip"), [(64, 3, []), (128, 4, []), (128, 8, [4])])
def test_the_initial_sphere_has_the_wanted_radius(activation, width, depth, skip):
    settings = SurfaceNetwork(
        width=width, depth=depth, skip_layers=skip, activation=activation, radius=0.5
    )
    directions = torch.nn.functional.normalize(torch.randn(500, 3), dim=1)
    for seed in range(3):
        network = new_network(settings, (seed,))
        inner, middle, outer = (values(network, r * directions) for r in (0.3, 0.5, 0.7))
        assert abs(middle.mean()) < 0.02
        assert middle.std() < 0.15
        assert (outer.mean() - inner.mean()) / 0.4 == pytest.approx(1, abs=0.1)


def test_the_terms_are_those_of_the_loss():
    """Against a linear network f = w x + b, whose values and slopes are known."""
    network = new_network(SurfaceNetwork(width=32, depth=2, initialisation="plain"), (0,))
    slope, offset = torch.tensor([0.6, 0.0, 1.0]), 0.25

    class Linear(torch.nn.Module):
        def forward(self, points, codes):
            return points @ slope + offset + 0 * codes.sum()

    surface, around = torch.rand(1, 50, 3), torch.rand(1, 100, 3)
    normals = torch.tensor([0.0, 0.0, 1.0]).expand(1, 50, 3)
    terms = surface_terms(Linear(), SurfaceDraw(surface, normals, around))
    length = slope.norm()
    expected = [(surface @ slope + offset).abs().mean(), 0.6, (length - 1) ** 2, 0, 0]
    torch.testing.assert_close(terms, torch.tensor([float(each) for each in expected]))
    without = surface_terms(Linear(), SurfaceDraw(surface, None, around))
    assert without[1] == 0 and without[0] == terms[0]
    finite = surface_terms(network, SurfaceDraw(surface, normals, around))
    assert torch.isfinite(finite).all()


def test_what_successors_add_is_that_of_a_function_that_is_known():
    """f = |x|^2 / 2: slope x, second derivative along it 1; exp(-100 |f|) in the box alone."""

    class Bowl(torch.nn.Module):
        def forward(self, points, codes):
            return points.square().sum(dim=-1) / 2 + 0 * codes.sum()

    around = torch.rand(1, 100, 3) + 0.1
    around[:, 60:] *= 0.1
    draw = SurfaceDraw(torch.rand(1, 50, 3), None, around, 40)
    terms = surface_terms(Bowl(), draw, off_surface=True, divergence=True)
    expected = torch.exp(-50 * around[0, 60:].square().sum(dim=1)).mean()
    wanted = torch.stack([expected, torch.tensor(1.0)])
    torch.testing.assert_close(terms[3:], wanted, rtol=1e-3, atol=1e-3)
    assert (surface_terms(Bowl(), draw)[3:] == 0).all()


def test_the_divergence_counts_in_the_first_half_of_the_budget(tmp_path):
    points, _ = sphere(500)
    method = SurfaceMethod(normals=False, divergence_weight=0.1, off_surface_weight=0.1)
    folder = tmp_path / "w"
    fit_surface(
        points, None, SurfaceFitting(**TINY), method, seed=(0,), checkpoints=tmp_path / "c",
        weights=folder.with_suffix(".safetensors"), metadata=folder.with_suffix(".json"),
        history=folder.with_suffix(".csv"),
    )  # fmt: skip
    history = np.genfromtxt(folder.with_suffix(".csv"), delimiter=",", names=True)
    assert (history["divergence"][:3] > 0).all() and (history["divergence"][3:] == 0).all()
    assert (history["off_surface"] > 0).all()


def test_normals_are_estimated_where_a_method_asks_for_them(tmp_path):
    points, normals = sphere(radius=0.7)
    network = fit(tmp_path, points, None, use_normals="estimated", max_epochs=12)
    assert values(network, [[0.0, 0, 0]]) < -0.3
    assert np.abs(values(network, normals * 0.7)).mean() < 0.03


def test_a_method_may_have_settings_of_its_own():
    fitting = SurfaceFitting(**TINY)
    asked = SurfaceMethod(activation="sine", normal_weight=0.7, matrix_learning_rate=0.03)
    settings = fitting.for_method(asked)
    assert new_network(settings.network, (0,)).activation == "sine"
    assert (settings.normal_weight, settings.matrix_learning_rate) == (0.7, 0.03)
    assert fitting.for_method(SurfaceMethod()) == fitting


def test_points_around_a_scan_are_half_local_and_half_of_the_box():
    points, normals = sphere(2000, radius=0.5)
    settings = SurfaceFitting(points_per_step=4000, neighbours=10, box=1.2)
    draw = ScanPoints(points, normals, settings).draw(random_source(0))
    assert draw.surface.shape == (1, 4000, 3)
    assert draw.around.shape == (1, 8000, 3)
    away = (draw.around[0].norm(dim=1) - 0.5).abs()
    assert (away[:4000] < 0.2).float().mean() > 0.95
    uniform = draw.around[0, 4000:]
    assert uniform.abs().max() <= 1.2
    assert (uniform.std(dim=0) - 1.2 / 3**0.5).abs().max() < 0.03
    torch.testing.assert_close(draw.normals, draw.surface / 0.5)


def test_a_solid_that_leaves_the_box_is_closed_at_its_faces():
    field = grid_points(16)[:, 0].reshape(16, 16, 16).astype(np.float32)  # all of x < 0
    surface = Surface(*closed_surface(field))
    assert surface_betti_numbers(surface) == (1, 0, 0)
