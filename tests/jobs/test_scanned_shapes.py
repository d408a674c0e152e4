"""`data: scans` and `data: clouds`: from meshes or points through a learned surface to batches."""

import json

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from toposhape.evaluation.topology_table import BETTI, read_topology
from toposhape.jobs.scanned_shapes import CloudReader, scanning_reader, split_true_shapes
from toposhape.jobs.shapes import write_split
from toposhape.jobs.truth import describe_batch
from toposhape.settings.scans import ScannedShapes, Scanner, SurfaceNetwork
from toposhape.settings.shapes import Shapes
from toposhape.settings.topology import Topology
from toposhape.shapes.preparation import prepare_batch
from toposhape.shapes.prepared import PreparedShapes, read_manifest
from toposhape.shapes.requests import list_requests
from toposhape.shapes.scanner import scan_mesh
from toposhape.shapes.signed_distance import closest_on

SHAPES = Shapes(resolution=32, samples=400, surface_points=300)
DEFAULT = ScannedShapes()
SMALL = {"max_epochs": 8, "points_per_step": 256, "network": SurfaceNetwork(width=48, depth=3)}
SCANNED = ScannedShapes(
    fitting=DEFAULT.fitting.model_copy(update=SMALL),
    scanner=Scanner(views=8, pixels=50),
    resolution=48,
)
SOLIDS = {
    "box": trimesh.creation.box(extents=[1, 2, 1]),
    "torus": trimesh.creation.torus(2.0, 0.7),
    "ball": trimesh.creation.icosphere(subdivisions=3),
    "ring": trimesh.creation.annulus(0.5, 1.0, 1.0),
}
SHARES = {"training": 0.5, "validation": 0.25, "test": 0.25}


def prepared(folder, requests, **kwargs):
    """A batch with its diagrams and topology: the pieces, handles and cavities of its grids."""
    prepare_batch(requests, folder, SHAPES, workers=1, progress=False, **kwargs)
    files = [folder / name for name in ("manifest.csv", "grid.npy")]
    made = [folder / name for name in ("diagrams.parquet", "topology.csv")]
    describe_batch(*files, *made, Topology(), threads=1)
    return folder


@pytest.fixture(scope="module")
def meshes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meshes")
    for name, mesh in SOLIDS.items():
        mesh.export(folder / f"{name}.ply")
    (folder / "broken.obj").write_text("v 0 0 0\nf 1 2 3\n")
    return folder


@pytest.fixture(scope="module")
def scanned(meshes, tmp_path_factory):
    """All that the rules of `data: scans` make: (true batch, batch, split of the meshes)."""
    folder = tmp_path_factory.mktemp("chair")
    requests = list_requests("folder", path=meshes)
    true = prepared(folder / "true" / "000", requests)
    split_true_shapes(
        [true / "manifest.csv"], folder / "true.csv", folder / "true.json",
        shares=SHARES, seed=0, given=None, max_rejected=0.5,
    )  # fmt: skip
    reader = scanning_reader(SCANNED, true / "manifest.csv", folder / "true.json")
    batch = prepared(folder / "000", requests, read=reader)
    return true, batch, json.loads((folder / "true.json").read_text())


def surfaces(batch):
    return PreparedShapes(batch / "manifest.csv", [batch / "surface.npy"])


def test_scanned_shapes_have_the_topology_of_the_meshes_and_lie_on_them(scanned):
    true, batch, split = scanned
    manifest = read_manifest(batch / "manifest.csv").set_index("shape")
    seen = [read_topology(each / "topology.csv")[BETTI] for each in (true, batch)]
    assert seen[0].equals(seen[1])
    for shape in split["training"] + split["validation"]:
        line, mesh = manifest.loc[shape], SOLIDS[shape]
        offset = [line.offset_x, line.offset_y, line.offset_z]
        points = surfaces(batch)[shape] / line.scale + offset
        size = mesh.extents.max()
        away = closest_on(np.asarray(mesh.triangles), points)[0]
        assert 1e-5 * size < away.mean() < 0.01 * size  # learned, not copied
        truth = trimesh.sample.sample_surface(mesh, 300, seed=0)[0]
        assert cKDTree(points).query(truth)[0].max() < 0.25 * size  # nothing is missing


def test_test_shapes_are_the_true_meshes(scanned):
    true, batch, split = scanned
    (shape,) = split["test"]
    for name in ("samples", "grid", "surface"):
        kept, given = (
            PreparedShapes(each / "manifest.csv", [each / f"{name}.npy"])[shape]
            for each in (batch, true)
        )
        np.testing.assert_array_equal(kept, given)


def test_what_is_rejected_as_a_mesh_is_no_scan_and_the_split_stays(scanned, tmp_path):
    true, batch, split = scanned
    lines = [read_manifest(each / "manifest.csv").set_index("shape") for each in (true, batch)]
    assert lines[1].loc["broken", "status"] == "rejected"
    assert lines[1].loc["broken", "reason"] == lines[0].loc["broken", "reason"]
    write_split(batch / "manifest.csv", tmp_path / "split.json", shares=SHARES, seed=1, given=split)
    assert json.loads((tmp_path / "split.json").read_text()) == split


def test_clouds_of_a_folder_become_shapes_or_reasons(tmp_path):
    mesh = SOLIDS["torus"]
    random = np.random.default_rng(0)
    cloud = scan_mesh(mesh.vertices, mesh.faces, SCANNED.scanner, random)
    clouds = tmp_path / "clouds"
    clouds.mkdir()
    np.save(clouds / "torus.npy", np.hstack([cloud.points, cloud.normals]))
    np.save(clouds / "bare.npy", cloud.points)
    (clouds / "three.xyz").write_text("0 0 0\n1 0 0\n0 1 0\n")
    (clouds / "mesh.stl").write_bytes(b"no cloud")
    requests = list_requests("folder", path=clouds, data="clouds")
    assert [request.shape for request in requests] == ["bare", "three", "torus"]
    batch = prepared(tmp_path / "000", requests, up="z", read=CloudReader(SCANNED))
    manifest = read_manifest(batch / "manifest.csv").set_index("shape")
    assert manifest.loc["three", "reason"] == "3 finite points, at least 200 are needed"
    assert manifest["up"].dropna().unique() == ["z"]
    topology = read_topology(batch / "topology.csv")[BETTI]
    assert topology.loc[["bare", "torus"]].to_numpy().tolist() == [[1, 1, 0]] * 2
    assert np.ptp(surfaces(batch)["torus"], axis=0).argmin() == 1  # it lies, the axis is upright


def test_a_scan_that_gives_no_surface_is_rejected(meshes, tmp_path):
    strict = SCANNED.model_copy(
        update={"reading": SCANNED.reading.model_copy(update={"min_points": 50_000})}
    )
    np.save(tmp_path / "cloud.npy", SOLIDS["ball"].vertices)
    requests = list_requests("folder", path=tmp_path, data="clouds")
    prepare_batch(
        requests, tmp_path / "000", SHAPES, read=CloudReader(strict), workers=1, progress=False
    )
    (line,) = read_manifest(tmp_path / "000" / "manifest.csv").itertuples()
    assert line.reason == "642 finite points, at least 50000 are needed"
