"""Which shapes a category asks for.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from .split_files import read_split_ids

MESH_SUFFIXES = frozenset(
    (
        *(".3dxml", ".3mf", ".dae", ".glb", ".gltf", ".obj", ".off", ".ply"),
        *(".stl", ".stl_ascii", ".xaml", ".zae"),
    )
)
"""Suffixes of the mesh formats that trimesh reads."""

PROCEDURAL = "procedural:"


class ShapeRequest(NamedTuple):
    """A shape that a category asks for."""

    shape: str
    """Id, unique in its category; letters, digits and ``._+-`` only."""
    source: str
    """Mesh file, or ``procedural:<furniture>:<seed>:<index>``."""


def list_requests(
    source: str,
    *,
    name: str = "",
    furniture: str | None = None,
    count: int | None = None,
    seed: int = 0,
    path: str | Path | None = None,
    synset: str | None = None,
    version: int = 2,
    split_files: Sequence[str | Path] = (),
    **_: object,
) -> list[ShapeRequest]:
    """List the shapes of a category in a fixed order.

    Args:
        source: ``procedural``, ``folder`` or ``shapenet``.
        name: the category; the furniture to make unless `furniture` says otherwise.
        furniture: ``chair``, ``table`` or ``sofa`` (procedural).
        count: how many shapes (procedural).
        seed: the run's seed (procedural).
        path: the folder of meshes, or ShapeNet's root.
        synset: ShapeNet's category id.
        version: ShapeNetCore 1 (``<synset>/<id>/model.obj``) or 2
            (``<synset>/<id>/models/model_normalized.obj``).
        split_files: JSON files of ids; when given, they are what is requested.

    Raises:
        ValueError: for an unknown source, a missing folder, or ids that leave the folder.
    """
    if source == "procedural":
        kind = furniture or name
        return [
            ShapeRequest(f"{kind}-{index:05d}", f"{PROCEDURAL}{kind}:{seed}:{index}")
            for index in range(count or 0)
        ]
    if source not in ("folder", "shapenet"):
        raise ValueError(f"unknown source {source!r}: procedural, folder or shapenet")
    root = _existing_folder(path, source)
    ids = read_split_ids(split_files, synset) if split_files else None
    if source == "folder":
        return _list_folder(root, ids)
    return _list_shapenet(_existing_folder(root / str(synset), source), version, ids)


def stable_hash(text: str) -> int:
    """A hash that is the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _existing_folder(path: str | Path | None, source: str) -> Path:
    if path is None or not Path(path).is_dir():
        raise ValueError(f"the {source} data is not there: no folder {str(path)!r}; mend its path")
    return Path(path)


def _list_folder(root: Path, ids: Sequence[str] | None) -> list[ShapeRequest]:
    """All mesh files below a folder, or those that a split names."""
    files = [root / file for file in sorted(_mesh_files(root))]
    relative = [file.relative_to(root) for file in files]
    stems = [file.with_suffix("").as_posix() for file in relative]
    doubled = _repeated(safe_id(stem) for stem in stems)
    requests, by_name = [], {}
    for file, within, stem in zip(files, relative, stems, strict=True):
        shape = safe_id(stem)
        if shape in doubled:
            shape = f"{shape}-{stable_hash(within.as_posix()):016x}"[: len(shape) + 9]
        request = ShapeRequest(shape, str(file))
        requests.append(request)
        by_name |= {within.as_posix(): request, stem: request, shape: request}
    if ids is None:
        return requests
    missing = [name for name in ids if name not in by_name]
    for name, file in zip(missing, _inside(root, missing), strict=True):
        by_name[name] = ShapeRequest(safe_id(name), file)
    return list(dict.fromkeys(by_name[name] for name in ids))


def _mesh_files(root: Path) -> Iterable[str]:
    """Paths of mesh files relative to the folder; links that lead out of it are left out."""
    real = root.resolve()
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder) / name
            if file.suffix.lower() not in MESH_SUFFIXES or name.startswith("."):
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(real):
                continue
            yield file.relative_to(root).as_posix()


def _list_shapenet(root: Path, version: int, ids: Sequence[str] | None) -> list[ShapeRequest]:
    """ShapeNet's models of one synset; a model without its file is requested all the same."""
    inner = {1: "model.obj", 2: "models/model_normalized.obj"}[version]
    if ids is None:
        ids = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    models = list(dict.fromkeys(ids))
    files = _inside(root, [f"{model}/{inner}" for model in models])
    return [ShapeRequest(safe_id(m), file) for m, file in zip(models, files, strict=True)]


def _inside(root: Path, names: Sequence[str]) -> list[str]:
    """Paths below a folder.

    Raises:
        ValueError: if a name, or a link on its way, leads out of the folder.
    """
    real = os.path.realpath(root)
    paths = [os.path.join(root, name) for name in names]  # noqa: PTH118
    for name, path in zip(names, paths, strict=True):
        if "\0" in name or os.path.commonpath([real, os.path.realpath(path)]) != real:
            raise ValueError(
                f"the id {name!r} leads out of the data folder {str(root)!r}: remove it"
            )
    return paths


def safe_id(name: str) -> str:
    """An id of letters, digits and ``._+-`` made from a relative path without suffix."""
    name = unicodedata.normalize("NFC", name).replace("/", "--")
    cleaned = "".join(c if c.isalnum() or c in "._+-" else "_" for c in name)
    return cleaned.lstrip(".-") or "_"


def _repeated(names: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {name for name in names if name in seen or seen.add(name)}
