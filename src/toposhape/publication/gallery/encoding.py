"""Meshes as short texts, which a page can hold and a browser can read."""

import base64
import zlib

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..colours import LOOSE
from ..pictures.pieces import Mesh, piece_colours, piece_of_faces

STEPS = 4096  # of a coordinate, per unit: a quarter of a thousandth of the shape's half width
TOLERANCE = 0.003  # normalised units: a tenth of the spacing of a 64^3 grid
LARGEST_COORDINATE = 2.0


def pack_mesh(mesh: Mesh, red: NDArray[np.bool_] | None = None) -> str:
    """A mesh as text: base64 of what zlib makes of numbers that are mostly small.

    The numbers, without gaps: three little-endian uint32 (vertices V, faces F, and how many of
    these faces, the first ones, are not red); 3 V differences of successive
    coordinates, in 1 / `STEPS` units and zigzag code (0, -1, 1, -2, ... are 0, 1, 2, 3, ...),
    first all x, then y, then z, all low bytes before all high bytes; 3 F vertex numbers, each as
    its distance below the smallest number that has not occurred yet, in three planes of bytes.

    Args:
        mesh: in the shape frame; one without faces is allowed.
        red: (F,), the faces that are shown red; None: those of loose pieces.

    Raises:
        ValueError: if a coordinate is not finite or beyond `LARGEST_COORDINATE`.
    """
    if not (np.abs(mesh.vertices) <= LARGEST_COORDINATE).all():
        raise ValueError(
            f"a mesh has coordinates that are not finite or beyond {LARGEST_COORDINATE}; the "
            "gallery shows meshes in the shape frame [-1, 1]^3: normalise it first"
        )
    (vertices, faces), firm = _red_last(mesh, red)
    header = np.array([len(vertices), len(faces), firm], "<u4").tobytes()
    places = np.round(np.asarray(vertices, np.float64) * STEPS).astype(np.int64)
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 3), np.int64)).T.ravel()
    zigzag = np.where(steps < 0, -2 * steps - 1, 2 * steps)
    numbers = faces.ravel()
    below = np.maximum.accumulate(np.concatenate([[-1], numbers]))[:-1] + 1 - numbers
    packed = zlib.compress(header + _planes(zigzag, 2) + _planes(below, 3), 9)
    return base64.b64encode(packed).decode("ascii")


def simplified(mesh: Mesh, tolerance: float = TOLERANCE) -> Mesh:
    """The mesh with fewer faces, nowhere farther from it than about `tolerance`.

    Every connected surface stays one, of the same genus: a piece that would vanish or change, or
    that is not closed, is left as it is.
    """
    if len(mesh.faces) == 0:
        return mesh
    piece = piece_of_faces(mesh.faces, len(mesh.vertices))
    parts = [_compact(mesh.vertices, mesh.faces[piece == i]) for i in range(piece.max() + 1)]
    parts = [_simplified_piece(part, tolerance) for part in parts]
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    return Mesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.faces + o for part, o in zip(parts, offsets, strict=True)]),
    )


def _simplified_piece(piece: Mesh, tolerance: float) -> Mesh:
    vertices = np.asarray(piece.vertices, np.float32)
    given = manifold3d.Manifold(manifold3d.Mesh(vertices, piece.faces.astype(np.uint32)))
    if given.status() != manifold3d.Error.NoError:
        return piece
    smaller = given.simplify(tolerance)
    if smaller.is_empty() or smaller.genus() != given.genus():
        return piece
    result = smaller.to_mesh()
    return Mesh(result.vert_properties[:, :3], result.tri_verts.astype(np.int64))


def _red_last(mesh: Mesh, red: NDArray[np.bool_] | None) -> tuple[Mesh, int]:
    """The mesh with its red faces behind the others, and the number of faces before them."""
    if len(mesh.faces) == 0:
        return Mesh(np.zeros((0, 3)), np.zeros((0, 3), np.int64)), 0
    if red is None:
        red = (piece_colours(mesh) == LOOSE).all(axis=1)
    order = np.argsort(red, kind="stable")
    return _compact(mesh.vertices, mesh.faces[order]), int((~red).sum())


def _compact(vertices: NDArray[np.floating], faces: NDArray[np.integer]) -> Mesh:
    """The faces with vertices numbered in the order in which they occur, others left out."""
    used, first, number = np.unique(faces.ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Mesh(vertices[used[order]], place[number].reshape(-1, 3))


def _planes(values: NDArray[np.int64], count: int) -> bytes:
    """The lowest bytes of all values, then the next ones: alike bytes stand together."""
    return values.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :count].T.tobytes()
