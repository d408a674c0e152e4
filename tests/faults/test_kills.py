"""kill -9 at random moments of every stage: the same bits in the end, and no orphan writes."""

import multiprocessing
import random
import signal
import time
from pathlib import Path

import pytest
import stages
from watching import require_silence

FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["stages"])  # so that a kill costs no import of torch
NEEDS = {
    "diagram_generator": {"generator": "shape_generator"},
    "joint_training": {"generator": "shape_generator", "diagrams": "diagram_generator"},
    "set_diffusion": {"autoencoder": "autoencoder"},
}
"""What a stage begins from, and which stage writes it."""


@pytest.fixture(scope="module", autouse=True)
def importable():
    """Before Python 3.13 a fork server does not know where pytest found the stages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        yield


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Path:
    """What stages begin from, filled when a test asks for it."""
    return tmp_path_factory.mktemp("start")


def begin(name: str, folder: Path, start: Path) -> multiprocessing.Process:
    process = FORK.Process(target=stages.run, args=(name, folder, start))
    process.start()
    return process


def finish(name: str, folder: Path, start: Path) -> dict[str, bytes]:
    process = begin(name, folder, start)
    process.join()
    assert process.exitcode == 0
    return stages.outcome(folder)


@pytest.mark.parametrize(
    ("name", "times"),
    [("preparation", 1)]  # trainings share a loop, which tests/generators/implicit kills
    + [pytest.param(name, 20, marks=pytest.mark.slow) for name in stages.STAGES],
)
def test_killed_at_random_moments_it_ends_in_the_same_bits(
    name, times, start, tmp_path, record_property
):
    for file, writer in NEEDS.get(name, {}).items():
        if not (start / f"{file}.json").exists():
            finish(writer, start, start)
    FORK.Process(target=int).start()  # the fork server, whose start is no part of a stage's time
    clock = time.monotonic()
    expected = finish(name, tmp_path / "first", start)
    whole = time.monotonic() - clock
    assert finish(name, tmp_path / "again", start) == expected
    moments, kills, rounds, slowest = random.Random(name), 0, 0, 0.0
    while kills < times:
        folder = tmp_path / f"round{rounds}"
        process = begin(name, folder, start)
        process.join(moments.uniform(0, 0.6 * whole))  # going on takes less than all
        process.kill()
        process.join()
        assert process.exitcode in (0, -signal.SIGKILL)
        if process.exitcode == 0:  # it came to its end: compare, and begin another one
            assert stages.outcome(folder) == expected
            rounds += 1
            continue
        kills += 1
        slowest = max(slowest, require_silence(folder, seconds=60))
    assert finish(name, tmp_path / f"round{rounds}", start) == expected
    figures = f"{kills} kills, {rounds + 1} runs of {whole:.1f} s, helpers ended in {slowest:.1f} s"
    record_property("figures", f"{name}: {figures}")
