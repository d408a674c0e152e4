"""Joint training end to end on small tori: its steps, its record, resume after kill -9."""

import csv
import json
import random
import signal
import subprocess
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from toposhape.config import (
    Decoder,
    DiagramGeneratorSettings,
    DiagramNetwork,
    DiagramTraining,
    JointTraining,
    LatentPrior,
    ShapeGenerator,
    ShapeTraining,
    TopologicalTerms,
    Topology,
    Variant,
)
from toposhape.topology import superlevel_diagrams
from toposhape.training import (
    DivergenceError,
    data_term,
    joint_epochs,
    load_generator,
    train_shape_generator,
)
from toposhape.training.diagram_generator import train_diagram_generator
from toposhape.training.diagram_health import DeadGeneratorError, check_alive
from toposhape.training.diagram_store import load_diagram_generator
from toposhape.training.joint_epochs import JointSettings
from toposhape.training.joint_state import JointState
from toposhape.training.joint_training import joint_budget, train_jointly

SHAPES = 6
TOPOLOGY = Topology(min_persistence=0.01)
PRETRAINING = ShapeTraining(
    max_epochs=80, warmup_epochs=1, shapes_per_batch=3, samples_per_shape=48, learning_rate=5e-3,
    optimiser="muon", codes=LatentPrior(shape_weight=1e-5),
    checkpoint_every=100,
)  # fmt: skip
DECODER = Decoder(width=16, depth=3, latent_size=2, skip_layers=(1,))
DIAGRAMS = DiagramGeneratorSettings(
    network=DiagramNetwork(embedding_size=4, width=12),
    training=DiagramTraining(
        max_epochs=8, warmup_epochs=1, shapes_per_batch=3, smoothness_codes=4, checkpoint_every=100
    ),
)
JOINT = JointTraining(
    steps=12,
    consistency_codes=2,
    consistency_clip=1.0,
    resolution=16,
    min_persistence=0.01,
    checkpoint_every=2,
)
OURS = TopologicalTerms(
    consistency_weight=1.0, diagram_weight=1.0, smoothness_weight=0.01, pull_weight=0.01
)
PLAIN = TopologicalTerms()
VARIANT = Variant(activation="relu")


def torus_distance(points: np.ndarray, radius: float) -> np.ndarray:
    """Signed distance to a torus about the y axis with a tube of 0.2."""
    ring = np.hypot(points[..., 0], points[..., 2]) - radius
    return np.hypot(ring, points[..., 1]) - 0.2


def radius_of(shape: int) -> float:
    return 0.45 + 0.25 * shape / SHAPES


@lru_cache
def tori() -> dict[str, np.ndarray]:
    """Samples inside and outside of tori whose radius grows."""
    rng, rows = np.random.default_rng(0), {}
    for i in range(SHAPES):
        points = rng.uniform(-1, 1, (40_000, 3))
        values = torus_distance(points, radius_of(i))
        samples = np.concatenate([points, values[:, None]], axis=1).astype(np.float32)
        rows[f"t{i}"] = np.stack([samples[values < 0][:400], samples[values > 0][:400]])
    return rows


@lru_cache
def truth() -> list[tuple[np.ndarray, ...]]:
    axis = np.linspace(-1, 1, JOINT.resolution)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    fields = np.stack([-torus_distance(grid, radius_of(i)) for i in range(SHAPES)])
    diagrams = superlevel_diagrams(fields.astype(np.float32), min_persistence=0.01, threads=1)
    return [d.points for d in diagrams]


class Start(NamedTuple):
    """What the second stage starts from."""

    shapes: Path
    diagrams: Path


