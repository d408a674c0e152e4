"""A run of the pipeline over folders of meshes: its configuration and Snakemake's command."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

import toposhape
from toposhape.base.files import write_atomically
from toposhape.shapes.normalisation import Up
from toposhape.shapes.requests import list_requests

NEEDED = ("Snakefile", "config.yaml", "presets")


def pipeline_folder(given: str | Path | None = None) -> Path:
    """The folder with the Snakefile: a given one, this package's checkout, what its wheel brought.

    Raises:
        FileNotFoundError: if it is none of them, with what to do.
    """
    looked = []
    for place in [Path(given)] if given else _own_places():
        if all((place / name).exists() for name in NEEDED):
            return place.resolve()
        looked.append(str(place))
    raise FileNotFoundError(
        f"no {NEEDED[0]} in {' or '.join(looked)}: --pipeline FOLDER names a copy of the repository"
    )


def _own_places() -> Iterator[Path]:
    """This package's checkout; what came with its wheel (`data-files` in pyproject.toml)."""
    yield Path(toposhape.__file__).parents[2]
    for file in importlib.metadata.files("toposhape") or []:
        if file.name == "Snakefile":
            yield Path(str(file.locate())).resolve().parent


def presets(pipeline: Path) -> list[str]:
    """Names of the overlays that come with the pipeline."""
    return sorted(path.stem for path in (pipeline / "presets").glob("*.yaml"))


def configuration(
    name: str, folders: Mapping[str, Path], up: Up, seed: int, device: str, mirrored: bool = False
) -> str:
    """A run over folders of meshes, as YAML.

    Args:
        name: of the run: results lie in `results/<name>`.
        folders: by category.
        up: the meshes' axis that points upward.
        seed: of the run.
        device: auto, cpu or cuda.
        mirrored: whether all shapes are alike left and right, so that generators learn one half.

    Raises:
        ValueError: if a folder is not there, or has no mesh.
    """
    for folder in folders.values():
        if not list_requests("folder", path=folder):
            raise ValueError(f"{folder}: no mesh in it or below it (.ply, .obj, .glb, .stl, ...)")
    said: dict[str, object] = {"up": up} | ({"mirrored": True} if mirrored else {})
    categories = [
        {"name": category, "source": "folder", "path": str(folder.resolve()), **said}
        for category, folder in folders.items()
    ]
    content = {"name": name, "seed": seed, "device": device, "categories": categories}
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def write_configuration(path: Path, content: str) -> None:
    """Write a configuration, or leave one that says the same.

    Raises:
        FileExistsError: if another one is there.
    """
    if path.exists() and path.read_text(encoding="utf-8") != content:
        raise FileExistsError(f"{path} is there and says something else: choose another --name")
    write_atomically(path, content.encode())


def snakemake_command(pipeline: Path, overlays: Sequence[Path], cores: str, dry: bool) -> list[str]:
    """Snakemake's command line; results lie in the working folder.

    Args:
        pipeline: from `pipeline_folder`.
        overlays: configurations over the default one, the last wins.
        cores: a number, or `all`.
        dry: whether to plan only.

    Raises:
        ImportError: if Snakemake is not installed.
    """
    if importlib.util.find_spec("snakemake") is None:
        raise ImportError("training is run by Snakemake: pip install 'toposhape[pipeline]'")
    files = [pipeline / "config.yaml", *overlays]
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(pipeline / "Snakefile")),
        *("--directory", str(Path.cwd()), "--cores", cores),
        *(["--dry-run"] if dry else []),
        *("--configfile", *(str(file.resolve()) for file in files)),
    ]
