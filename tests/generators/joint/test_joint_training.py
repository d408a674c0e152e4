"""Joint training end to end on small tori: what it writes, what learns, what it refuses."""

import json
import math

import numpy as np
import pytest
import torch
from joint_runs import (
    DIAGRAMS,
    OURS,
    SHAPES,
    Start,
    history,
    phi,
    same,
    settings_of,
    tori,
    train,
    truth,
)

from toposhape.generators.diagrams.health import DeadGeneratorError, dead_degrees
from toposhape.generators.diagrams.pretraining import train_diagram_generator
from toposhape.generators.diagrams.store import load_diagram_generator
from toposhape.generators.implicit.store import load_generator
from toposhape.generators.joint.training import joint_schedule, train_jointly
from toposhape.settings.joint import JointTraining


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


@pytest.mark.parametrize("shapes", [8, 40, 112, 350])
def test_every_method_and_category_gets_the_same_number_of_steps(shapes):
    settings, batches = JointTraining(steps=500), -(-shapes // 8)
    schedule = joint_schedule(settings, batches)
    assert abs(schedule.max_epochs * batches - 500) <= batches / 2
    assert schedule.patience == math.inf  # nothing ends it before
    assert schedule.warmup_epochs <= schedule.max_epochs * 0.05 + 0.5
    assert schedule.cooldown_epochs == pytest.approx(schedule.max_epochs / 2, abs=0.5)
    assert joint_schedule(settings, 10_000).max_epochs == 1


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


def test_other_diagrams_of_the_same_shapes_train_again(start, tmp_path):
    """Those of validation shapes too: the history tells how near the generator comes to them."""
    other = [*truth()[:2], truth()[1]]
    for learned, watched in ((truth(), other), (truth(), truth()[:3]), (truth()[::-1], other)):
        train_diagram_generator(
            load_generator(start.shapes), learned, watched, DIAGRAMS, min_persistence=0.01,
            seed=(0, 0), checkpoints=tmp_path / "d", weights=tmp_path / "d.safetensors",
            metadata=tmp_path / "d.json", history=tmp_path / "d.csv",
        )  # fmt: skip
    assert len(list((tmp_path / "d").iterdir())) == 3


def test_as_many_diagrams_as_shapes_are_needed(start, tmp_path):
    with pytest.raises(ValueError, match="5 diagrams for 6 training shapes"):
        train(tmp_path, start, truth=truth()[:5])


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


def with_cavities(having, shapes=10):
    """Diagrams of shapes of which some have a cavity."""
    some, none = np.array([[0.0, 0.2]]), np.empty((0, 2))
    return [(some, some, some if i < having else none) for i in range(shapes)]


@pytest.mark.parametrize(("having", "dead"), [(0, []), (1, [2]), (5, [2])])
def test_a_degree_that_few_shapes_have_may_be_missing_with_a_warning(having, dead, capsys):
    statistics = {"points_h0": 1.0, "points_h1": 1.0, "points_h2": 0.0}
    assert dead_degrees(statistics, with_cavities(having), "") == dead
    assert (f"no point of degree 2, {having} of 10" in capsys.readouterr().err) == bool(dead)


def test_a_degree_that_most_shapes_have_must_be_there():
    statistics = {"points_h0": 1.0, "points_h1": 1.0, "points_h2": 0.0}
    with pytest.raises(DeadGeneratorError, match=r"degree 2, 6 of 10 .* lower it"):
        dead_degrees(statistics, with_cavities(6), "lower it")


def test_training_goes_on_without_a_degree_that_one_shape_has(start, tmp_path):
    rare = [(*each[:2], each[2][: i == 0]) for i, each in enumerate(with_cavities(6, shapes=6))]
    given = load_diagram_generator(start.diagrams)
    assert given.diagrams.sizes[2] == 0  # the tori have no cavity: it makes no point there
    train_jointly(
        tori(), rare, load_generator(start.shapes), given,
        settings_of(joint={"steps": 2}), DIAGRAMS, seed=(0, 0), checkpoints=tmp_path / "c",
        output=tmp_path, history=tmp_path / "history.csv",
    )  # fmt: skip
    for name in ("generator.json", "diagrams.json"):
        assert json.loads((tmp_path / name).read_text())["dead_degrees"] == [2]


def test_a_diagram_generator_whose_weights_are_damaged_is_refused(ours, tmp_path):
    for name in ("diagrams.safetensors", "diagrams.json"):
        (tmp_path / name).write_bytes((ours / name).read_bytes())
    weights = tmp_path / "diagrams.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(ValueError, match=r"diagrams\.safetensors is damaged or does not belong"):
        load_diagram_generator(weights)
