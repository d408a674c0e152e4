"""Commands that work little; a generator in a run's folder: untrained, it makes balls."""

import pytest
import torch

from toposhape.generators import ImplicitDecoder, VariationalCodes
from toposhape.generators.implicit.store import save_generator
from toposhape.jobs.paths import Paths
from toposhape.settings.implicit import Decoder


@pytest.fixture(scope="module", autouse=True)
def little_work():
    """Tests run side by side, one on each core, and look at no picture's pixels."""
    with pytest.MonkeyPatch.context() as patch:
        for job in ("comparison", "checking"):
            patch.setattr(f"toposhape.jobs.{job}.available_cores", lambda: 1)
        for job in ("comparison", "folder_gallery"):
            patch.setattr(f"toposhape.jobs.{job}.PIXELS", 40)
        yield


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
