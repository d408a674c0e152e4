"""The ShapeGF chapter's work on a small generator of balls."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "generators" / "gradient_fields"))
from test_gradient_field_training import SETTINGS, balls, train_first, train_second
from test_ray_marching import RADIUS, SIGMA, sphere_denoiser

from toposhape.evaluation.score_table import COLUMNS, FLOOR
from toposhape.generators.gradient_fields.data import CloudSource
from toposhape.generators.gradient_fields.exact import exact_denoiser
from toposhape.jobs import letters as letters_job
from toposhape.jobs.cloud_surfaces import marched_picture
from toposhape.jobs.cloud_trajectories import FRAMES, PIXELS, SHOWN_STEPS, trajectory, write_shown
from toposhape.jobs.letters import chamfer_of_plane, run_letters
from toposhape.jobs.point_clouds import (
    SAMPLERS,
    draw_clouds,
    reconstruct_clouds,
    score_cloud_sets,
    training_sets,
)
from toposhape.jobs.point_clouds_figures import shown_steps, shown_ways
from toposhape.settings.gradient_fields import PointSampler


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    folder = train_first(tmp_path_factory.mktemp("balls"), epochs=5)
    return train_second(folder, folder, "gaussian") / "gaussian" / "generator.safetensors"


def test_clouds_are_drawn_for_all_codes_of_all_sets(weights, tmp_path):
    codes = np.random.default_rng(0).standard_normal((2, 3, 3), dtype=np.float32)
    np.save(tmp_path / "codes.npy", codes)
    draw_clouds(weights, tmp_path / "codes.npy", tmp_path / "clouds.npy", 50)
    clouds = np.load(tmp_path / "clouds.npy")
    assert clouds.shape == (2, 3, 50, 3)
    assert clouds.dtype == np.float32
    assert len(np.unique(clouds[..., 0, 0])) == 6


def test_a_generator_and_training_shapes_are_scored_alike():
    rows = balls()
    test, training = CloudSource(rows, ["b0", "b5", "b9"]), CloudSource(rows, list(rows))
    sets = np.random.default_rng(1).normal(0, 0.4, (2, 3, 60, 3)).astype(np.float32)
    made = score_cloud_sets(("ball", "M", 0), sets, test, 40, 1)
    floor = score_cloud_sets(("ball", FLOOR, None), training_sets(training, 2, 3, 60), test, 40, 1)
    assert list(made.columns) == list(floor.columns) == COLUMNS
    assert set(made.query("draw == 0")["metric"]) - set(made.query("draw == 1")["metric"]) == {
        "mmd_emd", "cov_emd", "nna_emd",
    }  # fmt: skip
    nearer = [t.query("metric == 'mmd_cd'")["value"].mean() for t in (floor, made)]
    assert nearer[0] < nearer[1] / 2


def test_test_shapes_are_reconstructed_by_all_samplers_beside_an_oracle(weights):
    rows = balls()
    sources = {"training": CloudSource(rows, ["b1"]), "test": CloudSource(rows, ["b3", "b4"])}
    found = reconstruct_clouds(weights, sources, rows, 90)
    assert set(found["sampler"]) == {"oracle", *SAMPLERS}
    assert len(found) == 3 * (1 + len(SAMPLERS))
    by_sampler = found.groupby("sampler")["chamfer"].mean()
    assert by_sampler.idxmin() == "oracle"


def test_what_figures_show_is_stored_by_shape_and_level(weights, tmp_path):
    rows = balls()
    source = CloudSource(rows, ["b3", "b4", "b5"])
    write_shown(tmp_path / "shown.npz", weights, source, rows, 70, 24)
    with np.load(tmp_path / "shown.npz") as stored:
        shown = dict(stored)
    assert shown["test"].shape == shown["encoded"].shape == (3, 70, 3)
    assert shown["marched"].shape == shown["sheet"].shape == (3, PIXELS, PIXELS, 3)
    ways = shown_ways(shown)
    assert list(ways) == ["from shape 1 to 2", "from shape 2 to 3"]
    assert np.stack(list(ways.values())).shape == (2, FRAMES, 70, 3)
    steps = shown_steps(shown)
    assert len(steps) == SHOWN_STEPS
    assert list(steps[0])[:2] == ["start", "0.819"]
    assert list(steps[0])[-1] == "0"


def test_a_trajectory_ends_where_the_exact_field_has_its_points():
    import torch

    cloud = torch.from_numpy(balls()["b4"])
    steps = trajectory(exact_denoiser(cloud), (100, 3), PointSampler(levels=6))
    assert list(steps) == ["start", "0.398", "0.158", "0.0631", "0.0251", "0.01", "0"]
    distances = np.linalg.norm(steps["0"][:, None] - cloud.numpy()[None], axis=-1).min(axis=1)
    assert distances.mean() < 0.02


def test_letters_are_learned_and_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(letters_job, "LATTICE", 5)
    run_letters(
        SETTINGS, 4, 0, tmp_path / "c", tmp_path / "letters", tmp_path / "n.csv", tmp_path / "p.npz"
    )
    lines = (tmp_path / "n.csv").read_text().splitlines()
    assert lines[0] == "letter,sampled,oracle"
    assert len(lines) == 9
    with np.load(tmp_path / "p.npz") as pictures:
        names = {name.split("|")[0] for name in pictures} - {"lattice"}
        assert names == {"A sans", "N sans"}
        name = sorted(names)[0]
        assert pictures[f"{name}|exact 0.1"].shape == pictures[f"{name}|learned 0.1"].shape


def test_the_papers_surface_of_a_sphere_is_a_disc_lit_from_above():
    picture = marched_picture(sphere_denoiser, SIGMA, 40)
    drawn = (picture < 255).any(axis=2)
    assert drawn.mean() == pytest.approx(np.pi * (RADIUS / 1.96) ** 2, abs=0.02)
    rows = np.flatnonzero(drawn.any(axis=1))
    middle = picture[:, 20].mean(axis=1)
    assert middle[rows[0] + 2] > middle[rows[-1] - 2] + 50
    assert not (picture[0] < 255).any()


def test_the_planes_chamfer_distance_by_hand():
    a, b = np.array([[0.0, 0], [1, 0]]), np.array([[0.0, 2]])
    assert chamfer_of_plane(a, b) == pytest.approx((4 + 5) / 2 + 4)
