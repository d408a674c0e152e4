"""Where the vertices of a grid lie in the padded flat array, and the links and tables for it."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from toposhape.base.kernels.calls import Bundle, Kernel

from .geometry import LinkGeometry, cubical_geometry, forward_steps, freudenthal_geometry
from .links import CUBICAL_CODES, FREUDENTHAL_CODES, MAX_SADDLES, Cubical, Freudenthal, Sphere

_fill_freudenthal_tables = Kernel(f"{__package__}.freudenthal", "fill_tables")
_fill_cubical_table = Kernel(f"{__package__}.cubical", "fill_tables")

WORD_BITS = 64
VECTOR_BITS = 512


class Layout(NamedTuple):
    """A grid in a padded flat array, as one complex sees it.

    Attributes:
        shape: ``(D, H, W)``.
        complex: ``"freudenthal"`` or ``"cubical"``.
        start: index of the first vertex.
        size: vertices with their padding, a multiple of 512.
        spare: values that must be readable after these.
        link: the complex with offsets for this grid, a `links.Freudenthal` or `links.Cubical`.
        offsets: ``(p,)`` offsets of the forward steps.
        shifts: ``(p, 3)`` see `workspace.Planes`.
        plane_words: words of one plane of bits.
    """

    shape: tuple[int, int, int]
    complex: str
    start: int
    size: int
    spare: int
    link: Bundle
    offsets: NDArray[np.int64]
    shifts: NDArray[np.int64]
    plane_words: int

    def inside(self) -> NDArray[np.uint64]:
        """Return a bit for each vertex, in words of 64: is it no padding?"""
        _, height, width = self.shape
        inside = np.zeros(self.size, dtype=np.uint8)
        strides = ((height + 1) * (width + 1), width + 1, 1)
        np.lib.stride_tricks.as_strided(inside[self.start :], self.shape, strides)[...] = 1
        return np.packbits(inside, bitorder="little").view(np.uint64)


@functools.lru_cache(maxsize=16)
def layout(shape: tuple[int, int, int], complex: str) -> Layout:
    """Return the layout of a grid for a complex.

    Rows of W vertices are followed by one vertex of padding, planes of H rows by one such row.
    """
    depth, height, width = shape
    row, plane = width + 1, (height + 1) * (width + 1)
    strides = np.array([plane, row, 1])
    start = plane + row + 1
    needed = start + depth * plane + height * row + width + 1
    size = -(-needed // VECTOR_BITS) * VECTOR_BITS
    geometry = {"freudenthal": freudenthal_geometry, "cubical": cubical_geometry}[complex]()
    offsets = np.array(forward_steps(geometry)) @ strides
    guard = start // WORD_BITS + 2
    shifts = np.stack(
        [np.full_like(offsets, guard), guard + (-offsets // WORD_BITS), -offsets % WORD_BITS],
        axis=1,
    )
    make_link = {"freudenthal": _freudenthal_link, "cubical": _cubical_link}[complex]
    return Layout(
        shape=shape,
        complex=complex,
        start=start,
        size=size,
        spare=start + WORD_BITS,
        link=Bundle(make_link(geometry, strides)),
        offsets=offsets,
        shifts=shifts,
        plane_words=guard + size // WORD_BITS + VECTOR_BITS // WORD_BITS,
    )


def _sphere(geometry: LinkGeometry) -> Sphere:
    edges, triangles = geometry.edges, geometry.triangles
    directions = np.arange(len(geometry.steps))
    return Sphere(
        edges=geometry.edges,
        edge_number=geometry.edge_number,
        triangles=geometry.triangles,
        neighbours=_masks(geometry.edge_number >= 0),
        sides=_masks((edges[:, None, :, None] == triangles[:, None, :]).any(-1).all(-1)),
        stars=_masks((directions[:, None, None] == triangles).any(-1)),
    )


def _masks(members: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return one mask for each row of a table of members."""
    return members @ (1 << np.arange(members.shape[1]))


def _freudenthal_link(geometry: LinkGeometry, strides: NDArray[np.int64]) -> Freudenthal:
    forests, components, saddles = _freudenthal_tables()
    return Freudenthal(
        sphere=_sphere(geometry),
        down=geometry.steps @ strides,
        up=geometry.upward_steps @ strides,
        around=geometry.around @ strides,
        far_start=geometry.far_start @ strides,
        far_direction=geometry.far_direction,
        forests=forests,
        components=components,
        saddles=saddles,
    )


def _cubical_link(geometry: LinkGeometry, strides: NDArray[np.int64]) -> Cubical:
    return Cubical(
        sphere=_sphere(geometry),
        down=geometry.steps @ strides,
        up=geometry.upward_steps @ strides,
        around=geometry.around @ strides,
        far_start=geometry.far_start @ strides,
        far_direction=geometry.far_direction,
        forests=_cubical_forests(),
    )


@functools.cache
def _freudenthal_tables() -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.int8]]:
    """Return the tables ``forests, components, saddles`` of `links.Freudenthal`."""
    geometry = freudenthal_geometry()
    forests = np.empty(FREUDENTHAL_CODES, dtype=np.int64)
    components = np.empty(FREUDENTHAL_CODES, dtype=np.uint8)
    saddles = np.zeros((FREUDENTHAL_CODES, MAX_SADDLES, 3), dtype=np.int8)
    holes = np.empty(len(geometry.triangles), dtype=np.int64)
    found = np.empty((len(geometry.edges), 3), dtype=np.int64)
    _fill_freudenthal_tables(_sphere(geometry), forests, components, saddles, holes, found)
    return forests, components, saddles


@functools.cache
def _cubical_forests() -> NDArray[np.int64]:
    """Return the table ``forests`` of `links.Cubical`."""
    geometry = cubical_geometry()
    forests = np.zeros(CUBICAL_CODES, dtype=np.int64)
    neighbours = np.empty(len(geometry.steps), dtype=np.int64)
    _fill_cubical_table(_sphere(geometry), forests, neighbours)
    return forests
