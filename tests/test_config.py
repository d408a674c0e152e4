"""The configuration: complete, checked, and every mistake named at once."""

from pathlib import Path

import pytest
import yaml

from toposhape.config import Config, ConfigError, Method, Settings, Variant, read_config

ROOT = Path(__file__).parent.parent
DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text())
SMALL = {
    "categories": [{"name": "chair", "count": 3}],
    "variants": {"V": {}},
    "methods": {"A": {"variant": "V"}},
}


def merge(base, overlay):
    """As Snakemake does it: mappings are merged, everything else replaced."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return {**base, **{k: merge(base.get(k), v) for k, v in overlay.items()}}
    return overlay


def keys(model: type[Settings], given: dict, path: str = ""):
    """Every key that a model knows but a mapping leaves out."""
    for name, field in model.model_fields.items():
        if name not in given:
            yield f"{path}{name}"
        elif isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            yield from keys(field.annotation, given[name], f"{path}{name}.")


def test_default_config_is_valid_and_shows_every_key():
    read_config(DEFAULT)
    assert list(keys(Config, DEFAULT)) == []
    for name, model in (("methods", Method), ("variants", Variant)):
        for entry in DEFAULT[name].values():
            assert list(keys(model, entry)) == []


@pytest.mark.parametrize("preset", sorted((ROOT / "presets").glob("*.yaml")), ids=lambda p: p.stem)
def test_presets_are_valid_overlays(preset):
    config = read_config(merge(DEFAULT, yaml.safe_load(preset.read_text())))
    assert config.name == preset.stem


def test_every_mistake_is_named_at_once():
    wrong = {
        **SMALL,
        "nmae": "x",
        "shapes": {"samples": 3, "split": {"training": 0.9}},
        "topology": {"complex": "simplicial"},
        "variants": {"V": {"activation": "relux"}},
        "methods": {"A": {}, "no good": {"variant": "V"}},
    }
    with pytest.raises(ConfigError) as error:
        read_config(wrong)
    message = str(error.value)
    for part in (
        "nmae: unknown key",
        "shapes.samples",
        "not 3",
        "shapes.split",
        "topology.complex",
        "'freudenthal' or 'cubical'",
        "variants.V.activation",
        "methods.A: an implicit method needs a variant",
        "methods.no good",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"only": "bench"}, "no such category"),
        ({"methods": {"A": {"variant": "V", "baseline": "B"}}}, "no such method"),
        ({"methods": {"A": {"variant": "W"}}}, "no such variant"),
        (
            {"methods": {"A": {"variant": "V", "topology": {"pull_weight": 1}}}},
            "no diagram generator takes part",
        ),
        ({"categories": [{"name": "chair", "source": "folder"}]}, "also needs: path"),
        ({"categories": [{"name": "bench", "count": 3}]}, "set furniture to"),
        (
            {"variants": {"V": {"regularisation": {"weight": 1, "divergence_weight": 1}}}},
            "silu, softplus or sine",
        ),
        ({"training_seeds": []}, "training_seeds"),
        ({"name": "../x"}, "name"),
    ],
)
def test_contradictions_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        read_config({**SMALL, **change})


def test_digest_changes_with_any_setting():
    base = read_config(SMALL)
    assert base.digest() == read_config(SMALL).digest()
    assert base.digest() != read_config({**SMALL, "seed": 1}).digest()
