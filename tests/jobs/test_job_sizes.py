"""Jobs of other runs beside those of the default run, whose seconds are known."""

from pathlib import Path

import pytest
import yaml

from toposhape.jobs.job_sizes import SHAPES, relative_size
from toposhape.run_progress.stages import STAGES
from toposhape.settings.run import read_config

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
RUN = read_config(DEFAULT)


def test_jobs_of_the_default_run_are_the_measure():
    (category,) = RUN.chosen_categories
    assert RUN.categories[category].count == SHAPES
    batch = RUN.shapes.batch_size
    given = {"category": category, "shapes": SHAPES, "batch": batch, "method": "Ours-DeepSDF"}
    rules = [rule for stage in STAGES.values() for rule in stage]
    assert {relative_size(rule, RUN, **given) for rule in rules} == {1.0}
    assert relative_size("train_jointly", RUN, **given | {"method": "DeepSDF-VAD"}) < 1


def test_fewer_shapes_and_steps_are_less_work():
    shorter = {
        "shape_generator": {"training": {"max_epochs": 200}},
        "joint_training": {"steps": 100},
        "evaluation": {"draws": 5},
    }
    run = read_config(DEFAULT | shorter)
    given = {"category": "chair", "shapes": SHAPES // 4, "batch": 5, "method": "Ours-DeepSDF"}
    found = {
        rule: relative_size(rule, run, **given)
        for rule in ("train_shape_generator", "train_jointly", "prepare_shapes", "synthesise")
    }
    assert found == pytest.approx(
        {
            "train_shape_generator": 1 / 12,
            "train_jointly": 1 / 5,
            "prepare_shapes": 1 / 4,
            "synthesise": 1 / 8,
        }
    )


def test_a_method_may_have_steps_of_its_own():
    row = {"variant": "DeepSDF", "topology": {"consistency_weight": 1, "step_factor": 3}}
    run = read_config(DEFAULT | {"methods": DEFAULT["methods"] | {"Longer": row}})
    given = {"category": "chair", "shapes": SHAPES, "batch": 20}
    assert relative_size("train_jointly", run, **given, method="Longer") == 3


def test_a_category_may_have_a_wider_network_and_a_budget_of_its_own():
    sofa = {"source": "procedural", "count": SHAPES, "width": 256, "max_epochs": 1200}
    run = read_config(DEFAULT | {"categories": {**DEFAULT["categories"], "sofa": sofa}})
    rules = (
        "train_shape_generator", "train_jointly", "filter_codes", "reconstruct", "synthesise",
        "synthesise_from_posterior", "score_generator", "prepare_shapes",
    )  # fmt: skip
    given = {"shapes": SHAPES, "batch": RUN.shapes.batch_size, "method": "Ours-DeepSDF"}
    chair, sofa = (
        [relative_size(rule, run, category=category, **given) for rule in rules]
        for category in ("chair", "sofa")
    )
    assert chair == [1] * len(rules)
    assert sofa == pytest.approx([2 * 2**1.4, *[2**1.4] * 3, 2, 2, 1, 1])
