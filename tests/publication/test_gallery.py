"""The gallery's page holds what it was given, small, safe and without the network."""

import base64
import json
import re
import zlib

import igl
import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from toposhape.publication.gallery.encoding import STEPS, TOLERANCE, pack_mesh, simplified
from toposhape.publication.gallery.page import GalleryShape, GalleryWalk, gallery_page
from toposhape.publication.pictures.pictures import portray
from toposhape.publication.pictures.pieces import Mesh
from toposhape.topology import diagram_distance
from toposhape.topology.tables import StoredDiagram

NOTHING = Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64))


def joined(*meshes):
    mesh = trimesh.util.concatenate(meshes)
    return Mesh(np.asarray(mesh.vertices, np.float32), np.asarray(mesh.faces))


def ball(radius, x=0.0, detail=2):
    return trimesh.creation.icosphere(detail, radius).apply_translation((x, 0, 0))


def ring():
    return trimesh.creation.torus(0.6, 0.2)


def diagram(*h1):
    none = np.empty((0, 2), np.float32)
    return StoredDiagram((none, np.array(h1, np.float32).reshape(-1, 2), none))


def shape(name="000", mesh=None, points=(), category="chair", method="A", betti=(1, 0, 0)):
    portrait = portray(mesh or joined(ball(0.5)), 24)
    return GalleryShape(category, method, name, portrait, diagram(*points), betti)


