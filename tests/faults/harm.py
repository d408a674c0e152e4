"""What is done to files here, and what memory reading them may take."""

import os
import resource
from contextlib import contextmanager
from pathlib import Path

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
