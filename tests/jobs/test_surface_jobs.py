"""From a scan to surfaces, scores, table and figures."""

import json
import sys

import numpy as np
import pytest
import trimesh

from toposhape.generators.scans.fitting import fit_surface
from toposhape.generators.scans.peers import PEERS
from toposhape.jobs.surfaces import (
    draw_scan_sheet,
    draw_surface,
    face_errors,
    read_surface,
    reconstruct_by_peer,
    score_surface,
    surface_scores,
    write_surface,
)
from toposhape.publication.figures.level_sets import level_sets_figure
from toposhape.publication.tables.formats import to_markdown
from toposhape.publication.tables.scans import gathered_scores, published_scans, scans_document
from toposhape.settings.scans import SurfaceFitting, SurfaceMethod
from toposhape.shapes.normalisation import Transform, normalising_transform
from toposhape.shapes.scans import Scan, write_scan
from toposhape.shapes.surfaces import Surface

FITTING = SurfaceFitting(max_epochs=8, points_per_step=200, network={"width": 48, "depth": 3})


@pytest.fixture(scope="module")
def torus():
    mesh = trimesh.creation.torus(2.0, 0.8)
    mesh.apply_translation([10, 0, 0])
    return mesh


@pytest.fixture(scope="module")
def scan(torus):
    points, faces = trimesh.sample.sample_surface(torus, 3000, seed=0)
    transform = normalising_transform(torus.vertices)
    return Scan(
        transform.apply(points).astype(np.float32),
        torus.face_normals[faces].astype(np.float32),
        transform.apply(torus.vertices),
        np.asarray(torus.faces),
        (1, 1, 0),
        transform,
    )


@pytest.fixture(scope="module")
def made(scan, tmp_path_factory):
    """A folder with the scan, a learned surface and its scores."""
    folder = tmp_path_factory.mktemp("surface")
    write_scan(folder / "scan.npz", scan)
    fit_surface(
        scan.points, scan.normals, FITTING, SurfaceMethod(), seed=(0,),
        checkpoints=folder / "checkpoints", weights=folder / "network.safetensors",
        metadata=folder / "network.json", history=folder / "history.csv",
    )  # fmt: skip
    files = folder / "surface.ply", folder / "middle.npy"
    draw_surface(folder / "network.safetensors", folder / "scan.npz", 32, *files)
    labels = {"scan": "torus", "method": "IGR", "seed": 0}
    score_surface(files[0], folder / "scan.npz", labels, 2000, folder / "scores.json")
    return folder


def test_a_surface_lies_where_its_scan_was(made, scan, torus):
    mesh = trimesh.load_mesh(made / "surface.ply")
    np.testing.assert_allclose(mesh.bounds, torus.bounds, atol=0.3)
    again = read_surface(made / "surface.ply", scan)
    assert np.abs(again.vertices).max() < 1


def test_scores_are_in_units_of_75_and_the_truth_scores_0(made, scan, torus):
    scores = json.loads((made / "scores.json").read_text())
    assert scores["truth_chamfer"] < 2
    assert (scores["pieces"], scores["handles"], scores["true_handles"]) == (1, 1, 1)
    perfect = surface_scores(Surface(scan.truth_vertices, scan.truth_faces), scan, 2000)
    assert max(perfect[f"{name}_hausdorff"] for name in ("truth", "largest", "scan")) < 1e-4
    grown = surface_scores(Surface(1.1 * scan.truth_vertices, scan.truth_faces), scan, 2000)
    assert 0 < grown["truth_chamfer"] < 0.1 * 75


def test_scores_do_not_change_when_everything_is_scaled_and_moved(made, scan, tmp_path):
    moved = scan._replace(transform=Transform(0.001, np.array([5.0, 6, 7])))
    write_scan(tmp_path / "scan.npz", moved)
    write_surface(tmp_path / "s.ply", read_surface(made / "surface.ply", scan), moved)
    score_surface(tmp_path / "s.ply", tmp_path / "scan.npz", {}, 2000, tmp_path / "scores.json")
    before = json.loads((made / "scores.json").read_text())
    for name, value in json.loads((tmp_path / "scores.json").read_text()).items():
        assert value == pytest.approx(before[name], rel=1e-3)


