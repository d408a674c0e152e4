"""A least thickness: parts that a grid would tear become thick enough for it.

A grid of spacing s sees a rod thinner than s in some places and not in others: it tears it. Every
ball of the diameter sqrt(3) s holds a vertex wherever it lies, and so does a part of about that
thickness. Thin parts are therefore united with all balls of such a diameter about their middles.
"""

import numpy as np
import trimesh
from numpy.typing import NDArray

from .orientation import Vertices, unit_normals
from .surface_kinds import affordable_limit, bisect

_OFF_THE_SURFACE = 1e-5
_THINNEST = 1e-4
"""Thinner parts are two faces in one place, which bound nothing."""


def middles_of_thin_parts(surface: Vertices, thickness: float) -> Vertices:
    """The middles between both sides of parts that are thinner than that.

    The surface is cut into pieces no longer than the thickness (longer ones where slender faces
    would fall into too many); from the centre of each a ray goes inwards to the opposite side.

    Args:
        surface: triangles (m, 3, 3) of a solid's surface, normals outwards.
        thickness: in the same unit.

    Returns:
        Triangles (n, 3, 3).
    """
    if not len(surface) or thickness == 0:
        return surface[:0]
    limit = affordable_limit(surface, thickness)
    pieces = bisect(surface, np.arange(len(surface)), limit)[0]
    inwards = -unit_normals(pieces)
    through = _way_to_the_other_side(surface, pieces.mean(axis=1), inwards)
    thin = (through > _THINNEST) & (through < thickness)
    return pieces[thin] + (through[thin] / 2)[:, None, None] * inwards[thin][:, None]


def _way_to_the_other_side(
    surface: Vertices, points: Vertices, inwards: Vertices
) -> NDArray[np.float64]:
    """How far the surface is from each of its points along a direction; inf if it is not there."""
    corners = surface.reshape(-1, 3)
    mesh = trimesh.Trimesh(corners, np.arange(len(corners)).reshape(-1, 3), process=False)
    caster = trimesh.ray.ray_pyembree.RayMeshIntersector(mesh, scale_to_box=False)
    start = points + _OFF_THE_SURFACE * inwards
    _, ray, place = caster.intersects_id(start, inwards, multiple_hits=False, return_locations=True)
    way = np.full(len(points), np.inf)
    way[ray] = np.linalg.norm(place - points[ray], axis=1)
    return way
