"""What others make of a scan: screened Poisson and ball pivoting, by MeshLab's library.

It is an extra (`pip install toposhape[peers]`) under the GPL, and nothing else here needs it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toposhape.shapes.surfaces import Surface

POISSON_DEPTH = 8
"""Of the octree, MeshLab's default: cells as fine as a grid of 256 vertices."""

Points = NDArray[np.float32]


def screened_poisson(points: Points, normals: Points) -> Surface:
    """Kazhdan and Hoppe, Screened Poisson surface reconstruction, 2013.

    Args:
        points: (n, 3), in the shape frame.
        normals: (n, 3) unit vectors, turned outwards.

    Raises:
        ModuleNotFoundError: if pymeshlab is not installed.
    """
    meshes = _mesh_set(points, normals)
    name = "generate_surface_reconstruction_screened_poisson"
    meshes.apply_filter(name, depth=POISSON_DEPTH, threads=1)
    return _current(meshes)


def ball_pivoting(points: Points, normals: Points) -> Surface:
    """Bernardini et al., The ball-pivoting algorithm, 1999; the ball's radius is estimated.

    Args:
        points: as for `screened_poisson`.
        normals: as for `screened_poisson`.

    Raises:
        ModuleNotFoundError: if pymeshlab is not installed.
    """
    meshes = _mesh_set(points, normals)
    meshes.apply_filter("generate_surface_reconstruction_ball_pivoting")
    return _current(meshes)


PEERS: dict[str, Callable[[Points, Points], Surface]] = {
    "Poisson": screened_poisson,
    "Ball-pivoting": ball_pivoting,
}


def _mesh_set(points: Points, normals: Points) -> Any:
    try:
        import pymeshlab
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "peers are made by pymeshlab, which is not installed: pip install toposhape[peers], "
            "or leave them out (scans.peers: [])"
        ) from error
    meshes = pymeshlab.MeshSet(verbose=False)
    cloud = pymeshlab.Mesh(
        vertex_matrix=points.astype(np.float64), v_normals_matrix=normals.astype(np.float64)
    )
    meshes.add_mesh(cloud)
    return meshes


def _current(meshes: Any) -> Surface:
    found = meshes.current_mesh()
    return Surface(found.vertex_matrix(), found.face_matrix().astype(np.int64))
