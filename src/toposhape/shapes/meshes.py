"""Reading mesh files that nobody has checked."""

import os
import re
import stat
import struct
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import trimesh
from numpy.typing import NDArray

from .normalisation import Up, turn_upright
from .requests import MESH_SUFFIXES

MAX_FACES = 2_000_000
MAX_BYTES = 1_000_000_000
SMALLEST_SIZE, LARGEST_SIZE = 1e-20, 1e20
"""Extents of a mesh, in its own units, that can be normalised without loss."""
FLATNESS = 1e-4
"""A mesh whose smallest extent is below this share of its largest one bounds nothing."""


_NO_FILE = "not a regular file"


class MeshRejected(ValueError):
    """A file that cannot become a shape; the message is the manifest's reason."""


class Mesh(NamedTuple):
    """A triangle mesh as it was read, upright (y up), in its own units."""

    vertices: NDArray[np.float64]
    """Shape (n, 3)."""
    faces: NDArray[np.int64]
    """Shape (m, 3), vertex indices."""
    components: int
    """Parts that share no vertex, after coincident vertices were merged."""
    watertight: bool
    """Every edge has exactly two faces."""


class _BuffersOnly(trimesh.resolvers.Resolver):
    """Opens the binary buffers of a glTF file beside it, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def get(self, name: str) -> bytes:
        path = (self._folder / name.strip()).resolve()
        if path.suffix.lower() != ".bin" or not path.is_relative_to(self._folder):
            raise FileNotFoundError(f"the file refers to {name!r}, which is not followed")
        with _open(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise MeshRejected(f"buffer {name!r} has more than {MAX_BYTES} bytes")
            return file.read()

    def write(self, name: str, data: Any) -> None:
        raise PermissionError("a mesh is only read")

    def namespaced(self, namespace: str) -> "_BuffersOnly":
        return self

    def keys(self) -> list[str]:
        return []


def load_mesh(
    path: str | Path, *, up: Up = "y", max_faces: int = MAX_FACES, max_bytes: int = MAX_BYTES
) -> Mesh:
    """Read a mesh file in any format that trimesh knows.

    Scene graphs become one mesh with their transforms applied; materials, textures and other
    files are not opened. Faces with vertices that are not finite or not there reject the file,
    since nobody knows what else is wrong; faces without area and coincident vertices are removed.

    Raises:
        MeshRejected: with the reason, for whatever cannot become a shape.
    """
    path = Path(path)
    _check_file(path, max_faces, max_bytes)
    try:
        vertices, faces = _parse(path)
    except (MeshRejected, MemoryError):
        raise
    except Exception as error:  # whatever a parser trips over, the file is at fault
        text = " ".join(str(error).split())[:120]
        raise MeshRejected(f"not readable as {path.suffix}: {text or type(error).__name__}") from (
            error
        )
    return clean_mesh(vertices, faces, up=up, max_faces=max_faces)


def clean_mesh(
    vertices: NDArray[np.floating],
    faces: NDArray[np.integer],
    *,
    up: Up = "y",
    max_faces: int = MAX_FACES,
) -> Mesh:
    """Check triangles, turn them upright, merge coincident vertices, drop faces without area.

    Raises:
        MeshRejected: with the reason.
    """
    vertices, faces = np.asarray(vertices), np.asarray(faces)
    if len(faces) == 0:
        raise MeshRejected("no faces")
    if len(faces) > max_faces:
        raise MeshRejected(f"too many faces: {len(faces)}, allowed are {max_faces}")
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise MeshRejected("faces refer to vertices that do not exist")
    points, corners = _drop_unused(vertices.astype(np.float64), faces.astype(np.int64))
    if not np.isfinite(points).all():
        bad = int((~np.isfinite(points).all(axis=1)).sum())
        raise MeshRejected(f"{bad} of {len(points)} vertices are not finite")
    _check_extents(points)
    points, corners = _merge(turn_upright(points, up), corners)
    if len(corners) < 2:
        raise MeshRejected(f"{len(corners)} face with an area, a solid needs more")
    mesh = trimesh.Trimesh(points, corners, process=False)
    components = trimesh.graph.connected_component_labels(mesh.edges_unique, len(points))
    return Mesh(points, corners, int(components.max()) + 1, bool(mesh.is_watertight))


def _check_extents(vertices: NDArray[np.float64]) -> None:
    largest_value = float(np.abs(vertices).max())
    if largest_value > LARGEST_SIZE:
        raise MeshRejected(f"absurd scale: coordinates up to {largest_value:.1g}")
    extents = np.ptp(vertices, axis=0)
    size = float(extents.max())
    if size < SMALLEST_SIZE or size < 1e-9 * largest_value:
        raise MeshRejected(f"degenerate: the whole mesh is {size:.1g} wide")
    directions = np.linalg.svd((vertices - vertices.mean(axis=0)) / size, compute_uv=False)
    if extents.min() < FLATNESS * size or directions[-1] < FLATNESS * directions[0]:
        raise MeshRejected("flat: all vertices lie in one plane")


def _drop_unused(
    vertices: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    used, renumbered = np.unique(faces, return_inverse=True)
    return vertices[used], renumbered.reshape(-1, 3).astype(np.int64)


def _merge(
    vertices: NDArray[np.float64], faces: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Merge vertices closer than 1e-6 of the size; drop faces that lose their area by it."""
    low = vertices.min(axis=0)
    size = float(np.ptp(vertices, axis=0).max())
    rounded = np.round((vertices - low) / (size * 1e-6)).astype(np.int64)
    key = (rounded[:, 0] * 1_000_003 + rounded[:, 1]) * 1_000_003 + rounded[:, 2]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    merged = inverse.reshape(-1)[faces]
    corners = vertices[first][merged] / size
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return _drop_unused(vertices[first], merged[np.linalg.norm(normal, axis=1) > 1e-14])


