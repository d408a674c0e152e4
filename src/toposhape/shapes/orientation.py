"""Turning the faces of polygon soup such that the winding number tells inside from outside.

The winding number needs faces that agree on where outside is. Files are often right, sometimes
globally inverted, sometimes flipped patch by patch or face by face. What is certain comes first:
patches are made consistent, closed ones are turned outwards unless they are cavities. Open patches
are kept as given or turned by what they see of the outside, whichever makes more of the surface
separate inside from outside.
"""

from typing import NamedTuple

import igl
import numpy as np
import trimesh
from numpy.typing import NDArray

OFFSET = 1e-4
"""Distance from the surface, in the shape frame, at which its two sides are probed."""
_THRESHOLD = 0.55
"""A little above 1/2, so that a lone flat panel, with 1/2 on both sides, bounds nothing."""
_PROBES = 2000
_CLEARLY = 0.02
_RAYS = 100_000

Vertices = NDArray[np.float64]
Faces = NDArray[np.int64]


def inside_by_winding(vertices: Vertices, faces: Faces, points: Vertices) -> NDArray[np.bool_]:
    """Whether points, shape (n, 3), are inside: generalised winding number beyond +-0.55.

    Jacobson et al., Robust inside-outside segmentation using generalized winding numbers, 2013.
    """
    winding = igl.fast_winding_number(vertices, faces, np.ascontiguousarray(points))
    inside: NDArray[np.bool_] = np.abs(winding) > _THRESHOLD
    return inside


def sides(
    vertices: Vertices, faces: Faces, points: Vertices, normals: Vertices
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the two sides of surface points, before and behind the face, are inside."""
    probes = np.concatenate([points + OFFSET * normals, points - OFFSET * normals])
    front, back = np.split(inside_by_winding(vertices, faces, probes), 2)
    return front, back


def orient_faces(vertices: Vertices, faces: Faces) -> Faces:
    """Turn faces outwards and drop repeated ones.

    Args:
        vertices: shape (n, 3), normalised, coincident ones merged.
        faces: shape (m, 3).
    """
    given = drop_repeated(faces)
    patches = _consistent_patches(vertices, given)
    best = patches.turn(vertices, patches.given_sense)
    shares = surface_shares(vertices, best)
    if not patches.closed.all() and shares.separating < 1:
        visible = patches.turn(vertices, _visibility(vertices, patches.faces, patches.patch))
        visible_shares = surface_shares(vertices, visible)
        if visible_shares.separating > shares.separating + _CLEARLY:
            best, shares = visible, visible_shares
    if shares.sheet > _CLEARLY and surface_shares(vertices, given).sheet + _CLEARLY < shares.sheet:
        best = given
    return best


class Shares(NamedTuple):
    """Shares of the area of a mesh, by 2,000 fixed probes."""

    separating: float
    """With inside on exactly one side."""
    sheet: float
    """With inside on no side."""


def surface_shares(vertices: Vertices, faces: Faces) -> Shares:
    """Measure how much of the area bounds a volume."""
    corners = vertices[faces]
    points, chosen = sample_triangles(corners, _PROBES, np.random.default_rng(0))
    front, back = sides(vertices, faces, points, unit_normals(corners)[chosen])
    return Shares(float(np.mean(front != back)), float(np.mean(~front & ~back)))


def winding_is_integer(vertices: Vertices, faces: Faces) -> bool:
    """Whether the winding number is near an integer, within 0.1, at 99 % of 2,000 fixed probes.

    So it is where faces have no border, and where holes are too small to matter: the sign then
    changes at faces only.
    """
    corners = vertices[faces]
    points, chosen = sample_triangles(corners, _PROBES, np.random.default_rng(0))
    points += OFFSET * unit_normals(corners)[chosen]
    winding = igl.fast_winding_number(vertices, faces, points)
    return bool(np.quantile(np.abs(winding - np.round(winding)), 0.99) < 0.1)


class _Patches(NamedTuple):
    """Faces made consistent within patches that hang together by edges of two faces."""

    faces: Faces
    patch: NDArray[np.int64]
    """Patch of each face."""
    closed: NDArray[np.bool_]
    """Which patches have no border."""
    volume: Vertices
    """Six times the signed volume of each patch."""
    given_sense: Vertices
    """Per patch: positive if most of its area was given as it is here."""

    def turn(self, vertices: Vertices, open_sense: Vertices) -> Faces:
        """Closed patches outwards unless they are cavities; open ones by the sign of a score."""
        outward = np.where(self.closed, self.volume, open_sense) >= 0
        turned = _flip(self.faces, ~outward[self.patch])
        given_volume = np.where(self.closed, self.volume * np.sign(self.given_sense), 0)
        inverted = given_volume * np.sign(given_volume.sum()) < 0
        if not inverted.any():
            return turned
        cavity = inverted & self._is_contained(vertices, turned)
        return _flip(turned, cavity[self.patch])

    def _is_contained(self, vertices: Vertices, turned: Faces) -> NDArray[np.bool_]:
        """Which patches lie inside the others: inside is all around them."""
        corners = vertices[turned]
        normals = unit_normals(corners)
        points = corners.mean(axis=1) + OFFSET * normals
        covered = inside_by_winding(vertices, turned, points)
        bare = np.bincount(self.patch, weights=~covered, minlength=len(self.closed))
        contained: NDArray[np.bool_] = self.closed & (bare == 0)
        return contained


def _consistent_patches(vertices: Vertices, faces: Faces) -> _Patches:
    single = _drop_copies(faces)
    if len(single) > 0.75 * len(faces):
        single = faces  # pairs of opposite faces are the exception: walls, or sheets
    turned, patch = igl.bfs_orient(single)
    turned, patch = np.asarray(turned, np.int64), np.asarray(patch, np.int64).reshape(-1)
    closed, volume = _closed_patches(vertices, turned, patch)
    sense = _agreement(vertices, single, turned, patch)
    if (np.where(closed, volume * np.sign(sense), 0)).sum() < 0:
        sense = np.where(closed, sense, -sense)  # all of the file is inside out
    return _Patches(turned, patch, closed, volume, sense)


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
    return closed, _sums(patch, np.einsum("ij,ij->i", a, np.cross(b, c)))


def _agreement(vertices: Vertices, given: Faces, turned: Faces, patch: Faces) -> Vertices:
    """Area of each patch that kept its given orientation minus the area that did not."""
    area = np.linalg.norm(_cross(vertices[given]), axis=1)
    return _sums(patch, np.where((given == turned).all(axis=1), area, -area))


def _sums(patch: Faces, values: Vertices, patches: int = 0) -> Vertices:
    """The sum of the values of each patch's faces."""
    return np.bincount(patch, values, patches).astype(np.float64, copy=False)


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
    return _sums(patch[chosen], seen[0].astype(float) - seen[1], int(patch.max()) + 1)


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
    unit: Vertices = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
    return unit


def _cross(corners: Vertices) -> Vertices:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
