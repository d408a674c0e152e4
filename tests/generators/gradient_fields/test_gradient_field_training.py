"""Both stages of ShapeGF, end to end on balls: learning, record, resume after kill -9."""

import csv
import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from toposhape.generators import Examples, load
from toposhape.generators.gradient_fields.data import CloudSource, CloudSources
from toposhape.generators.gradient_fields.network import GradientField
from toposhape.generators.gradient_fields.objectives import score_matching_terms
from toposhape.generators.gradient_fields.prior_training import train_code_prior
from toposhape.generators.gradient_fields.store import load_gradient_field
from toposhape.generators.gradient_fields.training import train_gradient_field
from toposhape.generators.stage import StageState
from toposhape.jobs.letter_ablation import DECODERS
from toposhape.learning.divergence import DivergenceError
from toposhape.settings.gradient_fields import (
    CodeDiffusionTraining,
    CodeGan,
    CodeGanTraining,
    GradientFields,
    GradientFieldTraining,
    PointDenoiser,
    PointEncoder,
)
from toposhape.settings.vector_sets import SetDenoiser

ENCODER = PointEncoder(widths=(16, 16), head=(), latent_size=3)
DENOISER = PointDenoiser(width=32, blocks=2, octaves=2)
TRAINING = GradientFieldTraining(
    epochs=300, warmup_epochs=2, shapes_per_batch=8, points=96, encoded_points=64, averaging=0.9,
    learning_rate=5e-3, checkpoint_every=10,
)  # fmt: skip
SETTINGS = GradientFields(
    encoder=ENCODER, denoiser=DENOISER, training=TRAINING,
    diffusion=SetDenoiser(width=16, heads=2, layers=2, feed_forward=1),
    diffusion_training=CodeDiffusionTraining(
        epochs=40, warmup_epochs=2, shapes_per_batch=8, views=2, averaging=0.9, checkpoint_every=10
    ),
    gan=CodeGan(noise_size=4, widths=(16,), critic_widths=(16,)),
    gan_training=CodeGanTraining(
        epochs=400, shapes_per_batch=8, views=2, checkpoint_every=10, learning_rate=1e-3
    ),
)  # fmt: skip
KINDS = ("gaussian", "diffusion", "gan")


def radius_of(i: int) -> float:
    return 0.4 + 0.04 * i


def balls(count: int = 10, dimensions: int = 3) -> dict[str, np.ndarray]:
    """Clouds on spheres, or circles, whose radius grows."""
    points = np.random.default_rng(0).normal(size=(count, 600, dimensions))
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    return {f"b{i}": (radius_of(i) * each).astype(np.float32) for i, each in enumerate(points)}


def sources(validation: int = 2, count: int = 10, dimensions: int = 3) -> CloudSources:
    shapes, kept = [f"b{i}" for i in range(count)], count - validation
    rows = balls(count, dimensions)
    return CloudSources(CloudSource(rows, shapes[:kept]), CloudSource(rows, shapes[kept:]))


def train_first(
    folder: Path, seed=(0, 0), shapes=None, encoder=ENCODER, denoiser=DENOISER, **changes
) -> Path:
    train_gradient_field(
        shapes or sources(), encoder, denoiser, TRAINING.model_copy(update=changes),
        seed=seed, checkpoints=folder / "first", weights=folder / "first.safetensors",
        metadata=folder / "first.json", history=folder / "first.csv",
    )  # fmt: skip
    return folder


def train_second(folder: Path, first: Path, kind: str, settings=SETTINGS, shapes=None) -> Path:
    train_code_prior(
        first / "first.safetensors", shapes or sources(), kind, settings, seed=(0, 0),
        checkpoints=folder / "second", weights=folder / kind / "generator.safetensors",
        metadata=folder / kind / "generator.json", history=folder / kind / "history.csv",
    )  # fmt: skip
    return folder


