"""Reading shapes that were prepared in batches, by memory map; what is read is checked first."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toposhape.base.checksums import DamagedFileError, require_undamaged
from toposhape.base.tables import read_table

_NEEDED = ("shape", "status", "reason", "batch", "row")
_LARGEST = 1 << 40


def read_manifest(path: str | Path) -> pd.DataFrame:
    """Read a manifest: one line for every requested shape (columns: docs/formats.md).

    Raises:
        FileNotFoundError: if there is no such file.
        DamagedFileError: if it is no manifest, or another one than was written.
    """
    require_undamaged(path)
    types = {"batch": str, "reason": str, "row": "Int64"}
    manifest = read_table(path, types=types, needed=_NEEDED)
    accepted = manifest[manifest["status"] == "ok"]
    if doubled := accepted["shape"][accepted["shape"].duplicated()].tolist():
        raise DamagedFileError(path, f"shape {doubled[0]!r} occurs twice")
    for batch, lines in accepted.groupby("batch", dropna=False):
        if sorted(lines["row"].tolist()) != list(range(len(lines))):
            raise DamagedFileError(path, f"the rows of batch {batch} are not 0 to {len(lines) - 1}")
    return manifest


def open_rows(path: str | Path) -> NDArray[np.float32]:
    """Map an array of float32 after its size, form and (where there is one) checksum were checked.

    Raises:
        FileNotFoundError: if there is no such file.
        DamagedFileError: if it is no such array, not whole, or another one than was written.
    """
    path = Path(path)
    try:
        shape, start = _read_header(path)
    except OSError:
        raise
    except Exception as error:  # whatever a parser trips over, the file is at fault
        raise DamagedFileError(path, " ".join(str(error).split())[:200]) from error
    needed, there = start + 4 * math.prod(shape), path.stat().st_size
    if needed != there:
        raise DamagedFileError(path, f"{there} bytes, not {needed} as its header says")
    require_undamaged(path)
    if needed == start:
        return np.empty(shape, np.float32)  # nothing that could be mapped
    return np.memmap(path, np.dtype("<f4"), mode="r", offset=start, shape=shape)


def _read_header(path: Path) -> tuple[tuple[int, ...], int]:
    """Shape and place of the values; nothing else is read, so that no size can surprise."""
    with path.open("rb") as file:
        if (version := np.lib.format.read_magic(file)) != (1, 0):
            raise ValueError(f"npy format {version}, not (1, 0)")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if fortran or dtype != np.dtype("<f4"):
            raise ValueError(f"values of type {dtype}, not rows of float32")
        if not all(0 <= length < _LARGEST for length in shape) or math.prod(shape[1:]) > _LARGEST:
            raise ValueError(f"absurd shape {shape}")
        return shape, file.tell()


class PreparedShapes:
    """One kind of array (samples, grid or surface) of all accepted shapes of a category.

    Rows are read when asked for; nothing is held in memory.
    """

    def __init__(self, manifest: str | Path, files: Sequence[str | Path]) -> None:
        """Map the batch arrays.

        Args:
            manifest: the category's manifest.csv.
            files: the batches' arrays, each in the folder that is named like its batch.

        Raises:
            DamagedFileError: if one of these files is damaged.
            ValueError: if an array has another number of rows than the manifest says.
        """
        accepted = read_manifest(manifest).query("status == 'ok'")
        self._place: Mapping[str, tuple[str, int]] = {
            shape: (batch, int(row))
            for shape, batch, row in accepted[["shape", "batch", "row"]].to_numpy(object)
        }
        self._arrays = {Path(file).parent.name: open_rows(file) for file in files}
        rows = accepted["batch"].value_counts()
        for file, (batch, array) in zip(files, self._arrays.items(), strict=True):
            if len(array) != rows.get(batch, 0):
                raise ValueError(
                    f"{file} has {len(array)} rows, but {manifest} accepts {rows.get(batch, 0)} "
                    "shapes of it: delete both, and the next run makes them again"
                )

    def __getitem__(self, shape: str) -> NDArray[np.float32]:
        """The shape's row, a view of the file.

        Raises:
            KeyError: if no accepted shape has that id.
        """
        if shape not in self._place:
            raise KeyError(f"no accepted shape {shape!r} in the manifest")
        batch, row = self._place[shape]
        row_of: NDArray[np.float32] = self._arrays[batch][row]
        return row_of

    def __len__(self) -> int:
        return len(self._place)

    @property
    def shapes(self) -> list[str]:
        """Ids of the accepted shapes, in the manifest's order."""
        return list(self._place)
