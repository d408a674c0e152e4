"""What is done to files here, and what memory reading them may take."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MEMORY = 500_000_000
"""What reading a hostile file of a few kilobytes may take at most [bytes]."""


class Malice:
    """Unpickled, it makes a file named `executed`."""

    def __reduce__(self):
        return os.system, ("touch executed",)


def flip(path: Path, place: int, bit: int = 3) -> None:
    """Flip one bit; size and time stay, as on a disk that fails."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[place] ^= 1 << bit
    path.write_bytes(bytes(content))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@contextmanager
def bounded_memory():
    """Allocations beyond what there is and MEMORY fail."""
    present = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (present + MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder to which nothing can be written; for root, who may, another disk lies over it."""
    if os.geteuid():
        folder.chmod(0o555)
    elif subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder]).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        if os.geteuid():
            folder.chmod(0o755)
        else:
            subprocess.run(["umount", folder], check=True)
