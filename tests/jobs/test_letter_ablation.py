"""Fields of letters with other levels, weights and starts."""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "generators" / "gradient_fields"))
from test_gradient_field_training import SETTINGS

from toposhape.jobs import letter_ablation
from toposhape.jobs.letter_ablation import DECODERS, STARTS, TRAININGS, USUAL, ablate_letters


def test_every_change_is_measured_on_all_letters_held_out(tmp_path, monkeypatch):
    monkeypatch.setattr(letter_ablation, "MEASURED", 60)
    monkeypatch.setattr(letter_ablation, "STEPS", 3)
    fewer = {name: TRAININGS[name] for name in (USUAL, "one level, 0.1")}
    monkeypatch.setattr(letter_ablation, "TRAININGS", fewer)
    decoders = {name: DECODERS[name] for name in ("(a)", "(bd)")}
    monkeypatch.setattr(letter_ablation, "DECODERS", decoders)
    numbers = tmp_path / "numbers.csv"
    ablate_letters(SETTINGS, 3, 0, tmp_path / "c", tmp_path / "letters", numbers)
    found = pd.read_csv(numbers)
    assert set(found["change"]) == {*fewer, *decoders, *STARTS, "oracle"}
    assert (found.groupby("change")["letter"].nunique() == 8).all()
    assert found.groupby("change")["chamfer"].mean().idxmin() == "oracle"
    clouds = found.pivot(index="letter", columns="change", values="chamfer")
    assert not (clouds["one level, 0.1"] == clouds[USUAL]).any()
