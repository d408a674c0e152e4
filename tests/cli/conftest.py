"""A trained generator in a run's folder: untrained, by its initialisation it makes balls."""

import pytest
import torch

from toposhape.generators import ImplicitDecoder, VariationalCodes
from toposhape.generators.implicit.store import save_generator
from toposhape.jobs.paths import Paths
from toposhape.settings.implicit import Decoder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The run's folder; its one training is of chair, Balls, seed 3."""
    results = tmp_path_factory.mktemp("results")
    folder = results / Paths("small", results).trained.format(
        category="chair", method="Balls", seed=3
    )
    folder.mkdir(parents=True)
    settings = Decoder(width=32, depth=3, latent_size=2, skip_layers=())
    torch.manual_seed(0)
    decoder = ImplicitDecoder(settings)
    metadata = {"decoder": settings.model_dump(), "activation": "softplus", "shapes": ["a", "b"]}
    codes = VariationalCodes(2, 2)
    files = (folder / f"generator.{suffix}" for suffix in ("safetensors", "json"))
    save_generator(*files, decoder, codes, metadata)
    return results / "small"
