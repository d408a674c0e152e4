"""The configuration: complete, checked, and every mistake named at once."""

from pathlib import Path

import pytest
import yaml

from toposhape.settings.base import Settings
from toposhape.settings.implicit import Variant
from toposhape.settings.joint import JointTraining
from toposhape.settings.methods import read_method
from toposhape.settings.removal import added_last
from toposhape.settings.run import Config, ConfigError, read_config

ROOT = Path(__file__).parents[2]
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
    variant, method = (next(iter(DEFAULT[section].values())) for section in ("variants", "methods"))
    assert list(keys(Variant, variant)) == []  # of further entries only what differs
    assert list(keys(type(read_method(method)), method)) == []


OVERLAYS = [*sorted((ROOT / "presets").glob("*.yaml")), ROOT / "tests" / "cluster" / "faults.yaml"]


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_presets_are_valid_overlays(overlay):
    config = read_config(merge(DEFAULT, yaml.safe_load(overlay.read_text())))
    assert config.name == overlay.stem


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
        "methods.A.variant: this key is required",
        "methods.no good",
    ):
        assert part in message


def test_an_overlay_alone_is_told_what_comes_before_it() -> None:
    with pytest.raises(ConfigError, match=r"variants: .*--configfile config\.yaml <that file>"):
        read_config({"categories": {"chair": {"count": 3}}})


PLACED = {"consistency_weight": 1, "consistency_bandwidth": 0.25, "place_radius": 1}


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
        ({"categories": {"bench": {"count": 3}}}, r"needs: furniture \(chair, table, sofa\)"),
        ({"categories": [{"count": 3}]}, "write them as"),
        ({"categories": 2 * [{"name": "chair", "count": 3}]}, "may stand once"),
        (
            {"categories": {"chair": {"source": "folder", "path": "x", "count": 3}}},
            "not use: count",
        ),
        ({"methods": {"A": {"family": "voxels"}}}, "methods.A: family must be implicit, "),
        ({"methods": {"A": {"family": "vector_sets", "variant": "V"}}}, "methods.A.variant: unkn"),
        (
            {"variants": {"V": {"regularisation": {"weight": 1, "divergence_weight": 1}}}},
            "silu, softplus or sine",
        ),
        ({"publication": {"compared_methods": ["A", "Aa"]}}, "no such method Aa"),
        ({"publication": {"overview_methods": ["Aa"]}}, "overview_methods: no such method"),
        ({"publication": {"matrices_method": "B"}}, "matrices_method: no such method"),
        (
            {"publication": {"interpolation": {"lipschitz": "W", "topological": "A"}}},
            "interpolation.lipschitz: no such variant",
        ),
        (
            {"publication": {"interpolation": {"lipschitz": "V", "topological": "B"}}},
            "interpolation.topological: no such method",
        ),
        (
            {
                "methods": {"A": {"variant": "V"}, "B": {"family": "vector_sets"}},
                "publication": {"overview_methods": ["A", "B"]},
            },
            r"\['B'\] are not of the family implicit",
        ),
        (
            {
                "methods": {"A": {"variant": "V", "topology": PLACED}},
                "joint_training": {"resolution": 32},
            },
            "place_radius: joint_training.resolution 32 is not shapes.resolution 64",
        ),
        ({"training_seeds": []}, "training_seeds"),
        ({"name": "../x"}, "name"),
    ],
)
def test_contradictions_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        read_config({**SMALL, **change})


def test_an_overlay_removes_entries_and_figures_do_not_show_them():
    overlay = {
        "categories": {"chair": None, "table": {"count": 40}, "sofa": {"count": 40}},
        "variants": {"Lipschitz": None},
        "methods": {"3DShape2VecSet": None},
    }
    config = read_config(merge(DEFAULT, overlay))
    assert config.chosen_categories == ("table", "sofa")
    assert list(config.methods) == [name for name in DEFAULT["methods"] if name != "3DShape2VecSet"]
    compared = DEFAULT["publication"]["compared_methods"]
    assert config.publication.compared_methods == tuple(
        name for name in compared if name != "3DShape2VecSet"
    )
    assert config.publication.interpolation is None  # its upper row was the variant