def _check_file(path: Path, max_faces: int, max_bytes: int) -> None:
    """Reject what needs no parser to be rejected."""
    if not path.exists():
        raise MeshRejected("file not found")
    if not path.is_file():
        raise MeshRejected(_NO_FILE)
    if path.suffix.lower() not in MESH_SUFFIXES:
        raise MeshRejected(f"no mesh format: {path.suffix or 'no suffix'}")
    size = path.stat().st_size
    if size == 0:
        raise MeshRejected("empty file")
    if size > max_bytes:
        raise MeshRejected(f"file of {size} bytes, allowed are {max_bytes}")
    try:
        claimed = _claimed_faces(path)
    except OSError as error:
        raise MeshRejected(f"unreadable: {error.strerror}") from error
    if claimed > max_faces:
        raise MeshRejected(f"too many faces: the file claims {claimed}, allowed are {max_faces}")


def _claimed_faces(path: Path) -> int:
    """Faces (or vertices, if more) by the file's header or by its lines; 0 where neither says."""
    suffix = path.suffix.lower()
    with _open(path) as file:
        if suffix == ".obj":
            return sum(line.lstrip()[:2] in (b"f ", b"f\t") for line in file)
        head = file.read(4096)
    if suffix == ".ply":
        counts = re.findall(rb"element (?:face|vertex) (\d+)", head)
        return max(map(int, counts), default=0)
    if suffix == ".stl" and not head.lstrip().startswith(b"solid") and len(head) >= 84:
        faces: int = struct.unpack("<I", head[80:84])[0]
        return faces
    if suffix == ".off":
        found = re.search(rb"OFF\s+(?:#[^\n]*\s+)*(\d+)\s+(\d+)", head)
        return max(map(int, found.groups())) if found else 0
    return 0


def _open(path: Path) -> BinaryIO:
    """Open a regular file; reading a pipe or a device might wait for ever, or never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise MeshRejected(_NO_FILE)
    return os.fdopen(descriptor, "rb")


def _tidied_obj(content: bytes) -> BytesIO:
    """An OBJ file as trimesh reads it: it loses faces with tabs, indents, lone CRs or remarks."""
    if b"\0" not in content[:4]:  # UTF-16 stays as it is
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\t", b" ")
        content = re.sub(rb"(?m)^ +|#.*$", b"", content)
    return BytesIO(content)


def _parse(path: Path) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All triangles of a file, transforms of its scene graph applied."""
    with _open(path) as file:
        scene = trimesh.load_scene(
            _tidied_obj(file.read()) if path.suffix.lower() == ".obj" else file,
            file_type=path.suffix.lower().lstrip("."),
            resolver=_BuffersOnly(path.parent),
            allow_remote=False,
            process=False,
            skip_materials=True,
        )
    meshes = [part for part in scene.dump() if isinstance(part, trimesh.Trimesh)]
    if not meshes:
        raise MeshRejected("no faces")
    starts = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    vertices = np.concatenate([mesh.vertices for mesh in meshes])
    faces = np.concatenate(
        [mesh.faces + start for mesh, start in zip(meshes, starts[:-1], strict=True)]
    )
    return vertices, faces
