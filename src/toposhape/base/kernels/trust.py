"""Whose folders and files are executed from: this user's and the system's, and nobody else's.

What lies in a cache of machine code is run.  A digest beside the code finds damage but no
malice: who can write the one can write the other.  Only owners and permissions, of the folder and
of all that leads to it, keep others out.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Iterator
from pathlib import Path

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
MOST_LINKS = 40


def reason_to_distrust(folder: Path) -> str:
    """Tell who else could have put files into a folder; empty if nobody.

    The folder and every folder and symbolic link on the way to it must belong to this user or to
    the system, and nobody else may be able to write there.  On the way, a folder in which
    everybody may only touch what is his own (sticky, as ``/tmp``) will do.

    Args:
        folder: absolute.

    Raises:
        OSError: if it does not exist, or may not be looked at.
    """
    way = list(_way(folder, MOST_LINKS))
    for step in way:
        state, last = step.lstat(), step == way[-1]
        if state.st_uid not in (_owners() if last else _owners() | _unmapped_owners()):
            return f"{step} belongs to user {state.st_uid}"
        if stat.S_ISLNK(state.st_mode) or (state.st_mode & stat.S_ISVTX and not last):
            continue
        if state.st_mode & WRITABLE_BY_OTHERS:
            return f"others can write to {step}, mode {stat.S_IMODE(state.st_mode):o}"
    return ""


def trusted_file(state: os.stat_result) -> bool:
    """Tell whether an open file is this user's or the system's, and written by nobody else."""
    mode = state.st_mode
    return stat.S_ISREG(mode) and state.st_uid in _owners() and not mode & WRITABLE_BY_OTHERS


def _way(path: Path, links: int) -> Iterator[Path]:
    """List the folders and links that lead to a path, and the folder itself last."""
    for step in [*reversed(path.parents), path]:
        yield step
        if step.is_symlink():
            if not links:
                raise OSError(f"too many symbolic links on the way to {path}")
            yield from _way(step.parent / step.readlink() / path.relative_to(step), links - 1)
            return


def _owners() -> set[int]:
    """Users whose files are executed: this one and root."""
    return {os.geteuid(), 0}


@functools.cache
def _unmapped_owners() -> set[int]:
    """In a container without privileges: the user that the system's own folders seem to have.

    There the machine's root has no number, and ``/`` or ``/home`` appear as nobody's.
    """
    numbers, nobody = Path("/proc/self/uid_map"), Path("/proc/sys/kernel/overflowuid")
    if not numbers.exists() or numbers.read_text().split() == ["0", "0", str(2**32 - 1)]:
        return set()
    return {int(nobody.read_text())}
