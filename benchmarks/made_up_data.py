"""Made-up data of a real size: furniture as mesh files, some of them broken; ShapeNet's folders."""

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import trimesh

from toposhape.shapes.furniture import CATEGORIES, make_shape

FORMATS = (".obj", ".ply", ".stl", ".off", ".glb")
MODEL_FILES = {1: "model.obj", 2: "models/model_normalized.obj"}


def write_furniture(folder: Path, count: int, *, start: int = 0, broken_every: int = 50) -> None:
    """Write procedural chairs, tables and sofas in turn, in all formats; one in so many broken.

    Args:
        folder: is made if it is not there; files are named by a hash, so that later ones fall
            between earlier ones.
        count: files to write.
        start: number of the first; the same number is always the same shape.
        broken_every: the first of so many is broken, each time in the next way of `BROKEN`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ways = list(BROKEN)
    for number in range(start, start + count):
        name = blake2b(str(number).encode(), digest_size=6).hexdigest()
        if number % broken_every == 0:
            way = ways[number // broken_every % len(ways)]
            BROKEN[way](folder / f"{name}-{way}", number)
        else:
            mesh(number).export(folder / f"{name}{FORMATS[number % len(FORMATS)]}")


def mesh(number: int) -> trimesh.Trimesh:
    """A procedural chair, table or sofa."""
    kinds = list(CATEGORIES)
    made = make_shape(kinds[number % len(kinds)], 0, number)
    return trimesh.Trimesh(made.vertices, made.faces, process=False)


def _bytes(suffix: str, content: bytes) -> Callable[[Path, int], None]:
    """These bytes."""

    def write(stem: Path, _: int) -> None:
        (stem.parent / f"{stem.name}{suffix}").write_bytes(content)

    return write


def _cut(suffix: str, share: float) -> Callable[[Path, int], None]:
    """Only the first part of a good file."""

    def write(stem: Path, number: int) -> None:
        file = stem.parent / f"{stem.name}{suffix}"
        mesh(number).export(file)
        whole = file.read_bytes()
        file.write_bytes(whole[: int(share * len(whole))])

    return write


def _changed(change: Callable[[trimesh.Trimesh], None]) -> Callable[[Path, int], None]:
    """A good mesh after something was done to it."""

    def write(stem: Path, number: int) -> None:
        made = mesh(number)
        change(made)
        made.export(stem.parent / f"{stem.name}.ply")

    return write


def _not_a_number(made: trimesh.Trimesh) -> None:
    made.vertices[::7] = float("nan")


def _huge(made: trimesh.Trimesh) -> None:
    made.vertices *= 1e25


def _sheet(made: trimesh.Trimesh) -> None:
    made.vertices[:, 2] = 0


def _point(made: trimesh.Trimesh) -> None:
    made.vertices[:] = made.vertices[0]


def _needle(made: trimesh.Trimesh) -> None:
    made.vertices[:, :2] *= 1e-3


def _twice(stem: Path, _: int) -> None:
    """A good shape under two names: no fault, but both must land in the same part of the split."""
    made = mesh(1)
    for copy in ("a", "b"):
        made.export(stem.parent / f"{stem.name}-{copy}.ply")


_PLY = (
    b"ply\nformat %s 1.0\nelement vertex %d\nproperty float x\nproperty float y\nproperty float z\n"
)
_FACES = b"element face %d\nproperty list uchar int vertex_indices\nend_header\n"

BROKEN: Mapping[str, Callable[[Path, int], None]] = {
    "empty": _bytes(".ply", b""),
    "truncated": _cut(".ply", 0.6),
    "truncated-scene": _cut(".glb", 0.9),
    "nan": _changed(_not_a_number),
    "triangle": _bytes(".off", b"OFF\n3 1 0\n0 0 0\n1 0 0.2\n0 1 0.3\n3 0 1 2\n"),
    "sheet": _changed(_sheet),
    "counts": _bytes(".ply", _PLY % (b"binary_little_endian", 8) + _FACES % 3_000_000_000),
    "counts-stl": _bytes(".stl", bytes(80) + b"\xff\xff\xff\xff" + bytes(50)),
    "picture": _bytes(".stl", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8),
    "words": _bytes(".obj", b"this is a letter and not a chair\n" * 40),
    "twice": _twice,
    "huge": _changed(_huge),
    "point": _changed(_point),
    "needle": _changed(_needle),
    "indices": _bytes(".obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 9\n"),
    "no-faces": _bytes(".ply", _PLY % (b"ascii", 1) + _FACES % 0 + b"0 0 0\n"),
}
"""Ways in which a file is broken: what writes it, given a path without suffix and a number."""


class Synset(NamedTuple):
    """A category of ShapeNet with the sizes of DeepSDF's split files."""

    synset: str
    plural: str
    train: int
    test: int


DEEPSDF_SPLITS = (
    Synset("03001627", "chairs", 3281, 832),
    Synset("04379243", "tables", 4859, 1216),
    Synset("04256520", "sofas", 1628, 411),
)


def write_shapenet(
    root: Path,
    splits: Path,
    *,
    synsets: Sequence[Synset] = DEEPSDF_SPLITS,
    version: int = 2,
    content: str = "v 0 0 0\n",
) -> None:
    """Write ShapeNet's folders, with models of one line, and DeepSDF's split files.

    Args:
        root: of ShapeNet.
        splits: folder of the split files ``sv2_<plural>_<part>.json``.
        synsets: the categories.
        version: ShapeNetCore 1 or 2.
        content: of every model file.
    """
    splits.mkdir(parents=True, exist_ok=True)
    for synset, plural, *sizes in synsets:
        first = 0
        for part, size in zip(("train", "test"), sizes, strict=True):
            numbers = range(first, first + size)
            ids = [blake2b(f"{synset}/{n}".encode(), digest_size=16).hexdigest() for n in numbers]
            first += size
            for model in ids:
                file = root / synset / model / MODEL_FILES[version]
                file.parent.mkdir(parents=True)
                file.write_text(content)
            split = splits / f"sv2_{plural}_{part}.json"
            split.write_text(json.dumps({"ShapeNetV2": {synset: ids}}))
