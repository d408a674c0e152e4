"""Arrays that are written row by row, as rows come, and appear only when they are whole."""

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from .files import move_into_place, writing


class RowFile:
    """A float32 ``.npy`` file of rows, written in any order.

    Rows go to a temporary file beside the final one (one name, unlike `files.whole`, so that the
    gigabytes that a killed run left are written over). `close` moves the rows that are wanted
    together and renames the file; until then nothing stands under the final name. Plain writes
    are used instead of a memory map: where a full disk raises an error, a map kills the process.
    """

    def __init__(self, path: Path, rows: int, row_shape: Sequence[int]) -> None:
        self._path = path
        self._row_shape = tuple(row_shape)
        self._row_bytes = 4 * int(np.prod(self._row_shape))
        self._start = len(self._header(rows))
        self._temporary = path.with_name(f".{path.name}.part")
        self._file = self._temporary.open("wb+")

    def write(self, row: int, values: NDArray[np.float32]) -> None:
        """Write a row.

        Raises:
            ValueError: if its shape is another one.
            OSError: if the disk is full.
        """
        if values.shape != self._row_shape:
            raise ValueError(f"a row of {self._path.name} has shape {self._row_shape}")
        with writing(self._path):
            self._file.seek(self._start + row * self._row_bytes)
            self._file.write(np.ascontiguousarray(values, dtype="<f4").tobytes())

    def close(self, rows: Sequence[int]) -> None:
        """Keep these rows, ascending, in this order; then the file gets its name."""
        with writing(self._path):
            for place, row in enumerate(rows):
                if place != row:
                    self._move(row, place)
            self._file.truncate(self._start + len(rows) * self._row_bytes)
            self._file.seek(0)
            self._file.write(self._header(len(rows)))
            self._file.close()
            move_into_place(self._temporary, self._path)

    def _move(self, row: int, place: int) -> None:
        self._file.seek(self._start + row * self._row_bytes)
        data = self._file.read(self._row_bytes)
        self._file.seek(self._start + place * self._row_bytes)
        self._file.write(data)

    def _header(self, rows: int) -> bytes:
        """The file's header; numpy pads it, so that it is as long for any number of rows."""
        buffer = io.BytesIO()
        shape = (rows, *self._row_shape)
        np.lib.format.write_array_header_1_0(
            buffer, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
        return buffer.getvalue()

    def __enter__(self) -> "RowFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._temporary.unlink(missing_ok=True)
        with suppress(OSError):  # what a full disk did not take is written once more by closing
            self._file.close()
