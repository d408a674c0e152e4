"""A generator of a run as it comes with the package."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from toposhape.evaluation.score_table import FLOOR, REFERENCES
from toposhape.generators import ImplicitDecoder, VariationalCodes, load
from toposhape.generators.diagrams.network import DiagramGenerator
from toposhape.generators.diagrams.store import save_diagram_generator
from toposhape.generators.filtered_codes import FilteredCodes, save_filtered_codes
from toposhape.generators.implicit.store import save_generator
from toposhape.jobs.packaging import FILES, SHOWN, fingerprint, package_generator
from toposhape.jobs.paths import Paths
from toposhape.settings.code_filter import CodeFilter
from toposhape.settings.diagrams import DiagramNetwork
from toposhape.settings.implicit import Decoder


@pytest.fixture
def run(tmp_path):
    """A run with one training, of balls, and its scores."""
    paths = Paths("small", tmp_path)
    names = {"category": "chair", "method": "Balls", "seed": 0}
    settings = Decoder(width=32, depth=3, latent_size=2, skip_layers=())
    torch.manual_seed(0)
    trained = paths.trained.format(**names)
    metadata = {
        "decoder": settings.model_dump(), "activation": "softplus", "shapes": ["a", "b"],
        "seed": [0, 0], "epochs": 9, "joint_epochs": 3, "device": "cpu", "versions": {"torch": "2"},
    }  # fmt: skip
    generator, diagrams = (
        [f"{trained}/{name}.{suffix}" for suffix in ("safetensors", "json")]
        for name in ("generator", "diagrams")
    )
    save_generator(*generator, ImplicitDecoder(settings), VariationalCodes(2, 2), metadata)
    save_diagram_generator(*diagrams, DiagramGenerator((1, 1, 1), 2, DiagramNetwork()), {})
    digest = json.loads(Path(generator[1]).read_text())["sha256"]
    codes = FilteredCodes(np.zeros((1, 2), np.float32), np.zeros(1, np.int64))
    told = {"generator": digest, "settings": CodeFilter().model_dump(), "kept": 1}
    files = [f"{trained}/filtered_codes.{suffix}" for suffix in ("safetensors", "json")]
    save_filtered_codes(*files, codes, told)
    scores = [
        {"method": method, "metric": metric, "value": 0.5, "n": 4}
        for method in ("Balls", *REFERENCES)
        for metric in SHOWN
        if method in ("Balls", FLOOR) and (method, metric) != (FLOOR, "novelty_median")
    ]
    scores += [{"method": name, "metric": "spread", "value": 0.5, "n": 4} for name in REFERENCES]
    table = tmp_path / paths.scores.format(**names) / "scores.csv"
    table.parent.mkdir(parents=True)
    pd.DataFrame(scores).to_csv(table, index=False)
    return tmp_path / "small"


def test_weights_card_picture_and_check(run, tmp_path):
    folder = tmp_path / "package" / "chair"
    package_generator(
        run, "chair", "Balls", folder, rows=["Balls"], made_by="`make balls`", pictured=2
    )
    assert {path.name for path in folder.iterdir()} == {
        *FILES,
        "card.md",
        "sheet.png",
        "check.json",
    }
    assert json.loads((folder / "check.json").read_text()) == fingerprint(load(folder / FILES[0]))
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert "| made by | `make balls` |" in card
    assert "beside 1 codes" in card and "until 8" in card
    assert "| Balls | 50.00 | 50.00 | 500.00 |" in card
    assert f"| {FLOOR} | 50.00 |" in card and "nan" not in card
    assert not any(f"| {name}" in card for name in set(REFERENCES) - {FLOOR})
