"""Two processes that share a training, started by torchrun, talking by gloo."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from test_shape_generator import TRAINING, rows_without_time, train

from toposhape.generators.implicit.store import load_generator
from toposhape.learning.processes import Team, current_team, join_team, start_processes
from toposhape.settings.implicit import Decoder, Regularisation, ShapeGenerator, Variant

SETTINGS = ShapeGenerator(
    decoder=Decoder(width=24, depth=3, latent_size=3, skip_layers=(1,)),
    training=TRAINING.model_copy(
        update={"max_epochs": 4, "optimiser": "adam", "shapes_per_micro_batch": 1}
    ),
)
SHARED_VARIANT = Variant(
    activation="silu", regularisation=Regularisation(weight=0.03, divergence_weight=0.01)
)
SCRIPT = Path(__file__).with_name("two_processes.py")


def start(folder: Path) -> subprocess.Popen:
    source = str(Path(__file__).parents[3] / "src")
    path = os.pathsep.join([str(SCRIPT.parent), source, os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder)],
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        stderr=(folder / "stderr.txt").open("w"),
    )


def parameters(folder: Path) -> list[torch.Tensor]:
    generator = load_generator(folder / "generator.safetensors")
    return [*generator.decoder.parameters(), *generator.codes.parameters()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    whole = SETTINGS.training.model_copy(update={"shapes_per_micro_batch": None})
    settings = SETTINGS.model_copy(update={"training": whole})
    return train(tmp_path_factory.mktemp("alone"), settings, SHARED_VARIANT)


@pytest.mark.slow
def test_two_processes_end_in_the_weights_of_one(alone, tmp_path):
    process = start(tmp_path)
    assert process.wait(timeout=240) == 0, (tmp_path / "stderr.txt").read_text()
    for ours, expected in zip(parameters(tmp_path), parameters(alone), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=2e-6)
    for ours, expected in zip(rows_without_time(tmp_path), rows_without_time(alone), strict=True):
        for column, value in ours.items():
            assert float(value) == pytest.approx(float(expected[column]), rel=1e-4, abs=1e-6)
    assert (tmp_path / "process1.pid").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
def test_when_the_starter_is_killed_nobody_goes_on(tmp_path):
    process = start(tmp_path)
    pids = [tmp_path / f"process{rank}.pid" for rank in range(2)]
    while process.poll() is None and not all(p.exists() and p.read_text() for p in pids):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{p.read_text()}").exists() for p in pids):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("size", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [0, 1, 5, 8])
def test_shares_are_disjoint_and_cover_everything(size, count):
    shares = [range(count)[Team(rank, size).share(count)] for rank in range(size)]
    assert [i for share in shares for i in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_without_torchrun_a_process_is_a_team_of_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert join_team("cpu") == torch.device("cpu")
    assert current_team() == Team(0, 1)
    start_processes(1)  # returns


def test_more_processes_than_gpus_are_refused(monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "LOCAL_RANK": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match=r"processes: 2 processes, but torch sees 1 GPUs"):
        join_team("cuda")
