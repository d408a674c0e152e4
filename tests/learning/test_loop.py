"""The engine with the smallest training there is: a line through points."""

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from toposhape.base.locks import FolderInUseError, sole_writer
from toposhape.learning import loop
from toposhape.learning.divergence import DivergenceError
from toposhape.learning.loop import train
from toposhape.learning.processes import Team
from toposhape.learning.schedule import Cosine
from toposhape.learning.seeds import random_source
from toposhape.learning.state import TrainingState
from toposhape.learning.training import Epoch, Training


class LineState(TrainingState):
    """A slope and an offset."""

    def __init__(self, epochs: int) -> None:
        self.line = nn.Linear(1, 1)
        nn.init.zeros_(self.line.weight)
        nn.init.zeros_(self.line.bias)
        adam = torch.optim.Adam(self.line.parameters(), lr=0.1)
        super().__init__({"line": self.line}, {"adam": adam}, Cosine(epochs, 2))


@dataclass(frozen=True, eq=False)
class Line(Training[LineState]):
    """Points of y = slope x, drawn anew in every epoch."""

    output: Path
    slope: float = 3.0
    epochs: int = 20
    breaks_in: int = -1

    section = "line"
    columns = ("loss", "offset")
    shown = ("loss", "absent")
    checkpoint_every = 3

    def identity(self) -> dict[str, Any]:
        return {"slope": self.slope, "epochs": self.epochs}

    def start(self) -> LineState:
        return LineState(self.epochs)

    def epoch(self, state: LineState) -> Epoch:
        x = torch.randn(8, 1, generator=random_source(self.seed, state.schedule.epoch))
        state.clear_gradients()
        loss = (state.line(x) - self.slope * x).square().mean()
        if state.schedule.epoch == self.breaks_in:
            loss = loss * float("nan")
        state.take_step("adam", loss, 1.0)
        value = loss.item()
        return Epoch({"loss": value}, value, value, {"offset": state.line.bias.item()})

    def save(self, state: LineState, record: dict[str, Any]) -> None:
        weights = [state.line.weight.item(), state.line.bias.item()]
        self.output.write_text(json.dumps({"weights": weights, **record}))


def line(folder: Path, **changes: Any) -> Line:
    given = {"seed": (0, 0), "device": torch.device("cpu"), "title": "line", **changes}
    return Line(folder / "line.json", **given)


def run(folder: Path, **changes: Any) -> dict[str, Any]:
    train(line(folder, **changes), folder / "checkpoints", folder / "made" / "history.csv")
    return json.loads((folder / "line.json").read_text())


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "made" / "history.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def test_it_learns_and_says_what_it_was(tmp_path):
    found = run(tmp_path)
    assert found["weights"][0] == pytest.approx(1.1, abs=0.3)  # twenty steps of at most 0.1
    assert found["epochs"] == 20
    assert found["seed"] == [0, 0]
    assert [int(row["epoch"]) for row in rows(tmp_path)] == list(range(1, 21))
    assert list(rows(tmp_path)[0]) == ["epoch", "learning_rate", "loss", "offset"]
    rates = [float(row["learning_rate"]) for row in rows(tmp_path)]
    assert rates[:3] == pytest.approx([0.1 / 3, 0.2 / 3, 0.1])
    assert rates[2:] == sorted(rates[2:], reverse=True)
    (folder,) = (tmp_path / "checkpoints").iterdir()
    assert folder.name == found["identity"]
    kept = sorted(path.stem for path in folder.glob("epoch_*.json"))
    assert kept == ["epoch_000018", "epoch_000020"]  # every third and the last


class Killed(Exception):
    """Takes the place of kill -9."""


@pytest.mark.parametrize("epochs", [2, 3, 7, 19])
def test_cut_off_anywhere_it_ends_in_the_same_weights_and_history(tmp_path, monkeypatch, epochs):
    whole, original, begun = run(tmp_path / "whole"), loop._run_epoch, []

    def dying(*given):
        begun.append(1)
        if len(begun) > epochs:
            raise Killed
        return original(*given)

    (tmp_path / "cut").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "_run_epoch", dying)
        with pytest.raises(Killed):
            run(tmp_path / "cut")
    assert not (tmp_path / "cut" / "line.json").exists()
    assert run(tmp_path / "cut") == whole
    assert rows(tmp_path / "cut") == rows(tmp_path / "whole")


@pytest.fixture(autouse=True)
def whole_exists(tmp_path):
    (tmp_path / "whole").mkdir()


