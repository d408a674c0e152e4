"""Which shapes a category asks for.

Snakemake imports this module while it plans, so it needs nothing but the standard library.
"""

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .ids import escaped, is_plain, unique_ids
from .split_files import read_split_files
from .split_names import NamedShape, SplitNames, parts_by_id

MESH_SUFFIXES = frozenset(
    (
        *(".3dxml", ".3mf", ".dae", ".glb", ".gltf", ".obj", ".off", ".ply"),
        *(".stl", ".stl_ascii", ".xaml", ".zae"),
    )
)
"""Suffixes of the mesh formats that trimesh reads."""

CLOUD_SUFFIXES = frozenset(
    (".las", ".laz", ".npy", ".npz", ".obj", ".off", ".pcd", ".ply", ".txt", ".xyz")
)
"""Suffixes of the formats of point clouds that `toposhape.shapes.point_clouds` reads."""

PROCEDURAL = "procedural:"
UNUSABLE = "unusable name:"
UNUSABLE_REASON = "the file's name is no UTF-8, or has control characters: rename it"

Parts = dict[str, list[str]]


class ShapeRequest(NamedTuple):
    """A shape that a category asks for."""

    shape: str
    """Id, unique in its category (`toposhape.shapes.ids`)."""
    source: str
    """File of a mesh or cloud, ``procedural:<furniture>:<seed>:<index>``, or
    ``unusable name:<file>`` where the file's name cannot be written to a text file."""


class Requests(NamedTuple):
    """What a category asks for."""

    shapes: list[ShapeRequest]
    """In a fixed order, ids unique."""
    parts: Parts | None
    """Ids of the parts that split files name; None without split files."""
    unnamed: list[str]
    """Files of the folder that no split file names: they are left out."""


def request_shapes(
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
    data: str = "meshes",
    **_: object,
) -> Requests:
    """List the shapes of a category and the parts into which split files put them.

    Args:
        source: ``procedural``, ``folder``, ``shapenet`` or ``point_clouds``.
        name: the category; the furniture to make unless `furniture` says otherwise.
        furniture: ``chair``, ``table`` or ``sofa`` (procedural).
        count: how many shapes (procedural).
        seed: the run's seed (procedural).
        path: the folder of meshes, or the root of the synsets.
        synset: ShapeNet's category id; of point_clouds, the folder with ``train``, ``val``,
            ``test`` in it, and in them ``<id>.npy``: they are the parts.
        version: ShapeNetCore 1 (``<synset>/<id>/model.obj``) or 2
            (``<synset>/<id>/models/model_normalized.obj``).
        split_files: JSON files of names; when given, the files that they name are requested.
        data: ``clouds``: the folder's files are point clouds, not meshes.

    Raises:
        ValueError: for an unknown source, a missing folder, names that leave the folder, that may
            mean several files, or that stand in two parts.
    """
    parts = read_split_files(split_files, synset) if split_files else None
    names = None if parts is None else [each for part in parts.values() for each in part]
    if source == "procedural":
        kind = furniture or name
        requests = [
            ShapeRequest(f"{kind}-{index:05d}", f"{PROCEDURAL}{kind}:{seed}:{index}")
            for index in range(count or 0)
        ]
        return Requests(requests, parts, [])
    if source not in ("folder", "shapenet", "point_clouds"):
        raise ValueError(f"unknown source {source!r}: procedural, folder, shapenet or point_clouds")
    root = _existing_folder(path)
    if source == "point_clouds":
        return _request_clouds(_existing_folder(root / str(synset)))
    if source == "folder":
        suffixes = CLOUD_SUFFIXES if data == "clouds" else MESH_SUFFIXES
        requests, shape_of, unnamed = _request_files(root, names, suffixes)
    else:
        requests, shape_of = _request_models(_existing_folder(root / str(synset)), version, names)
        unnamed = []
    return Requests(requests, None if parts is None else parts_by_id(parts, shape_of), unnamed)


