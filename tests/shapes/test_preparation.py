"""Batches: what they write, what they survive, and what they do not depend on."""

import errno
import os
import time

import numpy as np
import pandas as pd
import pytest
import trimesh

from toposhape.base.row_files import RowFile
from toposhape.base.workers import run_isolated
from toposhape.settings.shapes import Shapes
from toposhape.shapes.manifests import COLUMNS, TooManyRejected, gather_manifests
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.prepared import PreparedShapes, read_manifest
from toposhape.shapes.requests import ShapeRequest, list_requests

SHAPES = Shapes(resolution=16, samples=400, surface_points=100)
SMALL = {"shapes": SHAPES, "progress": False, "seed": 3}


@pytest.fixture(scope="module")
def meshes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meshes")
    trimesh.creation.box(extents=[1, 2, 1]).export(folder / "box.ply")
    trimesh.creation.torus(0.6, 0.25).export(folder / "torus.obj")
    trimesh.creation.icosphere(subdivisions=2).export(folder / "ball.stl")
    (folder / "broken.obj").write_text("v 0 0 0\nf 1 2 3\n")
    (folder / "empty.ply").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def batch(meshes, tmp_path_factory):
    requests = [
        *list_requests("folder", path=meshes),
        ShapeRequest("gone", str(meshes / "gone.obj")),
    ]
    folder = tmp_path_factory.mktemp("batches") / "007"
    prepare_batch(requests, folder, workers=2, **SMALL)
    return folder


def test_every_requested_shape_is_in_the_manifest(batch):
    manifest = read_manifest(batch / "manifest.csv").set_index("shape")
    assert list(manifest.reset_index().columns) == COLUMNS
    assert list(manifest.index) == ["ball", "box", "broken", "empty", "torus", "gone"]
    assert manifest.loc["empty", "reason"] == "empty file"
    assert manifest.loc["gone", "reason"] == "file not found"
    assert list(manifest["row"].dropna()) == [0, 1, 2]
    assert set(manifest["batch"]) == {"007"}
    assert manifest.loc["box", "watertight"]
    assert manifest.loc["box", "scale"] == pytest.approx(1 / (1.03 * 1.5**0.5))


def test_arrays_are_what_the_formats_say(batch):
    manifest = batch / "manifest.csv"
    samples, grid, surface = (
        PreparedShapes(manifest, [batch / f"{name}.npy"]) for name in ("samples", "grid", "surface")
    )
    assert samples["box"].shape == (2, 200, 4)
    assert grid["box"].shape == (16, 16, 16)
    assert surface["box"].shape == (100, 3)
    half = np.array([1, 2, 1]) / 2 / (1.03 * 1.5**0.5)
    on_faces = np.abs(np.abs(surface["box"]) - half).min(axis=1)
    assert on_faces.max() < 1e-6
    for shape in samples.shapes:
        assert (samples[shape][0, :, 3] < 0).all()
        assert (samples[shape][1, :, 3] >= 0).all()
    q = np.abs(samples["box"][..., :3]) - half
    exact = np.linalg.norm(np.maximum(q, 0), axis=-1) + np.minimum(q.max(axis=-1), 0)
    np.testing.assert_allclose(samples["box"][..., 3], exact, atol=1e-6)
    assert not list(batch.glob(".*.part"))


def test_results_do_not_depend_on_batch_or_order(batch, meshes, tmp_path):
    alone = tmp_path / "alone"
    prepare_batch([ShapeRequest("torus", str(meshes / "torus.obj"))], alone, **SMALL)
    for name in ("samples", "grid", "surface"):
        whole = PreparedShapes(batch / "manifest.csv", [batch / f"{name}.npy"])
        np.testing.assert_array_equal(np.load(alone / f"{name}.npy")[0], whole["torus"])


