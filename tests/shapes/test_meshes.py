"""Mesh files that nobody has checked."""

import json
import os
import re
import socket
import struct

import numpy as np
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toposhape.shapes.meshes import Mesh, MeshRejected, clean_mesh, load_mesh
from toposhape.shapes.requests import MESH_SUFFIXES

BOX = trimesh.creation.box(extents=[1, 2, 3])


def reason(path, **options):
    with pytest.raises(MeshRejected) as caught:
        load_mesh(path, **options)
    return str(caught.value)


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_all_suffixes_are_formats_of_trimesh():
    known = trimesh.exchange.load.mesh_formats()
    assert {suffix[1:] for suffix in MESH_SUFFIXES} <= set(known)


@pytest.mark.parametrize("suffix", ["obj", "ply", "stl", "off", "glb", "gltf", "dae"])
def test_formats_are_read(tmp_path, suffix):
    path = tmp_path / f"ein Stuhl ☃.{suffix}"
    exported = BOX.export(file_type=suffix)
    if isinstance(exported, dict):
        for name, content in exported.items():
            write(tmp_path / name, content)
        (tmp_path / "model.gltf").rename(path)
    else:
        write(path, exported)
    mesh = load_mesh(path)
    assert mesh.faces.shape == (12, 3)
    assert mesh.vertices.shape == (8, 3)
    assert (mesh.components, mesh.watertight) == (1, True)
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), [1, 2, 3], rtol=1e-6)


def test_scene_graph_is_joined_with_its_transforms(tmp_path):
    scene = trimesh.Scene()
    scene.add_geometry(BOX, transform=trimesh.transformations.translation_matrix([10, 0, 0]))
    scene.add_geometry(BOX)
    mesh = load_mesh(write(tmp_path / "scene.glb", scene.export(file_type="glb")))
    assert mesh.components == 2
    assert np.ptp(mesh.vertices[:, 0]) == pytest.approx(11)


@pytest.mark.parametrize(
    ("up", "expected"), [("y", [1, 2, 3]), ("z", [1, 3, 2]), ("-x", [2, 1, 3])]
)
def test_up_axis_becomes_y(tmp_path, up, expected):
    path = write(tmp_path / "a.stl", BOX.export(file_type="stl"))
    np.testing.assert_allclose(np.ptp(load_mesh(path, up=up).vertices, axis=0), expected)


CORNERS = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\n"


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.obj", "", "empty file"),
        ("text.obj", "Dear reader, this is no mesh.\n", ""),
        ("text.ply", "Dear reader, this is no mesh.\n", "not readable"),
        ("points.obj", CORNERS, ""),
        ("one.obj", CORNERS + "f 1 2 3\n", "flat"),
        ("flat.obj", CORNERS + "v 1 1 0\nf 1 2 3\nf 2 5 3\n", "flat"),
        ("nan.obj", CORNERS + "v nan 0 0\nf 1 2 3\nf 1 2 4\nf 1 2 5\n", ""),
        ("inf.obj", CORNERS + "v inf 0 0\nf 1 2 3\nf 1 2 4\nf 1 2 5\n", "not finite"),
        ("huge.obj", "v 0 0 0\nv 1e30 0 0\nv 0 1e30 0\nv 0 0 1e30\nf 1 2 3\nf 1 2 4\n", "absurd"),
        ("tiny.obj", "v 0 0 0\nv 1e-30 0 0\nv 0 1e-30 0\nv 0 0 1e-30\nf 1 2 3\nf 1 2 4\n", "degen"),
        ("point.obj", "v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\nf 3 2 1\n", "degenerate"),
        ("lost.obj", CORNERS + "f 1 2 9\nf 1 2 3\nf 1 2 4\n", ""),
        ("image.png", "x", "no mesh format"),
        ("a.pkl", "x", "no mesh format"),
    ],
)
def test_bad_files_are_rejected_with_a_reason(tmp_path, name, content, why):
    assert why in reason(write(tmp_path / name, content))


def test_missing_file_and_folder(tmp_path):
    (tmp_path / "folder.obj").mkdir()
    assert reason(tmp_path / "folder.obj") == "not a regular file"
    assert reason(tmp_path / "missing.obj") == "file not found"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path):
    path = write(tmp_path / "a.obj", CORNERS)
    path.chmod(0)
    assert "unreadable" in reason(path)


def test_unreadable_file_is_explained(tmp_path, monkeypatch):
    path = write(tmp_path / "a.obj", CORNERS)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert reason(path) == "unreadable: Permission denied"


HEADERS = {
    "a.ply": b"ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty float x\n"
    b"property float y\nproperty float z\nelement face 10000000\n"
    b"property list uchar int vertex_indices\nend_header\n" + bytes(99),
    "a.stl": bytes(80) + struct.pack("<I", 10_000_000) + bytes(500),
    "a.off": b"OFF\n# a comment\n12 10000000 0\n0 0 0\n",
}


@pytest.mark.parametrize("name", HEADERS)
def test_claims_of_ten_million_faces_are_rejected_unparsed(tmp_path, name, monkeypatch):
    monkeypatch.setattr(trimesh, "load_scene", lambda *_, **__: pytest.fail("was parsed"))
    assert "too many faces: the file claims 10000000" in reason(
        write(tmp_path / name, HEADERS[name])
    )


