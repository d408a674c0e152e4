"""End to end on spheres: training, its record, resume after kill -9."""

import csv
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from toposhape.generators import evaluate_on_grid
from toposhape.generators.implicit.epoch import divergence_weight
from toposhape.generators.implicit.pretraining import train_shape_generator
from toposhape.generators.implicit.reconstruction import reconstruct
from toposhape.generators.implicit.store import load_generator
from toposhape.learning.divergence import DivergenceError
from toposhape.learning.seeds import random_source
from toposhape.settings.implicit import (
    Decoder,
    LatentPrior,
    Reconstruction,
    Regularisation,
    ShapeGenerator,
    ShapeTraining,
    Variant,
)

DECODER = Decoder(width=24, depth=3, latent_size=3, skip_layers=(1,), sine_frequency=4, dropout=0.1)
TRAINING = ShapeTraining(
    max_epochs=12, warmup_epochs=2, cooldown_share=0.25, shapes_per_batch=3, samples_per_shape=32,
    learning_rate=3e-3, optimiser="muon", checkpoint_every=3,
    regularised_shapes=2, regularised_points=8,
)  # fmt: skip
SETTINGS = ShapeGenerator(decoder=DECODER, training=TRAINING)
VARIANT = Variant(
    activation="sine",
    regularisation=Regularisation(weight=0.01, divergence_weight=0.1, divergence_until=0.5),
)


def spheres(count: int = 10) -> dict[str, np.ndarray]:
    """Samples of spheres whose radius grows."""
    generator = np.random.default_rng(0)
    rows = {}
    for i in range(count):
        radius = 0.3 + 0.5 * i / count
        directions = generator.normal(size=(2, 400, 3))
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        inside = radius * generator.random((400, 1)) ** (1 / 3)
        outside = radius + (1 - radius) * generator.random((400, 1))
        lengths = np.stack([inside, outside])
        samples = np.concatenate([directions * lengths, lengths - radius], axis=-1)
        rows[f"s{i}"] = samples.astype(np.float32)
    return rows


def train(folder: Path, settings=SETTINGS, variant=VARIANT, seed=(0, 0), **changes) -> Path:
    samples = changes.pop("samples", None) or spheres()
    shapes = changes.pop("shapes", list(samples))
    train_shape_generator(
        samples, shapes[:-2], changes.pop("validation", shapes[-2:]), settings, variant, seed=seed,
        checkpoints=folder / "checkpoints", weights=folder / "generator.safetensors",
        metadata=folder / "generator.json", history=folder / "history.csv", **changes,
    )  # fmt: skip
    return folder


def with_training(**changes) -> ShapeGenerator:
    epochs = changes.get("max_epochs", TRAINING.max_epochs)
    changes.setdefault("warmup_epochs", min(TRAINING.warmup_epochs, epochs - 1))
    return ShapeGenerator(decoder=DECODER, training=TRAINING.model_copy(update=changes))


