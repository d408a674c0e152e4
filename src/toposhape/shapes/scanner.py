"""A virtual range scanner, after Berger et al., A Benchmark for Surface Reconstruction, 2013.

A camera looks at a shape from several places, and a laser beside it lights what it sees. A pixel
gives a point if camera and laser both see it and neither looks at it too flatly. Depths are noisy,
and the views of a scan do not fit each other exactly.
"""

from typing import NamedTuple

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from toposhape.settings.scans import Scanner

from .neighbours import pca_normals
from .orientation import Faces, Vertices
from .point_clouds import PointCloud

DISTANCE = 3.0
"""Of the scanner to the middle of the shape, in radii of the ball around it."""
NEIGHBOURS = 20
"""That estimate a normal."""
_OFFSET = 1e-4
"""Of the start of a ray above the surface, in radii."""


class _View(NamedTuple):
    points: Vertices
    normals: Vertices
    sensor: Vertices


def scan_mesh(
    vertices: Vertices, faces: Faces, settings: Scanner, random: np.random.Generator
) -> PointCloud:
    """Scan a mesh from all sides.

    Args:
        vertices: shape (n, 3), in any units.
        faces: shape (m, 3).
        settings: of the scanner; noise and misalignment in longest sides of the mesh's box.
        random: places of the scanner, noise, misalignment, outliers.

    Returns:
        Points in the mesh's units; normals turned to where the scanner stood.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    centre, longest = (low + high) / 2, float((high - low).max())
    radius = float(np.linalg.norm(vertices - centre, axis=1).max())
    scene = _Scene((vertices - centre) / radius, faces)
    noise = settings.noise * longest / radius
    shift = settings.misalignment * longest / radius
    views = []
    for direction in _directions(settings.views, random):
        view = _look(scene, direction, settings, noise, random)
        turn = Rotation.from_rotvec(random.normal(0, settings.misalignment, 3)).as_matrix()
        moved = view.points @ turn.T + random.normal(0, shift, 3)
        views.append(_View(moved, view.normals @ turn.T, view.sensor))
    scanned = _View(*map(np.concatenate, zip(*views, strict=True)))
    normals = scanned.normals
    if settings.normals == "pca":
        normals = pca_normals(scanned.points, scanned.sensor - scanned.points, NEIGHBOURS)
    astray = random.random(len(normals)) < settings.outliers
    scanned.points[astray] = random.uniform(-1, 1, (astray.sum(), 3))
    return PointCloud(scanned.points * radius + centre, normals)


class _Scene:
    """The mesh within the unit ball, in Embree's hands."""

    def __init__(self, vertices: Vertices, faces: Faces) -> None:
        self._embree = EmbreeScene()
        TriangleMesh(self._embree, vertices[faces].astype(np.float32))
        a, b, c = (vertices[faces[:, i]] for i in range(3))
        normals = np.cross(b - a, c - a)
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        self.normals = normals / np.maximum(lengths, np.finfo(np.float64).tiny)

    def first_hit(
        self, eye: Vertices, directions: Vertices
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The faces that rays from one place meet first, -1 for none, and how far away."""
        origins = np.broadcast_to(eye, directions.shape).astype(np.float32)
        hits = self._embree.run(origins, directions.astype(np.float32), output=True)
        return hits["primID"].astype(np.int64), hits["tfar"].astype(np.float64)

    def sees(self, eye: Vertices, points: Vertices, normals: Vertices) -> NDArray[np.bool_]:
        """Which points of the surface are seen from a place."""
        start = points + _OFFSET * normals
        way = np.broadcast_to(eye, start.shape) - start
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        hit = self._embree.run(start.astype(np.float32), way.astype(np.float32), query="OCCLUDED")
        free: NDArray[np.bool_] = hit < 0
        return free


def _look(
    scene: _Scene,
    direction: Vertices,
    settings: Scanner,
    noise: float,
    random: np.random.Generator,
) -> _View:
    """What a scanner in that direction (3,) measures, normals of the mesh turned to it."""
    right, up = _frame(direction)
    camera = DISTANCE * direction
    angle = np.radians(settings.baseline)
    laser = DISTANCE * (np.cos(angle) * direction + np.sin(angle) * right)
    rays = _pixel_rays(direction, right, up, settings.pixels)
    face, depth = scene.first_hit(camera, rays)
    rays, depth, face = rays[face >= 0], depth[face >= 0], face[face >= 0]
    points = camera + depth[:, None] * rays
    normals = scene.normals[face]
    normals = np.where((normals * rays).sum(axis=1, keepdims=True) > 0, -normals, normals)
    least = np.cos(np.radians(settings.grazing))
    to_laser = laser - points
    to_laser /= np.linalg.norm(to_laser, axis=1, keepdims=True)
    seen = (-(normals * rays).sum(axis=1) >= least) & ((normals * to_laser).sum(axis=1) >= least)
    seen &= scene.sees(laser, points, normals)
    measured = points + random.normal(0, noise, (len(points), 1)) * rays
    return _View(measured[seen], normals[seen], np.broadcast_to(camera, points.shape)[seen])


def _directions(count: int, random: np.random.Generator) -> Vertices:
    """Evenly spread unit vectors (count, 3), turned at random."""
    order = np.arange(count) + 0.5
    y = 1 - 2 * order / count
    angle = np.pi * (1 + 5**0.5) * order
    ring = np.sqrt(1 - y * y)
    spread = np.stack([ring * np.cos(angle), y, ring * np.sin(angle)], axis=1)
    turned: Vertices = spread @ Rotation.random(rng=random).as_matrix().T
    return turned


def _frame(direction: Vertices) -> tuple[Vertices, Vertices]:
    """Right and up (3,) of a camera in that direction (3,) that looks at the origin."""
    away = np.eye(3)[np.abs(direction).argmin()]
    right = np.cross(away, direction)
    right /= np.linalg.norm(right)
    return right, np.cross(direction, right)


def _pixel_rays(direction: Vertices, right: Vertices, up: Vertices, pixels: int) -> Vertices:
    """Unit vectors (pixels^2, 3) from the camera through a picture that holds the unit ball."""
    half_width = 1 / np.sqrt(DISTANCE**2 - 1)  # tangent of the ball's half angle
    axis = ((np.arange(pixels) + 0.5) / pixels * 2 - 1) * half_width
    x, y = np.meshgrid(axis, axis)
    rays = x.reshape(-1, 1) * right + y.reshape(-1, 1) * up - direction
    unit: Vertices = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    return unit
