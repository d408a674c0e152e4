"""Drills with Snakemake, from meshes to a generator: kill -9, two runs, a full disk, odd names.

They need Linux and minutes; docs/faults.md has their figures.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trimesh
import yaml
from watching import MARK, alive, require_silence

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent.parent
WEIGHTS = "results/drill/generators/ring/DeepSDF/seed0/generator.safetensors"
SMALL = """
name: drill
training_seeds: [0]
shapes: {resolution: 24, samples: 4000, surface_points: 500, batch_size: 10}
shape_generator:
  decoder: {width: 32, depth: 3, latent_size: 3, skip_layers: [1]}
  training: {max_epochs: 200, patience_epochs: null, samples_per_shape: 64, checkpoint_every: 5}
"""


class Project:
    """A folder in which the pipeline runs, on meshes of its own."""

    def __init__(self, folder: Path, names: str = "ring {}.obj", **environment: str) -> None:
        self.folder = folder
        self.output = folder.with_name(folder.name + ".txt")
        meshes = folder / "meshes"
        meshes.mkdir(parents=True)
        for i in range(10):
            mesh = trimesh.creation.torus(0.5 + 0.02 * i, 0.2, major_sections=16, minor_sections=8)
            mesh.export(meshes / names.format(i))
        config = yaml.safe_load(SMALL)
        config["categories"] = [{"name": "ring", "source": "folder", "path": str(meshes)}]
        (folder / "drill.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        self.environment = {**os.environ, **environment, MARK: str(folder)}

    def start(self, *options: str, target: str = WEIGHTS) -> subprocess.Popen:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
        command += ["--cores", "1", "--directory", str(self.folder), *options]
        command += ["--workflow-profile", str(ROOT / "profiles" / "default")]
        command += ["--configfile", str(ROOT / "config.yaml"), str(self.folder / "drill.yaml")]
        command += ["--", target]
        with self.output.open("wb") as output:  # a pipe would break with its reader
            return subprocess.Popen(
                command, stdout=output, stderr=output, env=self.environment, cwd=self.folder
            )

    def run(self, *options: str, target: str = WEIGHTS) -> tuple[int, str]:
        code = self.start(*options, target=target).wait()
        return code, self.output.read_text(errors="replace")

    def finish(self) -> bytes:
        code, output = self.run()
        assert code == 0, output
        return (self.folder / WEIGHTS).read_bytes()

    def jobs(self) -> list[int]:
        """Processes of rules' scripts."""
        found = []
        for process in alive(self.folder):
            line = Path(f"/proc/{process}/cmdline")
            if line.exists() and b".snakemake/scripts/" in line.read_bytes():
                found.append(process)
        return found


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> tuple[bytes, float]:
    """What comes out undisturbed, and how long it takes [s]."""
    project, begin = Project(tmp_path_factory.mktemp("plain")), time.monotonic()
    return project.finish(), time.monotonic() - begin


def test_snakemake_is_killed(tmp_path, reference, record_property):
    """kill -9 of Snakemake: its job ends within seconds, the next command says what to type."""
    expected, whole = reference
    project, moments = Project(tmp_path / "killed"), random.Random(0)
    silences, killed = [], 0
    while killed < 5:
        process = project.start()
        time.sleep(moments.uniform(0.3, 0.7) * whole)
        process.kill()
        assert process.wait() in (0, -signal.SIGKILL)
        if process.returncode == 0:
            break
        killed += 1
        time.sleep(3)  # the job looks for its parent every second
        silences.append(require_silence(project.folder, seconds=10))
        if list((project.folder / ".snakemake" / "locks").glob("*")):
            code, output = project.run()
            assert code != 0
            assert "--unlock" in output, output
            assert project.run("--unlock")[0] == 0
    assert killed
    assert project.finish() == expected
    record_property("figures", f"{killed} kills, silent within {3 + max(silences):.1f} s")


def test_jobs_are_killed(tmp_path, reference, record_property):
    """kill -9 of a job: Snakemake says so, and the same command goes on."""
    expected, whole = reference
    project, moments, killed = Project(tmp_path / "jobs"), random.Random(1), 0
    for _ in range(6):
        process = project.start()
        until = time.monotonic() + moments.uniform(0.1, 0.5) * whole
        while process.poll() is None and not (project.jobs() and time.monotonic() > until):
            time.sleep(0.02)
        for job in project.jobs():
            os.kill(job, signal.SIGKILL)
        if process.wait() == 0:
            break
        killed += 1
        assert "Error in rule" in project.output.read_text(errors="replace")
        require_silence(project.folder, seconds=30)
    assert killed >= 2
    assert project.finish() == expected
    record_property("figures", f"{killed} kills of jobs")


def test_two_runs_in_one_folder(tmp_path, reference):
    project = Project(tmp_path / "two")
    first = project.start()
    project.output = tmp_path / "second.txt"
    while not project.jobs():
        assert first.poll() is None
        time.sleep(0.05)
    code, output = project.run()
    assert code != 0
    assert "Directory cannot be locked" in output
    assert first.wait() == 0
    assert (project.folder / WEIGHTS).read_bytes() == reference[0]


def test_odd_names_a_foreign_locale_and_meshes_from_the_future(tmp_path, reference):
    language = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(tmp_path / "tr_TR.UTF-8")]
    if subprocess.run(language, capture_output=True).returncode:
        pytest.skip("the Turkish locale cannot be made here")
    project = Project(
        tmp_path / "Projekt für Üben ☃ (İ)", "ring {}.obj", LC_ALL="tr_TR.UTF-8",
        LOCPATH=str(tmp_path), TZ="Pacific/Kiritimati",
    )  # fmt: skip
    tomorrow = time.time() + 86400
    for path in (project.folder / "meshes").iterdir():
        os.utime(path, (tomorrow, tomorrow))
        path.chmod(0o444)
    (project.folder / "meshes").chmod(0o555)
    assert project.finish() == reference[0]
    code, output = project.run()
    assert code == 0
    assert "Nothing to be done" in output, output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk(tmp_path, reference, record_property):
    """The disk fills at every stage in turn; a little more room, and the same command goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        project, failures = Project(disk / "project"), []
        for free in (300_000, 700_000, 1_100_000, 1_500_000, 2_000_000, 3_000_000):
            filler = disk / "filler"
            filler.unlink(missing_ok=True)
            with filler.open("wb") as file:
                room = os.statvfs(disk)
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - free)
            code, output = project.run()
            if code == 0:
                break
            failures += re.findall(r"Errno 28.*", output)[:1] or [output[-300:]]
            project.run("--unlock")
        filler.unlink()
        assert project.finish() == reference[0]
        assert failures
        record_property("failures", "\n".join(failures))
    finally:
        subprocess.run(["umount", disk], check=True)
