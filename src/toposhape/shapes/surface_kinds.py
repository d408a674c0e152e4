"""Which parts of a polygon soup's surface separate inside from outside.

A face, or a part of it, is *separating* if one of its sides is inside, *inner* if both are (where
parts overlap) and a *sheet* if neither is (an open panel that bounds no volume). A face of more
than one kind is cut into pieces, with edges down
to 0.015 in the shape frame.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .orientation import Faces, Vertices, sides, surface_shares, unit_normals

SEPARATING, INNER, SHEET = 0, 1, 2
_COARSE = 0.06
"""Longest edge of the pieces in which faces are judged at first; a quarter of it in the end."""
_MOST_PIECES = 12_000


class SurfaceKinds(NamedTuple):
    """Triangles, shape (n, 3, 3), by what they bound."""

    separating: Vertices
    """Turned such that the normal points outside."""
    sheets: Vertices


def sort_surface(vertices: Vertices, faces: Faces) -> SurfaceKinds:
    """Sort the surface by what it bounds; inner faces are left out.

    Args:
        vertices: shape (n, 3), in the shape frame.
        faces: shape (m, 3), oriented by `orient_faces`.
    """
    corners = vertices[faces]
    if surface_shares(vertices, faces).separating == 1:
        outward = _judge(vertices, faces, corners)[1]
        return _collect(corners, np.full(len(corners), SEPARATING), outward)
    coarse = affordable_limit(corners, _COARSE)
    pieces, origin = bisect(corners, np.arange(len(corners)), coarse)
    kind, outward = _judge(vertices, faces, pieces)
    for limit in (coarse / 2, coarse / 4):
        doubtful = _near_a_change(pieces, origin, kind, outward)
        limit = affordable_limit(pieces[doubtful], limit)
        finer, finer_origin = bisect(pieces[doubtful], origin[doubtful], limit)
        finer_kind, finer_outward = _judge(vertices, faces, finer)
        pieces = np.concatenate([pieces[~doubtful], finer])
        origin = np.concatenate([origin[~doubtful], finer_origin])
        kind = np.concatenate([kind[~doubtful], finer_kind])
        outward = np.concatenate([outward[~doubtful], finer_outward])
    return _collect(*_rejoin(corners, pieces, origin, kind, outward))


def affordable_limit(corners: Vertices, limit: float) -> float:
    """Return a larger limit for `bisect` where it would leave too many pieces of slender faces."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2).max(axis=1)
    while limit < 0.5 and _pieces(edges, limit) > _MOST_PIECES + len(corners):
        limit *= 1.3
    return limit


def _pieces(edges: NDArray[np.float64], limit: float) -> float:
    """About how many pieces halving makes of slender triangles with these longest edges."""
    return float(np.exp2(np.ceil(np.log2(np.maximum(edges / limit, 1)))).sum())


def _judge(
    vertices: Vertices, faces: Faces, pieces: Vertices
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Kind of each piece at its centre, and whether its normal points outside."""
    front, back = sides(vertices, faces, pieces.mean(axis=1), unit_normals(pieces))
    return np.where(front != back, SEPARATING, np.where(front, INNER, SHEET)), ~front


def _near_a_change(
    pieces: Vertices,
    origin: NDArray[np.int64],
    kind: NDArray[np.int64],
    outward: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Pieces beside which the kind of *their own* face changes."""
    label = 2 * kind + outward
    lowest, highest = _range_by_origin(label, origin, int(origin.max()) + 1)
    mixed = np.flatnonzero((lowest != highest)[origin])
    centres = pieces[mixed].mean(axis=1)
    size = np.linalg.norm(pieces[mixed] - centres[:, None], axis=2).max(axis=1, initial=0)
    apart = np.column_stack([centres, 10.0 * origin[mixed]])  # faces never meet in 4 dimensions
    doubtful = np.zeros(len(pieces), dtype=bool)
    for value in np.unique(label[mixed]):
        own = label[mixed] == value
        if own.all():
            continue
        distance = cKDTree(apart[~own]).query(apart[own], distance_upper_bound=1.0)[0]
        doubtful[mixed[own]] = distance < 2 * size[own]
    return doubtful


def _range_by_origin(
    label: NDArray[np.int64], origin: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lowest and highest label among the pieces of each face."""
    lowest, highest = np.full(count, 2 * SHEET + 2), np.full(count, -1)
    np.minimum.at(lowest, origin, label)
    np.maximum.at(highest, origin, label)
    return lowest, highest


def _rejoin(
    corners: Vertices,
    pieces: Vertices,
    origin: NDArray[np.int64],
    kind: NDArray[np.int64],
    outward: NDArray[np.bool_],
) -> tuple[Vertices, NDArray[np.int64], NDArray[np.bool_]]:
    """Put faces whose pieces are all alike together again."""
    label = 2 * kind + outward
    lowest, highest = _range_by_origin(label, origin, len(corners))
    whole = lowest == highest
    mixed = ~whole[origin]
    label = np.concatenate([lowest[whole], label[mixed]])
    return np.concatenate([corners[whole], pieces[mixed]]), label // 2, label % 2 == 1


def _collect(pieces: Vertices, kind: NDArray[np.int64], outward: NDArray[np.bool_]) -> SurfaceKinds:
    turned = np.where(outward[:, None, None], pieces, pieces[:, ::-1])
    return SurfaceKinds(turned[kind == SEPARATING], pieces[kind == SHEET])


def bisect(
    pieces: Vertices, origin: NDArray[np.int64], limit: float
) -> tuple[Vertices, NDArray[np.int64]]:
    """Halve triangles at their longest edges until no edge exceeds the limit.

    Args:
        pieces: shape (n, 3, 3).
        origin: a number that each piece hands on to its halves, shape (n,).
        limit: longest edge that is left.
    """
    short, short_origin = [pieces[:0]], [origin[:0]]
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