def pretrain(folder: Path) -> Start:
    start = Start(folder / "generator.safetensors", folder / "diagrams.safetensors")
    settings = ShapeGenerator(decoder=DECODER, training=PRETRAINING)
    train_shape_generator(
        tori(), list(tori()), [], settings, VARIANT, seed=(0, 0), checkpoints=folder / "c",
        weights=start.shapes, metadata=start.shapes.with_suffix(".json"),
        history=folder / "shape_history.csv",
    )  # fmt: skip
    train_diagram_generator(
        load_generator(start.shapes), truth(), truth()[:2], DIAGRAMS,
        min_persistence=0.01, seed=(0, 0), checkpoints=folder / "d", weights=start.diagrams,
        metadata=start.diagrams.with_suffix(".json"), history=folder / "diagram_history.csv",
    )  # fmt: skip
    return start


def settings_of(
    terms=OURS, joint=None, shapes=PRETRAINING, diagrams=DIAGRAMS, variant=VARIANT
) -> JointSettings:
    joint = JOINT.model_copy(update=joint or {})
    return JointSettings(joint, terms, variant, shapes, diagrams.training, TOPOLOGY)


def train(
    folder: Path, start: Start, settings: JointSettings | None = None, **changes: Any
) -> Path:
    settings = settings or settings_of()
    given = load_diagram_generator(start.diagrams) if settings.terms.pretrained_diagrams else None
    train_jointly(
        tori(), changes.pop("truth", truth()), load_generator(start.shapes), given, settings,
        changes.pop("network", DIAGRAMS), seed=changes.pop("seed", (0, 0)),
        checkpoints=folder / "checkpoints", output=folder, history=folder / "history.csv",
        **changes,
    )  # fmt: skip
    return folder


def history(folder: Path) -> list[dict[str, str]]:
    """The rows without what depends on the clock."""
    with (folder / "history.csv").open() as file:
        return [
            {k: v for k, v in row.items() if "seconds" not in k} for row in csv.DictReader(file)
        ]


def phi(weights: Path) -> dict[str, torch.Tensor]:
    return load_diagram_generator(weights).diagrams.state_dict()


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[name], b[name]) for name in a)


