"""How far a reconstructed surface is from the true one and from its scan: IGR's (10) to (13).

Distances are those of points to triangles, not of points to points: two samples of one surface lie
about half a root of (area / samples) apart, which would hide what is compared.
"""

from typing import NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from toposhape.shapes.mesh_topology import Betti
from toposhape.shapes.signed_distance import closest_on
from toposhape.shapes.surfaces import Surface, surface_points

LONGEST_SIDE = 75.0
"""Of the true surface, or of the scan: the unit of all distances, that of the benchmark's files."""

Array = NDArray[np.floating]


class Distances(NamedTuple):
    """Mean and largest distance; not a number where there is nothing to measure."""

    chamfer: float
    hausdorff: float


def distances_to(points: Array, surface: Surface) -> NDArray[np.float64]:
    """Distance of points (n, 3) to triangles, or to points where there are no triangles: (n,)."""
    vertices = surface.vertices.astype(np.float64)
    if len(surface.faces) == 0:
        distances: NDArray[np.float64] = cKDTree(vertices).query(points)[0]
        return distances
    return closest_on(vertices[surface.faces], points.astype(np.float64))[0]


def one_sided(points: Array, surface: Surface) -> Distances:
    """(12) and (13): mean and maximum over points (n, 3) of the distance to a surface."""
    if len(points) == 0 or len(surface.vertices) == 0:
        return Distances(float("nan"), float("nan"))
    found = distances_to(points, surface)
    return Distances(float(found.mean()), float(found.max()))


def two_sided(made: Surface, truth: Surface, samples: int, seed: int) -> Distances:
    """(10) and (11): half the sum of both one-sided means, and the larger maximum.

    Args:
        made: a mesh.
        truth: a mesh, or a dense cloud of points.
        samples: points that are drawn on each mesh.
        seed: of the draws.
    """
    there = one_sided(_points_of(made, samples, seed), truth)
    back = one_sided(_points_of(truth, samples, seed + 1), made)
    return Distances(
        (there.chamfer + back.chamfer) / 2, float(np.maximum(there.hausdorff, back.hausdorff))
    )


def largest_piece(surface: Surface) -> Surface:
    """The connected part with the largest area: all of an empty surface."""
    if len(surface.faces) == 0:
        return surface
    mesh, labels = _labelled(surface)
    largest = np.bincount(labels, weights=mesh.area_faces).argmax()
    return Surface(surface.vertices, surface.faces[labels == largest])


def surface_betti_numbers(surface: Surface) -> Betti | None:
    """Pieces, handles and cavities of the solid that disjoint, oriented, closed surfaces bound.

    As marching cubes and Poisson make them. A surface that encloses a positive volume bounds a
    piece, one that encloses a negative volume a cavity; each of genus g adds g handles.

    Returns:
        None if a part is not closed, or its edges have not two faces each.
    """
    if len(surface.faces) == 0:
        return 0, 0, 0
    mesh, labels = _labelled(surface)
    if not (mesh.is_watertight and mesh.is_winding_consistent):
        return None
    betti = [0, 0, 0]
    corners = np.asarray(mesh.triangles)
    volumes = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    for label in range(labels.max() + 1):
        faces = surface.faces[labels == label]
        euler = len(np.unique(faces)) - len(faces) // 2
        betti[0 if volumes[labels == label].sum() > 0 else 2] += 1
        betti[1] += 1 - euler // 2
    return betti[0], betti[1], betti[2]


def _points_of(surface: Surface, samples: int, seed: int) -> Array:
    if len(surface.faces) == 0:
        return surface.vertices
    return surface_points(surface.vertices.astype(np.float32), surface.faces, samples, seed)


def _labelled(surface: Surface) -> tuple[trimesh.Trimesh, NDArray[np.int64]]:
    """A mesh, and for each face the part that it hangs together with by edges."""
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    labels = trimesh.graph.connected_component_labels(mesh.face_adjacency, len(surface.faces))
    return mesh, labels
