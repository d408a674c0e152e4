"""Signed distance to polygon soup: exact magnitude, sign of the generalised winding number."""

from dataclasses import dataclass

import igl
import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.orientation import (
    Faces,
    Vertices,
    inside_by_winding,
    orient_faces,
    separating_share,
    sides,
    unit_normals,
)

SEPARATING, INNER, SHEET = 0, 1, 2
"""Kinds of surface: inside on one side, on both sides, on neither side."""
_COARSE, _FINE = 0.05, 0.01
"""Longest edges, in the shape frame, of the pieces in which mixed faces are judged."""
_CENTRE_AND_CORNERS = np.array(
    [[1 / 3] * 3, [0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]]
)


@dataclass(frozen=True)
class Solid:
    """What a mesh encloses, ready for distance queries; everything in the shape frame.

    The distance is taken to the part of the surface that *separates* inside from outside. Faces
    with inside on both sides, where parts overlap, are no surface of the union. Faces with inside
    on neither side bound no volume: such sheets get a thickness, or do not count if it is zero.
    """

    vertices: Vertices
    faces: Faces
    """All faces, oriented; they decide the sign."""
    separating: Vertices
    """Triangles, shape (m, 3, 3)."""
    sheets: Vertices
    """Triangles, shape (k, 3, 3), k may be 0."""
    sheet_thickness: float

    def is_inside(self, points: Vertices) -> NDArray[np.bool_]:
        """Whether points, shape (n, 3), are inside."""
        inside = inside_by_winding(self.vertices, self.faces, points)
        if len(self.sheets):
            inside |= distance_to(self.sheets, points) < self.sheet_thickness / 2
        return inside

    def signed_distance(
        self, points: Vertices, inside: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Signed distance, negative inside, at points of shape (n, 3).

        Args:
            points: in the shape frame.
            inside: the points' sides if they are known (solids without sheets only).
        """
        if len(self.sheets) or inside is None:
            inside = inside_by_winding(self.vertices, self.faces, points)
        if len(self.separating):
            distance = distance_to(self.separating, points)
            distance[inside] *= -1
        else:
            distance = np.full(len(points), np.inf)
        if len(self.sheets):
            to_sheets = distance_to(self.sheets, points) - self.sheet_thickness / 2
            distance = np.minimum(distance, to_sheets)
        return distance

    @property
    def inside_share(self) -> float:
        """Share of the visible area, sheets included, that separates inside from outside."""
        separating, sheets = area_of(self.separating), area_of(self.sheets)
        return separating / (separating + sheets)


class NoSurface(ValueError):
    """A mesh in which nothing separates inside from outside."""


def make_solid(vertices: Vertices, faces: Faces, *, sheet_thickness: float) -> Solid:
    """Orient the faces of a normalised mesh and sort them by what they bound.

    Args:
        vertices: shape (n, 3), normalised, coincident ones merged.
        faces: shape (m, 3).
        sheet_thickness: of faces that bound no volume, in the shape frame; 0 ignores them.

    Raises:
        NoSurface: if neither separating faces nor sheets with a thickness are there.
    """
    faces = orient_faces(vertices, faces)
    corners = vertices[faces]
    if separating_share(vertices, faces) == 1:
        pieces, kind = corners, np.full(len(corners), SEPARATING)
    else:
        pieces, kind = _sort_pieces(vertices, faces)
    sheets = pieces[kind == SHEET] if sheet_thickness > 0 else pieces[:0]
    separating = pieces[kind == SEPARATING]
    if len(separating) + len(sheets) == 0:
        raise NoSurface("nothing separates inside from outside: all faces are open sheets")
    return Solid(vertices, faces, separating, sheets, sheet_thickness)


def _sort_pieces(vertices: Vertices, faces: Faces) -> tuple[Vertices, NDArray[np.int64]]:
    """Triangles and the kind of each; faces of more than one kind are cut into pieces."""
    corners = vertices[faces]
    open_pieces, origin = _bisect(corners, np.arange(len(corners)), _COARSE)
    done_pieces, done_kind, done_origin = [], [], []
    limit = _COARSE
    while len(open_pieces):
        kinds = _kinds(vertices, faces, open_pieces)
        limit /= 2
        settled = (kinds == kinds[:, :1]).all(axis=1) | (limit < _FINE)
        done_pieces.append(open_pieces[settled])
        done_kind.append(kinds[settled, 0])
        done_origin.append(origin[settled])
        open_pieces, origin = _bisect(open_pieces[~settled], origin[~settled], limit)
    return _rejoin(
        corners,
        np.concatenate(done_pieces),
        np.concatenate(done_kind),
        np.concatenate(done_origin),
    )


def _rejoin(
    corners: Vertices, pieces: Vertices, kind: NDArray[np.int64], origin: NDArray[np.int64]
) -> tuple[Vertices, NDArray[np.int64]]:
    """Put faces whose pieces are all of one kind together again."""
    lowest = np.full(len(corners), SHEET)
    highest = np.full(len(corners), SEPARATING)
    np.minimum.at(lowest, origin, kind)
    np.maximum.at(highest, origin, kind)
    whole = lowest == highest
    mixed = ~whole[origin]
    return (
        np.concatenate([corners[whole], pieces[mixed]]),
        np.concatenate([lowest[whole], kind[mixed]]),
    )


def _kinds(vertices: Vertices, faces: Faces, pieces: Vertices) -> NDArray[np.int64]:
    """Kind of surface at the centre and near the three corners of pieces, shape (n, 4)."""
    points = np.einsum("kc,ncx->nkx", _CENTRE_AND_CORNERS, pieces).reshape(-1, 3)
    normals = np.repeat(unit_normals(pieces), 4, axis=0)
    front, back = sides(vertices, faces, points, normals)
    return np.where(front != back, SEPARATING, np.where(front, INNER, SHEET)).reshape(-1, 4)


def _bisect(
    pieces: Vertices, origin: NDArray[np.int64], limit: float
) -> tuple[Vertices, NDArray[np.int64]]:
    """Halve triangles at their longest edges until no edge exceeds the limit."""
    short: list[Vertices] = [pieces[:0]]
    short_origin: list[NDArray[np.int64]] = [origin[:0]]
    while len(pieces):
        edges = np.linalg.norm(np.roll(pieces, -1, axis=1) - pieces, axis=2)
        ready = edges.max(axis=1) <= limit
        short.append(pieces[ready])
        short_origin.append(origin[ready])
        pieces, origin, edges = pieces[~ready], origin[~ready], edges[~ready]
        turn = (edges.argmax(axis=1)[:, None] + np.arange(3)) % 3
        a, b, c = np.moveaxis(np.take_along_axis(pieces, turn[:, :, None], axis=1), 1, 0)
        middle = (a + b) / 2
        pieces = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
        origin = np.concatenate([origin, origin])
    return np.concatenate(short), np.concatenate(short_origin)


def distance_to(triangles: Vertices, points: Vertices) -> NDArray[np.float64]:
    """Exact distance from points, shape (n, 3), to triangles, shape (m, 3, 3)."""
    vertices = np.ascontiguousarray(triangles.reshape(-1, 3))
    faces = np.arange(len(vertices), dtype=np.int64).reshape(-1, 3)
    squared = igl.point_mesh_squared_distance(np.ascontiguousarray(points), vertices, faces)[0]
    return np.sqrt(squared)


def area_of(triangles: Vertices) -> float:
    """Total area of triangles, shape (m, 3, 3)."""
    edges = triangles[:, 1:] - triangles[:, :1]
    return float(np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum() / 2)


def grid_points(resolution: int) -> Vertices:
    """Vertices of the grid of [-1, 1]^3, shape (resolution^3, 3), in C order of [i, j, k]."""
    axis = np.linspace(-1, 1, resolution)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def signed_distance_grid(solid: Solid, resolution: int) -> NDArray[np.float32]:
    """Signed distance at the vertices of the grid of [-1, 1]^3, shape (R, R, R)."""
    values = solid.signed_distance(grid_points(resolution))
    return values.reshape((resolution,) * 3).astype(np.float32)