def test_a_scan_without_truth_has_no_true_columns(scan):
    bare = scan._replace(truth_vertices=None, truth_faces=None, betti=None)
    scores = surface_scores(Surface(scan.truth_vertices, scan.truth_faces), bare, 500)
    assert "truth_chamfer" not in scores
    assert scores["true_pieces"] is None and scores["scan_chamfer"] < 1e-3


def test_no_surface_has_no_distances(scan):
    scores = surface_scores(Surface(np.zeros((0, 3)), np.zeros((0, 3), np.int64)), scan, 500)
    assert scores["truth_chamfer"] is None and scores["pieces"] == 0


def test_errors_of_faces_are_their_distances(scan):
    shifted = Surface(scan.truth_vertices + [0, 0, 0.01], scan.truth_faces)
    errors = face_errors(shifted, scan)
    length = 75 / np.ptp(scan.truth_vertices, axis=0).max() * 0.01
    assert errors.max() == pytest.approx(length, rel=0.05)
    assert face_errors(Surface(np.zeros((0, 3)), np.zeros((0, 3), np.int64)), scan).shape == (0,)


def test_the_table_shows_every_method_and_the_printed_numbers(made, tmp_path):
    lines = json.loads((made / "scores.json").read_text())
    files = []
    for i, (name, scan, seed) in enumerate(
        [("IGR", "anchor", 0), ("IGR", "anchor", 1), ("Poisson", "anchor", 0), ("IGR", "mine", 0)]
    ):
        content = {**lines, "method": name, "scan": scan, "seed": seed, "handles": seed}
        if scan == "mine":
            content = {k: None if "tru" in k or "largest" in k else v for k, v in content.items()}
            content |= {"pieces": None, "handles": None, "cavities": None}
        files.append(tmp_path / f"{i}.json")
        files[-1].write_text(json.dumps(content))
    text = to_markdown(scans_document(gathered_scores(files)))
    assert "| DGP, printed | 0.33 | 8.82 |  |  | 0.08 | 2.79 |  |" in text
    assert "1 0 0, 1 1 0 (1 1 0)" in text
    assert "1 of 2 right" in text
    assert text.count("| open |") == 1
    assert len(published_scans()) == 10


def test_pictures_and_level_sets_are_drawn(made, scan):
    sheet = draw_scan_sheet(made / "scan.npz", {"IGR": made / "surface.ply"}, 64)
    assert sheet.shape[0] > 128 and sheet.std() > 40
    planes = {"torus": {"IGR": np.load(made / "middle.npy")}}
    assert len(level_sets_figure(planes).axes) == 1


@pytest.mark.parametrize("peer", PEERS)
def test_peers_make_surfaces(made, scan, tmp_path, peer):
    pytest.importorskip("pymeshlab", reason="an extra: pip install toposhape[peers]")
    reconstruct_by_peer(peer, made / "scan.npz", tmp_path / "peer.ply")
    surface = read_surface(tmp_path / "peer.ply", scan)
    assert surface_scores(surface, scan, 2000)["scan_chamfer"] < 1


def test_a_peer_that_is_not_installed_or_lacks_normals_says_so(made, scan, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymeshlab", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install toposhape\[peers\]"):
        reconstruct_by_peer("Poisson", made / "scan.npz", tmp_path / "peer.ply")
    write_scan(tmp_path / "bare.npz", scan._replace(normals=None))
    with pytest.raises(ValueError, match="Poisson needs normals"):
        reconstruct_by_peer("Poisson", tmp_path / "bare.npz", tmp_path / "peer.ply")
