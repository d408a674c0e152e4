"""Whatever configuration is accepted can be planned, and its networks can be built."""

import json
import re

import torch
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_run import ROOT
from test_config import merge

from toposhape.generators.diagrams.network import DiagramGenerator
from toposhape.generators.implicit.decoder import ImplicitDecoder
from toposhape.generators.vector_sets.autoencoder import VectorSetAutoencoder
from toposhape.generators.vector_sets.diffusion import LatentDenoiser, noise_levels
from toposhape.jobs.paths import Paths
from toposhape.jobs.plan import (
    PlanError,
    alternatives,
    published_files,
    require_enough_shapes,
    used_variants,
)
from toposhape.settings.run import ConfigError, read_config
from toposhape.settings.schema import config_schema, property_of
from toposhape.settings.tree import NAMED, all_keys
from toposhape.shapes.batches import assign_batches
from toposhape.shapes.requests import list_requests

DEFAULT = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
SCHEMA = config_schema()
LARGEST = 40  # so far above a bound, or from zero, values are tried: networks stay small
SMALL = {
    "shape_generator": {"decoder": {"width": 16, "depth": 4}},
    "vector_sets": {
        "autoencoder": {"width": 16, "latents": 4, "channels": 2},
        "denoiser": {"width": 16},
    },
}


def values(schema):
    """What a schema lets stand at a key, the edges among it."""
    if "anyOf" in schema:
        return st.one_of([values(each) for each in schema["anyOf"]])
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum", [schema.get("const")]))
    kind = schema["type"]
    if kind == "null":
        return st.none()
    if kind == "boolean":
        return st.booleans()
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3)
    if kind == "string":
        return st.sampled_from(["chair", "DeepSDF", "Ours-DeepSDF", "3DShape2VecSet", "03001627"])
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = min(schema.get("maximum", schema.get("exclusiveMaximum", LARGEST)), low + LARGEST)
    if kind == "integer":
        step = schema.get("multipleOf", 1)
        return st.integers(-(-low // step), high // step).map(lambda n: n * step)
    return st.floats(low, high)


def at(path, value):
    """An overlay with one value; names are those of the default run's first entries."""
    section = path[0]
    for name in reversed(path):
        value = {next(iter(DEFAULT[section])) if name == NAMED else name: value}
    return value


LEAVES = [
    key
    for key in all_keys()
    if not key.is_group
    and key.path not in {("categories",), ("variants",), ("methods",)}
    and key.path[-1] != "interpolation"
]


@st.composite
def overlays(draw):
    overlay = SMALL
    for key in draw(st.lists(st.sampled_from(LEAVES), max_size=6, unique_by=lambda k: k.path)):
        overlay = merge(overlay, at(key.path, draw(values(property_of(SCHEMA, key)))))
    section = draw(st.sampled_from([None, "categories", "variants", "methods"]))
    if section is not None:
        removed = draw(st.sampled_from(sorted(DEFAULT[section])))
        overlay = merge(overlay, {section: {removed: None}})
    return overlay


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
@given(overlays())
def test_what_is_accepted_is_planned_and_built(overlay):
    try:
        config = read_config(merge(DEFAULT, overlay))
        requests = {
            name: list_requests(**category.model_dump(), seed=config.seed)
            for name, category in config.categories.items()
            if category.source == "procedural"
        }
        require_enough_shapes(config, requests)
    except (ConfigError, PlanError) as error:
        assert 1 <= len(str(error).splitlines()) <= 30
        return
    _plans(config, requests)
    _builds(config)


def _plans(config, requests):
    assert json.loads(json.dumps(config.identity())) == config.identity()
    assert re.fullmatch(alternatives(config.methods), next(iter(config.methods)))
    files = published_files(config, Paths(config.name))
    assert len(files) == len(set(files)) > 16
    assert set(used_variants(config, config.chosen_categories[0])) <= set(config.variants)
    for shapes in requests.values():
        batches = assign_batches(shapes, config.shapes.batch_size)
        assert sum(map(len, batches.values())) == len(shapes)


def _builds(config):
    decoder, sets = config.shape_generator.decoder, config.vector_sets
    codes = torch.zeros(2, decoder.latent_size)
    for variant in config.variants.values():
        network = ImplicitDecoder(
            decoder, variant.activation, lipschitz=variant.lipschitz_weight > 0
        )
        assert network(torch.zeros(2, 3, 3), codes).shape == (2, 3)
    network = DiagramGenerator((2, 1, 0), decoder.latent_size, config.diagram_generator.network)
    assert [points.shape[1] for points in network(codes)] == [2, 1, 0]
    autoencoder = VectorSetAutoencoder(sets.autoencoder)
    surface = torch.rand(1, sets.autoencoder_training.surface_points, 3)
    latents = autoencoder.encode(surface).means
    assert latents.shape == (1, sets.autoencoder.latents, sets.autoencoder.channels)
    assert autoencoder.logits(torch.zeros(1, 2, 3), autoencoder.decode(latents)).shape == (1, 2)
    still = torch.zeros(1, sets.autoencoder.channels)
    denoiser = LatentDenoiser(sets.denoiser, still, still + 1, sets.autoencoder.latents)
    assert denoiser(latents, torch.ones(1)).shape == latents.shape
    levels = noise_levels(sets.sampler)
    assert levels.isfinite().all() and (levels.diff() <= 0).all()
