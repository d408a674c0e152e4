"""Which way is out, told by points of which nobody knows where they were seen from.

The plane through a point's neighbours gives its normal up to the sign. A point of a solid's surface
is seen from outside alone; which points are seen from a place is told by the points themselves:
those whose images, reflected at a large sphere around the place, lie on their convex hull (Katz,
Tal and Basri, Direct visibility of point sets, 2007). Normals are turned to the places that see
them, and where no place does, as those nearby are.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, cKDTree

from .neighbours import Points, contradicted_share, neighbour_distances, pca_normals

PLACES = 100
"""From which the points are looked at."""
DISTANCE = 2.5
"""Of the places to the middle of the points, in radii of the ball around them."""
REFLECTION = 100.0
"""Radius of the reflecting sphere, in largest distances: larger ones see into deeper hollows, and
through sparser or noisier surfaces."""
VOTERS = 16
"""Neighbours that turn the normal of a point which is seen from nowhere."""
CONTRADICTED = 0.1
"""Share of normals against their neighbours' above which the signs of a scan are not believed."""
AREA_NEIGHBOUR = 8
"""The square of the distance to this neighbour stands for the area of a point."""


def oriented_normals(points: Points, neighbours: int = 20) -> Points:
    """Unit normals (n, 3), turned outwards, of points alone.

    Args:
        points: shape (n, 3), at least four, not in one plane.
        neighbours: of a point, itself among them, that its normal is estimated from.
    """
    return seen_normals(points, pca_normals(points, np.zeros_like(points), neighbours))


def outward_normals(points: Points, normals: Points) -> Points:
    """Normals of a scan, turned outwards where they are not.

    Those that enclose a negative volume point inwards, and all are turned. If more than
    `CONTRADICTED` point against their neighbours, signs are mixed: each is turned to the places
    that see its point, unless this leaves more contradictions than there were.

    Args:
        points: shape (n, 3), at least four, not in one plane.
        normals: unit vectors, shape (n, 3).

    Returns:
        Unit vectors, shape (n, 3).
    """
    contradicted = contradicted_share(points, normals)
    if contradicted > CONTRADICTED:
        seen = seen_normals(points, normals)
        if contradicted_share(points, seen) < contradicted:
            return seen
    areas = neighbour_distances(points, AREA_NEIGHBOUR) ** 2
    heights = ((points - points.mean(axis=0)) * normals).sum(axis=1)
    return -normals if (areas * heights).sum() < 0 else normals


def seen_normals(points: Points, normals: Points) -> Points:
    """Normals (n, 3), each turned to the places that see its point (n, 3)."""
    votes = np.zeros(len(points))
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    radius = np.linalg.norm(points - centre, axis=1).max()
    for direction in _even_directions(PLACES):
        ways = centre + DISTANCE * radius * direction - points
        seen = visible_points(-ways)
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        votes[seen] += (ways[seen] * normals[seen]).sum(axis=1)
    return normals * _sides(points, normals, votes)[:, None]


def visible_points(points: Points) -> NDArray[np.int64]:
    """Numbers of the points (n, 3) that are seen from the origin."""
    distances = np.linalg.norm(points, axis=1, keepdims=True)
    reflected = points * (2 * REFLECTION * distances.max() / distances - 1)
    corners = ConvexHull(np.vstack([reflected, np.zeros(3)])).vertices
    return np.sort(corners[corners < len(points)]).astype(np.int64)


def _sides(points: Points, normals: Points, votes: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 or -1 for each normal: its votes, or if it has none those of seen points nearby."""
    seen = np.flatnonzero(votes)
    nearest = cKDTree(points[seen]).query(points, k=min(VOTERS, len(seen)))[1]
    nearest = seen[nearest.reshape(len(points), -1)]
    alike = np.einsum("nd,nkd->nk", normals, normals[nearest])
    around = (alike * np.sign(votes[nearest])).sum(axis=1)
    return np.where(np.where(votes == 0, around, votes) < 0, -1.0, 1.0)


def _even_directions(count: int) -> Points:
    """Evenly spread unit vectors (count, 3), a Fibonacci spiral."""
    order = np.arange(count) + 0.5
    z = 1 - 2 * order / count
    angle = np.pi * (1 + 5**0.5) * order
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)
