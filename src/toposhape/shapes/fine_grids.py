"""Signed distance on fine grids: exact where topology needs it, interpolated in between.

Distances are known on a coarse lattice. Halving the spacing, a new vertex is evaluated

- if the surface may lie within one spacing of the *finest* grid: a distance changes by no more than
  the way, so every known vertex bounds what is around it, and no vertex that is left out has
  another sign than its neighbours or touches the surface's cells;
- near kinks, where the last halving was wrong by much, if the field is flat there too. Births lie
  on a shape's inner kinks, deaths of holes on the outer ones; but a critical vertex needs an error
  that outweighs the slope, and along most of a kink the field goes on rising.

All others are interpolated by cubics.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .grids import Grid, grid_points, signed_distance_grid
from .orientation import Vertices
from .signed_distance import Solid, closest_on

TOLERANCE = 0.2
"""Interpolation error that may stand, as a share of the field's rise from vertex to vertex."""
_FLAT_ERROR = 0.001
"""What is added to it where the field is flat [normalised units]."""
_COARSEST = 8
SMALLEST_GRID = 34
"""Vertices along an edge; below, the coarsest lattice allows no cubics: all are evaluated."""
_DECAY = 0.5
"""Of the interpolation's error at a kink, when the spacing is halved."""
_ROUNDING = 1e-6

Field = NDArray[np.float64]
Evaluate = Callable[[Vertices, NDArray[np.float64]], NDArray[np.float64]]
"""Values at points, shape (n, 3), of which the sign may be known: positive, negative, or 0."""


def fine_distance_grid(solid: Solid, resolution: int, tolerance: float = TOLERANCE) -> Grid:
    """Signed distance at the vertices of the grid of [-1, 1]^3; the module says what is exact.

    Where a mesh is open the sign changes away from any face, so that every vertex is evaluated.
    """
    if not solid.closed:
        return signed_distance_grid(solid, resolution)

    def evaluate(points: Vertices, known: NDArray[np.float64]) -> NDArray[np.float64]:
        if not len(solid.separating):
            return solid.signed_distance(points)
        distance, nearest, face = closest_on(solid.separating, points)
        inside = known < 0
        asked = known <= 0 if solid.has_thickened else known == 0  # what is inside may be thickened
        inside[asked] = solid.is_inside(points[asked], nearest[asked], face[asked])
        return solid.with_thickened(points, np.where(inside, -distance, distance))

    return Grid(fill_distances(evaluate, resolution, tolerance).astype(np.float32))


def fill_distances(evaluate: Evaluate, resolution: int, tolerance: float = TOLERANCE) -> Field:
    """Fill the grid of [-1, 1]^3 with a signed distance, or what changes no faster than one.

    Args:
        evaluate: is asked up to 15 spacings outside the box, where the coarse lattices end.
        resolution: R.
        tolerance: interpolation error that may stand away from the surface, as a share of the rise
            over one spacing of the coarser lattice; 0 evaluates every kink.

    Returns:
        (R, R, R).
    """
    if resolution < SMALLEST_GRID:
        unknown = np.zeros(resolution**3)
        return evaluate(grid_points(resolution), unknown).reshape((resolution,) * 3)
    spacing = 2 / (resolution - 1)
    axis = _lattice_axis(resolution)
    nothing = np.zeros((len(axis[::_COARSEST]),) * 3)
    bound = values = _at(evaluate, axis, nothing == 0, nothing, _COARSEST).reshape(nothing.shape)
    error = np.abs(values - _along_axes(_cubic(len(values) // 2 + 1), values[::2, ::2, ::2]))
    stride = _COARSEST
    while stride > 1:
        stride //= 2
        wrong = _DECAY * ndimage.maximum_filter(error, 3)
        rough = wrong > _FLAT_ERROR + tolerance * _rise(values)
        bound = _refined_bound(bound, stride * spacing)
        values = _along_axes(_cubic(len(values)), values)
        values = np.copysign(np.maximum(np.abs(values), np.abs(bound)), bound)
        needed = np.abs(bound) < spacing + _ROUNDING
        needed |= _upsampled(rough)
        _leave_out_known_and_outside(needed, (resolution - 2) // stride + 2)
        exact = _at(evaluate, axis, needed, bound, stride)
        error = np.zeros_like(values)
        error[needed] = np.abs(exact - values[needed])
        values[needed] = bound[needed] = exact
    return values[:resolution, :resolution, :resolution]


def _at(
    evaluate: Evaluate,
    axis: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    bound: Field,
    stride: int,
) -> NDArray[np.float64]:
    return evaluate(axis[stride * np.argwhere(chosen)], bound[chosen])


def _refined_bound(bound: Field, spacing: float) -> Field:
    """What known values say of the new vertices: sign, and least distance to the surface.

    Negative amounts are kept as zero: there nothing is known.
    """
    nodes = 2 * len(bound) - 1
    refined = np.zeros((nodes,) * 3)
    refined[::2, ::2, ::2] = bound
    for axis in range(3):
        low, new, high = (
            np.moveaxis(refined, axis, 0)[place]
            for place in (slice(0, -1, 2), slice(1, None, 2), slice(2, None, 2))
        )
        new[...] = np.where(np.abs(low) >= np.abs(high), low, high)
    odd = np.arange(nodes) % 2
    away = spacing * np.sqrt(odd[:, None, None] + odd[:, None] + odd)
    lowest: Field = np.copysign(np.maximum(np.abs(refined) - away, 0), refined)
    return lowest


def _rise(values: Field) -> Field:
    """Norm of the gradient, per spacing; at a ridge the slopes across it cancel."""
    norm: Field = np.sqrt(sum(slope**2 for slope in np.gradient(values)))
    return norm


def _upsampled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """New vertices between marked ones and others."""
    refined = np.zeros((2 * len(mask) - 1,) * 3, bool)
    refined[::2, ::2, ::2] = mask
    grown: NDArray[np.bool_] = ndimage.maximum_filter(refined, 3)
    return grown


def _leave_out_known_and_outside(needed: NDArray[np.bool_], inside: int) -> None:
    needed[::2, ::2, ::2] = False
    needed[inside:] = needed[:, inside:] = needed[:, :, inside:] = False


def _lattice_axis(resolution: int) -> NDArray[np.float64]:
    """Coordinates of the grid, continued until twice the coarsest spacing divides it."""
    spacing = 2 / (resolution - 1)
    missing = -(resolution - 1) % (2 * _COARSEST)
    return np.append(np.linspace(-1, 1, resolution), 1 + spacing * np.arange(1, missing + 1))


def _along_axes(matrix: NDArray[np.float64], values: Field) -> Field:
    """Apply a (m, n) matrix along each axis of (n, n, n)."""
    for _ in range(3):
        values = np.tensordot(values, matrix, axes=([0], [1]))
    return values


@lru_cache
def _cubic(nodes: int) -> NDArray[np.float64]:
    """From n values at even places to 2n - 1, by the cubic through the four nearest."""
    matrix = np.zeros((2 * nodes - 1, nodes))
    matrix[::2] = np.eye(nodes)
    for i in range(1, nodes - 2):
        matrix[2 * i + 1, i - 1 : i + 3] = np.array([-1, 9, 9, -1]) / 16
    at_the_end = np.array([5, 15, -5, 1]) / 16
    matrix[1, :4] = at_the_end
    matrix[-2, -4:] = at_the_end[::-1]
    return matrix