def rows_without_time(folder: Path) -> list[dict[str, str]]:
    with (folder / "history.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("whole"))


def test_it_ends_with_what_is_needed_to_know_what_it_is(whole):
    metadata = json.loads((whole / "generator.json").read_text())
    assert metadata["shapes"] == [f"s{i}" for i in range(8)]
    assert metadata["validation_shapes"] == ["s8", "s9"]
    assert metadata["epochs"] == 12
    assert metadata["stop_reason"].startswith("budget of 12 epochs ended; validation loss still")
    assert metadata["seed"] == [0, 0]
    assert metadata["variant"]["activation"] == "sine"
    assert {"toposhape", "torch", "python"} <= set(metadata["versions"])
    generator = load_generator(whole / "generator.safetensors")
    assert generator.codes.means.shape == (8, 3)
    assert not generator.decoder.training


def test_the_history_has_a_row_for_every_epoch(whole):
    rows = rows_without_time(whole)
    assert [int(row["epoch"]) for row in rows] == list(range(1, 13))
    assert float(rows[-1]["data"]) < float(rows[0]["data"])
    assert float(rows[0]["divergence"]) > 0
    assert float(rows[-1]["divergence"]) == 0  # faded in the middle
    assert float(rows[-1]["eikonal"]) > 0
    assert all(np.isfinite(float(value)) for row in rows for value in row.values())
    events = list((whole / "checkpoints").rglob("events.out.tfevents.*"))
    assert len(events) == 1


def test_what_few_steps_take_is_the_mean_of_these_steps(tmp_path):
    """A network that hardly moves has the same eikonal value however often it is taken."""
    still = {
        "max_epochs": 1, "learning_rate": 1e-9, "matrix_learning_rate": 1e-9, "shapes_per_batch": 2,
        "regularised_shapes": 32, "regularised_points": 64,
    }  # fmt: skip
    rows = [
        rows_without_time(
            train(tmp_path / str(k), settings=with_training(**still, regularise_every=k))
        )[0]
        for k in (1, 3)  # in four of four steps, in the first and the last
    ]
    for name in ("eikonal", "divergence"):
        assert float(rows[0][name]) > 0
        assert float(rows[1][name]) == pytest.approx(float(rows[0][name]), rel=0.15)


def test_the_same_seed_gives_the_same_weights_another_one_others(whole, tmp_path):
    again = train(tmp_path / "again")
    weights = (whole / "generator.safetensors").read_bytes()
    assert (again / "generator.safetensors").read_bytes() == weights
    assert rows_without_time(again) == rows_without_time(whole)
    other = train(tmp_path / "other", seed=(0, 1))
    assert (other / "generator.safetensors").read_bytes() != weights


def test_other_settings_or_shapes_do_not_go_on_from_this_one_s_checkpoints(whole, tmp_path):
    folder = train(tmp_path, settings=with_training(max_epochs=3))
    train(folder, settings=with_training(max_epochs=3, learning_rate=1e-3))
    train(folder, settings=with_training(max_epochs=3), samples=spheres(9))
    assert len(list((folder / "checkpoints").iterdir())) == 3
    assert len(rows_without_time(folder)) == 3


def few(changed: str | None = None, count: int = 10) -> dict[str, np.ndarray]:
    """As many samples as an epoch draws; one of one sphere may lie elsewhere."""
    samples = {shape: rows[:, :16].copy() for shape, rows in spheres(count).items()}
    if changed:
        samples[changed][1, 7, 0] += 0.5
    return samples


@pytest.mark.parametrize("shape", ["s3", "s9"])  # one is learned, one decides when to stop
def test_another_sample_of_the_same_shape_trains_again(tmp_path, shape):
    found = []
    for samples in (few(), few(shape)):
        train(tmp_path, with_training(max_epochs=3), samples=samples)
        weights = (tmp_path / "generator.safetensors").read_bytes()
        found.append((weights, rows_without_time(tmp_path)))
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2
    assert (found[0][0] != found[1][0]) == (shape == "s3")
    assert found[0][1] != found[1][1]  # the validation loss at least


def test_data_that_are_not_learned_from_change_nothing(tmp_path):
    """A shape that is neither learned nor watched: for tests."""
    settings = with_training(max_epochs=2)
    for samples in (few(count=11), few("s10", count=11)):
        test = samples.pop("s10")
        folder = train(tmp_path, settings, samples={**samples, "s10": test}, shapes=list(samples))
    assert len(list((folder / "checkpoints").iterdir())) == 1


KILLED = """
import sys, pathlib, torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from test_shape_generator import SETTINGS, train, with_training
train(pathlib.Path(sys.argv[2]), settings=with_training(checkpoint_every=2))
"""


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_ends_in_the_same_weights(whole, tmp_path, times):
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path)]
    moments = random.Random(times)
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for_folder(tmp_path / "checkpoints", process)
        time.sleep(moments.uniform(0, 1.0 if times == 1 else 0.4))
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    expected = (whole / "generator.safetensors").read_bytes()
    assert (tmp_path / "generator.safetensors").read_bytes() == expected
    assert rows_without_time(tmp_path) == rows_without_time(whole)


def wait_for_folder(folder: Path, process: subprocess.Popen) -> None:
    """Wait until the training has started: Python and torch take seconds to load."""
    before = modified(folder)
    while process.poll() is None and modified(folder) == before:
        time.sleep(0.005)


def modified(folder: Path) -> float:
    """When a history in the folder was last begun or written."""
    return max((path.stat().st_mtime for path in folder.rglob("history.csv")), default=0.0)


