"""Procedural furniture: what the design declares against what the mesh says."""

import functools

import numpy as np
import pytest
import trimesh
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from toposhape.shapes.furniture import CATEGORIES, DeclaredTopology, make_shape, parts
from toposhape.shapes.furniture.body import Body
from toposhape.shapes.furniture.design import Design

shape_of = functools.cache(make_shape)


def surfaces(vertices, faces):
    """The connected closed surfaces of a mesh, as arrays of faces."""
    edges = (faces.ravel(), np.roll(faces, 1, axis=1).ravel())
    graph = coo_matrix((np.ones(faces.size), edges), shape=(len(vertices),) * 2)
    label = connected_components(graph, directed=False)[1][faces[:, 0]]
    return [faces[label == one] for one in np.unique(label)]


def euler_characteristic(faces):
    edges = np.sort(np.concatenate([faces[:, :2], faces[:, 1:], faces[:, ::2]]), axis=1)
    return len(np.unique(faces)) - len(np.unique(edges, axis=0)) + len(faces)


def signed_volume(vertices, faces):
    a, b, c = (vertices[faces[:, k]] - vertices[faces[0, 0]] for k in range(3))
    return np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6


def measured_topology(vertices, faces):
    """Betti numbers of the solid inside closed surfaces.

    Outward surfaces bound pieces, inward ones cavities; by Alexander duality the handles of the
    solid are the genera of all its surfaces together.
    """
    outward = inward = genus = 0
    for surface in surfaces(vertices, faces):
        genus += (2 - euler_characteristic(surface)) // 2
        if signed_volume(vertices, surface) > 0:
            outward += 1
        else:
            inward += 1
    return DeclaredTopology(outward, genus, inward)


def disagreements(category, seed, indices):
    wrong = {}
    for index in indices:
        shape = shape_of(category, seed, index)
        measured = measured_topology(shape.vertices, shape.faces)
        if measured != shape.topology:
            wrong[index] = (shape.topology, measured)
    return wrong


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (trimesh.creation.icosphere(2), (1, 0, 0)),
        (trimesh.creation.torus(1.0, 0.3), (1, 1, 0)),
        (trimesh.creation.annulus(0.5, 1.0, 1.0), (1, 1, 0)),
    ],
)
def test_the_measure_knows_the_classics(mesh, expected):
    assert measured_topology(mesh.vertices, mesh.faces) == DeclaredTopology(*expected)


def test_the_measure_knows_a_hollow_ball():
    outer, inner = trimesh.creation.icosphere(2), trimesh.creation.icosphere(2, 0.5)
    vertices = np.concatenate([outer.vertices, inner.vertices])
    faces = np.concatenate([outer.faces, inner.faces[:, ::-1] + len(outer.vertices)])
    assert measured_topology(vertices, faces) == DeclaredTopology(1, 0, 1)


@pytest.mark.parametrize("category", CATEGORIES)
def test_declared_and_measured_topology_agree(category):
    assert disagreements(category, 0, range(60)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2024])
@pytest.mark.parametrize("category", CATEGORIES)
def test_declared_and_measured_topology_agree_for_many(category, seed):
    assert disagreements(category, seed, range(600)) == {}


@pytest.mark.parametrize("category", CATEGORIES)
def test_even_all_thin_designs_hold_together(category):
    for index in range(20):
        shape = make_shape(category, 5, index, thin_share=1.0)
        assert measured_topology(shape.vertices, shape.faces) == shape.topology


@pytest.mark.parametrize("category", CATEGORIES)
def test_meshes_are_watertight_and_oriented(category):
    for index in range(25):
        shape = shape_of(category, 0, index)
        mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
        assert mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0
        assert shape.vertices.dtype == np.float64 and shape.faces.dtype == np.int64


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_same_request_gives_the_same_bytes_in_any_order(category):
    forward = [make_shape(category, 3, index) for index in range(6)]
    for index in reversed(range(6)):
        again = make_shape(category, 3, index)
        assert np.array_equal(again.vertices, forward[index].vertices)
        assert np.array_equal(again.faces, forward[index].faces)
        assert again.topology == forward[index].topology
        assert again.design == forward[index].design


def test_seeds_indices_and_categories_give_different_shapes():
    requests = [(c, s, i) for c in CATEGORIES for s in (0, 1) for i in (0, 1, 2)]
    extents = {tuple(np.ptp(make_shape(*request).vertices, axis=0)) for request in requests}
    assert len(extents) == len(requests)