def unpacked(text):
    """The vertices, faces and number of faces that are not loose, by the format's description."""
    data = zlib.decompress(base64.b64decode(text))
    vertices, faces, firm = np.frombuffer(data, "<u4", 3)
    cut = 12 + 6 * vertices
    zigzag = joined_planes(data[12:cut], 2)
    steps = np.where(zigzag % 2, -(zigzag + 1) // 2, zigzag // 2).reshape(3, -1)
    below = joined_planes(data[cut:], 3)
    numbers, fresh = [], 0
    for distance in below:
        numbers.append(fresh - distance)
        fresh += distance == 0
    assert len(data) == cut + 9 * faces
    return steps.cumsum(axis=1).T / STEPS, np.reshape(numbers, (-1, 3)).astype(int), firm


def joined_planes(data, count):
    planes = np.frombuffer(data, np.uint8).reshape(count, -1).astype(np.int64)
    return (planes << 8 * np.arange(count)[:, None]).sum(axis=0)


def corners(vertices, faces):
    """The faces as rows of corners, sorted: independent of numbering and order."""
    return np.array(sorted(np.round(vertices[faces].reshape(-1, 9), 6).tolist()))


@given(st.integers(0, 2**32), st.integers(3, 40), st.integers(1, 60))
def test_packed_meshes_come_back(seed, vertices, faces):
    random = np.random.default_rng(seed)
    places = random.integers(-STEPS, STEPS + 1, (vertices, 3)) / STEPS
    triangles = np.array([random.choice(vertices, 3, replace=False) for _ in range(faces)])
    back, back_faces, _ = unpacked(pack_mesh(Mesh(places, triangles)))
    np.testing.assert_array_equal(corners(back, back_faces), corners(places, triangles))


def test_loose_pieces_come_last():
    vertices, faces, firm = unpacked(pack_mesh(joined(ball(0.1, -0.7), ball(0.5))))
    assert firm == len(ball(0.5).faces) == len(faces) / 2
    assert vertices[faces[:firm]].max() > 0.45
    assert vertices[faces[firm:]][..., 0].max() < -0.5


def test_faces_that_are_said_to_be_red_come_last():
    mesh = joined(ball(0.5), ball(0.1, -0.7))
    of_larger = np.arange(len(mesh.faces)) < len(ball(0.5).faces)
    vertices, faces, firm = unpacked(pack_mesh(mesh, red=of_larger))
    assert firm == len(ball(0.1).faces)
    assert vertices[faces[:firm]][..., 0].max() < -0.5


def test_an_empty_mesh_is_packed_and_a_broken_one_refused():
    assert [len(part) for part in unpacked(pack_mesh(NOTHING))[:2]] == [0, 0]
    for bad in (np.nan, 7.0):
        with pytest.raises(ValueError, match="shape frame"):
            pack_mesh(Mesh(np.full((3, 3), bad), np.array([[0, 1, 2]])))


def test_simplified_meshes_stay_near_and_keep_their_topology():
    fine = joined(ring(), ball(0.15, detail=4), ball(0.002, 0.95))
    coarse = simplified(fine)
    assert len(coarse.faces) < 0.7 * len(fine.faces)
    parts = [trimesh.Trimesh(*m, process=False).split(only_watertight=True) for m in (fine, coarse)]
    numbers = [sorted(part.euler_number for part in each) for each in parts]
    assert numbers[0] == numbers[1] == [0, 2, 2]  # the crumb, which is smaller than TOLERANCE, too
    squares = igl.point_mesh_squared_distance(
        coarse.vertices.astype(float), fine.vertices.astype(float), fine.faces
    )[0]
    assert squares.max() < (2 * TOLERANCE) ** 2


def test_surfaces_that_are_not_closed_stay_as_they_are():
    whole = ball(0.5)
    opened = Mesh(np.asarray(whole.vertices), np.asarray(whole.faces)[5:])
    coarse = simplified(opened)
    assert len(coarse.faces) == len(opened.faces)
    assert simplified(NOTHING) is NOTHING


def page_of(shapes, walks=(), tests=None, title="a run"):
    return gallery_page(title, shapes, walks, tests or TESTS, picture_pixels=24)


def content_of(page):
    return json.loads(re.search(r'id="content">(.*?)</script>', page, re.S).group(1))


TESTS = {"chair": {"far": diagram((-0.5, 0.5)), "near": diagram((-0.2, 0.1))}}


def test_the_page_holds_every_shape_with_its_nearest_test_diagram():
    shapes = [shape("000", points=[(-0.2, 0.15)]), shape("001", NOTHING, betti=(0, 0, 0))]
    content = content_of(page_of(shapes))
    first, empty = content["shapes"]
    assert first["nearest"] == empty["nearest"] == "near"
    expected = diagram_distance(shapes[0].diagram.points[1], TESTS["chair"]["near"].points[1])
    assert first["distance"] == pytest.approx(expected)
    assert first["points"] == [[], [-0.2, 0.15], []]
    assert first["picture"].startswith("data:image/webp;base64,")
    assert content["tests"]["chair"]["far"][1] == [-0.5, 0.5]


def test_walks_have_frames_and_threads():
    frames = [shape(str(i), points=[(-0.3, 0.1 * i), (-0.01, 0.0)][: i + 1]) for i in range(3)]
    page = page_of([shape()], [GalleryWalk(frames, ("000", "001"))])
    walk = content_of(page)["walks"][0]
    assert len(walk["frames"]) == 3 and walk["ends"] == ["000", "001"]
    assert walk["threads"][1] == [[], [[0, 0], [1, 1]], []]
    for record in walk["frames"]:
        assert f'id="mesh{record["mesh"]}"' in page


def test_the_page_needs_no_network_and_names_cannot_break_it():
    evil = "</script><img src=x onerror=alert(1)> $title & <b>"
    page = page_of([shape(evil, method=evil)], title=evil)
    assert content_of(page)["shapes"][0]["name"] == evil
    assert "onerror" not in re.sub(r'id="content">.*?</script>', "", page, flags=re.S).replace(
        "&lt;img src=x onerror=alert(1)&gt;", ""
    )
    assert page.count("<script") == page.count("</script>") == 3
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|@import|url\(", page)


def test_what_cannot_be_shown_is_refused():
    with pytest.raises(ValueError, match="at least one shape"):
        page_of([])
    with pytest.raises(ValueError, match="'sofa'"):
        page_of([shape(category="sofa")])
