"""Both stages of 3DShape2VecSet, end to end on balls: learning, record, resume after kill -9."""

import csv
import json
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from toposhape.generators import Examples, load
from toposhape.generators.vector_sets.autoencoder_training import train_vector_set_autoencoder
from toposhape.generators.vector_sets.data import OccupancySource, ShapeSources
from toposhape.generators.vector_sets.diffusion_training import train_set_diffusion
from toposhape.generators.vector_sets.store import load_autoencoder, load_denoiser
from toposhape.learning.divergence import DivergenceError
from toposhape.settings.implicit import Reconstruction
from toposhape.settings.vector_sets import (
    SetAutoencoder,
    SetAutoencoderTraining,
    SetDenoiser,
    SetDiffusionTraining,
)

RESOLUTION = 24
AUTOENCODER = SetAutoencoder(
    latents=4, channels=2, width=16, heads=2, layers=1, feed_forward=1, frequencies=2
)
AUTOENCODER_TRAINING = SetAutoencoderTraining(
    epochs=60, warmup_epochs=2, shapes_per_batch=4, surface_points=64, volume_points=32,
    near_points=64, optimiser="muon", matrix_learning_rate=0.03, checkpoint_every=10,
)  # fmt: skip
DENOISER = SetDenoiser(width=16, heads=2, layers=2, feed_forward=1)
DIFFUSION_TRAINING = SetDiffusionTraining(
    epochs=60, warmup_epochs=2, shapes_per_batch=8, views=2, optimiser="muon",
    matrix_learning_rate=0.03, averaging=0.9, checkpoint_every=10,
)  # fmt: skip


def radius_of(i: int) -> float:
    return 0.4 + 0.04 * i


def balls(count: int = 10) -> dict[str, dict[str, np.ndarray]]:
    """Samples, grid and surface of balls whose radius grows."""
    generator = np.random.default_rng(0)
    axis = np.linspace(-1, 1, RESOLUTION)
    grid_lengths = np.linalg.norm(np.stack(np.meshgrid(axis, axis, axis)), axis=0)
    found = {"samples": {}, "grids": {}, "surfaces": {}}
    for i in range(count):
        radius, shape = radius_of(i), f"b{i}"
        directions = generator.normal(size=(3, 400, 3))
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        offsets = np.abs(generator.normal(scale=0.07, size=(2, 400, 1)))
        lengths = radius + offsets * [[[-1]], [[1]]]
        samples = np.concatenate([directions[:2] * lengths, lengths - radius], axis=-1)
        found["samples"][shape] = samples.astype(np.float32)
        found["grids"][shape] = (grid_lengths - radius).astype(np.float32)
        found["surfaces"][shape] = (radius * directions[2]).astype(np.float32)
    return found


def sources(validation: int = 2, count: int = 10) -> ShapeSources:
    shapes = [f"b{i}" for i in range(count)]
    kept = count - validation
    return ShapeSources(
        OccupancySource(**balls(count), shapes=shapes[:kept]),
        OccupancySource(**balls(count), shapes=shapes[kept:]),
    )


def train_first(folder: Path, seed=(0, 0), shapes=None, **changes) -> Path:
    train_vector_set_autoencoder(
        shapes or sources(), AUTOENCODER, AUTOENCODER_TRAINING.model_copy(update=changes),
        seed=seed, checkpoints=folder / "first", weights=folder / "autoencoder.safetensors",
        metadata=folder / "autoencoder.json", history=folder / "autoencoder.csv",
    )  # fmt: skip
    return folder


def train_second(folder: Path, autoencoder: Path, seed=(0, 0), shapes=None, **changes) -> Path:
    train_set_diffusion(
        autoencoder / "autoencoder.safetensors", shapes or sources(), DENOISER,
        DIFFUSION_TRAINING.model_copy(update=changes), seed=seed, checkpoints=folder / "second",
        weights=folder / "generator.safetensors", metadata=folder / "generator.json",
        history=folder / "history.csv",
    )  # fmt: skip
    return folder