def test_a_damaged_checkpoint_costs_no_more_than_the_epochs_since_the_one_before(whole, tmp_path):
    folder = train(tmp_path)
    last = sorted((folder / "checkpoints").rglob("epoch_*.safetensors"))[-1]
    last.write_bytes(last.read_bytes()[:-5])
    (folder / "generator.safetensors").unlink()
    train(folder)
    expected = (whole / "generator.safetensors").read_bytes()
    assert (folder / "generator.safetensors").read_bytes() == expected
    assert rows_without_time(folder) == rows_without_time(whole)


@pytest.mark.parametrize("good_steps", [20, 22])  # the first and the last step of epoch 5 break
def test_nan_stops_and_keeps_the_last_good_checkpoint(tmp_path, monkeypatch, good_steps):
    from toposhape.generators.implicit import data_term

    true_loss, calls = data_term.data_loss, []

    def breaking(*given):
        calls.append(1)
        return true_loss(*given) * (float("nan") if len(calls) > good_steps else 1)

    monkeypatch.setattr(data_term, "data_loss", breaking)
    with pytest.raises(DivergenceError, match=r"data and.* not finite in epoch 5.*learning_rate"):
        train(tmp_path)
    monkeypatch.undo()
    (kept,) = (tmp_path / "checkpoints").rglob("epoch_*.safetensors")
    assert kept.name == "epoch_000003.safetensors"
    train(tmp_path)


def test_without_validation_shapes_the_training_loss_decides(tmp_path):
    folder = train(tmp_path, settings=with_training(max_epochs=2), validation=[])
    assert "training loss" in json.loads((folder / "generator.json").read_text())["stop_reason"]


def test_the_divergence_fades_linearly():
    weights = [divergence_weight(VARIANT, TRAINING, epoch) for epoch in (0, 3, 6, 11)]
    np.testing.assert_allclose(weights, [0.1, 0.05, 0, 0])


@pytest.mark.parametrize(
    "activation",
    [
        "relu",
        "silu",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("softplus", "sine")),
    ],
)
def test_spheres_are_learned_and_new_ones_reconstructed(tmp_path, activation):
    decoder = DECODER.model_copy(update={"dropout": 0.0, "sharpness": 100.0})
    training = TRAINING.model_copy(
        update={"max_epochs": 150, "samples_per_shape": 64, "patience_epochs": 150,
                "learning_rate": 3e-3, "codes": LatentPrior(shape_weight=1e-6)}
    )  # fmt: skip
    settings = ShapeGenerator(decoder=decoder, training=training)
    folder = train(tmp_path, settings, Variant(activation=activation), samples=spheres(16))
    generator = load_generator(folder / "generator.safetensors")
    samples = spheres(16)
    fitting = Reconstruction(steps=150, samples_per_shape=64, learning_rate=0.03)
    codes = reconstruct(generator.decoder, samples, ["s2", "s14"], fitting, seed=0)
    fields = evaluate_on_grid(generator.decoder, codes, 16)
    axis = np.linspace(-1, 1, 16)
    lengths = np.linalg.norm(np.stack(np.meshgrid(axis, axis, axis)), axis=0)
    inner = lengths < 0.9
    for field, radius in zip(fields, (0.3 + 1 / 16, 0.3 + 7 / 16), strict=True):
        assert np.abs(field - (lengths - radius))[inner].mean() < 0.05


def test_reconstruction_leaves_the_generator_as_it_was_and_fits_each_shape_by_itself(whole):
    generator = load_generator(whole / "generator.safetensors")
    before = [weight.clone() for weight in generator.decoder.parameters()]
    settings = Reconstruction(steps=3, samples_per_shape=8)
    codes = reconstruct(generator.decoder, spheres(), ["s1", "s2"], settings, seed=0)
    assert all(map(torch.equal, before, generator.decoder.parameters()))
    assert all(weight.requires_grad for weight in generator.decoder.parameters())
    assert codes.shape == (2, 3)
    assert np.isfinite(codes).all()
    assert (codes[0] != codes[1]).any()


def test_a_generator_whose_weights_are_damaged_is_refused(tmp_path):
    folder = train(tmp_path, settings=with_training(max_epochs=1))
    weights = folder / "generator.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match="is damaged or does not belong"):
        load_generator(weights)


def test_random_sources_depend_on_every_part_of_the_key():
    keys = [(0,), (1,), ((0, 1), "a", 2), ((0, 1), "a", 3), ((0, 1), "b", 2), ((1, 0), "a", 2)]
    first = [int(torch.randint(1 << 62, (1,), generator=random_source(*key))) for key in keys]
    assert len(set(first)) == len(keys)
