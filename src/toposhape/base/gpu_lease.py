"""GPUs of one machine, each for one job: leases that the system ends with the process.

A scheduler tells a job by CUDA_VISIBLE_DEVICES which GPUs it has; on a workstation nobody does. A
job to which nobody gave GPUs takes a lease of as many as it asked for: a lock on a file for each,
gone with the process, after kill -9 too. Nothing here imports torch, which must come later.
"""

import fcntl
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

FOLDER = Path(tempfile.gettempdir()) / f"toposhape_gpus_of_user_{os.getuid()}"
SECONDS_BETWEEN_TRIES = 1.0

_held: list[TextIO] = []  # open as long as the process: a closed file is a free GPU


def lease_gpus(wanted: int) -> None:
    """Let this process see as many GPUs as it asked for, which no other job has.

    To be called before torch is imported. It waits while others have them. Where there is no GPU,
    and where CUDA_VISIBLE_DEVICES names no more than are wanted, as under a scheduler, it does
    nothing.

    Args:
        wanted: number of GPUs; 0 for none.

    Raises:
        RuntimeError: if the machine has some, but fewer than are wanted.
    """
    devices = visible_gpus() if wanted else []
    given = "CUDA_VISIBLE_DEVICES" in os.environ
    if not devices or (given and len(devices) <= wanted):
        return
    if len(devices) < wanted:
        raise RuntimeError(f"{wanted} GPUs are asked for, and this machine has {len(devices)}")
    leased = wait_for_devices(devices, wanted)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(leased)
    sys.stderr.write(f"GPU {', '.join(leased)}, leased in {FOLDER}\n")


def visible_gpus() -> list[str]:
    """Names of the GPUs that this process may use: those of CUDA_VISIBLE_DEVICES, or all.

    A GPU's name is its UUID, so that jobs that number GPUs in other ways mean the same one.
    """
    uuids = _all_gpus()
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        return uuids
    names = [name.strip() for name in chosen.split(",") if name.strip()]
    return [
        uuids[int(name)] if name.isdigit() and int(name) < len(uuids) else name for name in names
    ]


def wait_for_devices(devices: Sequence[str], wanted: int, folder: Path = FOLDER) -> list[str]:
    """Wait for free devices and hold them until this process ends.

    All are taken at once or none, so that jobs that want several do not wait for each other.

    Args:
        devices: names to choose from.
        wanted: how many of them.
        folder: of the locks.

    Returns:
        Names of the devices that are held.
    """
    folder.mkdir(exist_ok=True)
    waiting = False
    while True:
        locks = _free_locks(devices, wanted, folder)
        if len(locks) == wanted:
            _held.extend(locks.values())
            return list(locks)
        for lock in locks.values():
            lock.close()
        if not waiting:
            waiting = True
            sys.stderr.write(
                f"Waiting for {wanted} of {len(devices)} GPUs: other jobs have them. With "
                f"--resources gpu={len(devices)} no more jobs are started than there are GPUs\n"
            )
        time.sleep(SECONDS_BETWEEN_TRIES * random.uniform(0.5, 1.5))


def _free_locks(devices: Sequence[str], wanted: int, folder: Path) -> dict[str, TextIO]:
    """Locks of the first free devices, at most as many as are wanted."""
    locks: dict[str, TextIO] = {}
    for device in devices:
        if len(locks) == wanted:
            break
        lock = (folder / f"{device.replace('/', '_')}.lock").open("a")
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a child does not inherit it
        except OSError:
            lock.close()
        else:
            locks[device] = lock
    return locks


def _all_gpus() -> list[str]:
    """UUIDs of this machine's NVIDIA GPUs, in nvidia-smi's order; none without the program."""
    if shutil.which("nvidia-smi") is None:
        return []
    query = ["nvidia-smi", "--query-gpu=uuid", "--format=csv,noheader"]
    run = subprocess.run(query, capture_output=True, text=True)
    return run.stdout.split() if run.returncode == 0 else []