def test_figures_keep_what_was_not_removed():
    shown = read_config(merge(DEFAULT, {"methods": {"3DShape2VecSet": None}})).publication
    before = read_config(DEFAULT).publication
    assert shown.interpolation == before.interpolation is not None
    assert shown.matrices_method == before.matrices_method is not None
    assert shown.overview_methods == before.overview_methods
    gone = {"Ours-DeepSDF": None, "DeepSDF-VAD": None, "DeepSDF-SE-VAD": None}
    left = {"methods": {**dict.fromkeys(DEFAULT["methods"]), **gone, "M": {"variant": "DeepSDF"}}}
    shown = read_config(merge(DEFAULT, left)).publication
    assert (shown.overview_methods, shown.compared_methods) == ((), ())
    assert (shown.interpolation, shown.matrices_method) == (None, None)


def test_a_removal_beside_a_broken_section_is_a_mistake_of_the_configuration():
    with pytest.raises(ConfigError, match="publication"):
        read_config(merge(DEFAULT, {"methods": {"3DShape2VecSet": None}, "publication": 3}))


def test_removing_what_others_refer_to_names_both():
    with pytest.raises(ConfigError) as error:
        read_config(
            merge(DEFAULT, {"methods": {"DeepSDF-VAD": None}, "variants": {"DeepSDF": None}})
        )
    message = str(error.value)
    assert "methods.Ours-DeepSDF.baseline: no such method DeepSDF-VAD" in message
    assert "methods.Ours-DeepSDF.variant: no such variant DeepSDF;" in message
    assert "publication" not in message


def test_categories_as_a_list_take_the_place_of_others_and_as_a_mapping_are_added():
    folder = {"source": "folder", "path": "meshes"}
    added = read_config(merge(DEFAULT, {"categories": {"mine": folder}}))
    assert added.chosen_categories == ("chair", "mine")
    alone = read_config(merge(DEFAULT, {"categories": [{"name": "mine", **folder}]}))
    assert alone.categories == {"mine": added.categories["mine"]}
    assert added.categories["chair"].furniture == "chair"


def test_digest_changes_with_any_setting():
    base = read_config(SMALL)
    assert base.digest() == read_config(SMALL).digest()
    assert base.digest() != read_config({**SMALL, "seed": 1}).digest()


@pytest.mark.parametrize("content", [DEFAULT, SMALL])
def test_a_run_stores_settings_that_read_the_same(content):
    run = read_config(content)
    stored = yaml.safe_load(yaml.safe_dump(run.model_dump(mode="json"), sort_keys=False))
    assert read_config(stored) == run


def test_rows_of_an_overlay_come_after_those_of_the_default_run():
    mine = {"methods": {"Mine": {"variant": "DeepSDF"}, "Ours-DeepSDF": {"baseline": None}}}
    snakemakes = merge(mine, merge(DEFAULT, mine))  # its order when an overlay stands alone
    assert list(snakemakes["methods"])[0] == "Mine"
    ordered = added_last(snakemakes, DEFAULT)
    assert ordered == snakemakes
    assert list(ordered["methods"]) == [*DEFAULT["methods"], "Mine"]
    assert list(ordered["variants"]) == list(DEFAULT["variants"])
    assert added_last({"methods": 3}, DEFAULT) == {"methods": 3}  # a mistake is told later


def test_a_category_says_how_its_generators_differ():
    categories = {
        "chair": {"count": 3, "mirrored": True},
        "table": {"count": 3, "max_epochs": 900},
        "sofa": {"count": 3, "width": 256},
        "bench": {"count": 3, "furniture": "sofa"},
    }
    config = read_config(SMALL | {"categories": categories})
    chair, table, sofa, bench = (config.shape_generator_of(c) for c in categories)
    assert (chair.decoder.mirrored, chair.training.max_epochs) == (True, 600)
    assert (table.decoder.mirrored, table.training.max_epochs) == (False, 900)
    assert (sofa.decoder.width, sofa.training.max_epochs) == (256, 600)
    assert bench == config.shape_generator


def test_the_grid_of_joint_training_is_that_of_the_shapes_unless_it_is_set():
    """And a run that says so is the run that says nothing."""
    finer = read_config({**SMALL, "shapes": {"resolution": 96}})
    said = {"shapes": {"resolution": 96}, "joint_training": {"resolution": 96}}
    assert finer.joint_training.grid == 96 == finer.joint_training.resolution
    assert finer.digest() == read_config({**SMALL, **said}).digest()
    assert read_config({**SMALL, "joint_training": {"resolution": 32}}).joint_training.grid == 32
    with pytest.raises(ValueError, match="no read_config has put shapes.resolution there"):
        _ = JointTraining().grid
