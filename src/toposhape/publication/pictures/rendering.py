"""Pictures of meshes by ray tracing on the processor: no display, no OpenGL, no randomness.

A mesh is drawn as unglazed clay on a white floor: one large key light from the upper left, a
bright sky whose visibility (ambient occlusion) darkens corners and undersides, and soft shadows
on the floor. All directions of light are fixed lists, so that a picture is a function of its
arguments alone. Rays are cast by Embree in single precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from ..colours import CLAY
from .shading_geometry import checked_mesh, corner_normals, face_normals

RAY_OFFSET = 5e-4  # start of secondary rays above the surface, in shape units (shapes are about 2)
FLOOR_TEXELS = 80
FLOOR_HALF_WIDTH = 1.1  # where shadows have faded, so that a picture's edges are white
SHADOW_FADE = 0.75
KEY_WEIGHT, SKY_WEIGHT, BOUNCE = 0.90, 0.62, 0.45
GAMMA = 2.2


@dataclass(frozen=True)
class Camera:
    """A perspective camera that looks at ``target``; angles in degrees, lengths in shape units.

    Attributes:
        azimuth: Turn about the y axis, from +z (0) towards +x (90).
        elevation: Height above the horizon.
        distance: From the target to the eye.
        half_height: Half of the height that the picture shows at the target.
        target: The point in the middle of the picture.
    """

    azimuth: float = 32.0
    elevation: float = 22.0
    distance: float = 6.0
    half_height: float = 0.98
    target: tuple[float, float, float] = (0.0, -0.03, 0.0)

    def frame(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The eye (3,) and the rows right, up, backward (3, 3), in shape units."""
        a, e = np.radians([self.azimuth, self.elevation])
        backward = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        right = np.array([np.cos(a), 0.0, -np.sin(a)])
        eye = np.asarray(self.target) + self.distance * backward
        return eye, np.stack([right, np.cross(backward, right), backward])

    def rays(self, size: tuple[int, int], shift: ArrayLike) -> NDArray[np.float64]:
        """Unit directions (h * w, 3) through one point of every pixel, row by row.

        Args:
            size: Width and height of the picture in pixels.
            shift: Where in the pixel, (x, y) between 0 and 1.
        """
        (width, height), (shift_x, shift_y) = size, np.asarray(shift)
        pixel = 2 * self.half_height / height
        x = (np.arange(width) + shift_x - width / 2) * pixel
        y = (height / 2 - np.arange(height) - shift_y) * pixel
        local = np.empty((height, width, 3))
        local[..., 0], local[..., 1], local[..., 2] = x, y[:, None], -self.distance
        directions = local.reshape(-1, 3) @ self.frame()[1]
        unit: NDArray[np.float64] = directions / np.linalg.norm(directions, axis=1, keepdims=True)
        return unit


def render(
    vertices: ArrayLike,
    faces: ArrayLike,
    *,
    size: tuple[int, int] = (400, 400),
    camera: Camera | None = None,
    colours: ArrayLike = CLAY,
    floor: bool = True,
    supersampling: int = 2,
) -> NDArray[np.uint8]:
    """Draw a triangle mesh (y up) as clay on a white floor.

    The winding of the faces does not matter. Edges sharper than 40 degrees stay sharp, others are
    shaded smoothly.

    Args:
        vertices: (V, 3), in shape units; a normalised shape lies in the unit ball.
        faces: (F, 3) indices of vertices; none gives a white picture.
        size: Width and height in pixels.
        camera: The view; the same three-quarter view from above for all if left out.
        colours: One colour (3,) or one per face (F, 3), red, green, blue between 0 and 1.
        floor: Whether a floor at the lowest vertex receives shadows.
        supersampling: Rays per pixel along each axis.

    Returns:
        The picture, uint8 (height, width, 3).

    Raises:
        ValueError: For arrays of the wrong shape, indices out of range, vertices that are not
            finite, or colours outside [0, 1].
    """
    vertices, faces, colours = checked_mesh(vertices, faces, colours)
    width, height = size
    if len(faces) == 0:
        return np.full((height, width, 3), 255, dtype=np.uint8)
    stage = _Stage(vertices, faces, colours, floor)
    camera = camera or Camera()
    shifts = _rotated_grid(supersampling)
    display = np.zeros((height * width, 3))
    for turn, shift in enumerate(shifts):
        light = stage.radiance(camera.frame()[0], camera.rays(size, shift), turn, len(shifts))
        display += np.clip(light, 0, 1) ** (1 / GAMMA)
    mean = display / len(shifts)  # of displayed values: edges against white look even that way
    return np.round(255 * mean).astype(np.uint8).reshape(height, width, 3)


