"""Betti numbers of the solid that a watertight mesh bounds, from the mesh itself.

Parts that overlap are united first. A solid whose boundary surfaces have genus g_1, ..., g_n has as
many pieces as outer surfaces, as many cavities as inner ones, and g_1 + ... + g_n handles: half of
the boundary's homology dies inside.
"""

import numpy as np
import trimesh
from manifold3d import Error, Manifold, Mesh64, OpType

from .orientation import Faces, Vertices, orient_faces

CONTACT = 1e-4
"""In the shape frame. What a gap or an overlap of this size changes is not known."""

Betti = tuple[int, int, int]


def mesh_betti_numbers(vertices: Vertices, faces: Faces) -> Betti | None:
    """Pieces, handles and cavities of a watertight mesh; None where it does not say.

    It does not say where a part is no closed surface, or where the answer hangs on contacts: with
    vertices rounded to a tenth of `CONTACT`, to `CONTACT`, or not at all it must be the same.

    Args:
        vertices: shape (n, 3), in the shape frame, coincident ones merged.
        faces: shape (m, 3).
    """
    turned = orient_faces(vertices, faces)
    found = {
        _betti_numbers(np.round(vertices / step) * step if step else vertices, turned)
        for step in (0, CONTACT / 10, CONTACT)
    }
    return found.pop() if len(found) == 1 else None


def _betti_numbers(vertices: Vertices, faces: Faces) -> Betti | None:
    solids, hollows = [], []
    for part in _parts(vertices, faces):
        surface = _as_manifold(vertices, part)
        if surface is None:
            return None
        if surface.volume() > 0:
            solids.append(surface)
        else:
            hollows.append(_as_manifold(vertices, part[:, ::-1]))
    if not solids:
        return None
    united = Manifold.batch_boolean(solids, OpType.Add)
    if hollows:
        united -= Manifold.batch_boolean(hollows, OpType.Add)
    boundaries = united.decompose()
    outer = sum(each.volume() > 0 for each in boundaries)
    return outer, sum(each.genus() for each in boundaries), len(boundaries) - outer


def _parts(vertices: Vertices, faces: Faces) -> list[Faces]:
    """Faces that hang together by edges."""
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    labels = trimesh.graph.connected_component_labels(mesh.face_adjacency, len(faces))
    return [faces[labels == label] for label in range(labels.max() + 1)]


def _as_manifold(vertices: Vertices, faces: Faces) -> Manifold | None:
    """A closed surface; None if the faces are none."""
    used, renumbered = np.unique(faces, return_inverse=True)
    mesh = Mesh64(
        vert_properties=np.ascontiguousarray(vertices[used]),
        tri_verts=renumbered.reshape(-1, 3).astype(np.uint64),
    )
    surface = Manifold(mesh)
    return surface if surface.status() == Error.NoError and not surface.is_empty() else None
