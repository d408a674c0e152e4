"""Point clouds that nobody has checked: each format, and each thing that can be wrong."""

import numpy as np
import pytest
import trimesh

from toposhape.settings.scans import CloudReading
from toposhape.shapes.neighbours import neighbour_distances, pca_normals
from toposhape.shapes.point_clouds import (
    CloudRejected,
    PointCloud,
    check_cloud,
    read_cloud,
)

READING = CloudReading()


def sphere(count=2000, seed=0):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def checked(points, normals=None, reading=READING):
    return check_cloud(PointCloud(points, normals), reading, np.random.default_rng(0))


def write_ply(path, columns, names):
    head = ["ply", "format ascii 1.0", f"element vertex {len(columns)}"]
    head += [*(f"property float {name}" for name in names), "end_header"]
    rows = [" ".join(map(repr, map(float, row))) for row in columns]
    path.write_text("\n".join([*head, *rows, ""]))


@pytest.mark.parametrize("with_normals", [False, True])
@pytest.mark.parametrize("suffix", [".ply", ".xyz", ".npy", ".npz"])
def test_every_format_gives_points_and_normals(tmp_path, suffix, with_normals):
    points, path = sphere(50), tmp_path / f"cloud{suffix}"
    normals = -points if with_normals else None
    columns = np.column_stack([points, normals]) if with_normals else points
    if suffix == ".ply":
        write_ply(path, columns, ["x", "y", "z", "nx", "ny", "nz"][: columns.shape[1]])
    elif suffix == ".xyz":
        np.savetxt(path, columns, header="x y z")
    elif suffix == ".npy":
        np.save(path, columns)
    else:
        np.savez(path, points=points, **({"normals": normals} if with_normals else {}))
    read = read_cloud(path)
    np.testing.assert_allclose(read.points, points, atol=1e-6)
    if with_normals:
        np.testing.assert_allclose(read.normals, normals, atol=1e-6)
    else:
        assert read.normals is None


def test_of_a_mesh_the_vertices_are_read(tmp_path):
    ball = trimesh.creation.icosphere()
    ball.export(tmp_path / "ball.off")
    assert len(read_cloud(tmp_path / "ball.off").points) == len(ball.vertices)


def test_whatever_is_no_cloud_is_rejected_with_the_reason(tmp_path):
    def rejected(name, content=b"", match=""):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(CloudRejected, match=match):
            read_cloud(path)

    rejected("none.xyz", None, "file not found")
    rejected("a.e57", b"ASTM-E57", "no format of point clouds: .e57")
    rejected("empty.xyz", b"", "file of 0 bytes")
    rejected("text.xyz", b"one two three\n", "not readable as .xyz")
    rejected("four.xyz", b"1 2 3 4\n1 2 3 4\n", r"an array of shape \(2, 4\)")
    rejected("broken.ply", b"ply\nformat ascii", "not readable as .ply")
    np.savez(tmp_path / "other.npz", xyz=sphere(3))
    rejected("other.npz", None, "no array `points`, only xyz")
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    rejected("pickled.npy", None, "not readable as .npy")


def test_what_is_no_point_of_the_surface_is_left_out_and_counted():
    points = sphere()
    strays = np.random.default_rng(1).uniform(-4, 4, (60, 3))
    given = np.concatenate([points, points[:30], strays, np.full((7, 3), np.nan)])
    normals = 5 * given
    normals[100] = 0  # no direction
    result = checked(given, normals)
    assert (result.not_finite, result.duplicates) == (8, 30)
    assert result.outliers >= 55
    assert len(result.cloud.points) == len(points) - 1 + 60 - result.outliers
    np.testing.assert_allclose(np.linalg.norm(result.cloud.normals, axis=1), 1)
    away = np.linalg.norm(result.cloud.points, axis=1)
    assert (away > 1.3).sum() <= 5


def test_a_large_cloud_is_thinned_to_the_limit_and_stays_evenly_spread():
    result = checked(sphere(5000), reading=CloudReading(max_points=1000))
    assert result.thinned == 4000
    assert len(result.cloud.points) == 1000 - result.outliers
    assert np.linalg.norm(result.cloud.points.mean(axis=0)) < 0.1


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (sphere(100), "100 finite points, at least 200 are needed"),
        (np.tile(sphere(100), (5, 1)), "100 different points"),
        (sphere() * [1, 1, 0], "flat: all points lie in one plane"),
        (sphere() * 1e30, "absurd scale"),
        (sphere() * 1e-12 + 1e3, "degenerate"),
        (np.where(np.arange(2000)[:, None] % 2, sphere(), np.nan), "1000 of 2000 points are not"),
    ],
)
def test_a_cloud_that_cannot_be_a_surface_is_rejected(points, reason):
    with pytest.raises(CloudRejected, match=reason):
        checked(points)


def test_too_many_outliers_reject_a_cloud():
    strays = np.random.default_rng(1).uniform(-40, 40, (900, 3))
    with pytest.raises(CloudRejected, match=r"of 2900 points are outliers"):
        checked(np.concatenate([sphere(), strays]))


def test_the_kth_neighbour_is_another_point():
    line = np.stack([np.arange(5.0), np.zeros(5), np.zeros(5)], axis=1)
    assert neighbour_distances(line, 1).tolist() == [1, 1, 1, 1, 1]
    assert neighbour_distances(line, 4).tolist() == [4, 3, 2, 3, 4]
    assert neighbour_distances(line, 50).tolist() == [4, 3, 2, 3, 4]


def test_normals_of_a_sphere_are_its_radii():
    points = sphere(5000)
    outwards = pca_normals(points, points, 12)
    assert np.degrees(np.arccos((outwards * points).sum(axis=1))).max() < 10
    np.testing.assert_array_equal(pca_normals(points, -points, 12), -outwards)


@pytest.mark.parametrize("dense_half", [False, True])
def test_normals_that_all_point_inwards_are_turned(dense_half):
    random = np.random.default_rng(0)
    points, faces = trimesh.sample.sample_surface(trimesh.creation.torus(2.0, 0.6), 6000, seed=1)
    normals = trimesh.creation.torus(2.0, 0.6).face_normals[faces]
    kept = (points[:, 0] > 0) | (random.random(len(points)) < (0.1 if dense_half else 1))
    cloud = PointCloud(np.asarray(points)[kept] + 100, normals[kept])
    right = check_cloud(cloud, CloudReading(), random)
    wrong = check_cloud(cloud._replace(normals=-cloud.normals), CloudReading(), random)
    assert (right.turned, wrong.turned) == (0, len(wrong.cloud.points))
    np.testing.assert_allclose(right.cloud.normals, wrong.cloud.normals)