@pytest.mark.parametrize(
    ("category", "least", "most"),
    [
        ("chair", (0.35, 0.35, 0.33), (0.95, 1.35, 0.95)),
        ("table", (0.35, 0.30, 0.25), (1.8, 0.9, 1.3)),
        ("sofa", (0.5, 0.40, 0.7), (3.5, 1.1, 1.9)),
    ],
)
def test_sizes_are_those_of_furniture_in_metres(category, least, most):
    for index in range(40):
        vertices = shape_of(category, 0, index).vertices
        extent = np.ptp(vertices, axis=0)
        assert (extent >= least).all() and (extent <= most).all(), (index, extent)
        assert abs(vertices[:, 1].min()) < 1e-9


def test_chairs_face_forward():
    for index in range(30):
        shape = shape_of("chair", 0, index)
        if shape.design["back"] not in ("none", "hoop"):
            high = shape.vertices[shape.vertices[:, 1] > 0.97 * shape.vertices[:, 1].max()]
            assert high[:, 2].mean() < shape.vertices[:, 2].mean()


@pytest.mark.parametrize(
    ("category", "least_cavities"), [("chair", 0.0), ("table", 0.08), ("sofa", 0.1)]
)
def test_collections_are_varied(category, least_cavities):
    shapes = [shape_of(category, 0, index) for index in range(120)]
    handles = np.array([shape.topology.b1 for shape in shapes])
    cavities = np.array([shape.topology.b2 for shape in shapes])
    assert len(set(handles.tolist())) >= 6
    assert (handles == 0).mean() > 0.05 and (handles >= 3).mean() > 0.15
    assert least_cavities <= (cavities > 0).mean() <= 0.3


def test_most_chairs_have_four_legs():
    bases = [shape_of("chair", 0, index).design["base"] for index in range(120)]
    assert 0.45 < np.mean([base == "four legs" for base in bases]) < 0.75


def test_joints_declare_handles_pieces_and_cavities():
    body = Body()
    for start in (0.0, 5.0):
        body.glue(parts.box([start, 0, 0], [start + 3, 1, 1]), 0)
    for x in (0.2, 2.2):
        body.glue(parts.box([x, 0.5, 0.2], [x + 0.6, 4, 0.8]))
    body.glue(parts.box([0, 3, 0.3], [3, 3.5, 0.7]), 2)
    hollow = parts.box([5, 0.5, 0], [7, 3, 1]) - parts.box([5.2, 1.2, 0.2], [6.8, 2.8, 0.8])
    body.glue(hollow, cavities=1)
    ring = parts.fillet([[6, y, z] for y, z in ((2, 0), (6, 0), (6, 4), (2, 4))], 0.5, closed=True)
    body.glue(parts.ring_bar(ring + [0, 0.8, 0.5], 0.4, 0.4, (1, 0, 0)), handles=1)
    assert body.topology() == DeclaredTopology(2, 2, 1)
    assert measured_topology(*body.mesh()) == body.topology()


def test_swept_bars_have_the_volume_of_their_path():
    path = [[0, 0, 0], [2, 0, 0], [2, 0, 1.5]]
    bar = parts.sweep(path, 0.1, 0.2, (0, 1, 0))
    assert bar.volume() == pytest.approx(3.5 * 0.1 * 0.2, rel=0.02)


def test_thin_parts_occur_only_in_thin_designs():
    for thin_share, expected in ((0.0, False), (1.0, True)):
        design = Design(np.random.default_rng(0), thin_share)
        design.set_extent(1.0, 1.0, 1.0)
        drawn = [design.thickness(str(k), 0.001, 0.05) for k in range(50)]
        assert (min(drawn) < design.least) == expected
        assert min(drawn) >= 0.35 * design.least


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (("bed", 0, 0), "chair, table, sofa"),
        (("chair", -1, 0), "must not be negative"),
        (("chair", 0, -1), "must not be negative"),
    ],
)
def test_bad_requests_are_named(request_, message):
    with pytest.raises(ValueError, match=message):
        make_shape(*request_)


def test_a_share_must_be_a_share():
    with pytest.raises(ValueError, match="between 0 and 1"):
        make_shape("chair", 0, 0, thin_share=1.5)
