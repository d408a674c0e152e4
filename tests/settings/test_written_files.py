"""What `make config` writes: comments of config.yaml, the schema, the page of all keys."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from toposhape.settings.__main__ import SCHEMA, written
from toposhape.settings.config_file import missing_keys, with_comments
from toposhape.settings.page import BEGIN, allowed, with_tables
from toposhape.settings.run import read_config
from toposhape.settings.schema import config_schema
from toposhape.settings.tree import NAMED, all_keys

ROOT = Path(__file__).parents[2]
CONFIG = (ROOT / "config.yaml").read_text(encoding="utf-8")
DEFAULT = yaml.safe_load(CONFIG)
PRESETS = sorted((ROOT / "presets").glob("*.yaml"))
OF_THIS_RUN = (
    *("categories", "variants", "methods"),
    *(
        f"publication.{rows}"
        for rows in ("overview_methods", "interpolation", "matrices_method", "compared_methods")
    ),
)
"""What a run consists of and shows has no default."""


@pytest.mark.parametrize(("path", "text"), written(ROOT).items(), ids=str)
def test_what_is_written_from_the_models_is_up_to_date(path, text):
    assert (ROOT / path).read_text(encoding="utf-8") == text, "make config writes it"


def test_every_key_says_what_it_means():
    assert not [key.path for key in all_keys() if not key.field.description]


def test_defaults_are_those_of_the_default_run():
    required = {name: DEFAULT[name] for name in ("categories", "variants", "methods")}
    bare = read_config(required).model_dump(mode="json")
    given = read_config(DEFAULT).model_dump(mode="json")

    def differing(a, b, path=""):
        if path in OF_THIS_RUN:
            return []
        if isinstance(a, dict) and isinstance(b, dict):
            dotted = f"{path}." if path else ""
            return [each for name in a for each in differing(a[name], b[name], dotted + name)]
        return [] if a == b else [path]

    assert differing(given, bare) == []


def test_comments_are_those_of_the_keys_and_what_is_missing_is_added():
    text = (
        "# mine\nname: x # old\nshapes:\n  resolution: 32\n  split: {test: 0.3, training: 0.7}\n"
        "\nvariants:\n  V: # ours\n    activation: silu\n  W:\n    activation: relu # why\n"
    )
    once = with_comments(text)
    lines = once.splitlines()
    assert lines[0] == "# mine"
    assert "name: x                     # results lie in results/<name>" in lines
    assert "  V: # ours" in lines
    assert "    activation: relu # why" in lines  # the first entry alone is explained
    assert "    activation: silu        # relu, silu, softplus or sine;" in once
    found = yaml.safe_load(once)
    assert found["shapes"]["resolution"] == 32
    assert found["shapes"]["samples"] == 100_000
    missing = [".".join(key.path) for key in missing_keys(found)]
    assert missing == ["categories", "shapes.split.validation", "methods"]  # {...}; not ours to say
    assert found["joint_training"]["steps"] == 500
    samples = next(line for line in lines if line.startswith("  samples:"))
    assert samples.endswith(
        "# signed-distance samples of a shape, half of them inside (DeepSDF: 500000)"
    )
    keys = [line.partition(":")[0] for line in lines]
    split = keys.index("  split")
    assert keys[split + 1 : split + 3] == ["  samples", "  surface_points"]  # at the group's end
    assert keys.index("  samples") < keys.index("variants")
    steps = keys.index("joint_training") + 1
    assert keys[steps : steps + 2] == ["  steps", "  warmup_share"]  # in the models' order
    assert with_comments(once) == once


def test_values_of_the_default_run_are_not_touched():
    assert yaml.safe_load(with_comments(CONFIG)) == DEFAULT


def test_a_page_without_the_mark_is_not_overwritten():
    with pytest.raises(ValueError, match="lacks the line"):
        with_tables("prose")
    assert with_tables(f"prose\n{BEGIN}old").startswith(f"prose\n{BEGIN}\n## The run")


@pytest.mark.parametrize(
    ("property", "text"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 10**6}, "whole number, 1 to 10^6"),
        ({"type": "number", "exclusiveMinimum": 0}, "number, > 0"),
        ({"type": "integer", "minimum": 2, "multipleOf": 2}, "even number, ≥ 2"),
        ({"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]}, "a, b or null"),
        ({"type": "array", "items": {"type": "string"}}, "list: text"),
    ],
)
def test_allowed_values_are_told_in_words(property, text):
    assert allowed(property) == text


@pytest.fixture(scope="module")
def editor():
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", [ROOT / "config.yaml", *PRESETS], ids=lambda path: path.stem)
def test_editors_accept_the_configuration_and_every_preset(editor, path):
    text = path.read_text(encoding="utf-8")
    editor.validate(yaml.safe_load(text))
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1]
    assert (path.parent / schema).resolve() == ROOT / SCHEMA


@pytest.mark.parametrize(
    "overlay",
    [
        {"methods": {"3DShape2VecSet": None, "Mine": {"variant": "DeepSDF"}}},
        {"methods": {"Mine": {"family": "vector_sets"}}, "only": "chair"},
        {"methods": {"Ours-DeepSDF": {"baseline": None}}},  # either family's
        {"categories": [{"name": "lamp", "source": "folder", "path": "data/lamps"}]},
        {
            "categories": {"sofa": None, "chair": {"count": 3}},
            "publication": {"interpolation": None},
        },
    ],
)
def test_editors_accept_overlays(editor, overlay):
    editor.validate(overlay)


@pytest.mark.parametrize(
    "overlay",
    [
        {"nmae": "x"},
        {"shapes": {"resolution": 7}},
        {"shapes": {"resolution": "fine"}},
        {"topology": {"complex": "simplicial"}},
        {"methods": {"no good": {}}},
        {"methods": {"Mine": {"family": "vector_sets", "variant": "DeepSDF"}}},
        {"categories": [{"source": "folder"}]},
        {"training_seeds": [-1]},
    ],
)
def test_editors_refuse_what_cannot_be(editor, overlay):
    assert list(editor.iter_errors(overlay))


def test_the_schema_is_json():
    assert json.loads(json.dumps(config_schema())) == config_schema()


def test_readings_name_keys_that_exist():
    page = (ROOT / "docs/readings.md").read_text(encoding="utf-8")
    named = {key for line in page.splitlines() for key in re.findall(r"`([\w.*]+)`", line)}
    paths = {".".join(key.path).replace(NAMED, "*") for key in all_keys()}
    assert len(named) > 10
    unknown = [key for key in named if key not in paths and key.removesuffix(".*") not in paths]
    assert not unknown
