"""Joint training ends in the same bits, however often it is killed; NaN stops it in time."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from joint_runs import OURS, PLAIN, history, settings_of, tori, train, truth, written

from toposhape.generators.implicit import data_term
from toposhape.generators.joint import epochs as joint_epochs
from toposhape.learning.divergence import DivergenceError


def test_the_same_seed_gives_the_same_bits_another_one_others(ours, start, tmp_path):
    again = train(tmp_path / "again", start)
    assert written(again) == written(ours)
    assert history(again) == history(ours)
    other = train(tmp_path / "other", start, seed=(0, 1))
    assert written(other)[0] != written(ours)[0]


KILLED = """
import sys, pathlib, torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
from joint_runs import Start, train
train(pathlib.Path(sys.argv[4]), Start(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))
"""


@pytest.mark.slow  # the engine is one: the shape generator's training is killed in the fast tests
@pytest.mark.parametrize("times", [1, 20])
def test_killed_at_random_moments_it_ends_in_the_same_bits(ours, start, tmp_path, times):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", KILLED, here, *map(str, start), str(tmp_path)]
    moments = random.Random(times)
    for _ in range(times):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_for_start(tmp_path / "checkpoints", process)
        time.sleep(moments.uniform(0, 0.6))
        process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    assert written(tmp_path) == written(ours)
    assert history(tmp_path) == history(ours)


def wait_for_start(folder: Path, process: subprocess.Popen) -> None:
    """Wait until epochs run: Python and torch take seconds to load."""
    before = modified(folder)
    while process.poll() is None and modified(folder) == before:
        time.sleep(0.005)


def modified(folder: Path) -> float:
    return max((path.stat().st_mtime for path in folder.rglob("history.csv")), default=0.0)


@pytest.mark.parametrize("anchor", [0.0, 10.0])
def test_a_checkpoint_in_the_middle_is_enough(start, tmp_path, anchor):
    """As above without luck: the run ends after three of its six epochs."""
    settings = settings_of(OURS.model_copy(update={"anchor_weight": anchor}))
    whole = train(tmp_path / "whole", start, settings)
    true_epoch, calls = joint_epochs.code_epoch, []

    def interrupted(*given):
        calls.append(1)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return true_epoch(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toposhape.generators.joint.training.code_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "parts", start, settings)
    (kept,) = (tmp_path / "parts" / "checkpoints").rglob("epoch_*.safetensors")
    assert kept.name == "epoch_000002.safetensors"
    parts = train(tmp_path / "parts", start, settings)
    assert written(parts) == written(whole)
    assert history(parts) == history(whole)


def test_other_terms_do_not_go_on_from_this_one_s_checkpoints(start, tmp_path):
    short = {"steps": 2}
    train(tmp_path, start, settings_of(joint=short))
    train(tmp_path, start, settings_of(OURS.model_copy(update={"pull_weight": 0.0}), short))
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2


def few(changed: str | None = None) -> dict[str, np.ndarray]:
    """As many samples as an epoch draws; one of one torus may lie elsewhere."""
    rows = {**tori(), "other": tori()["t0"]}
    samples = {shape: values[:, :24].copy() for shape, values in rows.items()}
    if changed:
        samples[changed][0, 5, 0] -= 0.5
    return samples


def test_other_data_of_the_same_shapes_train_again(start, tmp_path):
    """A sample or a diagram of a training shape; what another shape has does not matter."""
    short = settings_of(joint={"steps": 2})
    weights = [
        written(train(tmp_path, start, short, **data))
        for data in (
            {"samples": few()},
            {"samples": few("other")},
            {"samples": few("t2")},
            {"samples": few(), "truth": [*truth()[:-1], truth()[0]]},
        )
    ]
    assert len(list((tmp_path / "checkpoints").iterdir())) == 3
    assert weights[0] == weights[1]
    assert weights[2][0] != weights[0][0]  # f learns from samples
    assert weights[3][1] != weights[0][1]  # PD from diagrams


@pytest.mark.parametrize("good_steps", [8, 9])  # of theta and of the codes, four in an epoch
@pytest.mark.parametrize("terms", [OURS, PLAIN], ids=["ours", "plain"])
def test_nan_stops_and_keeps_the_last_good_checkpoint(start, tmp_path, terms, good_steps):
    true_loss, calls = data_term.data_loss, []

    def breaking(*given):
        calls.append(1)
        return true_loss(*given) * (float("nan") if len(calls) > good_steps else 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data_term, "data_loss", breaking)
        message = r"data.* not finite in epoch 3.*joint_training\.learning_rate"
        with pytest.raises(DivergenceError, match=message):
            train(tmp_path, start, settings_of(terms))
    (kept,) = (tmp_path / "checkpoints").rglob("epoch_*.safetensors")
    assert kept.name == "epoch_000002.safetensors"
    train(tmp_path, start, settings_of(terms))