def rows_without_time(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = train_first(tmp_path_factory.mktemp("whole"))
    for kind in KINDS:
        train_second(folder, folder, kind)
    return folder


def test_the_denoiser_has_learned_the_spheres(whole):
    first = load_gradient_field(whole / "first.safetensors")
    errors = first.metadata["validation_errors"]
    assert errors["0.5"] < 0.5  # 1 for a network that does nothing
    assert errors["0.1"] < 0.8  # of three directions one is known: 2/3 is the floor
    rows = rows_without_time(whole / "first.csv")
    assert float(rows[-1]["validation"]) < 0.85 * float(rows[0]["validation"])


def test_codes_do_not_depend_on_the_order_of_points(whole):
    network = load_gradient_field(whole / "first.safetensors").network
    points = torch.from_numpy(balls()["b3"])[None]
    other = points[:, torch.randperm(points.shape[1])]
    torch.testing.assert_close(network.encoder(points), network.encoder(other))


def test_examples_are_reconstructed_as_clouds_and_fields(whole):
    generator = load(whole / "gaussian" / "generator.safetensors")
    examples = Examples(("b0", "b7"), {}, balls())
    for i, shape in zip((0, 7), generator.reconstruct(examples, 24, None, 0), strict=True):
        assert shape.cloud.shape == (8192, 3)
        assert np.linalg.norm(shape.cloud, axis=1).mean() == pytest.approx(radius_of(i), abs=0.06)
        radius = ((shape.field < 0).mean() * 8 * 3 / 4 / np.pi) ** (1 / 3)
        assert radius == pytest.approx(radius_of(i), abs=0.12)


@pytest.mark.parametrize("kind", KINDS)
def test_noise_becomes_clouds_of_balls(whole, kind):
    generator = load(whole / kind / "generator.safetensors")
    size = 4 if kind == "gan" else 3
    assert generator.latent_size == size
    assert list(generator.priors) == ["normal"]
    noise = np.random.default_rng(0).standard_normal((12, size), dtype=np.float32)
    clouds = np.stack(list(generator.clouds(noise, 200)))
    radii = np.linalg.norm(clouds, axis=-1).mean(axis=1)
    assert (abs(radii - 0.55) < 0.3).all()
    assert np.std(radii) > 0.02  # not one ball


def test_the_same_noise_gives_the_same_cloud_whatever_else_is_made(whole):
    generator = load(whole / "gaussian" / "generator.safetensors")
    noise = np.random.default_rng(0).standard_normal((3, 3), dtype=np.float32)
    clouds = list(generator.clouds(noise, 64))
    alone = next(generator.clouds(noise[2:], 64))
    np.testing.assert_allclose(alone, clouds[2], atol=1e-4)
    assert np.abs(clouds[0] - clouds[1]).mean() > 0.1  # other numbers, not the same ones moved


def test_the_gaussian_prior_has_the_codes_moments(whole):
    generator = load(whole / "gaussian" / "generator.safetensors")
    noise = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0))
    made = generator.prior.codes(noise)
    torch.testing.assert_close(made.mean(0), generator.prior.mean, atol=0.05, rtol=0.05)
    factor = generator.prior.factor
    torch.testing.assert_close(made.T.cov(), factor @ factor.T, atol=0.05, rtol=0.05)


def test_the_record_says_what_it_is(whole):
    first = json.loads((whole / "first.json").read_text())
    assert first["validation_shapes"] == ["b8", "b9"]
    assert first["dimensions"] == 3
    for kind in KINDS:
        metadata = json.loads((whole / kind / "generator.json").read_text())
        assert metadata["prior"] == kind
        assert metadata["shapes"] == [f"b{i}" for i in range(8)]
        assert metadata["first_stage"]["sha256"] == first["sha256"]
        assert {"toposhape", "torch", "python"} <= set(metadata["versions"])
    assert len(rows_without_time(whole / "gan" / "history.csv")) == 400


def test_two_dimensions_are_learned_too(tmp_path):
    train_first(tmp_path, shapes=sources(dimensions=2), epochs=100)
    train_second(tmp_path, tmp_path, "gaussian", shapes=sources(dimensions=2))
    generator = load(tmp_path / "gaussian" / "generator.safetensors")
    (cloud,) = generator.clouds(np.zeros((1, 3), np.float32), 300)
    assert cloud.shape == (300, 2)
    assert np.linalg.norm(cloud, axis=1).mean() == pytest.approx(0.55, abs=0.15)


@pytest.mark.parametrize("conditioning", ["add", "batch_norm"])
def test_the_published_networks_learn_too(tmp_path, conditioning):
    train_first(
        tmp_path,
        encoder=ENCODER.model_copy(update={"batch_norm": True}),
        denoiser=PointDenoiser(
            width=32, blocks=2, octaves=0, scaled=False, conditioning=conditioning
        ),
        weight="published", levels=10, levels_per="shape", optimiser="adam", averaging=0.0,
        epochs=80,
    )  # fmt: skip
    errors = load_gradient_field(tmp_path / "first.safetensors").metadata["validation_errors"]
    assert errors["0.5"] < 0.6


