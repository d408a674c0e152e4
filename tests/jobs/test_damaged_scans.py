"""What raw scans are like: a good surface, or one clear error."""

import numpy as np
import pytest
import trimesh

from toposhape.evaluation.surface_scores import surface_betti_numbers
from toposhape.generators.scans.extraction import closed_surface, surface_field
from toposhape.generators.scans.fitting import fit_surface
from toposhape.generators.scans.store import load_surface
from toposhape.jobs.scans import ready_scan
from toposhape.jobs.surfaces import surface_scores
from toposhape.settings.scans import METHODS, CloudReading, SurfaceFitting, SurfaceMethod
from toposhape.shapes.point_clouds import CloudRejected
from toposhape.shapes.scan_requests import ScanRequest
from toposhape.shapes.surfaces import Surface

FITTING = SurfaceFitting(max_epochs=15, points_per_step=256, network={"width": 48, "depth": 3})
MESH = trimesh.creation.torus(2.0, 0.8)


def scanned(count=4000):
    """(n, 6): points and normals."""
    points, faces = trimesh.sample.sample_surface(MESH, count, seed=0)
    return np.hstack([points, MESH.face_normals[faces]])


def tenth_astray(scan, random):
    stray = random.random(len(scan)) < 0.1
    scan[stray, :3] = random.uniform(-3, 3, (stray.sum(), 3))
    return scan


def half_missing(scan, random):
    return scan[(random.random(len(scan)) < 0.5)]


def a_quarter_of_the_ring_missing(scan, random):
    return scan[~((scan[:, 0] > 0) & (scan[:, 1] > 0))]


def not_a_number_here_and_there(scan, random):
    scan[random.random(len(scan)) < 0.1, random.integers(0, 6)] = np.nan
    return scan


def all_normals_flipped(scan, random):
    scan[:, 3:] *= -1
    return scan


def half_of_the_normals_flipped(scan, random):
    scan[random.random(len(scan)) < 0.5, 3:] *= -1
    return scan


def ten_million_points(scan, random):
    """The scan again and again, each point moved by up to a thousandth."""
    scan = np.tile(scan.astype(np.float32), (10_000_000 // len(scan), 1))
    scan[:, :3] += random.uniform(-1e-3, 1e-3, (len(scan), 1)).astype(np.float32) * scan[:, 3:]
    return scan


def surface_of(scan, method, folder):
    np.save(folder / "scan.npy", scan)
    request = ScanRequest("scan", folder / "scan.npy", None)
    ready = ready_scan(request, None, CloudReading(), 0)
    fit_surface(
        ready.points, ready.normals, FITTING, method, seed=(0,),
        checkpoints=folder / "c", weights=folder / "w.safetensors",
        metadata=folder / "w.json", history=folder / "h.csv",
    )  # fmt: skip
    truth = ready.transform.apply(np.asarray(MESH.vertices))
    surface = Surface(*closed_surface(surface_field(load_surface(folder / "w.safetensors"), 48)))
    known = ready._replace(truth_vertices=truth, truth_faces=np.asarray(MESH.faces))
    return surface, surface_scores(surface, known, 2000)


@pytest.mark.parametrize(
    ("damage", "normals"),
    [
        (tenth_astray, True),
        (half_of_the_normals_flipped, True),
        pytest.param(half_of_the_normals_flipped, "estimated", marks=pytest.mark.slow),
        pytest.param(tenth_astray, "estimated", marks=pytest.mark.slow),
        pytest.param(half_missing, True, marks=pytest.mark.slow),
        pytest.param(a_quarter_of_the_ring_missing, True, marks=pytest.mark.slow),
        pytest.param(not_a_number_here_and_there, True, marks=pytest.mark.slow),
        pytest.param(all_normals_flipped, True, marks=pytest.mark.slow),
        pytest.param(ten_million_points, True, marks=pytest.mark.slow),
    ],
)
def test_the_torus_is_found(damage, normals, tmp_path):
    damaged = damage(scanned(), np.random.default_rng(7))
    surface, scores = surface_of(damaged, SurfaceMethod(normals=normals), tmp_path)
    assert surface_betti_numbers(surface) == (1, 1, 0)
    assert scores["truth_chamfer"] < 1.5  # of 75


@pytest.mark.slow
def test_muon_does_not_follow_points_that_lie_anywhere(tmp_path):
    """With twice its learning rate it closes surfaces around strays."""
    damaged = tenth_astray(scanned(), np.random.default_rng(7))
    surface, scores = surface_of(damaged, METHODS["IGR-muon"], tmp_path)
    assert surface_betti_numbers(surface) == (1, 1, 0)
    assert scores["truth_chamfer"] < 1.5  # of 75


def test_three_points_are_refused(tmp_path):
    with pytest.raises(CloudRejected, match="3 finite points, at least 200 are needed"):
        surface_of(scanned(3), SurfaceMethod(), tmp_path)