def _rotated_grid(n: int) -> NDArray[np.float64]:
    """Places (n * n, 2) in a pixel, no two of them in one row or column: smooth level edges."""
    i, j = (index.ravel() for index in np.meshgrid(np.arange(n), np.arange(n)))
    return np.stack([i + (j + 0.5) / n, j + (n - i - 0.5) / n], axis=1) / n


class _Stage:
    """The mesh in Embree's hands, with its lights and the shadows on its floor."""

    def __init__(
        self,
        vertices: NDArray[np.float64],
        faces: NDArray[np.int64],
        colours: NDArray[np.float64],
        floor: bool,
    ) -> None:
        self.scene = EmbreeScene()
        TriangleMesh(self.scene, vertices[faces].astype(np.float32))
        self.face_normals = face_normals(vertices, faces)
        self.normals = corner_normals(vertices, faces)
        self.albedo = np.asarray(colours) ** GAMMA
        used = vertices[faces.ravel()]
        self.floor_height = used[:, 1].min()
        self.floor_centre = (used[:, [0, 2]].min(axis=0) + used[:, [0, 2]].max(axis=0)) / 2
        self.floor_light = self._light_floor() if floor else None

    def radiance(
        self, eye: NDArray[np.float64], directions: NDArray[np.float64], turn: int, turns: int
    ) -> NDArray[np.float64]:
        """Linear light (n, 3) that comes back along the rays; white where nothing is hit."""
        origins = np.broadcast_to(eye, directions.shape)
        hits = self._cast(origins, directions, output=True)
        seen = np.flatnonzero(hits["primID"] >= 0)
        light = np.ones(directions.shape)
        if self.floor_light is not None:
            light *= self._floor_under(self.floor_light, eye, directions)[:, None]
        face = hits["primID"][seen]
        flat, normal = self._normals_at(face, hits["u"][seen], hits["v"][seen], directions[seen])
        point = eye + hits["tfar"][seen, None] * directions[seen] + RAY_OFFSET * flat
        key = self._visible_light(point, normal, _key_directions(turn, turns))
        sky = self._visible_light(point, normal, _sky_directions(turn, turns), BOUNCE)
        albedo = self.albedo[face] if self.albedo.ndim == 2 else self.albedo
        light[seen] = albedo * (KEY_WEIGHT * key + SKY_WEIGHT * sky)[:, None]
        return light

    def _normals_at(
        self,
        face: NDArray[np.int32],
        u: NDArray[np.float32],
        v: NDArray[np.float32],
        directions: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The faces' unit normals and the interpolated ones, both (n, 3) and on the eye's side.

        The side is that of the face: at outlines a smooth normal may point away from the eye.
        """
        flat = self.face_normals[face]
        a, b, c = (self.normals[face, corner] for corner in range(3))
        smooth = (1 - u - v)[:, None] * a + u[:, None] * b + v[:, None] * c
        smooth /= np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-12)
        side = np.where(np.einsum("ij,ij->i", flat, directions) > 0, -1.0, 1.0)[:, None]
        return side * flat, side * smooth

    def _visible_light(
        self,
        points: NDArray[np.float64],
        normals: NDArray[np.float64],
        directions: NDArray[np.float64],
        bounce: float = 0.0,
    ) -> NDArray[np.float64]:
        """Cosine-weighted mean (n,) of what comes from ``directions`` (d, 3).

        Nothing comes through the mesh, 1 from the sky above the horizon, ``bounce`` from below.
        With ``bounce`` the mean is over each normal's own hemisphere, without it over the list.
        """
        total = np.zeros(len(points))
        weight = np.zeros(len(points))
        for direction in directions:
            cosine = normals @ direction
            facing = np.flatnonzero(cosine > 0)
            blocked = self._cast(points[facing], direction, query="OCCLUDED") >= 0
            strength = 1.0 if direction[1] > 0 else bounce
            total[facing] += cosine[facing] * np.where(blocked, 0.0, strength)
            weight[facing] += cosine[facing]
        return total / np.maximum(weight, 1e-9) if bounce else total / len(directions)

    def _light_floor(self) -> NDArray[np.float64]:
        """Light (t, t) on a square of floor about the mesh, 1 where it is not shaded."""
        axis = (np.arange(FLOOR_TEXELS) + 0.5) / FLOOR_TEXELS * 2 - 1
        x, z = np.meshgrid(axis * FLOOR_HALF_WIDTH, axis * FLOOR_HALF_WIDTH, indexing="ij")
        points = np.empty((x.size, 3))
        points[:, 0], points[:, 2] = x.ravel() + self.floor_centre[0], z.ravel()
        points[:, 2] += self.floor_centre[1]
        points[:, 1] = self.floor_height + RAY_OFFSET
        up = np.broadcast_to([0.0, 1.0, 0.0], points.shape)
        key = _key_directions(0, 1)
        sky = _fibonacci_sphere(320, 0.5)
        sky = sky[sky[:, 1] > 0.05]
        key_share = self._visible_light(points, up, key) / key[:, 1].mean()
        sky_share = self._visible_light(points, up, sky) * len(sky) / sky[:, 1].sum()
        share = (0.30 * key_share + 0.70 * sky_share).reshape(FLOOR_TEXELS, FLOOR_TEXELS)
        smooth: NDArray[np.float64] = gaussian_filter(share, 0.8, mode="nearest")
        return smooth

    def _floor_under(
        self,
        table: NDArray[np.float64],
        eye: NDArray[np.float64],
        directions: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Light (n,) of the floor where the rays meet it, fading to white; 1 at the sky."""
        drop = directions[:, 1]
        down = drop < -1e-6
        way = np.where(down, (self.floor_height - eye[1]) / np.where(down, drop, -1.0), 0.0)
        spot = eye[[0, 2]] + way[:, None] * directions[:, [0, 2]] - self.floor_centre
        texel = (spot / FLOOR_HALF_WIDTH + 1) / 2 * FLOOR_TEXELS - 0.5
        low = np.clip(np.floor(texel).astype(np.int64), 0, FLOOR_TEXELS - 2)
        fx, fz = np.clip(texel - low, 0, 1).T
        i, j = low.T
        shade = (table[i, j] * (1 - fx) + table[i + 1, j] * fx) * (1 - fz)
        shade += (table[i, j + 1] * (1 - fx) + table[i + 1, j + 1] * fx) * fz
        fade = np.clip((FLOOR_HALF_WIDTH - np.linalg.norm(spot, axis=1)) / SHADOW_FADE, 0, 1)
        return np.where(down & (way > 0), 1 - (1 - shade) * fade, 1.0)

    def _cast(
        self, origins: NDArray[np.float64], directions: NDArray[np.float64], **query: object
    ) -> Any:
        start = np.ascontiguousarray(origins, dtype=np.float32)
        along = np.broadcast_to(np.asarray(directions, dtype=np.float32), start.shape)
        return self.scene.run(start, np.ascontiguousarray(along), **query)


def _fibonacci_sphere(count: int, phase: float) -> NDArray[np.float64]:
    """Evenly spread unit vectors (count, 3); ``phase`` in [0, 1) turns the spiral."""
    order = np.arange(count) + 0.5
    y = 1 - 2 * order / count
    turn = np.pi * (1 + 5**0.5) * order + 2 * np.pi * phase
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(turn), y, ring * np.sin(turn)], axis=1)


def _sky_directions(turn: int, turns: int) -> NDArray[np.float64]:
    """The turn-th of ``turns`` interleaved sets of directions all around."""
    return _fibonacci_sphere(max(12, 96 // turns) * turns, 0.25)[turn::turns]


def _key_directions(turn: int, turns: int) -> NDArray[np.float64]:
    """The turn-th of ``turns`` interleaved sets of directions to the disc of the key light."""
    count = max(2, 16 // turns) * turns
    order = np.arange(count)[turn::turns] + 0.5
    radius, angle = 0.22 * np.sqrt(order / count), np.pi * (1 + 5**0.5) * order
    centre = np.array([-0.35, 0.80, 0.62])
    side = np.array([0.87, 0.0, 0.49])
    other = np.cross(centre, side)
    disc = centre + np.outer(radius * np.cos(angle), side) + np.outer(radius * np.sin(angle), other)
    normals: NDArray[np.float64] = disc / np.linalg.norm(disc, axis=1, keepdims=True)
    return normals