@pytest.mark.parametrize("row", list(DECODERS))
def test_decoders_of_table_8_learn_and_see_what_their_row_says(tmp_path, row):
    given = {"width": 32, "blocks": 2, "octaves": 0, "conditioning": "batch_norm", **DECODERS[row]}
    train_first(tmp_path, denoiser=PointDenoiser(**given), epochs=40)
    first = load_gradient_field(tmp_path / "first.safetensors")
    assert first.metadata["validation_errors"]["0.5"] < 0.6
    denoiser = first.network.denoiser
    assert denoiser.rise.in_features == 3 + 1 + (3 if "d" in row else 0)
    for block in denoiser.blocks:
        seen = {m.in_features for m in getattr(block, "modulations", ())}
        assert seen == ({3 + 1 + (3 if "c" in row else 0)} if "a" in row else set())
        assert block.shortcut == ("b" in row)
    points, sigma = torch.randn(1, 50, 3), torch.full((1, 50), 0.3)
    codes = torch.zeros(1, 3, requires_grad=True)
    denoiser(points, codes, sigma).square().sum().backward()
    assert codes.grad.abs().max() > 0


def test_without_shortcuts_something_passes_from_the_start():
    denoiser = PointDenoiser(width=32, blocks=3, shortcuts=False, conditioning="batch_norm")
    network = GradientField(ENCODER, denoiser, 3)
    torch.nn.init.normal_(network.denoiser.fall.weight)
    network(torch.randn(2, 8, 3), torch.randn(2, 9, 3), torch.ones(2, 9)).square().sum().backward()
    assert network.denoiser.rise.weight.grad.abs().max() > 0


def test_a_decoder_that_is_told_nothing_of_the_shape_is_refused():
    with pytest.raises(ValidationError, match="only code_with_point tells the shape"):
        PointDenoiser(conditioning="none")


def test_parts_of_a_batch_give_the_gradient_of_the_whole():
    def step(size):
        torch.manual_seed(0)
        network = GradientField(ENCODER, DENOISER, 3).double()
        for weight in network.parameters():  # some begin as zeros
            torch.nn.init.normal_(weight, std=0.2)
        training = TRAINING.model_copy(update={"shapes_per_micro_batch": size})
        state = StageState(network, training, network.matrices(), 0.9)
        batch = sources().training.draw(range(7), training, torch.Generator().manual_seed(1))
        batch = batch._each(lambda values: values.double())
        terms = state.step(batch, lambda b: score_matching_terms(network, b, "even"), (1.0,))
        return [terms, *(p.grad for p in network.parameters())]

    for whole_batch, in_parts in zip(step(None), step(3), strict=True):
        torch.testing.assert_close(in_parts, whole_batch, rtol=1e-9, atol=1e-12)


def test_muon_has_what_is_within_layers_and_adam_the_rest():
    network = GradientField(ENCODER, DENOISER, 3)
    state = StageState(network, TRAINING, network.matrices())
    of = {n: o.param_groups[0]["params"] for n, o in state.optimisers.items()}
    blocks = [(32, 32), (32, 32), (64, 3)] * 2
    assert [tuple(m.shape) for m in of["muon"]] == [(16, 16), *blocks]
    assert len(of["adam"]) == len(list(network.parameters())) - 7


def test_batch_norm_refuses_parts_of_batches():
    training = GradientFieldTraining(shapes_per_micro_batch=4)
    with pytest.raises(ValidationError, match="shapes_per_micro_batch: batch norm"):
        GradientFields(training=training, denoiser=PointDenoiser(conditioning="add"))


def test_other_settings_shapes_or_points_have_checkpoints_of_their_own(whole, tmp_path):
    train_first(tmp_path, epochs=1)
    train_first(tmp_path, epochs=1, checkpoint_every=3)  # ends in the same weights
    train_first(tmp_path, epochs=1, weight="published")
    train_first(tmp_path, epochs=1, shapes=sources(count=9))
    rows = balls()
    rows["b2"][5, 0] += 0.1
    shapes = list(rows)
    moved = CloudSources(CloudSource(rows, shapes[:8]), CloudSource(rows, shapes[8:]))
    train_first(tmp_path, epochs=1, shapes=moved)
    assert len(list((tmp_path / "first").iterdir())) == 4
    for first in (whole, tmp_path):
        train_second(tmp_path, first, "gan")
    assert len(list((tmp_path / "second").iterdir())) == 2


