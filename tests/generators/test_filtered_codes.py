"""Codes that were tried, on disk beside their generator."""

import json

import numpy as np
import pytest

from toposhape.generators import ImplicitDecoder, VariationalCodes, load
from toposhape.generators.filtered_codes import (
    FILE,
    FilteredCodes,
    load_filtered_codes,
    save_filtered_codes,
)
from toposhape.generators.implicit.store import save_generator
from toposhape.jobs.synthesis import draw_codes
from toposhape.learning.stored_weights import DamagedWeightsError, UnknownFormatError
from toposhape.settings.implicit import Decoder

CODES = FilteredCodes(np.array([[1, 2], [3, 4], [5, 6]], np.float32), np.array([0, 0, 3]))


def write(folder, codes=CODES, generator="of this one"):
    save_filtered_codes(
        folder / FILE, folder / "filtered_codes.json", codes, {"generator": generator}
    )
    return folder / FILE


def test_codes_are_read_as_they_were_written(tmp_path):
    found = load_filtered_codes(write(tmp_path), "of this one", 2)
    for one, other in zip(found, CODES, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@pytest.mark.parametrize(
    ("codes", "generator", "message"),
    [
        (CODES, "of another", "of another generator"),
        (CODES._replace(codes=CODES.codes[:, :1].copy()), "of this one", "has the shape"),
        (CODES._replace(near=CODES.near[:2].copy()), "of this one", "has the shape"),
        (CODES._replace(near=CODES.near[::-1].copy()), "of this one", "order of training shapes"),
        (CODES._replace(codes=CODES.codes * np.float32(np.nan)), "of this one", "not finite"),
        (CODES._replace(codes=CODES.codes.astype(float)), "of this one", "float32"),
        (FilteredCodes(*(each[:0].copy() for each in CODES)), "of this one", "no codes"),
    ],
)
def test_what_does_not_fit_is_one_error_that_names_the_file(tmp_path, codes, generator, message):
    path = write(tmp_path, codes, generator)
    with pytest.raises(DamagedWeightsError, match=message) as error:
        load_filtered_codes(path, "of this one", 2)
    assert str(path) in str(error.value)


@pytest.fixture
def generator(tmp_path):
    decoder = Decoder(width=8, depth=2, latent_size=2, skip_layers=())
    metadata = {"decoder": decoder.model_dump(), "activation": "relu", "shapes": ["a", "b"]}
    weights = tmp_path / "generator.safetensors"
    network, codes = ImplicitDecoder(decoder), VariationalCodes(2, 2)
    save_generator(weights, tmp_path / "generator.json", network, codes, metadata)
    return weights


def test_a_generator_draws_beside_its_codes_and_does_without_them(generator):
    with pytest.raises(ValueError, match="there is no filtered_density"):
        draw_codes(load(generator), "filtered_density", 1, 1, seed=0)
    digest = json.loads(generator.with_suffix(".json").read_text())["sha256"]
    write(generator.parent, generator=digest)
    drawn = draw_codes(load(generator), "filtered_density", 2, 9, seed=0, jitter=1e-6)
    assert drawn.shape == (2, 9, 2)
    assert {tuple(code) for code in drawn.reshape(-1, 2).round()} == {(1, 2), (3, 4), (5, 6)}


def test_damaged_codes_stop_those_alone_who_draw_beside_them(generator):
    path = write(generator.parent, generator="another")
    damaged = load(generator)
    draw_codes(damaged, "normal", 1, 1, seed=0)
    with pytest.raises(DamagedWeightsError, match="of another generator"):
        draw_codes(damaged, "filtered_density", 1, 1, seed=0)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DamagedWeightsError, match="SHA-256"):
        draw_codes(load(generator), "filtered_density", 1, 1, seed=0)


def test_codes_are_no_generator(tmp_path):
    with pytest.raises(UnknownFormatError, match="is asked for"):
        load(write(tmp_path))
