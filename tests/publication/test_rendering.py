"""The renderer against what any picture of a known solid must show."""

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from toposhape.publication.pictures.grid import picture_grid
from toposhape.publication.pictures.rendering import Camera, render
from toposhape.publication.pictures.shading_geometry import corner_normals

SIZE = (96, 72)
RED = (1.0, 0.0, 0.0)


def ball(radius=0.5, subdivisions=3):
    mesh = trimesh.creation.icosphere(subdivisions, radius)
    return mesh.vertices, mesh.faces


def is_red(picture):
    return (picture[..., 0] > 60) & (picture[..., 1] < 40) & (picture[..., 2] < 40)


def test_nothing_to_draw_gives_a_white_picture():
    picture = render(np.zeros((0, 3)), np.zeros((0, 3), int), size=SIZE)
    assert picture.shape == (72, 96, 3) and picture.dtype == np.uint8
    assert (picture == 255).all()


def test_the_same_call_gives_the_same_bytes():
    first, second = (render(*ball(), size=SIZE) for _ in range(2))
    assert (first == second).all()


def test_a_ball_covers_the_disc_that_perspective_says():
    radius, camera = 0.5, Camera(target=(0, 0, 0), half_height=1.0, distance=6.0)
    picture = render(
        *ball(radius, 4), size=(200, 200), camera=camera, colours=RED, floor=False, supersampling=1
    )
    apparent = camera.distance * np.tan(np.arcsin(radius / camera.distance))
    assert is_red(picture).sum() == pytest.approx(np.pi * (apparent * 100) ** 2, rel=0.01)


def test_without_a_floor_the_surroundings_are_white():
    picture = render(*ball(), size=SIZE, colours=RED, floor=False, supersampling=1)
    assert (picture[~is_red(picture)] == 255).all()


def test_a_hovering_ball_throws_a_shadow_on_the_floor():
    support = trimesh.creation.box((0.02, 0.02, 0.02), transform=np.diag([1.0, 1, 1, 1]))
    vertices = np.concatenate([support.vertices - [0, 0.9, 0], ball(0.4)[0]])
    faces = np.concatenate([support.faces, ball(0.4)[1] + len(support.vertices)])
    picture = render(vertices, faces, size=SIZE, colours=RED)
    below = picture[60:, 36:60].min(axis=(0, 1))
    assert (below < 245).all() and (picture[:4] == 255).all()


def test_winding_does_not_matter():
    vertices, faces = ball()
    difference = render(vertices, faces, size=SIZE).astype(int) - render(
        vertices, faces[:, ::-1], size=SIZE
    )
    assert np.abs(difference).max() <= 1


def test_right_and_up_are_where_the_camera_says():
    markers = {(1.0, 0.0, 0.0): (0.5, 0, 0), (0.0, 1.0, 0.0): (0, 0.5, 0)}
    meshes = [ball(0.1, 2)] * 2
    vertices = np.concatenate([v + at for (v, _), at in zip(meshes, markers.values(), strict=True)])
    faces = np.concatenate([meshes[0][1], meshes[1][1] + len(meshes[0][0])])
    colours = np.repeat(list(markers), len(meshes[0][1]), axis=0)
    front = Camera(azimuth=0, elevation=0, target=(0, 0, 0))
    picture = render(vertices, faces, size=SIZE, camera=front, colours=colours, floor=False)
    row, column = np.argwhere(is_red(picture)).mean(axis=0)
    assert column > 60 and abs(row - 35.5) < 1
    row, column = np.argwhere(is_red(picture[..., [1, 0, 2]])).mean(axis=0)
    assert abs(column - 47.5) < 1 and row < 24


def test_light_comes_from_above():
    picture = render(*ball(0.8), size=SIZE, floor=False)
    assert picture[14, 48].sum() > picture[58, 48].sum() + 60


@given(st.floats(0, 360), st.floats(-80, 80))
def test_cameras_see_their_target_in_the_middle(azimuth, elevation):
    camera = Camera(azimuth=azimuth, elevation=elevation, target=(0.1, -0.2, 0.3))
    eye, axes = camera.frame()
    middle = camera.rays((1, 1), (0.5, 0.5))[0]
    assert np.allclose(eye + camera.distance * middle, camera.target)
    assert np.allclose(axes @ axes.T, np.eye(3)) and np.linalg.det(axes) > 0


def test_normals_are_smooth_on_a_ball_and_sharp_on_a_box():
    vertices, faces = ball(1.0)
    assert np.abs(corner_normals(vertices, faces) - vertices[faces]).max() < 0.03
    box = trimesh.creation.box()
    expected = np.repeat(box.face_normals[:, None], 3, axis=1)
    assert np.allclose(corner_normals(box.vertices, box.faces), expected)


def test_degenerate_faces_do_no_harm():
    vertices, faces = ball()
    with_slivers = np.concatenate([faces, [[0, 0, 0], [1, 1, 2]]])
    difference = render(vertices, with_slivers, size=SIZE).astype(int) - render(
        vertices, faces, size=SIZE
    )
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vertices": [[np.nan, 0, 0]] * 3}, "not finite"),
        ({"faces": [[0, 1, 9]]}, "outside 0 ... 2"),
        ({"colours": [[0.5] * 3] * 2}, "give \\(3,\\) or \\(1, 3\\)"),
        ({"colours": [0, 0, 255]}, "between 0 and 1"),
        ({"vertices": np.zeros((3, 2))}, "\\(n, 3\\)"),
    ],
)
def test_bad_input_is_named(change, message):
    good = {"vertices": np.eye(3), "faces": [[0, 1, 2]], "colours": RED}
    with pytest.raises(ValueError, match=message):
        render(**(good | change))


def test_sheets_hold_their_pictures_in_order():
    tiles = [np.full((20, 30, 3), 40 * k, np.uint8) for k in range(5)]
    sheet = picture_grid(tiles, 2, 3, gap=4)
    assert sheet.shape == (44, 98, 3)
    for k, tile in enumerate(tiles):
        y, x = k // 3 * 24, k % 3 * 34
        assert (sheet[y : y + 20, x : x + 30] == tile).all()
    assert (sheet[24:, 68:] == 255).all()


def test_labels_are_written_outside_the_pictures():
    tiles = [np.full((20, 60, 3), 255, np.uint8)] * 2
    sheet = picture_grid(tiles, 1, 2, ["ours"], ["left", "right"])
    inside = sheet[-20:, -124:]
    assert (inside == 255).all() and (sheet < 100).any()


def test_sheets_refuse_what_does_not_fit():
    tile = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="3 pictures for a grid of 1 x 2"):
        picture_grid([tile] * 3, 1, 2)
    with pytest.raises(ValueError, match="one size"):
        picture_grid([tile, tile[:2]], 1, 2)
    with pytest.raises(ValueError, match="no labels or 1"):
        picture_grid([tile], 1, 1, ["a", "b"])