KILLED = """
import sys, pathlib, torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from test_gradient_field_training import KINDS, train_first, train_second
folder = train_first(pathlib.Path(sys.argv[2]), checkpoint_every=20)
for kind in KINDS:
    train_second(folder, folder, kind)
"""


@pytest.mark.slow  # the engine is one: the shape generator's training is killed in the fast tests
@pytest.mark.parametrize("times", [1, 8])
def test_killed_at_random_moments_it_ends_in_the_same_weights(whole, tmp_path, times):
    command = [sys.executable, "-c", KILLED, str(Path(__file__).parent), str(tmp_path)]
    moments = random.Random(times)
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while process.poll() is None and not list(tmp_path.rglob("history.csv")):
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 2.0))
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    for kind in KINDS:
        name = f"{kind}/generator.safetensors"
        assert (tmp_path / name).read_bytes() == (whole / name).read_bytes()
    assert rows_without_time(tmp_path / "first.csv") == rows_without_time(whole / "first.csv")


class Breaking(CloudSource):
    """Its fifth batch, that of epoch 5, is broken."""

    drawn = 0

    def draw(self, *given):
        self.drawn += 1
        batch = super().draw(*given)
        return replace(batch, points=batch.points * (float("nan") if self.drawn == 5 else 1))


def test_nan_stops_training_and_says_where(tmp_path):
    shapes = sources()
    broken = CloudSources(Breaking(balls(), shapes.training.shapes), shapes.validation)
    with pytest.raises(DivergenceError, match=r"not finite in epoch 5.*gradient_fields.training"):
        train_first(tmp_path, shapes=broken, epochs=6)
    assert not (tmp_path / "first.safetensors").exists()


@pytest.mark.parametrize(
    ("cloud", "told"),
    [
        (np.zeros((0, 3)), "form"),
        (np.zeros((9, 2)), "form"),
        (np.r_[np.zeros((4, 3)), [[0, np.nan, 0]]], "point 4 is .*finite"),
        (np.full((5, 3), 40.0), "normalise the shape"),
    ],
    ids=["empty", "flat", "NaN", "huge"],
)
def test_bad_clouds_are_named(cloud, told):
    with pytest.raises(ValueError, match=f"cloud 'bad'.*{told}"):
        CloudSource({"good": np.zeros((9, 3), np.float32), "bad": cloud}, ["good", "bad"])


def test_tiny_clouds_and_none_are_refused(tmp_path):
    tiny = {"t": np.zeros((60, 3), np.float32)}
    none = CloudSource(tiny, [])
    with pytest.raises(ValueError, match=r"cloud 't' has 60 points, of which 40 .* takes 160"):
        train_first(tmp_path, shapes=CloudSources(CloudSource(tiny, ["t"]), none), epochs=3)
    with pytest.raises(ValueError, match="no training shape"):
        train_first(tmp_path, shapes=CloudSources(none, none))


def test_duplicated_points_are_learned_as_they_are(tmp_path):
    one = {"t": np.tile(np.array([[0.3, 0.1, 0.2]], np.float32), (250, 1))}
    shapes = CloudSources(CloudSource(one, ["t"]), CloudSource(one, []))
    train_second(train_first(tmp_path, shapes=shapes, epochs=120), tmp_path, "gaussian",
                 shapes=shapes)  # fmt: skip
    generator = load(tmp_path / "gaussian" / "generator.safetensors")
    (cloud,) = generator.clouds(np.zeros((1, 3), np.float32), 50)
    np.testing.assert_allclose(cloud.mean(axis=0), one["t"][0], atol=0.1)


def test_points_for_measuring_were_not_learned_from():
    source = CloudSource(balls(), ["b1"])
    learned = source.windows([0], 400, torch.Generator().manual_seed(0))[0].numpy()
    measured = [source.measured(0, 100, which) for which in (0, 1)]
    for cloud in measured:
        assert not (cloud[:, None] == learned[None]).all(axis=-1).any()
    assert not np.array_equal(*measured)
    with pytest.raises(ValueError, match="too few for 3 x 100 of its last third"):
        source.measured(0, 100, 2)
