"""Turning the faces of polygon soup such that the winding number tells inside from outside.

The winding number needs faces that agree on where outside is. Files are often right, sometimes
globally inverted (harmless, only the magnitude is used), sometimes flipped patch by patch or face
by face. No rule is right for all of them, so a few candidates are judged by what matters: how much
of the surface they make separate inside from outside.
"""

from collections.abc import Iterator

import igl
import numpy as np
import trimesh
from numpy.typing import NDArray

OFFSET = 1e-4
"""Distance from the surface, in the shape frame, at which its two sides are probed."""
_PROBES = 2000
_CLEARLY = 0.02
_RAYS = 100_000

Vertices = NDArray[np.float64]
Faces = NDArray[np.int64]


def inside_by_winding(vertices: Vertices, faces: Faces, points: Vertices) -> NDArray[np.bool_]:
    """Whether points, shape (n, 3), are inside: generalised winding number beyond +-1/2.

    Jacobson et al., Robust inside-outside segmentation using generalized winding numbers, 2013.
    """
    return np.abs(igl.fast_winding_number(vertices, faces, np.ascontiguousarray(points))) > 0.5


def sides(
    vertices: Vertices, faces: Faces, points: Vertices, normals: Vertices
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the two sides of surface points, before and behind the face, are inside."""
    probes = np.concatenate([points + OFFSET * normals, points - OFFSET * normals])
    front, back = np.split(inside_by_winding(vertices, faces, probes), 2)
    return front, back


def orient_faces(vertices: Vertices, faces: Faces) -> Faces:
    """The faces, turned and without duplicates, that separate most of their area.

    Args:
        vertices: shape (n, 3), normalised, coincident ones merged.
        faces: shape (m, 3).
    """
    best, best_share = faces, -1.0
    for candidate in _candidates(vertices, faces):
        share = separating_share(vertices, candidate)
        if share > best_share + _CLEARLY:
            best, best_share = candidate, share
        if best_share == 1:
            break
    return best


def separating_share(vertices: Vertices, faces: Faces) -> float:
    """Share of the area that has inside on exactly one side, by 2,000 fixed probes."""
    corners = vertices[faces]
    points, chosen = sample_triangles(corners, _PROBES, np.random.default_rng(0))
    front, back = sides(vertices, faces, points, unit_normals(corners)[chosen])
    return float(np.mean(front != back))


def _candidates(vertices: Vertices, faces: Faces) -> Iterator[Faces]:
    """As given; patches made consistent and closed ones outward; open ones by visibility."""
    yield drop_repeated(faces)
    single = _drop_copies(faces)
    turned, patch = igl.bfs_orient(single)
    turned, patch = np.asarray(turned, np.int64), np.asarray(patch, np.int64).reshape(-1)
    closed, volume = _closed_patches(vertices, turned, patch)
    agreement = _agreement(vertices, single, turned, patch)
    yield _flip(turned, (np.where(closed, volume, agreement) < 0)[patch])
    if not closed.all():
        visible = _visibility(vertices, turned, patch)
        yield _flip(turned, (np.where(closed, volume, visible) < 0)[patch])


def drop_repeated(faces: Faces) -> Faces:
    """Faces without those that repeat another with the same orientation.

    A pair with opposite orientation stays: it cancels in the winding number, which is right for
    a wall between two touching solids and for a sheet that was drawn from both sides.
    """
    start = faces.argmin(axis=1)
    rolled = np.take_along_axis(faces, (start[:, None] + np.arange(3)) % 3, axis=1)
    return faces[np.sort(np.unique(rolled, axis=0, return_index=True)[1])]


def _drop_copies(faces: Faces) -> Faces:
    """Faces without those that repeat another in any orientation."""
    return faces[np.sort(np.unique(np.sort(faces, axis=1), axis=0, return_index=True)[1])]


def _closed_patches(
    vertices: Vertices, faces: Faces, patch: Faces
) -> tuple[NDArray[np.bool_], Vertices]:
    """Which patches have no border, and the signed volume of each."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    owned = np.column_stack([np.repeat(patch, 3), edges])
    unique, count = np.unique(owned, axis=0, return_counts=True)
    closed = np.ones(patch.max() + 1, dtype=bool)
    closed[unique[count != 2, 0]] = False
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    volume = np.bincount(patch, weights=np.einsum("ij,ij->i", a, np.cross(b, c)))
    return closed, volume


def _agreement(vertices: Vertices, given: Faces, turned: Faces, patch: Faces) -> Vertices:
    """Area of each patch that kept its given orientation minus the area that did not."""
    area = np.linalg.norm(_cross(vertices[given]), axis=1)
    return np.bincount(patch, weights=np.where((given == turned).all(axis=1), area, -area))


def _visibility(vertices: Vertices, faces: Faces, patch: Faces) -> Vertices:
    """How much more of the outside each patch sees from its front than from its back.

    Takayama et al., A simple method for correcting facet orientations in polygon meshes based on
    ray casting, 2014; here with a fixed set of rays, so that the answer is always the same.
    """
    corners, rng = vertices[faces], np.random.default_rng(0)
    share = np.linalg.norm(_cross(corners), axis=1)
    share = share / np.bincount(patch, weights=share)[patch] + 1e-12
    count = min(_RAYS, 256 * int(patch.max() + 1))
    points, chosen = sample_triangles(corners, count, rng, weights=share)
    normals = unit_normals(corners)[chosen]
    direction = rng.normal(size=points.shape)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    direction *= np.where(np.einsum("ij,ij->i", direction, normals) < 0, -1, 1)[:, None]
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    caster = trimesh.ray.ray_pyembree.RayMeshIntersector(mesh, scale_to_box=False)
    seen = [
        ~caster.intersects_any(points + side * OFFSET * normals, side * direction)
        for side in (1, -1)
    ]
    return np.bincount(
        patch[chosen], weights=seen[0].astype(float) - seen[1], minlength=patch.max() + 1
    )


def _flip(faces: Faces, flipped: NDArray[np.bool_]) -> Faces:
    return np.where(flipped[:, None], faces[:, ::-1], faces)


def sample_triangles(
    corners: Vertices,
    count: int,
    rng: np.random.Generator,
    weights: NDArray[np.float64] | None = None,
) -> tuple[Vertices, NDArray[np.int64]]:
    """Points uniform by area on triangles.

    Args:
        corners: shape (m, 3, 3): triangle, corner, coordinate.
        count: number of points n.
        rng: source of randomness.
        weights: in place of the area, how many points each triangle gets on average.

    Returns:
        points, shape (n, 3), and the triangle of each, shape (n,).
    """
    weights = np.linalg.norm(_cross(corners), axis=1) if weights is None else weights
    steps = np.cumsum(weights)
    chosen = np.searchsorted(steps, rng.random(count) * steps[-1], side="right")
    chosen = np.minimum(chosen, len(corners) - 1)
    u, v = rng.random((2, count, 1))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    a, b, c = np.moveaxis(corners[chosen], 1, 0)
    return a + u * (b - a) + v * (c - a), chosen


def unit_normals(corners: Vertices) -> Vertices:
    """Unit normals, shape (m, 3), of triangles, shape (m, 3, 3); zero for those without area."""
    normal = _cross(corners)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)


def _cross(corners: Vertices) -> Vertices:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
