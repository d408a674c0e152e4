"""Values that would fail late, or silently mean something else, are refused at once."""

import copy
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from stored_run import ROOT

from toposhape.publication.tables.published import published_numbers
from toposhape.settings.methods import PublishedRow
from toposhape.settings.run import ConfigError, read_config
from toposhape.settings.tree import NAMED, all_keys

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
ENTRY = {"categories": "chair", "variants": "DeepSDF", "methods": "Ours-DeepSDF"}
NUMBERS = [
    key
    for key in all_keys()
    if not key.is_group
    and any(word in str(key.field.annotation) for word in ("int", "float"))
    and "Literal" not in str(key.field.annotation)
    and not str(key.field.annotation).startswith(("dict", "tuple"))
]


def with_value(path, value):
    """The default configuration with another value; path as `all_keys` has it, or dotted."""
    path = path.split(".") if isinstance(path, str) else path
    config = copy.deepcopy(DEFAULT)
    config["categories"]["chair"].setdefault("version", 2)
    group = config
    for name in path[:-1]:
        entry = ENTRY.get(path[0]) or next(iter(group))
        group = group[entry if name == NAMED else name]
    group[path[-1]] = value
    return config


@pytest.mark.parametrize("value", [True, "many", float("nan"), float("inf"), -1e30])
def test_what_is_no_number_or_has_no_bounds_is_refused(value):
    for key in NUMBERS:
        with pytest.raises(ConfigError, match=key.path[-1]):
            read_config(with_value(key.path, value))


