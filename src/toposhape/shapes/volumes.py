"""Reading volumes and images that nobody has checked: numbers on a grid of two or three axes."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

MAX_VALUES = 1_000_000_000
"""Of a volume: as float32 it takes 4 GB."""
NPY = b"\x93NUMPY"
"""What a file in .npy format begins with."""
_EXACT_IN_FLOAT32 = ("b1", "i1", "u1", "i2", "u2", "f2", "f4")

Volume = NDArray[np.float32] | NDArray[np.float64]


class VolumeRejected(ValueError):
    """A file that holds no numbers on a grid; the message says why, and what to do."""


def read_volume(path: str | Path, array: str | None = None) -> Volume:
    """Read a volume or an image: .npy, .npz, .tif, .nrrd, .nii, .nii.gz, .png, .jpg, .bmp.

    Values are those of the file, without its scaling to units of length. Colours become
    luminance; axes of length one are dropped.

    Args:
        path: the file.
        array: which array of an .npz file that holds several.

    Returns:
        (H, W) or (D, H, W), float32, or float64 if float32 does not hold the file's numbers.

    Raises:
        VolumeRejected: naming the file, for whatever cannot be read.
        FileNotFoundError: if there is no such file.
        ImportError: naming the extra, if the package that reads the format is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(2, "no such file", str(path))
    suffix = volume_suffix(path)
    return _read(str(path), suffix, lambda: _READERS[suffix](path, array))


def read_npy(stream: IO[bytes], name: str) -> Volume:
    """Read a volume in .npy format from a stream, as read_volume does from a file.

    Args:
        stream: read to its end; it may be a pipe, which cannot be rewound.
        name: of it, in errors.

    Raises:
        VolumeRejected: for whatever is no such volume.
    """
    content = stream.read()
    return _read(name, ".npy", lambda: _load_npy(content))


def volume_suffix(path: str | Path) -> str:
    """The suffix by which a file is read; empty if it is none of a volume or an image."""
    name = Path(path).name.lower()
    return next((suffix for suffix in _READERS if name.endswith(suffix)), "")


def _read(name: str, suffix: str, read: Callable[[], NDArray[Any]]) -> Volume:
    try:
        return _as_numbers(read())
    except (ImportError, MemoryError):
        raise
    except VolumeRejected as error:
        raise VolumeRejected(f"{name}: {error}") from error
    except Exception as error:  # whatever a parser trips over, the file is at fault
        if isinstance(error, OSError) and error.filename:
            raise
        raise VolumeRejected(
            f"{name}: not readable as {suffix}: {_in_a_line(error)} (write it again, or leave it "
            "out)"
        ) from error


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _as_numbers(values: NDArray[Any]) -> Volume:
    """Real numbers of two or three axes, as floats."""
    if values.dtype.kind not in "biuf":
        raise VolumeRejected(f"values of type {values.dtype}, but real numbers are needed")
    values = values.squeeze()
    if values.ndim not in (2, 3) or values.size == 0:
        raise VolumeRejected(
            f"an array of shape {values.shape}, but two or three axes are needed: choose a channel "
            "or a moment and store it as .npy"
        )
    if values.dtype.str[1:] in _EXACT_IN_FLOAT32:
        return np.ascontiguousarray(values, np.float32)
    return np.ascontiguousarray(values, np.float64)


def _require_room(shape: Sequence[int]) -> None:
    if math.prod(int(n) for n in shape) > MAX_VALUES:
        raise VolumeRejected(f"{tuple(shape)} are more than {MAX_VALUES} values: take a part of it")


def _read_npy_file(path: Path, array: str | None) -> NDArray[Any]:
    with path.open("rb") as file:
        _require_npy(file.read(len(NPY)))
    values = np.load(path, mmap_mode="r", allow_pickle=False)
    _require_room(values.shape)
    return np.asarray(values)


def _load_npy(content: bytes) -> NDArray[Any]:
    _require_npy(content)
    values: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return values


def _require_npy(head: bytes) -> None:
    """Refuse what `np.load` would take for a pickle, or for an archive."""
    if not head.startswith(NPY):
        raise VolumeRejected("no array in .npy format: write one with numpy.save")


def _read_npz(path: Path, array: str | None) -> NDArray[Any]:
    with zipfile.ZipFile(path) as packed:
        if sum(member.file_size for member in packed.infolist()) > 8 * MAX_VALUES:
            raise VolumeRejected(f"more than {8 * MAX_VALUES} bytes unpacked: store a part of it")
    with np.load(path, allow_pickle=False) as arrays:
        if array is None and len(arrays.files) == 1:
            array = arrays.files[0]
        if array not in arrays.files:
            raise VolumeRejected(f"arrays {', '.join(arrays.files)}: choose one with --array")
        values: NDArray[Any] = arrays[array]
        return values


def _read_tiff(path: Path, array: str | None) -> NDArray[Any]:
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        _require_room(series.shape)
        values = series.asarray()
        return _luminance(values) if series.axes.endswith("S") else values


def _read_picture(path: Path, array: str | None) -> NDArray[Any]:
    from PIL import Image

    with Image.open(path) as image:
        values = np.asarray(image.convert("RGB") if image.mode in ("P", "PA", "CMYK") else image)
    if values.ndim == 3 and values.shape[2] == 2:
        return values[..., 0]  # grey and how opaque
    return _luminance(values) if values.ndim == 3 else values


def _luminance(colours: NDArray[Any]) -> NDArray[np.float32]:
    """(..., 3 or 4) red, green, blue and how opaque -> (...), by ITU-R 601."""
    return colours[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)


def _read_nrrd(path: Path, array: str | None) -> NDArray[Any]:
    nrrd = _optional("nrrd", "NRRD")
    with path.open("rb") as file:
        header = nrrd.read_header(file)
        if "data file" in header or "datafile" in header:
            raise VolumeRejected(
                "its numbers are in another file, which is not followed: join them"
            )
        _require_room(header["sizes"])
        values: NDArray[Any] = nrrd.read_data(header, file, str(path))
        return values


def _read_nifti(path: Path, array: str | None) -> NDArray[Any]:
    image = _optional("nibabel", "NIfTI").load(path)
    _require_room(image.shape)
    return np.asanyarray(image.dataobj)


def _optional(module: str, format: str) -> Any:
    """A package that one extra brings."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise ImportError(
            f"{format} files are read by a package that is not installed: "
            "pip install 'toposhape[scans]'"
        ) from None


_READERS: dict[str, Callable[[Path, str | None], NDArray[Any]]] = {
    ".npy": _read_npy_file,
    ".npz": _read_npz,
    ".tif": _read_tiff,
    ".tiff": _read_tiff,
    ".nrrd": _read_nrrd,
    ".nii": _read_nifti,
    ".nii.gz": _read_nifti,
    ".png": _read_picture,
    ".jpg": _read_picture,
    ".jpeg": _read_picture,
    ".bmp": _read_picture,
}