def rows_without_time(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = train_first(tmp_path_factory.mktemp("whole"))
    return train_second(folder, folder)


def test_balls_are_reconstructed(whole):
    network, metadata = load_autoencoder(whole / "autoencoder.safetensors")
    assert metadata["volume_iou"]["training"] > 0.9
    assert metadata["volume_iou"]["validation"] > 0.8
    generator, shapes = load(whole / "generator.safetensors"), ("b0", "b9")
    examples = Examples(shapes, balls()["samples"], balls()["surfaces"])
    made = generator.reconstruct(examples, RESOLUTION, Reconstruction(), seed=0)
    for i, shape in zip((0, 9), made, strict=True):
        volume = float((shape.field < 0).mean() * 8)
        assert (volume * 3 / 4 / np.pi) ** (1 / 3) == pytest.approx(radius_of(i), abs=0.06)


def test_noise_becomes_balls(whole):
    generator = load(whole / "generator.safetensors")
    assert generator.latent_size == 8
    assert list(generator.priors) == ["normal"]
    noise = np.random.default_rng(0).standard_normal((12, 8), dtype=np.float32)
    fields, again = (
        np.stack([shape.field for shape in generator.shapes(noise, RESOLUTION)]) for _ in range(2)
    )
    np.testing.assert_array_equal(again, fields)
    radii = (np.mean(fields < 0, axis=(1, 2, 3)) * 8 * 3 / 4 / np.pi) ** (1 / 3)
    assert (abs(radii - 0.55) < 0.25).all()
    assert np.std(radii) > 0.03  # not one ball
    middle = RESOLUTION // 2
    assert (fields[:, middle, middle, middle] < 0).all()


def test_the_record_says_what_it_is(whole):
    first = json.loads((whole / "autoencoder.json").read_text())
    second = json.loads((whole / "generator.json").read_text())
    for metadata in (first, second):
        assert metadata["shapes"] == [f"b{i}" for i in range(8)]
        assert metadata["validation_shapes"] == ["b8", "b9"]
        assert metadata["epochs"] == 60
        assert metadata["stop_reason"].startswith("all 60 epochs done")
        assert {"toposhape", "torch", "python"} <= set(metadata["versions"])
    assert second["autoencoder_sha256"] == first["sha256"]
    for name in ("autoencoder.csv", "history.csv"):
        rows = rows_without_time(whole / name)
        assert [int(row["epoch"]) for row in rows] == list(range(1, 61))
        assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
        assert all(np.isfinite(float(value)) for row in rows for value in row.values())


def test_latents_are_normalised_and_learned_queries_have_places(whole):
    network, _ = load_denoiser(whole / "generator.safetensors")
    assert network.means.shape == (4, 2)
    assert network.places is not None
    assert (network.deviations > 0).all()


def test_the_same_seed_gives_the_same_weights_another_one_others(whole, tmp_path):
    again = train_second(train_first(tmp_path / "again"), tmp_path / "again")
    for name in ("autoencoder.safetensors", "generator.safetensors"):
        assert (again / name).read_bytes() == (whole / name).read_bytes()
    assert rows_without_time(again / "history.csv") == rows_without_time(whole / "history.csv")
    other = train_first(tmp_path / "other", seed=(0, 1), epochs=1)
    short = train_first(tmp_path / "short", epochs=1)
    name = "autoencoder.safetensors"
    assert (other / name).read_bytes() != (short / name).read_bytes()


def test_other_settings_or_shapes_have_checkpoints_of_their_own(whole, tmp_path):
    train_first(tmp_path, epochs=1)
    train_first(tmp_path, epochs=1, kl_weight=0.1)
    train_first(tmp_path, epochs=1, shapes=sources(count=9))
    train_first(tmp_path, epochs=1, checkpoint_every=3)  # ends in the same weights
    assert len(list((tmp_path / "first").iterdir())) == 3
    train_second(tmp_path, whole, epochs=1)
    train_second(tmp_path, tmp_path, epochs=1)  # of another autoencoder
    assert len(list((tmp_path / "second").iterdir())) == 2


def changed(kind: str, shape: str) -> ShapeSources:
    """The balls, with one number of one of them changed: a sign, where it is the grid's."""
    rows = balls()
    values = rows[kind][shape].reshape(-1)
    values[5] = -values[5] - 0.1
    shapes = list(rows["samples"])
    return ShapeSources(
        OccupancySource(**rows, shapes=shapes[:8]), OccupancySource(**rows, shapes=shapes[8:])
    )


@pytest.mark.parametrize("shape", ["b2", "b9"])  # one is learned, one is watched
@pytest.mark.parametrize("kind", ["samples", "grids", "surfaces"])
def test_other_data_of_the_same_shapes_train_again(tmp_path, kind, shape):
    train_first(tmp_path, epochs=1)
    train_first(tmp_path, shapes=changed(kind, shape), epochs=1)
    assert len(list((tmp_path / "first").iterdir())) == 2


def test_diffusion_learns_from_surfaces_alone(whole, tmp_path):
    for shapes in (sources(), changed("samples", "b2"), changed("surfaces", "b2")):
        folder = train_second(tmp_path, whole, shapes=shapes, epochs=1)
    assert len(list((folder / "second").iterdir())) == 2


def test_distances_that_stay_on_their_side_train_nothing_again(tmp_path):
    rows = balls()
    train_first(tmp_path, epochs=1)
    rows["grids"]["b2"] *= 2
    shapes = list(rows["samples"])
    other = (OccupancySource(**rows, shapes=part) for part in (shapes[:8], shapes[8:]))
    train_first(tmp_path, shapes=ShapeSources(*other), epochs=1)
    assert len(list((tmp_path / "first").iterdir())) == 1


def test_no_validation_shapes_are_no_obstacle(tmp_path):
    shapes = sources(validation=0)
    train_second(train_first(tmp_path, shapes=shapes, epochs=1), tmp_path, shapes=shapes, epochs=1)
    metadata = json.loads((tmp_path / "autoencoder.json").read_text())
    assert metadata["volume_iou"]["validation"] is None
    assert rows_without_time(tmp_path / "history.csv")[0]["validation"] == ""


KILLED = """
import sys, pathlib, torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from test_vector_set_training import train_first, train_second
folder = pathlib.Path(sys.argv[2])
train_second(train_first(folder, checkpoint_every=2), folder, checkpoint_every=2)
"""


@pytest.mark.slow  # the engine is one: the shape generator's training is killed in the fast tests
@pytest.mark.parametrize("times", [1, 12])
def test_killed_at_random_moments_it_ends_in_the_same_weights(whole, tmp_path, times):
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path)]
    moments = random.Random(times)
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while process.poll() is None and not list(tmp_path.rglob("history.csv")):
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 2.5))
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    for name in ("autoencoder.safetensors", "generator.safetensors"):
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()
    assert rows_without_time(tmp_path / "history.csv") == rows_without_time(whole / "history.csv")