def written(folder: Path) -> tuple[bytes, bytes]:
    return tuple(
        (folder / f"{name}.safetensors").read_bytes() for name in ("generator", "diagrams")
    )


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums over other numbers of threads differ in their last bit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Start:
    return pretrain(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def ours(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("ours"), start)


@pytest.fixture(scope="module")
def plain(start, tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("plain"), start, settings_of(PLAIN))


def test_it_writes_two_generators_and_what_they_are(ours):
    metadata = json.loads((ours / "generator.json").read_text())
    assert metadata["shapes"] == list(tori())
    assert metadata["joint_epochs"] == 6
    assert metadata["terms"]["pull_weight"] == 0.01
    assert metadata["joint_training"]["steps"] == 12
    assert not load_generator(ours / "generator.safetensors").decoder.training
    generator = load_diagram_generator(ours / "diagrams.safetensors").diagrams
    assert generator.sizes == tuple(max(len(d[k]) for d in truth()) for k in range(3))
    assert generator.sizes[1] > 0


def test_every_part_learns(ours, start):
    before, after = (load_generator(p) for p in (start.shapes, ours / "generator.safetensors"))
    for part in ("decoder", "codes"):
        assert not same(getattr(before, part).state_dict(), getattr(after, part).state_dict())
    assert not same(phi(start.diagrams), phi(ours / "diagrams.safetensors"))


def test_the_history_has_a_row_for_every_epoch(ours):
    rows = history(ours)
    assert [int(row["epoch"]) for row in rows] == list(range(1, 7))
    assert all(np.isfinite(float(value)) for row in rows for value in row.values())
    for name in ("data", "consistency", "fit", "smoothness", "pull", "code_fit", "true_points_h1"):
        assert float(rows[0][name]) > 0
    for name in ("gradient_norm", "consistency_gradient_norm"):
        assert float(rows[0][name]) > 0


def test_a_baseline_takes_the_same_steps_without_diagrams(ours, plain, start):
    assert same(phi(start.diagrams), phi(plain / "diagrams.safetensors"))
    a, b = history(ours), history(plain)
    assert [row["epoch"] for row in a] == [row["epoch"] for row in b]
    assert [row["learning_rate"] for row in a] == [row["learning_rate"] for row in b]
    assert {float(row[n]) for row in b for n in ("consistency", "fit", "pull", "code_fit")} == {0}
    before, after = (load_generator(p) for p in (start.shapes, plain / "generator.safetensors"))
    assert not same(before.decoder.state_dict(), after.decoder.state_dict())


def test_the_same_seed_gives_the_same_bits_another_one_others(ours, start, tmp_path):
    again = train(tmp_path / "again", start)
    assert written(again) == written(ours)
    assert history(again) == history(ours)
    other = train(tmp_path / "other", start, seed=(0, 1))
    assert written(other)[0] != written(ours)[0]


def test_consistency_falls_where_it_can(start, tmp_path):
    joint = {
        "steps": 40, "learning_rate": 3e-3, "consistency_codes": 3, "warmup_share": 0.0,
        "diagram_learning_rate": 1e-9,
    }  # fmt: skip
    rows = {}
    for name, weight in (("with", 30.0), ("hardly", 1e-9)):
        terms = OURS.model_copy(update={"consistency_weight": weight})
        rows[name] = history(train(tmp_path / name, start, settings_of(terms, joint)))
    late = {
        name: np.mean([float(row["consistency"]) for row in found[-8:]])
        for name, found in rows.items()
    }
    assert late["with"] < 0.2 * late["hardly"]


KILLED = """
import sys, pathlib, torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from test_joint_training import Start, train
train(pathlib.Path(sys.argv[4]), Start(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
"""


@pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_ends_in_the_same_bits(ours, start, tmp_path, times):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", KILLED, here, *map(str, start), str(tmp_path)]
    moments = random.Random(times)
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for_start(tmp_path / "checkpoints", process)
        time.sleep(moments.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert written(tmp_path) == written(ours)
    assert history(tmp_path) == history(ours)


def wait_for_start(folder: Path, process: subprocess.Popen) -> None:
    """Wait until epochs run: Python and torch take seconds to load."""
    before = modified(folder)
    while process.poll() is None and modified(folder) == before:
        time.sleep(0.005)


def modified(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.rglob("history.csv")), default=0.0)


def test_a_checkpoint_in_the_middle_is_enough(ours, start, tmp_path):
    """As above without luck: the run ends after three of its six epochs."""
    true_epoch, calls = joint_epochs.code_epoch, []

    def interrupted(*given):
        calls.append(1)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return true_epoch(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toposhape.training.joint_training.code_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path, start)
    (kept,) = (tmp_path / "checkpoints").rglob("epoch_*.safetensors")
    assert kept.name == "epoch_000002.safetensors"
    train(tmp_path, start)
    assert written(tmp_path) == written(ours)
    assert history(tmp_path) == history(ours)


def test_other_terms_do_not_go_on_from_this_one_s_checkpoints(start, tmp_path):
    short = {"steps": 2}
    train(tmp_path, start, settings_of(joint=short))
    train(tmp_path, start, settings_of(OURS.model_copy(update={"pull_weight": 0.0}), short))
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2


def test_without_weights_the_diagram_generator_stays_as_it_was(start, tmp_path):
    frozen = OURS.model_copy(
        update={"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    )
    train(tmp_path, start, settings_of(frozen, {"steps": 4}))
    assert same(phi(start.diagrams), phi(tmp_path / "diagrams.safetensors"))
    row = history(tmp_path)[-1]
    assert float(row["consistency"]) > 0
    assert float(row["code_fit"]) == 0


@pytest.mark.parametrize("weight", ["diagram_weight", "smoothness_weight", "pull_weight"])
def test_each_weight_alone_moves_the_diagram_generator(start, tmp_path, weight):
    none = {"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    terms = OURS.model_copy(update={**none, weight: 0.5})
    train(tmp_path, start, settings_of(terms, {"steps": 2}))
    assert not same(phi(start.diagrams), phi(tmp_path / "diagrams.safetensors"))


def test_independent_targets_belong_to_other_codes(start, tmp_path, monkeypatch):
    asked, true_targets = [], joint_epochs.generated_diagrams
    fields, true_fields = [], joint_epochs.field_diagrams

    def watched_targets(generator, codes, threshold):
        asked.append(codes.clone())
        return true_targets(generator, codes, threshold)

    def watched_fields(decoder, codes, *rest):
        fields.append(codes.clone())
        return true_fields(decoder, codes, *rest)

    monkeypatch.setattr(joint_epochs, "generated_diagrams", watched_targets)
    monkeypatch.setattr(joint_epochs, "field_diagrams", watched_fields)
    train(tmp_path / "own", start, settings_of(joint={"steps": 2}))
    assert all(map(torch.equal, asked, fields))
    assert not torch.equal(fields[0], fields[1])  # fresh codes in every step
    asked.clear(), fields.clear()
    terms = OURS.model_copy(update={"independent_targets": True})
    train(tmp_path / "other", start, settings_of(terms, {"steps": 2}))
    assert len(asked) == len(fields) == 2
    assert all((a != b).all() for a, b in zip(asked, fields, strict=True))


def test_consistency_is_taken_without_dropout(start, tmp_path, monkeypatch):
    modes, true_loss = [], joint_epochs.consistency_loss

    def watched(decoder, *rest):
        modes.append(decoder.training)
        return true_loss(decoder, *rest)

    monkeypatch.setattr(joint_epochs, "consistency_loss", watched)
    train(tmp_path, start, settings_of(joint={"steps": 2}))
    assert modes == [False, False]


def test_without_pretrained_diagrams_a_new_generator_starts_at_the_origin(start, tmp_path):
    frozen = {"diagram_weight": 0.0, "smoothness_weight": 0.0, "pull_weight": 0.0}
    terms = OURS.model_copy(update={**frozen, "pretrained_diagrams": False})
    train(tmp_path, start, settings_of(terms, {"steps": 2}))
    found = phi(tmp_path / "diagrams.safetensors")
    assert not any(value.any() for name, value in found.items() if name.endswith("places"))
    assert not same(found, phi(start.diagrams))


def small_state(consistency_clip=1.0, gradient_clip=1.0) -> JointState:
    class Linear(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(3))
            self.other = torch.nn.Parameter(torch.zeros(2))

    settings = JOINT.model_copy(
        update={"consistency_clip": consistency_clip, "gradient_clip": gradient_clip}
    )
    return JointState(Linear(), torch.nn.Linear(1, 1), None, settings)


def test_the_two_gradients_are_clipped_one_by_one():
    state = small_state(consistency_clip=0.5, gradient_clip=2.0)
    weight, other = state.decoder.weight, state.decoder.other
    fit = 3 * weight[0] + 4 * other[1]
    consistency = 60 * weight[1] + 80 * weight[2]
    norm, rough_norm = state.step_shapes(fit, consistency)
    assert (float(norm), float(rough_norm)) == pytest.approx((5, 100))
    assert weight.grad.tolist() == pytest.approx([3 * 2 / 5, 0.3, 0.4], rel=1e-5)
    assert other.grad.tolist() == pytest.approx([0, 4 * 2 / 5], rel=1e-5)


def test_a_consistency_without_gradient_leaves_the_fit_alone():
    for consistency in (None, torch.tensor(3.0)):
        state = small_state(gradient_clip=10.0)
        norm, rough_norm = state.step_shapes(3 * state.decoder.weight[0], consistency)
        assert (float(norm), float(rough_norm)) == (3, 0)
        assert state.decoder.weight.grad.tolist() == [3, 0, 0]


@pytest.mark.parametrize("good_steps", [8, 9])  # of theta and of the codes, four in an epoch
@pytest.mark.parametrize("terms", [OURS, PLAIN], ids=["ours", "plain"])
def test_nan_stops_and_keeps_the_last_good_checkpoint(start, tmp_path, terms, good_steps):
    true_loss, calls = data_term.data_loss, []

    def breaking(*given):
        calls.append(1)
        return true_loss(*given) * (float("nan") if len(calls) > good_steps else 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_term, "data_loss", breaking)
        message = r"data.* not finite in epoch 3.*joint_training\.learning_rate"
        with pytest.raises(DivergenceError, match=message):
            train(tmp_path, start, settings_of(terms))
    (kept,) = (tmp_path / "checkpoints").rglob("epoch_*.safetensors")
    assert kept.name == "epoch_000002.safetensors"
    train(tmp_path, start, settings_of(terms))


def test_a_dead_generator_is_named_with_its_degree_and_the_remedy(start, tmp_path):
    dead = load_diagram_generator(start.diagrams).diagrams
    with torch.no_grad():
        dead.degrees[1].places[:, 1] = -100.0
    given = load_diagram_generator(start.diagrams)._replace(diagrams=dead)
    with pytest.raises(DeadGeneratorError, match=r"no point of degree 1.*matching to forced"):
        train_jointly(
            tori(), truth(), load_generator(start.shapes), given,
            settings_of(joint={"steps": 2}), DIAGRAMS, seed=(0, 0), checkpoints=tmp_path / "c",
            output=tmp_path, history=tmp_path / "history.csv",
        )  # fmt: skip
    assert not (tmp_path / "generator.safetensors").exists()


def test_a_degree_that_shapes_hardly_have_may_be_missing():
    statistics = {f"{what}_h{k}": 1.0 for what in ("points", "true_points") for k in range(3)}
    check_alive(statistics, "")
    check_alive(statistics | {"points_h2": 0.0, "true_points_h2": 0.05}, "")
    with pytest.raises(DeadGeneratorError, match="degree 2"):
        check_alive(statistics | {"points_h2": 0.0, "true_points_h2": 0.15}, "")


@pytest.mark.parametrize("shapes", [8, 40, 112, 350])
def test_every_method_and_category_gets_the_same_number_of_steps(shapes):
    settings, batches = JointTraining(steps=500), -(-shapes // 8)
    budget = joint_budget(settings, batches)
    assert abs(budget.max_epochs * batches - 500) <= batches / 2
    assert budget.patience_epochs is None  # nothing ends it before
    assert budget.warmup_epochs <= budget.max_epochs * 0.05 + 0.5
    assert joint_budget(settings, 10_000).max_epochs == 1


def test_shapes_without_any_points_are_no_obstacle(start, tmp_path):
    """Convex shapes have no diagram points: then there is nothing to generate or to learn."""
    empty = [(np.zeros((0, 2), np.float32),) * 3] * SHAPES
    train_diagram_generator(
        load_generator(start.shapes), empty, [], DIAGRAMS, min_persistence=0.01, seed=(0, 0),
        checkpoints=tmp_path / "d", weights=tmp_path / "none.safetensors",
        metadata=tmp_path / "none.json", history=tmp_path / "none.csv",
    )  # fmt: skip
    folder = train(
        tmp_path, Start(start.shapes, tmp_path / "none.safetensors"),
        settings_of(joint={"steps": 2}), truth=empty,
    )  # fmt: skip
    assert float(history(folder)[0]["fit"]) == 0


def test_as_many_diagrams_as_shapes_are_needed(start, tmp_path):
    with pytest.raises(ValueError, match="5 diagrams for 6 training shapes"):
        train(tmp_path, start, truth=truth()[:5])


def test_a_diagram_generator_whose_weights_are_damaged_is_refused(ours, tmp_path):
    for name in ("diagrams.safetensors", "diagrams.json"):
        (tmp_path / name).write_bytes((ours / name).read_bytes())
    weights = tmp_path / "diagrams.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match=r"diagrams\.safetensors is damaged or does not belong"):
        load_diagram_generator(weights)
