"""Lists of checksums: whatever one job writes and another reads is compared, and named."""

import json
import multiprocessing
import random
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from harm import flip

from toposhape.base.checksums import LIST, DamagedFileError, require_undamaged, write_checksums

ROOT = Path(__file__).parent.parent.parent
FILES = ("split.json", "codes.npy", "topology.csv", "matrices.npz", "meshes/000.ply")


@pytest.fixture
def results(tmp_path) -> Path:
    """Files of several kinds, and a folder that is made as a whole."""
    folder = tmp_path / "Möbel & Co"
    (folder / "meshes").mkdir(parents=True)
    numbers = np.random.default_rng(0).random((4, 9), np.float32)
    (folder / "split.json").write_text(json.dumps({"training": ["a", "b"], "test": ["c"]}))
    np.save(folder / "codes.npy", numbers)
    np.savetxt(folder / "topology.csv", numbers, delimiter=",")
    np.savez(folder / "matrices.npz", shapes=numbers)
    for i in range(3):
        (folder / "meshes" / f"{i:03d}.ply").write_bytes(numbers[i].tobytes())
    write_checksums([folder / name for name in (*FILES[:-1], "meshes")])
    return folder


def made(folder: Path, name: str) -> Path:
    """What a job makes as a whole: the file, or the folder that it is in."""
    return folder / name.split("/")[0]


def test_sound_files_pass_here_and_with_sha256sum(results):
    for name in FILES:
        require_undamaged(made(results, name))
    command = ["sha256sum", "--check", "--strict", LIST]
    assert "meshes/002.ply: OK" in subprocess.check_output(command, cwd=results, text=True)


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_bit_is_named_and_what_is_told_to_type_mends_it(results, name):
    path, moments = results / name, random.Random(name)
    whole = path.read_bytes()
    for _ in range(40):
        flip(path, moments.randrange(len(whole)), moments.randrange(8))
        with pytest.raises(DamagedFileError, match=rf"{name} is damaged .* next run makes it"):
            require_undamaged(made(results, name))
        path.write_bytes(whole)
    for other in FILES:
        require_undamaged(made(results, other))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 1, -1])
def test_a_truncated_file_is_named_with_the_command_that_removes_it(results, name, left):
    path = results / name
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(DamagedFileError, match=rf"{name} is damaged") as caught:
        require_undamaged(made(results, name))
    subprocess.run(re.search(r"\((rm .*?)\), and", str(caught.value))[1], shell=True, check=True)
    assert not made(results, name).exists()
    assert len(list(results.glob("[!.]*"))) == len(FILES)  # the others and the list


def test_a_file_that_has_gone_from_a_folder_is_missed(results):
    (results / "meshes" / "001.ply").unlink()
    with pytest.raises(DamagedFileError, match=r"001\.ply is damaged \(it is missing\).*rm -r"):
        require_undamaged(results / "meshes")


def test_what_is_made_again_is_listed_anew_and_what_has_gone_is_forgotten(results):
    (results / "split.json").write_text("{}")
    (results / "meshes" / "002.ply").unlink()
    (results / "topology.csv").unlink()
    write_checksums([results / "split.json", results / "meshes"])
    require_undamaged(results / "split.json")
    require_undamaged(results / "meshes")
    names = [line.split("  ")[1] for line in (results / LIST).read_text().splitlines()]
    assert names == ["codes.npy", "matrices.npz", *(f"meshes/00{i}.ply" for i in (0, 1))] + [
        "split.json"
    ]


def test_a_file_that_nobody_listed_is_not_compared(tmp_path):
    (tmp_path / "mine.csv").write_text("1")
    require_undamaged(tmp_path / "mine.csv")


def write_and_list(path: Path) -> None:
    path.write_text(path.name)
    write_checksums([path])


def test_jobs_that_list_at_once_lose_no_line(tmp_path):
    """Score tables of all methods lie in one folder, and their jobs run side by side."""
    paths = [tmp_path / f"{i}.csv" for i in range(40)]
    with multiprocessing.get_context("fork").Pool(8) as pool:
        pool.map(write_and_list, paths, chunksize=1)
    assert len((tmp_path / LIST).read_text().splitlines()) == len(paths)
    for path in paths:
        require_undamaged(path)


def test_every_job_that_writes_for_another_lists_what_it_wrote():
    """All but publishing; a batch is listed by the library."""
    chapters = [path for path in (ROOT / "rules").glob("*.smk") if path.stem != "publication"]
    rules = "\n".join(path.read_text() for path in chapters)
    scripts = set(re.findall(r"workflow_scripts/(\w+)\.py", rules)) - {
        "prepare_shapes",
        "prepare_clouds",
        "scan_shapes",
    }
    assert len(scripts) > 15
    for script in scripts:
        if script.endswith(("_figure", "_figures", "_table")):  # published
            continue
        text = (ROOT / "workflow_scripts" / f"{script}.py").read_text()
        assert text.endswith("\nfinish(job)\n"), f"{script} does not end with finish(job)"
