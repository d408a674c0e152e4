"""Who still works in a folder, and whether anybody writes there."""

import time
from pathlib import Path

MARK = "TOPOSHAPE_DRILL"
"""The environment variable that holds the folder, in all processes of a drill."""


def alive(folder: Path) -> list[int]:
    """Processes of a drill that still live."""
    found, mark = [], f"{MARK}={folder}\0".encode()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes() + b"\0":
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def state(folder: Path) -> dict[str, tuple[int, int]]:
    """Sizes and times of all files."""
    stats = {path: path.stat() for path in folder.rglob("*")}
    return {str(path): (each.st_size, each.st_mtime_ns) for path, each in stats.items()}


def require_silence(folder: Path, seconds: float) -> float:
    """All processes end within these seconds, and nothing is written meanwhile; says how long."""
    left, begin = state(folder), time.monotonic()
    while alive(folder):
        assert time.monotonic() - begin < seconds, "an orphan goes on"
        time.sleep(0.02)
    assert state(folder) == left, "an orphan has written"
    return time.monotonic() - begin
