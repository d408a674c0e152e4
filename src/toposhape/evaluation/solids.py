"""What a solid {f <= 0} on the grid is like beyond its diagram: does it stand, what dangles."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from toposhape.topology import superlevel_diagrams
from toposhape.topology.grids.persistence import Complex

FOOT = 0.05  # normalised units: what lies no higher above the lowest point touches the ground
LONG = 0.1  # normalised units: what hangs down less is a seat's edge or the sag of a bar
UP = 1  # the axis of the grid that points upwards

_CUBE = np.indices((3, 3, 3)) - 1
NEIGHBOURS = {
    "freudenthal": (_CUBE >= 0).all(axis=0) | (_CUBE <= 0).all(axis=0),
    "cubical": np.abs(_CUBE).sum(axis=0) <= 1,
}
"""Which vertices of the grid hang together with the one in the middle, by complex (reading 2)."""


def largest_piece(inside: NDArray[np.bool_], complex: str) -> NDArray[np.bool_]:
    """The piece with most vertices, the first of several; nothing if there is none.

    Args:
        inside: (R, R, R) vertices where f <= 0.
        complex: `freudenthal` or `cubical`: which vertices are neighbours.
    """
    pieces, count = ndimage.label(inside, NEIGHBOURS[complex])
    if count < 2:
        return inside
    largest: NDArray[np.bool_] = pieces == 1 + np.bincount(pieces.ravel())[1:].argmax()
    return largest


def stands(piece: NDArray[np.bool_], inside: NDArray[np.bool_]) -> bool:
    """Whether a piece of the solid would stand on level ground, with y up and of equal density.

    The ground is as low as the lowest point of the solid. The piece touches it with its feet,
    what lies less than `FOOT` above; it stands if its centre of mass is over their convex hull.
    A seat above loose legs does not reach the ground.

    Args:
        piece: (R, R, R) vertices of the piece, such as the largest one.
        inside: (R, R, R) vertices of the whole solid.
    """
    heights = np.flatnonzero(inside.any(axis=(0, 2)))
    if not len(heights):
        return False
    step = 2 / (len(inside) - 1)
    ground = slice(heights[0], heights[0] + 1 + int(FOOT / step))
    feet = np.argwhere(piece[:, ground].any(axis=UP))
    centre = np.argwhere(piece)[:, [0, 2]].mean(axis=0)
    corners = np.array([(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)])  # of a vertex's cell
    return len(feet) > 0 and in_hull(centre, (feet[:, None] + corners).reshape(-1, 2))


def dangling_parts(inside: NDArray[np.bool_], complex: Complex) -> int:
    """Parts that end in the air, as torn legs do: y is up.

    A part that hangs down ends in a local minimum of height on the solid, above the ground, from
    which one must climb by more than `LONG` to come to a lower one. What is left on the ground of a
    leg that is torn from its seat rises and ends in a local maximum, from which one must descend as
    far to come to a higher one, and above which there is something: arms and posts of backs end
    under the sky. Both are points of degree 0 of height's persistence diagrams. The lowest and
    the highest point of a loose piece are none, for no way leads on from them.

    Args:
        inside: (R, R, R) vertices where f <= 0.
        complex: `freudenthal` or `cubical`: which vertices are neighbours.
    """
    heights = np.flatnonzero(inside.any(axis=(0, 2)))
    if not len(heights):
        return 0
    axis = np.linspace(-1, 1, len(inside), dtype=np.float32)
    lowest = _ends(inside, -axis, complex)
    hanging = axis[lowest[:, UP]] > axis[heights[0]] + FOOT
    rising = [_is_covered(inside, end) for end in _ends(inside, axis, complex)]
    return int(hanging.sum()) + sum(rising)


def _ends(
    inside: NDArray[np.bool_], along: NDArray[np.float32], complex: Complex
) -> NDArray[np.int64]:
    """Vertices (n, 3) where parts end that point along an axis, its values (R,) at each height."""
    outside = np.float32(-2)
    values: NDArray[np.float32] = np.where(inside, along[:, None], outside)
    (diagram,) = superlevel_diagrams([values], complex=complex, threads=1)
    death, birth = diagram.points[0].T
    ends = diagram.vertices[0][(death > outside) & (birth - death > LONG), 1]
    return np.stack(np.unravel_index(ends, inside.shape), axis=-1)


def _is_covered(inside: NDArray[np.bool_], end: NDArray[np.int64]) -> bool:
    """Whether there is something above a vertex, the highest of its part, or beside it above."""
    x, y, z = end
    above = inside[max(0, x - 1) : x + 2, y + 2 :, max(0, z - 1) : z + 2]
    return bool(above.any())


def in_hull(point: NDArray[np.floating], points: NDArray[np.floating]) -> bool:
    """Whether a point of the plane (2,) lies in the convex hull of others (n, 2), edges included.

    It does not if and only if all others lie in an open half plane beside it: if the directions
    to them leave a gap of more than half a turn.
    """
    ways = points - point
    if (ways == 0).all(axis=1).any():
        return True
    angles = np.sort(np.arctan2(ways[:, 1], ways[:, 0]))
    gaps = np.diff(angles, append=angles[0] + 2 * np.pi)
    return bool(gaps.max() <= np.pi + 1e-9)
