"""Portraits of shapes in a folder: NNN.png, NNN.mesh, and what they were made from.

`NNN.mesh` is the text of `toposhape.publication.gallery.encoding.pack_mesh`; `sources.csv` has the
columns shape, source, sha256 (of the mesh file).
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from toposhape.base.checksums import sha256
from toposhape.base.files import whole


class Portrait(NamedTuple):
    """What is shown of a shape.

    Attributes:
        picture: uint8 (h, w, 3).
        mesh: its surface with fewer faces, as text.
    """

    picture: NDArray[np.uint8]
    mesh: str


def write_portraits(
    folder: str | Path, sources: Sequence[Path], portraits: Iterable[Portrait]
) -> None:
    """Write portraits under the names of the mesh files that they were made from."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for source, portrait in zip(sources, portraits, strict=True):
        Image.fromarray(portrait.picture).save(folder / f"{source.stem}.png")
        (folder / f"{source.stem}.mesh").write_text(portrait.mesh, encoding="ascii")
    lines = [(source.stem, str(source), sha256(source)) for source in sources]
    with (
        whole(folder / "sources.csv") as path,
        path.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows([("shape", "source", "sha256"), *lines])


def read_pictures(folder: str | Path, most: int | None = None) -> list[NDArray[np.uint8]]:
    """The pictures of a folder in the order of their names, the first `most` of them."""
    return [_read_picture(file) for file in sorted(Path(folder).glob("*.png"))[:most]]


def read_portraits(folder: str | Path, most: int | None = None) -> dict[str, Portrait]:
    """Portraits by name, in the order of the names, the first `most` of them."""
    files = sorted(Path(folder).glob("*.png"))[:most]
    return {
        file.stem: Portrait(
            _read_picture(file), file.with_suffix(".mesh").read_text(encoding="ascii")
        )
        for file in files
    }


def _read_picture(file: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(file).convert("RGB"))
