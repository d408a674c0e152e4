"""Batches: every shape once, of fair size, and left alone by shapes that come later."""

import subprocess
import sys
from pathlib import Path

import pytest
import trimesh
import yaml
from hypothesis import given
from hypothesis import strategies as st

from toposhape.shapes.batches import assign_batches, read_assignment, write_assignment
from toposhape.shapes.requests import ShapeRequest, list_requests

ROOT = Path(__file__).parents[2]


def files(count, start=0):
    return [ShapeRequest(f"{hash_of(i)}", f"{i}.obj") for i in range(start, start + count)]


def hash_of(number):
    return f"{(number * 2654435761) % 2**32:08x}"


def test_batches_hold_every_shape_once_and_are_of_fair_size():
    requests = files(3000)
    batches = assign_batches(requests, 50)
    assert sorted(r for batch in batches.values() for r in batch) == sorted(requests)
    sizes = [len(batch) for batch in batches.values()]
    assert max(sizes) <= 75
    assert sorted(sizes)[1] >= 25
    assert 35 < sum(sizes) / len(sizes) < 65
    assert assign_batches(requests[::-1], 50) == batches


def test_added_files_change_few_batches():
    before = assign_batches(files(3000), 50)
    after = assign_batches(files(3010), 50)
    changed = [name for name in after if before.get(name) != after[name]]
    assert len(changed) <= 25


def test_added_procedural_shapes_change_the_last_batch():
    before, after = (
        assign_batches(list_requests("procedural", name="chair", count=count), 50)
        for count in (120, 150)
    )
    assert list(before) == ["000", "001", "002"]
    assert [name for name in after if before.get(name) != after[name]] == ["002"]


def by_shape(batches):
    return {request.shape: name for name, batch in batches.items() for request in batch}


def test_a_fresh_run_has_the_batches_that_it_always_had():
    batches = assign_batches([ShapeRequest(f"s{i}", f"{i}.obj") for i in range(12)], 4)
    names = {name: " ".join(request.shape for request in batch) for name, batch in batches.items()}
    assert names == {
        "b3c1485449": "s0 s1",
        "0c69ce6dd5": "s10 s11",
        "a45737e99e": "s2 s3",
        "b4c6b6819c": "s4 s5 s6 s7",
        "468c8b9915": "s8 s9",
    }


NUMBERS = st.sets(st.integers(0, 60))


@given(first=NUMBERS, second=NUMBERS, third=NUMBERS, size=st.integers(1, 9))
def test_known_shapes_stay_where_they_are(first, second, third, size):
    """Whatever is added and removed, in three runs one after the other."""
    known = {}
    for numbers in (first, second, third):
        requests = [files(1, i)[0] for i in numbers]
        batches = assign_batches(requests, size, known)
        assert sorted(r for batch in batches.values() for r in batch) == sorted(requests)
        assert all(batch == sorted(batch) for batch in batches.values())
        assigned = by_shape(batches)
        assert {s: assigned[s] for s in known if s in assigned} == {
            s: known[s] for s in known if s in assigned
        }
        mixed = [{r.shape in known for r in batch} for batch in batches.values()]
        assert all(len(kinds) == 1 for kinds in mixed)
        assert assign_batches(requests, size + 1, assigned) == batches
        known = assigned


def test_added_files_make_batches_of_their_own():
    before = assign_batches(files(2000), 20)
    after = assign_batches(files(2100), 20, by_shape(before))
    changed = [name for name in after if before.get(name) != after[name]]
    assert sum(len(after[name]) for name in changed) == 100
    assert len(changed) <= 10


def test_a_name_that_is_taken_is_not_used_again():
    ids = [ShapeRequest(shape, f"{shape}.obj") for shape in "abc"]
    known = by_shape(assign_batches(ids, 10))
    known.pop("a")  # its file went away and has come back
    batches = assign_batches(ids, 10, known)
    assert sorted(map(len, batches.values())) == [1, 2]


def test_the_assignment_is_stored_once_and_read_back(tmp_path):
    file = tmp_path / "shapes" / "requested.csv"
    assert read_assignment(file) == {}
    batches = assign_batches([ShapeRequest('s,"t', "ü, x.obj"), *files(30)], 10)
    write_assignment(file, batches)
    assert read_assignment(file) == by_shape(batches)
    written = file.stat().st_mtime_ns
    write_assignment(file, batches)
    assert file.stat().st_mtime_ns == written
    assert [path.name for path in file.parent.iterdir()] == ["requested.csv"]


@pytest.mark.parametrize(
    "content",
    ["", "a,b\n", "shape,source,batch\nx,y\n", "shape,source,batch\nx,y,0\nx,y,1\n"]
    + ["shape,source,batch\nx,y,../up\n", "shape,batch,source\n", "\0"],
)
def test_a_damaged_assignment_is_explained(tmp_path, content):
    file = tmp_path / "requested.csv"
    file.write_text(content)
    with pytest.raises(ValueError, match="requested.csv is damaged .* delete it"):
        read_assignment(file)


def run(folder, *arguments):
    """Run the workflow up to the split, tiny, and count the batches that it prepares."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2"]
    command += ["--directory", folder, *arguments, "results/mine/shapes/box/split.json"]
    command += ["--configfile", ROOT / "config.yaml", folder / "mine.yaml"]
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = (ended.stdout + ended.stderr).splitlines()
    return max((int(x.split()[1]) for x in lines if x.startswith("prepare_shapes ")), default=0)


@pytest.mark.slow
def test_shapes_that_come_later_run_alone(tmp_path):
    meshes = tmp_path / "my meshes ü"
    meshes.mkdir()

    def make(numbers):
        for i in numbers:
            trimesh.creation.box((1, 1 + i, 2)).export(meshes / f"{hash_of(i)} {i}.obj")

    category = {"name": "box", "source": "folder", "path": str(meshes)}
    shapes = {"resolution": 16, "samples": 400, "surface_points": 30_000, "batch_size": 4}
    overlay = {"name": "mine", "categories": [category], "shapes": shapes}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(overlay))
    make(range(12))
    planned = run(tmp_path, "--dry-run")
    assert not (tmp_path / "results").exists()
    assert run(tmp_path) == planned >= 2
    assert run(tmp_path, "--dry-run") == 0
    make(range(12, 16))
    assert run(tmp_path, "--dry-run") in (1, 2)
    (meshes / f"{hash_of(3)} 3.obj").unlink()
    assert run(tmp_path, "--dry-run") in (2, 3)
