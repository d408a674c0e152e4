"""What every family offers, and how a stored generator finds its family."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from toposhape.generators import (
    DiagramGenerator,
    Generator,
    ImplicitDecoder,
    Shape,
    VariationalCodes,
    load,
)
from toposhape.generators.diagrams.store import load_diagram_generator, save_diagram_generator
from toposhape.generators.families import FAMILIES
from toposhape.generators.implicit.store import load_generator, save_generator
from toposhape.jobs.synthesis import draw_codes
from toposhape.learning.stored_weights import FORMAT, UnknownFormatError
from toposhape.settings.diagrams import DiagramNetwork
from toposhape.settings.implicit import Decoder
from toposhape.shapes.grids import grid_points


@pytest.fixture
def stored(tmp_path) -> Path:
    """A shape generator and a diagram generator beside it."""
    decoder = Decoder(width=8, depth=2, latent_size=2, skip_layers=())
    metadata = {"decoder": decoder.model_dump(), "activation": "relu", "shapes": ["a", "b"]}
    weights = tmp_path / "generator.safetensors"
    network = ImplicitDecoder(decoder)
    save_generator(weights, tmp_path / "generator.json", network, VariationalCodes(2, 2), metadata)
    diagrams = DiagramGenerator((2, 1, 0), 2, DiagramNetwork(embedding_size=2, width=4))
    save_diagram_generator(
        tmp_path / "diagrams.safetensors", tmp_path / "diagrams.json", diagrams, {}
    )
    return weights


def say(weights: Path, **changes: object) -> None:
    """Change what the JSON file says; None takes a key away."""
    path = weights.with_suffix(".json")
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}))


def test_a_stored_generator_finds_its_family_and_keeps_the_contract(stored):
    generator = load(stored)
    assert isinstance(generator, Generator)
    assert generator.family == "implicit"
    codes = draw_codes(generator, "normal", 1, 3, seed=0)[0]
    assert codes.shape == (3, generator.latent_size)
    fields = [shape.field for shape in generator.shapes(codes, 20)]
    assert [field.shape for field in fields] == [(20, 20, 20)] * 3
    again = next(generator.shapes(codes[2:], 20)).field
    np.testing.assert_array_equal(fields[2], again)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_has_a_module_with_a_reader_and_lists_its_weights_first(family):
    from importlib import import_module

    module = import_module(f"toposhape.generators.{FAMILIES[family].module}")
    assert callable(module.load_generator)
    assert FAMILIES[family].files[:2] == ("generator.safetensors", "generator.json")


def test_the_list_of_families_is_light():
    code = "import sys, toposhape.generators.families as f; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_reading_a_generator_does_not_wait_for_torchs_compiler():
    code = """
import sys, torch
from toposhape.generators.gradient_fields.store import DiffusionPrior, GradientField
from toposhape.generators.implicit.store import ImplicitDecoder
from toposhape.generators.vector_sets.store import VectorSetAutoencoder
from toposhape.settings import gradient_fields, implicit, vector_sets
start = torch.zeros(1, 8), torch.ones(1, 8)
with torch.device("meta"):
    for activation in ("relu", "sine"):
        ImplicitDecoder(implicit.Decoder(), activation)
    VectorSetAutoencoder(vector_sets.SetAutoencoder())
    DiffusionPrior(vector_sets.SetDenoiser(), vector_sets.HeunSampler(), *start)
    GradientField(gradient_fields.PointEncoder(), gradient_fields.PointDenoiser(), 3)
print("torch._dynamo" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.stdout.strip(), run.stderr) == ("False", "")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"family": "dreams"},
            "describes 'dreams', and 'implicit' or 'vector_sets' or ",
        ),
        ({"family": "diagrams"}, "reads generators of shapes of every family"),
        ({"family": None, "format": None}, "written by an older version.*train it again"),
        ({"format": 0}, "written by an older version"),
        ({"format": FORMAT + 1}, f"written by a newer version.*format {FORMAT + 1}.*upgrade"),
        ({"format": "1"}, "written by an older version"),
    ],
)
def test_what_is_sound_but_cannot_be_read_is_never_called_damaged(stored, changes, message):
    say(stored, **changes)
    with pytest.raises(UnknownFormatError, match=message) as error:
        load(stored)
    assert "damaged" not in str(error.value)
    assert "delete" not in str(error.value)


def test_a_generator_of_another_family_is_named_not_called_damaged(stored):
    diagrams = stored.with_name("diagrams.safetensors")
    for read, weights in (
        (load, diagrams),
        (load_generator, diagrams),
        (load_diagram_generator, stored),
    ):
        with pytest.raises(UnknownFormatError, match="is asked for"):
            read(weights)


def test_unknown_priors_and_settings_of_sampling_are_refused(stored):
    with pytest.raises(
        ValueError, match="has the priors normal, kernel_density, interpolation, posterior; there"
    ):
        draw_codes(load(stored), "uniform", 1, 1, seed=0)
    with pytest.raises(ValueError, match="no settings of sampling"):
        load(stored, sampling={"steps": 3})


def test_a_shape_is_a_field_a_cloud_or_both():
    ball = np.linalg.norm(grid_points(24), axis=1).reshape((24,) * 3) - 0.5
    mesh = Shape(field=ball.astype(np.float32)).mesh()
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(4 / 3 * np.pi * 0.5**3, rel=0.03)
    with pytest.raises(ValueError, match="point cloud"):
        Shape(cloud=np.zeros((5, 3), np.float32)).mesh()
    with pytest.raises(ValueError, match="needs a field or a cloud"):
        Shape()