def list_requests(source: str, **category: Any) -> list[ShapeRequest]:
    """The shapes that `request_shapes` lists, without their parts."""
    return request_shapes(source, **category).shapes


def _existing_folder(path: str | Path | None) -> Path:
    if path is None or not Path(path).is_dir():
        raise ValueError(f"there is no folder {str(path)!r}; mend its path")
    return Path(path)


def _request_files(
    root: Path, names: Sequence[str] | None, suffixes: Collection[str]
) -> tuple[list[ShapeRequest], dict[str, str], list[str]]:
    """All files below a folder, or those that are named; ids by name; files not named."""
    files = sorted(_files(root, suffixes))
    stems = [Path(file).with_suffix("").as_posix() for file in files]
    shapes = unique_ids(stems, files)
    requests = {
        shape: ShapeRequest(shape, _source(str(root / file)))
        for shape, file in zip(shapes, files, strict=True)
    }
    if names is None:
        return list(requests.values()), {}, []
    known = SplitNames(map(NamedShape, shapes, files, stems))
    shape_of = {each: found for each in names if (found := known.find(each))}
    missing = [each for each in names if each not in shape_of]
    shape_of |= dict(zip(missing, unique_ids(missing, missing), strict=True))
    for each, file in zip(missing, _inside(root, missing), strict=True):
        requests[shape_of[each]] = ShapeRequest(shape_of[each], _source(file))
    chosen = dict.fromkeys(shape_of[each] for each in names)
    unnamed = [file for shape, file in zip(shapes, files, strict=True) if shape not in chosen]
    return [requests[shape] for shape in chosen], shape_of, unnamed


def _files(root: Path, suffixes: Collection[str]) -> Iterable[str]:
    """Paths of files relative to the folder; links that lead out of it are left out."""
    real = root.resolve()
    for folder, _, names in os.walk(root):
        for name in names:
            file = Path(folder) / name
            if file.suffix.lower() not in suffixes or name.startswith("."):
                continue
            if file.is_symlink() and not file.resolve().is_relative_to(real):
                continue
            yield file.relative_to(root).as_posix()


def _request_models(
    root: Path, version: int, names: Sequence[str] | None
) -> tuple[list[ShapeRequest], dict[str, str]]:
    """ShapeNet's models of one synset, also those without their file; ids by name."""
    inner = {1: "model.obj", 2: "models/model_normalized.obj"}[version]
    if names is None:
        names = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    models = list(dict.fromkeys(names))
    shapes = unique_ids(models, models)
    files = _inside(root, [f"{model}/{inner}" for model in models])
    requests = [ShapeRequest(s, _source(file)) for s, file in zip(shapes, files, strict=True)]
    return requests, dict(zip(models, shapes, strict=True))


def _request_clouds(root: Path) -> Requests:
    """PointFlow's layout: the clouds in the folders of the parts, and these parts.

    Raises:
        ValueError: if none of the folders has a cloud.
    """
    folders = {"training": "train", "validation": "val", "test": "test"}
    files = {
        part: sorted(f"{folder}/{file.name}" for file in (root / folder).glob("[!.]*.npy"))
        for part, folder in folders.items()
    }
    names = [name for part in files.values() for name in part]
    if not names:
        raise ValueError(f"no clouds train/<id>.npy, val/<id>.npy, test/<id>.npy in {str(root)!r}")
    shapes = unique_ids([Path(name).stem for name in names], names)
    requests = [
        ShapeRequest(shape, _source(file))
        for shape, file in zip(shapes, _inside(root, names), strict=True)
    ]
    shape_of = dict(zip(names, shapes, strict=True))
    parts = {part: [shape_of[name] for name in found] for part, found in files.items()}
    return Requests(requests, parts, [])


def _source(file: str) -> str:
    return file if is_plain(file) else f"{UNUSABLE}{escaped(file)}"


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
