"""Reading shapes that were prepared in batches, by memory map."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def read_manifest(path: str | Path) -> pd.DataFrame:
    """Read a manifest: one line for every requested shape (columns: docs/formats.md)."""
    types = {"shape": str, "batch": str, "reason": str, "row": "Int64"}
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])  # "NA" is a name


def open_rows(path: str | Path) -> NDArray[np.float32]:
    """Open a batch's array; an empty one is read, since nothing can be mapped.

    Raises:
        ValueError: for a damaged file, with what to do about it.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError as error:
        if Path(path).stat().st_size > 0:
            try:
                return np.load(path, allow_pickle=False)
            except ValueError:
                pass
        raise ValueError(
            f"{path} is damaged ({error}): delete it, and the next run makes it again"
        ) from error


class PreparedShapes:
    """One kind of array (samples, grid or surface) of all accepted shapes of a category.

    Rows are read when asked for; nothing is held in memory.
    """

    def __init__(self, manifest: str | Path, files: Sequence[str | Path]) -> None:
        """Map the batch arrays.

        Args:
            manifest: the category's manifest.csv.
            files: the batches' arrays, each in the folder that is named like its batch.
        """
        accepted = read_manifest(manifest).query("status == 'ok'")
        self._place: Mapping[str, tuple[str, int]] = {
            line.shape: (line.batch, int(line.row)) for line in accepted.itertuples()
        }
        self._arrays = {Path(file).parent.name: open_rows(file) for file in files}

    def __getitem__(self, shape: str) -> NDArray[np.float32]:
        """The shape's row, a view of the file.

        Raises:
            KeyError: if no accepted shape has that id.
        """
        if shape not in self._place:
            raise KeyError(f"no accepted shape {shape!r} in the manifest")
        batch, row = self._place[shape]
        return self._arrays[batch][row]

    def __len__(self) -> int:
        return len(self._place)

    @property
    def shapes(self) -> list[str]:
        """Ids of the accepted shapes, in the manifest's order."""
        return list(self._place)
