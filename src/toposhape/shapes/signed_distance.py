"""Signed distance to polygon soup: exact magnitude, sign of the generalised winding number."""

from dataclasses import dataclass

import igl
import numpy as np
from numpy.typing import NDArray

from .orientation import Faces, Vertices, inside_by_winding, orient_faces, winding_is_integer
from .surface_kinds import sort_surface
from .thickening import middles_of_thin_parts

_INTERIOR = 1e-3
"""Least barycentric coordinate of a nearest point that is clearly not on an edge."""


@dataclass(frozen=True)
class Solid:
    """What a mesh encloses, ready for distance queries; everything in the shape frame.

    The distance is taken to the part of the surface that *separates* inside from outside: faces
    with inside on both sides are no surface of the union. Faces with inside on neither side bound
    no volume: such sheets get a thickness, or do not count if it is zero. Thin parts may be given a
    least thickness (`thickening`).
    """

    vertices: Vertices
    faces: Faces
    """All faces, oriented; they decide the sign."""
    closed: bool
    """Whether the winding number is an integer, but for tiny holes: no faces, no change of sign."""
    separating: Vertices
    """Triangles, shape (m, 3, 3), normals outwards."""
    sheets: Vertices
    """Triangles, shape (k, 3, 3), k may be 0."""
    sheet_thickness: float
    thin_middles: Vertices
    """Triangles, shape (l, 3, 3), between both sides of thin parts; l may be 0."""
    least_thickness: float

    def signed_distance(self, points: Vertices) -> NDArray[np.float64]:
        """Signed distance, negative inside, at points of shape (n, 3)."""
        points = np.ascontiguousarray(points, dtype=np.float64)
        if len(self.separating):
            distance, nearest, face = closest_on(self.separating, points)
            distance[self.is_inside(points, nearest, face)] *= -1
        else:
            distance = np.full(len(points), np.inf)
        return self.with_thickened(points, distance)

    def with_thickened(
        self, points: Vertices, distance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Signed distance of the union with thickened sheets and thickened thin parts."""
        for middles, thickness in (
            (self.sheets, self.sheet_thickness),
            (self.thin_middles, self.least_thickness),
        ):
            if len(middles):
                distance = np.minimum(distance, closest_on(middles, points)[0] - thickness / 2)
        return distance

    def is_inside(
        self, points: Vertices, nearest: Vertices, face: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Which points are inside, by the winding number where nothing cheaper says the same.

        Args:
            points: shape (n, 3).
            nearest: their nearest points on the separating surface, shape (n, 3).
            face: the triangles on which these lie, shape (n,).

        Nothing separates a point from its nearest point on the separating surface. If that lies
        well within a triangle, its outward normal tells the side. This holds for closed faces
        only: where there are holes, the winding number also changes away from the surface.
        """
        if not self.closed:
            return inside_by_winding(self.vertices, self.faces, points)
        corners = self.separating[face]
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        normal = np.cross(b - a, c - a)
        away = points - nearest
        side = np.einsum("ij,ij->i", away, normal)
        clear = _is_interior(nearest, a, b, c, normal)
        clear &= side**2 > 0.99 * (away**2).sum(axis=1) * (normal**2).sum(axis=1)
        inside: NDArray[np.bool_] = side < 0
        inside[~clear] = inside_by_winding(self.vertices, self.faces, points[~clear])
        return inside

    @property
    def has_thickened(self) -> bool:
        """Whether sheets or thin parts are thicker than they were given."""
        return len(self.sheets) + len(self.thin_middles) > 0

    @property
    def inside_share(self) -> float:
        """Share of the visible area, sheets included, that separates inside from outside."""
        separating, sheets = area_of(self.separating), area_of(self.sheets)
        return separating / (separating + sheets)

    @property
    def thin_share(self) -> float:
        """Share of the separating area that bounds parts which were too thin."""
        return area_of(self.thin_middles) / max(area_of(self.separating), 1e-12)


class NoSurface(ValueError):
    """A mesh in which nothing separates inside from outside."""


def make_solid(
    vertices: Vertices, faces: Faces, *, sheet_thickness: float, least_thickness: float = 0.0
) -> Solid:
    """Orient the faces of a normalised mesh and sort them by what they bound.

    Args:
        vertices: shape (n, 3), normalised, coincident ones merged.
        faces: shape (m, 3).
        sheet_thickness: of faces that bound no volume, in the shape frame; 0 ignores them.
        least_thickness: of parts that bound some; 0 leaves them as thin as they are.

    Raises:
        NoSurface: if neither separating faces nor sheets with a thickness are there.
    """
    vertices = np.ascontiguousarray(vertices, dtype=np.float64)
    faces = np.ascontiguousarray(orient_faces(vertices, faces), dtype=np.int64)
    kinds = sort_surface(vertices, faces)
    sheets = kinds.sheets if sheet_thickness > 0 else kinds.sheets[:0]
    if len(kinds.separating) + len(sheets) == 0:
        raise NoSurface("nothing separates inside from outside: all faces are open sheets")
    closed = winding_is_integer(vertices, faces)
    middles = middles_of_thin_parts(kinds.separating, least_thickness)
    return Solid(
        vertices,
        faces,
        closed,
        kinds.separating,
        sheets,
        max(sheet_thickness, least_thickness),
        middles,
        least_thickness,
    )


def closest_on(
    triangles: Vertices, points: Vertices
) -> tuple[NDArray[np.float64], Vertices, NDArray[np.int64]]:
    """Exact distance, nearest point and triangle.

    Args:
        triangles: shape (m, 3, 3).
        points: shape (n, 3).

    Returns:
        distance, shape (n,); nearest points, shape (n, 3); their triangles, shape (n,).
    """
    vertices = np.ascontiguousarray(triangles.reshape(-1, 3))
    faces = np.arange(len(vertices), dtype=np.int64).reshape(-1, 3)
    squared, face, nearest = igl.point_mesh_squared_distance(
        np.ascontiguousarray(points), vertices, faces
    )
    return np.sqrt(squared), nearest, face


def area_of(triangles: Vertices) -> float:
    """Total area of triangles, shape (m, 3, 3)."""
    edges = triangles[:, 1:] - triangles[:, :1]
    return float(np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum() / 2)


def _is_interior(
    points: Vertices, a: Vertices, b: Vertices, c: Vertices, normal: Vertices
) -> NDArray[np.bool_]:
    """Whether points of triangles lie well within them, by barycentric coordinates."""
    area = np.einsum("ij,ij->i", normal, normal)
    least = np.full(len(points), np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        part = np.einsum("ij,ij->i", np.cross(end - start, points - start), normal)
        least = np.minimum(least, part)
    interior: NDArray[np.bool_] = least > _INTERIOR * area
    return interior
