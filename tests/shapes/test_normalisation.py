"""The shape frame: upright without mirroring, centred, at DeepSDF's size."""

import numpy as np
import pytest
import trimesh

from toposhape.shapes.meshes import clean_mesh
from toposhape.shapes.normalisation import MARGIN, normalising_transform, turn_upright

AXES = ["x", "y", "z", "-x", "-y", "-z"]


def vector(axis):
    sign = -1 if axis[0] == "-" else 1
    return sign * np.eye(3)["xyz".index(axis[-1])]


@pytest.mark.parametrize("axis", AXES)
def test_turning_upright_is_a_rotation_that_lifts_its_axis(axis):
    """Determinant 1: a mirrored chair would have its arm rest on the other side."""
    rotation = turn_upright(np.eye(3), axis)  # rows: where x, y and z go
    np.testing.assert_array_equal(rotation @ rotation.T, np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1)
    np.testing.assert_array_equal(turn_upright(vector(axis)[None], axis), [[0, 1, 0]])


@pytest.mark.parametrize("axis", AXES)
def test_handedness_of_a_mesh_stays(axis):
    """Three arms of different length: seen along the longest, the others turn the same way."""
    others = [np.eye(3)["xyz".index(name)] for name in "xyz" if name != axis[-1]]
    long, middle, short = 3 * vector(axis), 2 * others[0], others[1]
    vertices = np.array([np.zeros(3), long, middle, short])
    mesh = clean_mesh(vertices, np.array([[0, 2, 1], [0, 3, 2], [0, 1, 3], [1, 2, 3]]), up=axis)
    up = mesh.vertices[mesh.vertices[:, 1].argmax()]
    lengths = np.linalg.norm(mesh.vertices, axis=1)
    along, across, least = (mesh.vertices[lengths.argsort()[-k]] for k in (1, 2, 3))
    np.testing.assert_allclose(along, up)
    before, after = np.linalg.det([long, middle, short]), np.linalg.det([along, across, least])
    assert after == pytest.approx(before)
    assert after == pytest.approx(6 * np.sign(before))


def test_z_up_lies_down_as_it_does_in_blender():
    """Blender's and CAD's frame: x stays to the right, z goes up, y goes away from the viewer."""
    np.testing.assert_array_equal(turn_upright(np.eye(3), "z"), [[1, 0, 0], [0, 0, -1], [0, 1, 0]])


def test_an_unknown_axis_is_explained():
    with pytest.raises(ValueError, match=r"up is 'w': it must be one of y, -y, z, -z, x, -x"):
        turn_upright(np.eye(3), "w")


def test_the_box_is_centred_and_the_farthest_vertex_is_at_1_over_1_03():
    """DeepSDF centres the bounding box, not the mean, and measures vertices, not the box."""
    vertices = np.array([[0.0, 0, 0], [4, 0, 0], [4, 2, 0], [4, 2, 1], [3, 2, 1]])
    transform = normalising_transform(vertices)
    np.testing.assert_array_equal(transform.offset, [2, 1, 0.5])
    assert transform.scale == pytest.approx(1 / (1.03 * np.sqrt(4 + 1 + 0.25)))
    normalised = transform.apply(vertices)
    assert np.linalg.norm(normalised, axis=1).max() == pytest.approx(1 / MARGIN)
    np.testing.assert_allclose(transform.invert(normalised), vertices)


@pytest.mark.parametrize("scale", [1e-160, 1e-15, 1.0, 1e15, 1e160])
def test_any_size_and_place_is_the_same_shape(scale):
    vertices = trimesh.creation.torus(0.5, 0.1).vertices + [3, -2, 5]
    expected = normalising_transform(vertices).apply(vertices)
    found = normalising_transform(vertices * scale).apply(vertices * scale)
    np.testing.assert_allclose(found, expected, atol=1e-12)
