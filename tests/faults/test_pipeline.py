"""Drills with Snakemake, from meshes to a generator: kill -9, two runs, a full disk, odd names.

They need Linux and minutes; docs/faults.md has their figures.
"""

import json
import os
import random
import re
import signal
import subprocess
import time
from contextlib import suppress

import pytest
import trimesh
from harm import flip
from project import WEIGHTS, Project
from watching import require_silence

pytestmark = pytest.mark.slow
RULES = (
    *("prepare_shapes", "compute_diagrams", "gather_shapes", "split_shapes"),
    "train_shape_generator",
)
"""Each has a job, in this order."""


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> bytes:
    """What comes out undisturbed."""
    return Project(tmp_path_factory.mktemp("plain")).finish()


def test_snakemake_is_killed(tmp_path, reference, record_property):
    """kill -9 of Snakemake: its job ends within seconds, the next command says what to type."""
    project, moments, silences = Project(tmp_path / "killed"), random.Random(0), []
    for rule in RULES:
        process = project.start()
        assert project.job(process, rule)
        while not list(project.folder.glob(f"results/drill/logs/{rule}/*")):
            time.sleep(0.02)  # its script's first lines have not run
        time.sleep(moments.uniform(0, 2))
        process.kill()
        if process.wait() == 0:
            continue
        time.sleep(3)  # the job looks for its parent every second
        silences.append(3 + require_silence(project.folder, seconds=20))
        code, output = project.run()
        assert code != 0
        assert "--unlock" in output, output
        assert project.run("--unlock")[0] == 0
    assert len(silences) >= 3
    assert project.finish() == reference
    record_property("figures", f"{len(silences)} kills, silent within {max(silences):.1f} s")


def test_jobs_are_killed(tmp_path, reference, record_property):
    """kill -9 of a job: Snakemake says so, and the same command goes on."""
    project, moments, killed = Project(tmp_path / "jobs"), random.Random(1), 0
    for rule in RULES:
        process = project.start()
        job = project.job(process, rule)
        if not job:
            break  # a run came to its end
        time.sleep(moments.uniform(0, 1))
        with suppress(ProcessLookupError):
            os.kill(job, signal.SIGKILL)
            killed += 1
            assert process.wait() != 0
            assert f"Error in rule {rule}" in project.output.read_text(errors="replace")
            require_silence(project.folder, seconds=30)
        process.wait()
    assert killed >= 3
    assert project.finish() == reference
    record_property("figures", f"{killed} kills of jobs")


def test_two_runs_in_one_folder(tmp_path, reference):
    project = Project(tmp_path / "two")
    first = project.start()
    project.output = tmp_path / "second.txt"
    assert project.job(first, "prepare_shapes")
    code, output = project.run()
    assert code != 0
    assert "Directory cannot be locked" in output
    assert first.wait() == 0
    assert (project.folder / WEIGHTS).read_bytes() == reference


def test_odd_names_a_foreign_locale_and_meshes_from_the_future(tmp_path, reference):
    language = ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(tmp_path / "tr_TR.UTF-8")]
    if subprocess.run(language, capture_output=True).returncode:
        pytest.skip("the Turkish locale cannot be made here")
    project = Project(
        tmp_path / "Projekt für Üben ☃ (İ)", "ring {}.obj", LC_ALL="tr_TR.UTF-8",
        LOCPATH=str(tmp_path), TZ="Pacific/Kiritimati",
    )  # fmt: skip
    meshes, tomorrow = sorted((project.folder / "meshes").iterdir()), time.time() + 86400
    for path in meshes:
        path.chmod(0o444)
    os.utime(meshes[3], (tomorrow, tomorrow))
    (project.folder / "meshes").chmod(0o555)
    code, output = project.run()
    assert code != 0
    assert "clock skew" in output, output
    os.utime(meshes[3])  # touch
    assert project.finish() == reference
    code, output = project.run()
    assert code == 0
    assert "Nothing to be done" in output, output


def test_a_mended_mesh_trains_again(tmp_path, reference):
    """The same file name, another shape: of a training shape it is learned anew, else it is not."""
    project = Project(tmp_path / "mended")
    assert project.finish() == reference
    split = json.loads((project.folder / "results/drill/shapes/ring/split.json").read_text())
    checkpoints = project.folder / "results/drill/checkpoints/shapes/ring/DeepSDF/seed0"
    for part, again in (("test", False), ("training", True)):
        number = int(split[part][0].removeprefix("ring_"))  # as in Project, a little wider
        ring = trimesh.creation.torus(
            0.502 + 0.02 * number, 0.2, major_sections=16, minor_sections=8
        )
        ring.export(project.folder / "meshes" / f"ring {number}.obj")
        assert (project.finish() != reference) == again
        assert len(list(checkpoints.iterdir())) == 1 + again


RING = "results/drill/{}/ring"
METHOD = "{}/Ours-DeepSDF/seed0".format
SCORES = RING.format("scores") + "/Ours-DeepSDF_seed0.csv"
READ_FOR_SCORES = (
    *(f"{RING.format('shapes')}/{name}" for name in ("split.json", "manifest.csv")),
    f"{METHOD(RING.format('trained'))}/diagrams.json",
    *(
        f"{METHOD(RING.format('synthetic'))}/{name}"
        for name in ("codes.npy", "surfaces.npy", "topology.csv", "reconstruction.csv")
    ),
    f"{METHOD(RING.format('synthetic'))}/posterior/surfaces.npy",
)


def test_damaged_files_are_named_and_what_is_told_to_type_mends_them(tmp_path, record_property):
    """A bit flips, neither size nor time change: the job that reads the file says so."""
    project = Project(tmp_path / "damaged folder")
    assert project.run(target=SCORES)[0] == 0
    scores = project.folder / SCORES
    expected, commands = scores.read_bytes(), []
    scores.unlink()
    for name in READ_FOR_SCORES:
        middle = (project.folder / name).stat().st_size // 2
        flip(project.folder / name, middle)
        code, output = project.run(target=SCORES)
        told = re.search(rf"{re.escape(name)} is damaged .*\((rm .*?)\), and", output)
        assert code, name
        assert told, output
        commands.append(told[1])
        flip(project.folder / name, middle)
    for command in commands:
        subprocess.run(command, shell=True, check=True, cwd=project.folder)
    code, output = project.run(target=SCORES)
    assert code == 0, output
    assert scores.read_bytes() == expected
    record_property("figures", f"{len(READ_FOR_SCORES)} files named and made again")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk(tmp_path, reference, record_property):
    """The disk fills at every stage in turn; a little more room, and the same command goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        project, failures = Project(disk / "project"), []
        for free in (300_000, 700_000, 1_100_000, 1_300_000, 1_500_000, 1_700_000, 2_000_000):
            filler = disk / "filler"
            filler.unlink(missing_ok=True)
            with filler.open("wb") as file:
                room = os.statvfs(disk)
                os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - free)
            code, output = project.run()
            if code == 0:
                break
            failures += re.findall(r"Errno 28.*", output)[:1] or [output[-300:]]
            assert re.search(r"No space left on device: '.+'", failures[-1]), output
            project.run("--unlock")
        filler.unlink()
        assert project.finish() == reference
        assert failures
        record_property("failures", "\n".join(failures))
    finally:
        subprocess.run(["umount", disk], check=True)
