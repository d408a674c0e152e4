"""Runs on a real Slurm give the tables of a run on this machine, whatever happens to their jobs."""

import subprocess
import sys
import time
from pathlib import Path

import one_node_slurm
import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
SECONDS = 1200  # that anything may take
QUICK = {
    "slurm-status-command": "squeue",  # no accounting here
    "slurm-init-seconds-before-status-checks": 2,
    "slurm-partition-config": str(ROOT / "profiles" / "slurm" / "partitions.yaml"),
    "latency-wait": 5,
    "jobs": 2,
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    if problem := one_node_slurm.missing():
        pytest.skip(f"no cluster: {problem}")
    one_node_slurm.up()
    yield
    one_node_slurm.down()


@pytest.fixture
def profile(tmp_path):
    """profiles/slurm as it is shipped, but for what a small cluster on loopback needs."""
    settings = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump({**settings, **QUICK}))
    return folder


@pytest.fixture
def start():
    """Start Snakemake in a folder of its own; what it says goes to a file there."""
    runs = []

    def start_in(folder, overlay, *arguments):
        folder.mkdir()
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile"]
        command += ["--directory", folder, *arguments]
        command += ["--configfile", ROOT / "config.yaml", overlay]
        with (folder / "output.txt").open("w") as output:
            runs.append(subprocess.Popen(list(map(str, command)), stdout=output, stderr=output))
        return runs[-1]

    yield start_in
    for run in runs:
        run.kill()


def finish(run, folder):
    assert run.wait(SECONDS) == 0, (folder / "output.txt").read_text()[-3000:]


def contents(folder, *patterns):
    """Bytes of all files of these patterns, by name."""
    results = folder / "results"
    found = {str(p.relative_to(results)): p for pattern in patterns for p in results.glob(pattern)}
    assert found
    return {name: path.read_bytes() for name, path in found.items()}


def slurm(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def job_of(rule):
    """Number of the job of a rule that runs now; None if there is none."""
    for job in slurm("squeue", "--noheader", "--states", "running", "--format", "%i"):
        if said_of(job, "Comment").startswith(f"rule_{rule}_"):
            return job
    return None


def said_of(job, field):
    words = slurm("scontrol", "show", "job", job)
    return next(word.split("=", 1)[1] for word in words if word.startswith(f"{field}="))


def last_epoch(folder):
    found = folder.glob("results/faults/checkpoints/shapes/chair/DeepSDF/seed0/*/epoch_*.json")
    return max((int(path.stem.removeprefix("epoch_")) for path in found), default=0)


def training_in_mid_run(run, folder):
    """Number of the job that trains, once it has gone beyond the last checkpoint of others."""

    def wait_for(condition, otherwise):
        wait(lambda: run.poll() is not None or condition(), otherwise)
        assert run.poll() is None, f"{otherwise}: {(folder / 'output.txt').read_text()[-3000:]}"

    wait_for(lambda: job_of("train_shape_generator"), "no training began")
    epoch = last_epoch(folder)
    wait_for(lambda: last_epoch(folder) > epoch, f"no checkpoint after epoch {epoch}")
    return job_of("train_shape_generator")


def wait(condition, otherwise):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.2)


def test_a_training_stopped_thrice_ends_in_the_same_tables(cluster, profile, start, tmp_path):
    quiet, faulty, overlay = tmp_path / "quiet", tmp_path / "faulty", HERE / "faults.yaml"
    target = "results/faults/scores/chair/Ours-DeepSDF_seed0.csv"  # of all that a training leads to
    here = start(quiet, overlay, "--workflow-profile", "none", "--cores", "1", target)
    there = start(faulty, overlay, "--workflow-profile", profile, target)

    killed = training_in_mid_run(there, faulty)
    assert (said_of(killed, "Partition"), said_of(killed, "TresPerJob")) == ("gpu", "gres:gpu:1")
    slurm("scancel", killed)
    wait(lambda: said_of(killed, "JobState") == "CANCELLED", "the job was not cancelled")

    requeued = training_in_mid_run(there, faulty)
    slurm("scontrol", "requeue", requeued)
    wait(lambda: said_of(requeued, "JobState") == "PENDING", "the job was not requeued")

    late = training_in_mid_run(there, faulty)
    assert late == requeued != killed
    slurm("scontrol", "update", f"JobId={late}", "EndTime=now")  # its time limit ends here
    wait(lambda: said_of(late, "JobState") == "TIMEOUT", "the time limit did not end the job")

    finish(here, quiet)
    finish(there, faulty)
    files = ("*/scores/*/*.csv", "*/generators/**/*.safetensors", "*/trained/**/*.safetensors")
    assert contents(faulty, *files) == contents(quiet, *files)


def test_the_smoke_run_gives_the_same_tables(cluster, profile, start, tmp_path):
    here, there, overlay = tmp_path / "here", tmp_path / "there", ROOT / "presets" / "smoke.yaml"
    finish(start(there, overlay, "--workflow-profile", profile), there)
    finish(start(here, overlay, "--workflow-profile", "none", "--cores", "2"), here)
    files = ("*/publication/*.csv", "*/scores/*/*.csv", "*/trained/**/*.safetensors")
    assert contents(there, *files) == contents(here, *files)
