"""From folders of point clouds, or virtual scans, to scans in the shape frame."""

import numpy as np
import pandas as pd
import pytest
import trimesh

from toposhape.base.checksums import DamagedFileError
from toposhape.jobs.scans import check_scans, prepare_scan
from toposhape.settings.scans import Scans
from toposhape.shapes.scan_requests import request_scans
from toposhape.shapes.scans import read_scan
from toposhape.shapes.signed_distance import closest_on

VIRTUAL = {"ring": {"furniture": "chair", "views": 4, "pixels": 40}}


def torus():
    return trimesh.creation.torus(2.0, 0.6)


@pytest.fixture
def benchmark(tmp_path):
    """The benchmark's layout: a torus with its truth, a cloud without, and a bad file."""
    (tmp_path / "scans").mkdir()
    (tmp_path / "ground_truth").mkdir()
    points, faces = trimesh.sample.sample_surface(torus(), 3000, seed=0)
    columns = np.column_stack([points, torus().face_normals[faces]])
    np.savetxt(tmp_path / "scans" / "torus.xyz", columns)
    np.save(tmp_path / "scans" / "bare.npy", points)
    (tmp_path / "scans" / "bad.xyz").write_text("1 2 3\n")
    (tmp_path / "scans" / "notes.md").write_text("no cloud")
    torus().export(tmp_path / "ground_truth" / "torus.off")
    return Scans(folder=str(tmp_path))


def prepared(settings, name, path):
    (request,) = [each for each in request_scans(settings) if each.scan == name]
    prepare_scan(request, settings, 0, path)
    return read_scan(path)


def test_the_manifest_says_what_became_of_every_file(benchmark, tmp_path, capsys):
    check_scans(request_scans(benchmark), benchmark, 0, tmp_path / "manifest.csv")
    manifest = pd.read_csv(tmp_path / "manifest.csv").set_index("scan")
    assert manifest["status"].to_dict() == {"bad": "rejected", "bare": "ok", "torus": "ok"}
    assert manifest.loc["bad", "reason"] == "1 finite points, at least 200 are needed"
    assert manifest["normals"].to_dict() == {"bad": np.nan, "bare": False, "torus": True}
    assert "left out, scan bad" in capsys.readouterr().err


def test_a_run_without_any_usable_scan_ends_with_the_reasons(tmp_path):
    (tmp_path / "bad.xyz").write_text("1 2 3\n")
    settings = Scans(folder=str(tmp_path))
    with pytest.raises(ValueError, match="no scan can be used; bad: 1 finite points"):
        check_scans(request_scans(settings), settings, 0, tmp_path / "manifest.csv")


def test_a_scan_lies_in_the_shape_frame_with_its_truth(benchmark, tmp_path):
    scan = prepared(benchmark, "torus", tmp_path / "scan.npz")
    assert np.linalg.norm(scan.points, axis=1).max() == pytest.approx(1 / 1.03, rel=1e-5)
    assert scan.betti == (1, 1, 0)
    assert closest_on(scan.truth_vertices[scan.truth_faces], scan.points)[0].max() < 1e-6
    back = scan.transform.invert(scan.points)
    assert np.abs(back).max() == pytest.approx(2.6, rel=0.01)


def test_a_scan_without_normals_or_truth_says_so(benchmark, tmp_path):
    scan = prepared(benchmark, "bare", tmp_path / "scan.npz")
    assert (scan.normals, scan.truth_vertices, scan.betti) == (None, None, None)


def test_a_wrong_truth_is_named(benchmark, tmp_path):
    (tmp_path / "ground_truth" / "torus.off").write_text("OFF\n0 0 0\n")
    check_scans(request_scans(benchmark), benchmark, 0, tmp_path / "manifest.csv")
    manifest = pd.read_csv(tmp_path / "manifest.csv").set_index("scan")
    assert manifest.loc["torus", "reason"].startswith("ground truth ")
    assert "torus.off" in manifest.loc["torus", "reason"]


def test_virtual_scans_know_their_topology(tmp_path):
    settings = Scans(virtual=VIRTUAL)
    scan = prepared(settings, "ring", tmp_path / "scan.npz")
    assert scan.betti[0] == 1
    assert len(scan.normals) == len(scan.points) > 300


def test_nothing_to_scan_and_files_that_are_no_scans_are_errors(tmp_path):
    with pytest.raises(ValueError, match="name a folder of point clouds, or virtual scans"):
        request_scans(Scans(virtual={}))
    with pytest.raises(ValueError, match="no point cloud in"):
        request_scans(Scans(folder=str(tmp_path)))
    (tmp_path / "scan.npz").write_bytes(b"no archive")
    with pytest.raises(DamagedFileError, match="delete it"):
        read_scan(tmp_path / "scan.npz")