def test_batch_without_an_accepted_shape(tmp_path):
    prepare_batch([ShapeRequest("gone", str(tmp_path / "gone.obj"))], tmp_path / "b", **SMALL)
    assert np.load(tmp_path / "b/grid.npy").shape == (0, 16, 16, 16)


def test_too_thin_a_shape_is_rejected(tmp_path):
    needle = trimesh.creation.box(extents=[0.01, 2, 0.01])
    needle.export(tmp_path / "needle.ply")
    request = ShapeRequest("needle", str(tmp_path / "needle.ply"))
    as_thin_as_it_is = {**SMALL, "shapes": SHAPES.model_copy(update={"least_thickness": 0})}
    manifest = prepare_batch([request], tmp_path / "b", **as_thin_as_it_is)
    assert "too thin" in manifest["reason"][0]
    manifest = prepare_batch([request], tmp_path / "c", **SMALL)
    assert manifest["status"][0] == "ok" and manifest["thin_share"][0] > 0.9


def fate(task):
    """What may happen in a worker."""
    kind, value = task
    if kind == "crash":
        os._exit(11)
    if kind == "hang":
        time.sleep(1000)
    if kind == "toil":
        while True:
            pass
    if kind == "eat":
        return len(np.ones(10**11, dtype=np.uint8))
    if kind == "raise":
        raise ValueError("a clear reason")
    return value * 2


def test_workers_survive_what_tasks_do():
    tasks = [(kind, 1) for kind in ("ok", "crash", "eat", "raise", "hang", "toil", "ok")]
    outcomes = run_isolated(fate, tasks, workers=2, seconds=0.2, memory_bytes=10**9)
    found = {outcome.task: outcome for outcome in outcomes}
    assert sorted(found) == list(range(7))
    assert found[0].result == found[6].result == 2
    assert "crashed (exit code 11)" in found[1].failure
    assert "needs more than 1 GB of memory" in found[2].failure
    assert found[3].failure == "a clear reason"
    assert "no answer within 6 s" in found[4].failure
    assert "took longer than 0.2 s of processor time" in found[5].failure


def test_full_disk_is_an_error_and_leaves_nothing(tmp_path, meshes, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(RowFile, "write", full)
    with pytest.raises(OSError, match="No space left"):
        prepare_batch([ShapeRequest("box", str(meshes / "box.ply"))], tmp_path / "b", **SMALL)
    assert not list((tmp_path / "b").iterdir())


def test_row_file_keeps_chosen_rows_in_order(tmp_path):
    rows = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    with RowFile(tmp_path / "a.npy", 4, (2, 3)) as file:
        for row in (3, 0, 2):
            file.write(row, rows[row])
        file.close([0, 2, 3])
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy", mmap_mode="r"), rows[[0, 2, 3]])


def test_row_file_that_is_not_closed_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), RowFile(tmp_path / "a.npy", 2, (3,)):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_gathering_stops_with_the_list(batch):
    manifest = gather_manifests([batch / "manifest.csv"], 0.5)
    assert list(manifest["shape"]) == sorted(manifest["shape"])
    with pytest.raises(TooManyRejected, match="(?s)3 of 6 shapes.*gone: file not found"):
        gather_manifests([batch / "manifest.csv"], 0.4)
    empty = batch.parent / "empty.csv"
    pd.DataFrame(columns=COLUMNS).to_csv(empty, index=False)
    with pytest.raises(TooManyRejected, match="no shapes were requested"):
        gather_manifests([empty], 0.5)


def test_procedural_shapes_carry_their_topology(tmp_path):
    requests = list_requests("procedural", name="table", count=2, seed=1)
    manifest = prepare_batch(
        requests, tmp_path / "000", SHAPES.model_copy(update={"resolution": 32}), progress=False
    )
    assert (manifest["status"] == "ok").all(), manifest["reason"].tolist()
    assert (manifest["declared_b0"] == 1).all()
    assert {file.stem for file in tmp_path.glob("000/*.npy")} == {"samples", "grid", "surface"}
