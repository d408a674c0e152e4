"""Jobs on one machine never have the same GPU, however they come and go."""

import os
import signal
import subprocess
import sys

import pytest

BEGIN = """
import os, pathlib, sys, time
from toposhape.base import gpu_lease
gpu_lease.SECONDS_BETWEEN_TRIES = 0.01
folder = pathlib.Path(sys.argv[1])
"""
HOLD = """
devices = gpu_lease.wait_for_devices(["A", "B", "C"], int(sys.argv[2]), folder)
for device in devices:  # fails if somebody else is there
    (folder / f"user of {device}").touch(exist_ok=False)
time.sleep(0.05)
for device in devices:
    (folder / f"user of {device}").unlink()
print(*devices)
"""
HOLD_FOR_GOOD = """
gpu_lease.wait_for_devices(["A"], 1, folder)
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""
LEASE = """
gpu_lease.FOLDER = folder
gpu_lease.lease_gpus(int(sys.argv[2]))
print(os.environ.get("CUDA_VISIBLE_DEVICES", "untouched"))
"""


def start(code, *arguments, **environment):
    command = [sys.executable, "-c", BEGIN + code, *map(str, arguments)]
    given = {key: os.environ[key] for key in os.environ if key != "CUDA_VISIBLE_DEVICES"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=given | environment
    )


@pytest.mark.parametrize("wanted", [1, 2])
def test_racing_jobs_never_share_a_device(tmp_path, wanted):
    jobs = [start(HOLD, tmp_path, wanted) for _ in range(8)]
    for job in jobs:
        output, errors = job.communicate(timeout=60)
        assert job.returncode == 0, errors
        assert len(set(output.split())) == wanted


def test_a_killed_job_leaves_its_device_although_its_child_lives_on(tmp_path):
    holder = start(HOLD_FOR_GOOD, tmp_path)
    child = int(holder.stdout.readline())
    try:
        waiting = start("print(gpu_lease.wait_for_devices(['A'], 1, folder))", tmp_path)
        assert "Waiting for 1 of 1 GPUs" in waiting.stderr.readline()
        holder.kill()
        assert waiting.communicate(timeout=60)[0] == "['A']\n"
    finally:
        os.kill(child, signal.SIGKILL)
        holder.communicate()


@pytest.fixture
def two_gpus(tmp_path):
    """A search path on which nvidia-smi names two GPUs."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho GPU-first\necho GPU-second\n")
    program.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("wanted", "given", "seen"),
    [
        (0, None, "untouched"),  # a job without networks
        (1, None, "GPU-first"),
        (2, None, "GPU-first,GPU-second"),
        (1, "0,1", "GPU-first"),  # a person chose
        (1, "1", "1"),  # a scheduler chose
        (1, "", ""),  # a person wants none to be used
        (2, "GPU-second,GPU-first", "GPU-second,GPU-first"),
    ],
)
def test_a_job_sees_what_it_asked_for_or_what_it_was_given(tmp_path, two_gpus, wanted, given, seen):
    chosen = {} if given is None else {"CUDA_VISIBLE_DEVICES": given}
    output, errors = start(LEASE, tmp_path, wanted, PATH=two_gpus, **chosen).communicate()
    assert output == f"{seen}\n", errors


def test_more_gpus_than_there_are_is_an_error(tmp_path, two_gpus):
    errors = start(LEASE, tmp_path, 3, PATH=two_gpus).communicate()[1]
    assert "3 GPUs are asked for, and this machine has 2" in errors


def test_it_is_there_before_torch(tmp_path):
    code = "print('torch' in sys.modules)"
    assert start(code, tmp_path).communicate()[0] == "False\n"


def test_without_gpus_nothing_happens(tmp_path):
    assert start(LEASE, tmp_path, 1, PATH=str(tmp_path)).communicate()[0] == "untouched\n"
