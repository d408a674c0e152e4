"""LAS and PCD files: as their libraries write them, written by hand, and damaged."""

import sys

import numpy as np
import pytest

from toposhape.shapes.point_clouds import CloudRejected, read_cloud

POINTS = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
NORMALS = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True)
UTM = np.array([500_000.0, 4_649_776.0, 120.0])
"""Where surveyors' points lie [m]."""


def needed(name):
    return pytest.importorskip(name, reason="an extra: pip install toposhape[clouds]")


def write_las(path, *, normals):
    laspy = needed("laspy")
    needed("lazrs")
    header = laspy.LasHeader(point_format=3, version="1.4")
    header.offsets, header.scales = UTM, np.full(3, 1e-4)
    if normals:
        names = ("NormalX", "NormalY", "NormalZ")
        header.add_extra_dims([laspy.ExtraBytesParams(name, "f4") for name in names])
    las = laspy.LasData(header)
    las.x, las.y, las.z = (UTM + POINTS).T
    if normals:
        las.NormalX, las.NormalY, las.NormalZ = NORMALS.T
    las.write(path)


def write_pcd(path, encoding, *, normals):
    pypcd4 = needed("pypcd4")
    names = ["x", "y", "z", *(("normal_x", "normal_y", "normal_z") if normals else ())]
    columns = np.hstack([POINTS, NORMALS]) if normals else POINTS
    cloud = pypcd4.PointCloud.from_points(columns, names, [np.float32] * len(names))
    cloud.save(path, encoding=pypcd4.Encoding(encoding))


def by_hand(path, kind, data, *, points=3, fields="x y z", sizes="4 4 4", types="F F F"):
    count = " ".join("1" for _ in fields.split())
    head = [
        "# .PCD v0.7 - Point Cloud Data file format", "VERSION 0.7", f"FIELDS {fields}",
        f"SIZE {sizes}", f"TYPE {types}", f"COUNT {count}", f"WIDTH {points}", "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0", f"POINTS {points}", f"DATA {kind}", "",
    ]  # fmt: skip
    path.write_bytes("\n".join(head).encode() + data)


@pytest.mark.parametrize("normals", [False, True])
@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_las_files_give_points_in_their_own_units(tmp_path, suffix, normals):
    write_las(tmp_path / f"cloud{suffix}", normals=normals)
    read = read_cloud(tmp_path / f"cloud{suffix}")
    np.testing.assert_allclose(read.points, UTM + POINTS, atol=1e-4)
    if normals:
        np.testing.assert_allclose(read.normals, NORMALS, atol=1e-6)
    else:
        assert read.normals is None


@pytest.mark.parametrize("normals", [False, True])
@pytest.mark.parametrize("encoding", ["ascii", "binary", "binary_compressed"])
def test_pcd_files_give_points_and_normals(tmp_path, encoding, normals):
    write_pcd(tmp_path / "cloud.pcd", encoding, normals=normals)
    read = read_cloud(tmp_path / "cloud.pcd")
    np.testing.assert_allclose(read.points, POINTS, atol=1e-5)
    assert (read.normals is not None) == normals
    if normals:
        np.testing.assert_allclose(read.normals, NORMALS, atol=1e-5)


def test_pcd_files_written_by_hand_are_read(tmp_path):
    needed("pypcd4")
    by_hand(tmp_path / "a.pcd", "ascii", b"1 2 3\n4 5 6\nnan nan nan\n")
    np.testing.assert_array_equal(read_cloud(tmp_path / "a.pcd").points[:2], [[1, 2, 3], [4, 5, 6]])
    record = np.dtype([("rgb", "<u4"), ("z", "<f8"), ("x", "<f4"), ("y", "<f4")])
    rows = np.array([(7, 3, 1, 2), (7, 6, 4, 5)], record)
    binary = {"fields": "rgb z x y", "sizes": "4 8 4 4", "types": "U F F F"}
    by_hand(tmp_path / "b.pcd", "binary", rows.tobytes(), points=2, **binary)
    np.testing.assert_array_equal(read_cloud(tmp_path / "b.pcd").points, [[1, 2, 3], [4, 5, 6]])


def test_files_that_break_their_promises_are_rejected_with_the_reason(tmp_path):
    needed("pypcd4")
    needed("laspy")

    def rejected(name, match):
        with pytest.raises(CloudRejected, match=match):
            read_cloud(tmp_path / name)

    by_hand(tmp_path / "few.pcd", "binary", np.zeros(6, "<f4").tobytes())
    rejected("few.pcd", "3 points are promised, 2 are there")
    by_hand(tmp_path / "many.pcd", "binary_compressed", b"\0" * 8, points=10**12)
    rejected("many.pcd", "1000000000000 points are promised, allowed are 100000000")
    by_hand(tmp_path / "flat.pcd", "ascii", b"1 2\n" * 3, fields="x y", sizes="4 4", types="F F")
    rejected("flat.pcd", "no field z")
    by_hand(tmp_path / "zip.pcd", "binary_compressed", b"\xff" * 40)
    rejected("zip.pcd", "not readable as .pcd")
    (tmp_path / "none.pcd").write_bytes(b"no header")
    rejected("none.pcd", "does not say how many POINTS")
    (tmp_path / "head.las").write_bytes(b"LASF" + b"\0" * 40)
    rejected("head.las", "not readable as .las")


@pytest.mark.parametrize(("suffix", "library"), [(".laz", "laspy"), (".pcd", "pypcd4")])
def test_a_missing_library_is_named_with_its_extra(tmp_path, monkeypatch, suffix, library):
    (tmp_path / f"cloud{suffix}").write_bytes(b"whatever")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ModuleNotFoundError, match=rf"{library}.*pip install toposhape\[clouds\]"):
        read_cloud(tmp_path / f"cloud{suffix}")