def test_face_lines_of_obj_are_counted_unparsed(tmp_path, monkeypatch):
    monkeypatch.setattr(trimesh, "load_scene", lambda *_, **__: pytest.fail("was parsed"))
    path = write(tmp_path / "a.obj", CORNERS + "f 1 2 3\n" * 2000)
    assert "claims 2000" in reason(path, max_faces=1000)
    assert "bytes" in reason(path, max_bytes=1000)


OBJ = BOX.export(file_type="obj")
SPELLINGS = {
    "tabs": OBJ.replace(" ", "\t"),
    "half of the faces with tabs": OBJ.replace("\nf ", "\nf\t", 6),
    "indented": OBJ.replace("\n", "\n  "),
    "indented by tabs": OBJ.replace("\n", "\n\t"),
    "lines end in CR": OBJ.replace("\n", "\r"),
    "lines end in CR LF": OBJ.replace("\n", "\r\n"),
    "remarks": re.sub(r"(?m)^([vf] .*)$", r"\1 # f 1 2 3", OBJ),
    "continued lines": OBJ.replace("f ", "f \\\n"),
    "UTF-16": OBJ.encode("utf-16"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_face_of_an_obj_file_is_lost_however_it_is_written(tmp_path, spelling):
    mesh = load_mesh(write(tmp_path / "a.obj", SPELLINGS[spelling]))
    assert (len(mesh.faces), mesh.watertight) == (12, True)
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), [1, 2, 3])


@pytest.mark.parametrize("face", ["f 1 2 3", "f\t1 2 3", "\tf 1 2 3"])
def test_faces_behind_tabs_are_counted_unparsed(tmp_path, monkeypatch, face):
    monkeypatch.setattr(trimesh, "load_scene", lambda *_, **__: pytest.fail("was parsed"))
    assert "claims 2000" in reason(
        write(tmp_path / "a.obj", CORNERS + f"{face}\n" * 2000), max_faces=1000
    )


def test_what_is_no_regular_file_is_refused_at_once(tmp_path):
    """Reading a pipe waits for a writer, reading /dev/zero never ends."""
    os.mkfifo(tmp_path / "pipe.obj")
    (tmp_path / "zero.obj").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket.obj"))
        for name in ("pipe", "zero", "socket"):
            assert reason(tmp_path / f"{name}.obj") == "not a regular file"


@pytest.mark.parametrize("kind", ["pipe", "zero"])
def test_buffers_of_a_gltf_file_are_regular_files_too(tmp_path, kind):
    files = BOX.export(file_type="gltf")
    for name, content in files.items():
        write(tmp_path / name, content)
    buffer = next(tmp_path.glob("*.bin"))
    buffer.unlink()
    if kind == "pipe":
        os.mkfifo(buffer)
    else:
        buffer.symlink_to("/dev/zero")
    why = {"pipe": "not a regular file", "zero": "not followed"}[kind]
    assert why in reason(tmp_path / "model.gltf")


def test_materials_that_are_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "box.mtl")
    mesh = load_mesh(write(tmp_path / "a.obj", "mtllib box.mtl\nusemtl x\n" + OBJ))
    assert len(mesh.faces) == 12


def test_odd_scales_are_harmless(tmp_path):
    for scale in (1e-12, 1e12):
        mesh = clean_mesh(BOX.vertices * scale + 3 * scale, BOX.faces)
        assert len(mesh.faces) == 12


def test_duplicate_vertices_are_merged_and_empty_faces_dropped():
    soup = BOX.triangles.reshape(-1, 3)
    faces = np.vstack([np.arange(36).reshape(-1, 3), [[0, 0, 1], [0, 1, 0]]])
    mesh = clean_mesh(soup, faces)
    assert (len(mesh.vertices), len(mesh.faces), mesh.watertight) == (8, 12, True)


def test_other_files_are_not_opened(tmp_path):
    secret = write(tmp_path / "secret.bin", bytes(1000))
    folder = tmp_path / "data"
    folder.mkdir()
    gltf = {
        "asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "buffers": [{"uri": f"../{secret.name}", "byteLength": 1000}],
        "bufferViews": [{"buffer": 0, "byteOffset": 0, "byteLength": 36}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
    }  # fmt: skip
    assert "not followed" in reason(write(folder / "a.gltf", json.dumps(gltf)))
    write(folder / "a.obj", "mtllib /etc/passwd\nusemtl x\n" + BOX.export(file_type="obj"))
    assert len(load_mesh(folder / "a.obj").faces) == 12


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    suffix=st.sampled_from(["obj", "ply", "stl", "off", "glb"]),
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
)
def test_damaged_files_are_read_or_rejected(tmp_path, suffix, cut, flips):
    data = BOX.export(file_type=suffix)
    data = bytearray(data.encode() if isinstance(data, str) else data)
    for place, value in flips:
        data[int(place * len(data))] = value
    path = write(tmp_path / f"a.{suffix}", bytes(data[: int(len(data) * max(cut, 0.1))]))
    try:
        mesh = load_mesh(path)
    except MeshRejected as error:
        assert str(error)
    else:
        assert isinstance(mesh, Mesh)
        assert np.isfinite(mesh.vertices).all()
        assert mesh.faces.max() < len(mesh.vertices)