def test_there_are_many_numbers():
    assert len(NUMBERS) > 90


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("training_seeds", [0, 0], "training_seeds: 0 stands more than once"),
        ("training_seeds", [True], "this is a number"),
        ("categories.chair.count", 1e12, "categories.chair.count: .* 1000000, not 1000000000000"),
        ("categories.chair.count", 2.5, "fractional part"),
        ("categories", 3, "categories: .* dictionary, not 3"),
        ("categories.chair.version", True, "categories.chair.version"),
        ("shapes.samples", 10**12, "shapes.samples"),
        ("shapes.split", {"training": 0.0, "validation": 0.5, "test": 0.5}, "split.training"),
        ("shape_generator.decoder.skip_layers", [3, 6], r"\[6\] are no hidden layers; .* 1 to 5"),
        ("shape_generator.decoder.skip_layers", [3, 3], "3 stands more than once"),
        ("joint_training.warmup_share", 0.6, "warmup_share . cooldown_share must be at most 1"),
        ("shape_generator.training.warmup_epochs", 9000, "9000 must be below max_epochs"),
        (
            "categories.chair.max_epochs",
            5,
            "shape_generator.training: warmup_epochs 5 .* categories.chair.max_epochs 5",
        ),
        ("diagram_generator.training.max_epochs", 5, "warmup_epochs 5 must be below max_epochs 5"),
        ("vector_sets.diffusion_training.epochs", 3, "warmup_epochs 5 must be below epochs 3"),
        ("vector_sets.autoencoder.heads", 5, "no multiple of 5 heads"),
        ("vector_sets.sampler.least_noise", 80, "least_noise 80 must be below most_noise 80"),
        ("vector_sets.diffusion_training.averaging", 1, "averaging: .* less than 1, not 1"),
        ("vector_sets.autoencoder_training.surface_points", 40_000, "40000 of 30000 prepared"),
        ("evaluation.chamfer_points", 40_000, "chamfer_points: 40000 of 30000 prepared"),
        ("evaluation.reconstruction.surface_points", 40_000, "40000 of 30000 prepared"),
        ("publication.compared_methods", ["Ours-DeepSDF"] * 2, "stands more than once"),
        ("publication.compared_methods", ["Ours-DeepSFD"], "no such method Ours-DeepSFD; there"),
        ("methods.Ours-DeepSDF.baseline", "Ours-DeepSDF", "not compared with itself"),
        ("methods.Ours-DeepSDF.published", "Ours DeepSDF", "published: .*'Ours-DeepSDF'"),
        ("methods.Other", {"trained_as": "Ours"}, "no such method that is trained Ours; there"),
        ("methods.Other", {"trained_as": "Other"}, "no such method that is trained Other; there"),
        ("methods.Other", {"trained_as": "Ours-DeepSDF", "variant": "DeepSDF"}, "variant: unknown"),
        ("methods.Other", {"trained_as": "Ours-DeepSDF", "bandwidth": 0}, "bandwidth: .*not 0"),
        ("methods.Other", {"trained_as": "Ours-DeepSDF", "prior": "kde"}, "prior: .*'kde'"),
        (
            "methods.Other",
            {"trained_as": "3DShape2VecSet", "prior": "kernel_density"},
            "methods.Other.prior: kernel_density needs codes .*3DShape2VecSet has none",
        ),
        (
            "methods.Other",
            {"trained_as": "3DShape2VecSet", "prior": "filtered_density"},
            "methods.Other.prior: filtered_density needs codes .*3DShape2VecSet has none",
        ),
        (
            "methods.Other",
            {"trained_as": "3DShape2VecSet", "prior": "interpolation"},
            "methods.Other.prior: interpolation needs codes .*3DShape2VecSet has none",
        ),
        (
            "methods.Other",
            {"trained_as": "3DShape2VecSet", "best_of": 2},
            "methods.Other.best_of: 2 needs a diagram generator, and 3DShape2VecSet has none",
        ),
        ("only", "chairs", "only: no such category chairs; there are chair"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(key, value, message):
    with pytest.raises(ConfigError, match=message) as error:
        read_config(with_value(key, value))
    lines = str(error.value).splitlines()
    assert lines[0] == "1 mistake in the configuration:"
    assert len(lines) == 2


def test_rows_that_share_a_training_know_whose():
    rows = {"Other": {"trained_as": "Ours-DeepSDF", "prior": "kernel_density", "repair": True}}
    run = read_config({**DEFAULT, "methods": {**DEFAULT["methods"], **rows}})
    assert run.trained_as("Other") == run.trained_as("Ours-DeepSDF") == "Ours-DeepSDF"
    assert "Other" not in run.methods_of("implicit")
    of_others = read_config(DEFAULT).identity()["methods"]
    assert {k: v for k, v in run.identity()["methods"].items() if k != "Other"} == of_others
    matrices = {**DEFAULT["publication"], "matrices_method": "Other"}
    with pytest.raises(ConfigError, match="are not of the family implicit"):
        read_config({**DEFAULT, "methods": run.methods, "publication": matrices})


def test_published_rows_are_those_of_the_published_numbers():
    assert set(get_args(PublishedRow)) == set(published_numbers()["row"])


def test_a_narrow_skip_needs_room():
    decoder = {"width": 16, "latent_size": 13, "narrow_skip": True}
    config = {**DEFAULT, "shape_generator": {"decoder": decoder}}
    with pytest.raises(ConfigError, match=r"latent_size \+ 3 = 16 leaves nothing of width 16"):
        read_config(config)
    without = {"decoder": {**decoder, "skip_layers": []}}
    read_config({**DEFAULT, "shape_generator": without})  # nothing is narrowed


def test_a_narrow_skip_needs_room_in_a_category_of_its_own_width():
    decoder = {"width": 32, "latent_size": 13, "narrow_skip": True}
    chair = {"source": "procedural", "count": 20}
    config = {**DEFAULT, "shape_generator": {"decoder": decoder}}
    read_config({**config, "categories": {"chair": {**chair, "width": 17}}})
    with pytest.raises(ConfigError, match=r"categories.chair.width: .* leaves nothing of width 16"):
        read_config({**config, "categories": {"chair": {**chair, "width": 16}}})


def test_farthest_points_need_points():
    sets = {"autoencoder": {"queries": "points", "latents": 600}}
    with pytest.raises(ConfigError, match="600 farthest points of 512 surface points"):
        read_config({**DEFAULT, "vector_sets": sets})


def test_logs_of_two_jobs_have_two_names():
    names = {"a": {"variant": "DeepSDF"}, "b_a": {"variant": "DeepSDF"}}
    categories = {"c": {"furniture": "chair", "count": 9}, "c_b": {"furniture": "sofa", "count": 9}}
    with pytest.raises(ConfigError, match="both written c_b_a"):
        read_config({"categories": categories, "variants": DEFAULT["variants"], "methods": names})


@pytest.mark.parametrize("written", ["1e-4", "1.0e-4", "+1E-4", "0.0001"])
def test_numbers_that_yaml_reads_as_text_are_numbers(written):
    value = yaml.safe_load(f"x: {written}")["x"]
    config = read_config(with_value("shape_generator.training.learning_rate", value))
    assert config.shape_generator.training.learning_rate == 1e-4


def test_a_name_that_looks_like_a_number_is_a_name():
    assert read_config(with_value("name", yaml.safe_load("1e5"))).name == "1e5"


def test_whole_numbers_may_be_written_with_an_exponent():
    value = yaml.safe_load("x: 1e3")["x"]
    assert isinstance(value, str)
    assert read_config(with_value("shapes.samples", value)).shapes.samples == 1000


@given(
    st.sampled_from(NUMBERS),
    st.one_of(st.integers(-(10**13), 10**13), st.floats(), st.booleans(), st.text(max_size=5)),
)
def test_an_accepted_number_is_within_what_the_page_says(key, value):
    """What pydantic accepts is what schema and page promise."""
    try:
        config = read_config(with_value(key.path, value))
    except ConfigError as error:
        assert key.path[0] in str(error)
        return
    plain = config.model_dump(mode="json")
    for name in key.path:
        entry = ENTRY.get(key.path[0]) or next(iter(plain))
        plain = plain[entry if name == NAMED else name]
    assert plain == float(value) or plain is None
