"""Generators that come with the package: they are there and draw what they drew."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml

import toposhape
from toposhape.jobs.generator_files import AS_PACKAGED, find_generator
from toposhape.jobs.packaging import FILES, fingerprint
from toposhape.models import FOLDER, model_names, model_weights
from toposhape.settings.methods import SharedMethod

ROOT = Path(__file__).parents[2]
NAMES = ("chair", "sofa", "table")


def test_all_furniture_comes_with_the_package() -> None:
    assert tuple(model_names()) == NAMES
    assert sum(path.stat().st_size for path in FOLDER.rglob("*")) < 10e6


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_generator_draws_what_it_drew(name: str) -> None:
    told = json.loads((FOLDER / name / "check.json").read_text(encoding="utf-8"))
    found = fingerprint(toposhape.load(name))
    assert found["betti"] == told["betti"]
    np.testing.assert_allclose(found["field"], told["field"], atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_it_lies_with_all_that_explains_it(name: str) -> None:
    there = {path.name for path in (FOLDER / name).iterdir()}
    assert there == {*FILES, "card.md", "check.json", "sheet.png"}
    assert find_generator(name).weights == model_weights(name)


def test_it_draws_as_the_row_that_its_card_judges() -> None:
    preset = yaml.safe_load((ROOT / "presets/packaged.yaml").read_text(encoding="utf-8"))
    row = SharedMethod.model_validate(preset["methods"]["Placed-Filtered-Chosen"])
    assert row == AS_PACKAGED.model_copy(update={"baseline": row.baseline})
    drawing = find_generator("chair").drawing()
    wishes = "in one piece, standing, without dangling parts"
    assert drawing.words() == f"prior filtered_density, jitter 0.05, {wishes}"
    plain = find_generator("chair").drawing(
        "normal", one_piece=False, stands=False, nothing_dangles=False
    )
    assert plain.words() == "prior normal"


def test_it_draws_as_far_away_as_it_is_told() -> None:
    source = find_generator("chair")
    assert source.drawing(away=0.3).settings == {"jitter": 0.3}
    assert source.drawing("kernel_density", away=0.7).settings == {"bandwidth": 0.7}
    for prior in ("normal", "interpolation"):
        with pytest.raises(ValueError, match=f"prior {prior} draws near no codes: only kernel_d"):
            source.drawing(prior, away=0.3)


def test_an_unknown_name_is_told_what_there_is() -> None:
    with pytest.raises(FileNotFoundError, match="bench: no generator.*chair, sofa, table"):
        find_generator("bench")
    with pytest.raises(FileNotFoundError, match="bench"):
        model_weights("bench")
