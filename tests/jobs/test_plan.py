"""What is known of a run before anything runs."""

import re

import pytest

from toposhape.jobs.paths import Paths
from toposhape.jobs.plan import (
    PlanError,
    alternatives,
    published_files,
    require_enough_shapes,
    set_size,
    used_variants,
)
from toposhape.settings.run import ConfigError, read_config

SMALL = {
    "categories": {"chair": {"count": 10}, "sofa": {"count": 10}},
    "variants": {"V": {}, "W": {}, "Lip": {"lipschitz_weight": 1e-6}},
    "methods": {"A": {"variant": "V"}, "B": {"family": "vector_sets"}},
}


def config(**changes):
    return read_config({**SMALL, **changes})


def test_a_variant_that_nothing_needs_is_not_trained():
    assert used_variants(config(), "chair") == ("V",)
    rows = {"lipschitz": "Lip", "topological": "A"}
    assert used_variants(config(publication={"interpolation": rows}), "chair") == ("V", "Lip")


def test_figure_2_may_be_of_some_categories():
    rows = {"lipschitz": "Lip", "topological": "A", "categories": ["sofa"]}
    run = config(publication={"interpolation": rows})
    assert used_variants(run, "chair") == ("V",)
    assert used_variants(run, "sofa") == ("V", "Lip")
    drawn = [path for path in published_files(run, Paths("x")) if "interpolation" in path]
    assert drawn == ["results/x/publication/interpolation_sofa.png"]
    others = {**SMALL["categories"], "sofa": None}
    assert config(publication={"interpolation": rows}, categories=others).publication == (
        config().publication
    )
    with pytest.raises(ConfigError, match="interpolation.categories: no such category bench"):
        config(publication={"interpolation": {**rows, "categories": ["bench"]}})


def test_figures_without_rows_are_not_published():
    names = [path.rpartition("/")[2] for path in published_files(config(), Paths("x"))]
    assert "table1.tex" in names and "betti_sofa.png" in names and "gallery.html" in names
    assert "training_chair.png" in names
    sets_alone = config(methods={"B": {"family": "vector_sets"}})
    assert not [path for path in published_files(sets_alone, Paths("x")) if "training" in path]
    assert not [name for name in names if re.match("comparison|overview|interpol|matrices", name)]
    shown = {"overview_methods": ["A"], "compared_methods": ["A", "B"], "matrices_method": "A"}
    more = published_files(config(publication=shown, only="sofa"), Paths("x"))
    added = {path.rpartition("/")[2] for path in more} - set(names)
    assert added == {
        *("comparison.png", "matrices_sofa.png"),
        *("overview_sofa.png", "barcodes_sofa.png", "latents_sofa.png"),
    }
    assert not [path for path in more if path.endswith("_chair.png")]


def test_a_set_has_as_many_shapes_as_the_test_can_have():
    requested = {"chair": range(10), "sofa": range(30)}
    require_enough_shapes(config(), requested)
    require_enough_shapes(config(evaluation={"shapes_per_draw": 8}), requested)
    with pytest.raises(PlanError, match="9 synthetic .* of the 10 shapes of chair at most 8"):
        require_enough_shapes(config(evaluation={"shapes_per_draw": 9}), requested)


def test_a_category_needs_a_shape_for_each_part():
    with pytest.raises(PlanError, match="category chair: 2 shapes cannot be split into 3 parts"):
        require_enough_shapes(config(), {"chair": range(2)})
    split = {"split": {"training": 0.5, "validation": 0.0, "test": 0.5}}
    require_enough_shapes(config(shapes=split), {"chair": range(2)})


def test_the_size_of_a_set_is_that_of_the_test_unless_it_is_given():
    assert set_size(None, 7) == set_size(7, 7) == 7
    assert set_size(3, 7) == 3
    with pytest.raises(PlanError, match="8 synthetic .* there are 7; set it to 7 or null"):
        set_size(8, 7)


def test_alternatives_match_their_names_alone():
    assert re.fullmatch(alternatives(["A", "B"]), "B")
    assert not re.fullmatch(alternatives(["A", "B"]), "AB")
    assert not re.search(alternatives([]), "none")