class Breaking(OccupancySource):
    """Its tenth batch, the second of epoch 5, is broken."""

    drawn = 0

    def draw(self, *given):
        self.drawn += 1
        batch = super().draw(*given)
        return replace(batch, points=batch.points * (float("nan") if self.drawn == 10 else 1))


def test_nan_stops_and_keeps_the_last_good_checkpoint(tmp_path):
    shapes = sources()
    broken = ShapeSources(Breaking(**balls(), shapes=shapes.training.shapes), shapes.validation)
    with pytest.raises(DivergenceError, match=r"near and gradient_norm.* not finite in epoch 5"):
        train_first(tmp_path / "resumed", shapes=broken, epochs=6, checkpoint_every=2)
    assert not (tmp_path / "resumed" / "autoencoder.safetensors").exists()
    train_first(tmp_path / "resumed", epochs=6, checkpoint_every=2)
    train_first(tmp_path / "unbroken", epochs=6)
    resumed, unbroken = tmp_path / "resumed", tmp_path / "unbroken"
    name = "autoencoder.safetensors"
    assert (resumed / name).read_bytes() == (unbroken / name).read_bytes()


def test_networks_that_do_not_belong_together_are_refused(whole, tmp_path):
    train_first(tmp_path, seed=(0, 1), epochs=1)
    for name in ("generator.safetensors", "generator.json"):
        shutil.copy(whole / name, tmp_path)
    with pytest.raises(ValueError, match="another autoencoder than"):
        load(tmp_path / "generator.safetensors")
    description = json.loads((tmp_path / "autoencoder.json").read_text())
    (tmp_path / "autoencoder.json").write_text(json.dumps({**description, "sha256": "0"}))
    with pytest.raises(ValueError, match="is damaged or does not belong to"):
        load_autoencoder(tmp_path / "autoencoder.safetensors")


def test_drawn_points_lie_where_they_are_said_to_lie():
    source = sources().training
    settings = AUTOENCODER_TRAINING.model_copy(update={"near_points": 100, "volume_points": 500})
    batch = source.draw([1, 6], settings, torch.Generator().manual_seed(0))
    lengths = batch.points.norm(dim=-1)
    for row, i in enumerate((1, 6)):
        radius = radius_of(i)
        assert torch.equal(batch.inside[row] > 0, lengths[row] < radius)
        assert batch.surface[row].norm(dim=-1) == pytest.approx(radius, abs=1e-5)
        share = float(batch.inside[row, :500].mean())
        assert share == pytest.approx(4 / 3 * np.pi * radius**3 / 8, abs=0.06)
        assert float(batch.inside[row, 500:].mean()) == 0.5


def test_missing_or_misshapen_arrays_are_named():
    with pytest.raises(KeyError, match="b10"):
        OccupancySource(**balls(), shapes=["b1", "b10"])
    broken = balls()
    broken["grids"]["b3"] = broken["grids"]["b3"][:5]
    with pytest.raises(ValueError, match=r"grid and surface of 'b3'.*prepare the shapes again"):
        OccupancySource(**broken, shapes=["b3"])
    with pytest.raises(ValueError, match="500 surface points are asked for, 400 prepared"):
        sources().training.draw_surface([0], 500, torch.Generator())
