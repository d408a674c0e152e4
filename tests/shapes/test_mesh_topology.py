"""Betti numbers that a mesh tells of itself, against solids whose topology everybody knows."""

import numpy as np
import pytest
import trimesh

from toposhape.shapes.furniture import make_shape
from toposhape.shapes.mesh_topology import CONTACT, mesh_betti_numbers
from toposhape.shapes.meshes import clean_mesh
from toposhape.shapes.normalisation import normalising_transform


def box(low, high):
    return trimesh.creation.box(bounds=[low, high])


def betti(*meshes):
    joined = trimesh.util.concatenate(meshes)
    mesh = clean_mesh(joined.vertices, joined.faces)
    return mesh_betti_numbers(normalising_transform(mesh.vertices).apply(mesh.vertices), mesh.faces)


def inside_out(mesh):
    mesh = mesh.copy()
    mesh.invert()
    return mesh


BALL = trimesh.creation.icosphere(subdivisions=2, radius=0.5)
RING = trimesh.creation.torus(0.6, 0.2, 24, 12)
POST, OTHER = box([0, 0, 0], [0.1, 1, 0.1]), box([0.5, 0, 0], [0.6, 1, 0.1])
RUNGS = [box([0, y, 0], [0.6, y + 0.1, 0.1]) for y in (0.2, 0.5, 0.8)]


@pytest.mark.parametrize(
    ("meshes", "expected"),
    [
        ([BALL], (1, 0, 0)),
        ([inside_out(BALL)], (1, 0, 0)),
        ([RING], (1, 1, 0)),
        ([BALL, RING], (1, 0, 0)),
        ([BALL.copy().apply_scale(0.5), RING], (2, 1, 0)),
        ([BALL.copy().apply_translation([0.9, 0, 0]), BALL], (1, 0, 0)),
        ([BALL, inside_out(BALL.copy().apply_scale(0.5))], (1, 0, 1)),
        ([BALL.copy().apply_scale(3), inside_out(RING)], (1, 1, 1)),
        ([POST, OTHER, *RUNGS], (1, 2, 0)),
        ([POST, OTHER], (2, 0, 0)),
        ([BALL, BALL.copy().apply_scale(0.5)], (1, 0, 0)),
    ],
)
def test_known_solids(meshes, expected):
    assert betti(*meshes) == expected


@pytest.mark.parametrize("category", ["chair", "table", "sofa"])
def test_procedural_furniture_has_the_topology_that_its_joints_declare(category):
    for index in range(8):
        made = make_shape(category, 7, index)
        vertices = normalising_transform(made.vertices).apply(made.vertices)
        declared = (made.topology.b0, made.topology.b1, made.topology.b2)
        assert mesh_betti_numbers(vertices, made.faces) == declared


def test_what_hangs_on_a_contact_is_not_known():
    """A seat that hovers a little above its leg is one piece or two: nobody knows."""
    leg, seat = box([0, 0, 0], [0.1, 1, 0.1]), box([-0.5, 1, -0.5], [0.5, 1.1, 0.5])
    for gap, expected in ((CONTACT / 4, None), (20 * CONTACT, (2, 0, 0)), (-0.05, (1, 0, 0))):
        assert betti(leg, seat.copy().apply_translation([0, gap, 0])) == expected


def test_an_open_mesh_does_not_say():
    open_box = box([0, 0, 0], [1, 1, 1])
    open_box.update_faces(np.arange(len(open_box.faces)) > 1)
    assert betti(open_box) is None