def test_what_is_finished_is_not_done_again(tmp_path, monkeypatch):
    first = run(tmp_path)
    monkeypatch.setattr(loop, "_run_epoch", None)
    assert run(tmp_path) == first


def test_other_settings_or_seeds_begin_anew(tmp_path):
    first = run(tmp_path)
    assert run(tmp_path, slope=2.0)["weights"] != first["weights"]
    assert run(tmp_path, seed=(0, 1))["weights"] != first["weights"]
    assert run(tmp_path) == first
    assert len(list((tmp_path / "checkpoints").iterdir())) == 3


def test_nan_stops_and_the_message_says_where_and_what(tmp_path):
    with pytest.raises(
        DivergenceError,
        match=r"loss became not finite in epoch 8 .*line\.learning_rate.*lies in .*checkpoints",
    ):
        run(tmp_path, breaks_in=7)
    assert not (tmp_path / "line.json").exists()
    kept = sorted(path.stem for path in (tmp_path / "checkpoints").rglob("epoch_*.json"))
    assert kept == ["epoch_000003", "epoch_000006"]
    assert run(tmp_path) == run(tmp_path / "whole")


def test_a_process_that_is_not_the_first_trains_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Team, "wait", lambda self: None)
    seen = []
    monkeypatch.setattr(Line, "epoch", lambda self, state: seen.append(state) or EPOCH)
    train(line(tmp_path, team=Team(1, 2)), tmp_path / "checkpoints", tmp_path / "h.csv")
    assert len(seen) == 20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["whole"]


EPOCH = Epoch({"loss": 1.0}, 1.0, 1.0, {})


def test_a_folder_has_one_training(tmp_path):
    name = run(tmp_path)["identity"]
    with sole_writer(tmp_path / "checkpoints" / name), pytest.raises(FolderInUseError):
        run(tmp_path)


def test_a_state_that_does_not_belong_to_the_checkpoint_is_no_crash(tmp_path, capsys):
    """Somebody's file with another form under our name: named, and the one before is used."""
    import safetensors.torch

    from toposhape.base.checksums import sha256

    run(tmp_path)
    (tmp_path / "line.json").unlink()
    last = sorted((tmp_path / "checkpoints").rglob("epoch_*.safetensors"))[-1]
    tensors = safetensors.torch.load_file(last)
    tensors["line.weight"] = torch.zeros(2, 2)
    safetensors.torch.save_file(tensors, last)
    told = json.loads(last.with_suffix(".json").read_text())
    last.with_suffix(".json").write_text(json.dumps({**told, "sha256": sha256(last)}))
    assert run(tmp_path) == run(tmp_path / "whole")
    assert "line.weight has the shape (2, 2), not (1, 1)" in capsys.readouterr().err


def test_a_step_without_gradient_or_with_nan_moves_nothing():
    state = LineState(3)
    for loss in (torch.tensor(1.0), state.line(torch.ones(1)).sum() * float("inf")):
        state.take_step("adam", loss, 1.0)
        assert [p.item() for p in state.line.parameters()] == [0, 0]
    state.take_step("adam", 30 * state.line.weight.sum() + 40 * state.line.bias.sum(), 5.0)
    assert state.line.weight.grad.item() == pytest.approx(3, rel=1e-5)  # clipped to norm 5
    assert state.line.weight.item() == pytest.approx(-0.1)


def test_learning_rates_follow_the_schedule_but_for_steady_ones():
    weights = [nn.Parameter(torch.zeros(1)) for _ in range(3)]
    optimisers = {
        "first": torch.optim.Adam([{"params": weights[:1], "lr": 1.0}, {"params": weights[1:2]}]),
        "steady": torch.optim.Adam(weights[2:], lr=0.5),
    }
    state = TrainingState({}, optimisers, Cosine(10, 3), steady=("steady",))
    for factor in (0.25, 0.5, 0.75):
        assert state.set_learning_rates() == factor
        groups = [g["lr"] for o in optimisers.values() for g in o.param_groups]
        assert groups == pytest.approx([factor, factor * 1e-3, 0.5])
        state.schedule.advance(1.0)


def test_a_training_is_not_changed_by_being_run(tmp_path):
    training = line(tmp_path)
    train(training, tmp_path / "a", tmp_path / "h.csv")
    first = (tmp_path / "line.json").read_text()
    train(replace(training), tmp_path / "b", tmp_path / "h.csv")
    assert json.loads((tmp_path / "line.json").read_text()) == json.loads(first)
