"""Surfaces and their connected pieces, loose ones in a colour of their own."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..colours import CLAY, LOOSE


class Mesh(NamedTuple):
    """A surface in the shape frame: vertices (V, 3), faces (F, 3), outwards."""

    vertices: NDArray[np.floating]
    faces: NDArray[np.integer]


def piece_colours(mesh: Mesh) -> NDArray[np.float64]:
    """A colour for each face (F, 3): `CLAY`, and `LOOSE` for every piece but the largest.

    A surface that encloses a negative volume is the wall of a cavity, not a piece.
    """
    piece = piece_of_faces(mesh.faces, len(mesh.vertices))
    corners = np.asarray(mesh.vertices, np.float64)[mesh.faces]
    cones = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    volume = np.bincount(piece, cones)
    loose = volume > 0
    loose[volume.argmax()] = False
    return np.where(loose[piece][:, None], LOOSE, CLAY)


def piece_of_faces(faces: NDArray[np.integer], vertices: int) -> NDArray[np.int64]:
    """The number of the connected piece of surface that each face belongs to, (F,)."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    ones = np.ones(len(edges), np.int8)
    graph = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(vertices, vertices))
    _, of_vertex = connected_components(graph, directed=False)
    return np.unique(of_vertex[faces[:, 0]], return_inverse=True)[1]


def read_meshes(paths: Iterable[str | Path]) -> list[Mesh]:
    """Read mesh files as the pipeline wrote them; an empty mesh gives one without faces."""
    meshes = []
    for path in paths:
        mesh = trimesh.load_mesh(path, process=False)
        vertices = np.asarray(mesh.vertices, np.float32).reshape(-1, 3)
        meshes.append(Mesh(vertices, np.asarray(mesh.faces, np.int64).reshape(-1, 3)))
    return meshes
