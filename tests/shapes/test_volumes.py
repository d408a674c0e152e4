"""Volumes and images of every format are the numbers that were written; others are refused."""

import io
import os
import sys

import nibabel
import nrrd
import numpy as np
import pytest
import tifffile
from PIL import Image

from toposhape.shapes.level_sets import level_surface
from toposhape.shapes.volumes import VolumeRejected, read_npy, read_volume

VALUES = np.random.default_rng(0).integers(0, 60_000, (4, 5, 6)).astype(np.uint16)

WRITERS = {
    "v.npy": np.save,
    "v.npz": lambda path, values: np.savez(path, values=values),
    "v.tif": lambda path, values: tifffile.imwrite(path, values, photometric="minisblack"),
    "v.nrrd": lambda path, values: nrrd.write(str(path), values),
    "v.nii": lambda path, values: nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path),
    "v.nii.gz": lambda path, values: nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path),
}


@pytest.mark.parametrize("name", WRITERS)
def test_values_are_those_of_the_file(tmp_path, name):
    WRITERS[name](tmp_path / name, VALUES)
    read = read_volume(tmp_path / name)
    assert read.dtype == np.float32 and np.array_equal(read, VALUES)


def test_pictures_are_luminance(tmp_path):
    grey = VALUES[0].astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    assert np.array_equal(read_volume(tmp_path / "grey.png"), grey)
    Image.fromarray(VALUES[0]).save(tmp_path / "deep.png")
    assert np.array_equal(read_volume(tmp_path / "deep.png"), VALUES[0])
    Image.fromarray(np.stack([grey] * 3, axis=-1)).save(tmp_path / "colour.png")
    assert np.allclose(read_volume(tmp_path / "colour.png"), grey, rtol=1e-5)
    tifffile.imwrite(tmp_path / "colour.tif", np.stack([grey] * 3, -1), photometric="rgb")
    assert np.allclose(read_volume(tmp_path / "colour.tif"), grey, rtol=1e-5)


def test_numbers_that_float32_does_not_hold_are_float64(tmp_path):
    np.save(tmp_path / "large.npy", np.array([[2**30, 2**30 + 1]]).repeat(2, 0))
    assert read_volume(tmp_path / "large.npy").dtype == np.float64


def test_axes_of_length_one_are_dropped(tmp_path):
    np.save(tmp_path / "one.npy", VALUES[..., None])
    assert read_volume(tmp_path / "one.npy").shape == VALUES.shape


@pytest.mark.parametrize(
    "name, content, reason",
    [
        ("a.npy", b"\x93NUMPY", "a.npy"),
        ("a.npz", b"PK", "a.npz"),
        ("a.tif", b"II*\0", "a.tif"),
        ("a.nrrd", b"NRRD0004\n", "a.nrrd"),
        ("a.nii", b"\0" * 400, "a.nii"),
        ("a.png", b"", "a.png"),
        ("b.nrrd", b"NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\n"
         b"data file: /etc/hostname\n\n", "another file"),
        ("c.nrrd", b"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 99999 99999 99999\n"
         b"encoding: raw\n\n1234", "take a part"),
    ],
)  # fmt: skip
def test_damaged_files_are_refused_by_name(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VolumeRejected, match=reason):
        read_volume(tmp_path / name)


def test_a_volume_comes_from_what_cannot_be_rewound():
    stored = io.BytesIO()
    np.save(stored, VALUES)
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as end:
        end.write(stored.getvalue())
    with os.fdopen(reading, "rb") as pipe:
        assert np.array_equal(read_npy(pipe, "pipe"), VALUES)


@pytest.mark.parametrize("content", [b"", b"words", b"PK\x03\x04"])
def test_a_stream_of_something_else_is_refused(content):
    with pytest.raises(VolumeRejected, match="pipe: no array in .npy format"):
        read_npy(io.BytesIO(content), "pipe")


def test_nothing_in_a_file_is_executed(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(VolumeRejected, match="objects.npy"):
        read_volume(tmp_path / "objects.npy")


@pytest.mark.parametrize(
    "values, reason",
    [
        (np.zeros(5), "two or three axes"),
        (np.zeros((2, 2, 2, 2)), "two or three axes"),
        (np.zeros((2, 2), complex), "real numbers"),
        (np.zeros((2, 0)), "two or three axes"),
    ],
)
def test_what_is_no_volume_is_refused(tmp_path, values, reason):
    np.save(tmp_path / "v.npy", values)
    with pytest.raises(VolumeRejected, match=reason):
        read_volume(tmp_path / "v.npy")


def test_of_several_arrays_one_is_chosen(tmp_path):
    np.savez(tmp_path / "v.npz", a=VALUES, b=2 * VALUES[:2])
    with pytest.raises(VolumeRejected, match="arrays a, b"):
        read_volume(tmp_path / "v.npz")
    assert read_volume(tmp_path / "v.npz", "b").shape == (2, 5, 6)


def test_a_missing_package_names_its_extra(tmp_path, monkeypatch):
    WRITERS["v.nrrd"](tmp_path / "v.nrrd", VALUES)
    monkeypatch.setitem(sys.modules, "nrrd", None)
    with pytest.raises(ImportError, match=r"toposhape\[scans\]"):
        read_volume(tmp_path / "v.nrrd")


def test_a_level_set_is_closed_also_at_the_box():
    values = np.zeros((6, 5, 4))
    values[:3] = 1
    vertices, faces = level_surface(values, 0.5)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    assert np.allclose(high[0], 2.5) and (low > -1).all() and (high[1:] < [5, 4]).all()
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    assert np.einsum("ij,ij->i", a, np.cross(b, c)).sum() > 0  # outwards


def test_a_level_above_all_values_has_no_surface():
    assert len(level_surface(np.zeros((3, 3, 3)), 1.0)[1]) == 0
