"""A job ends with the Snakemake that started it, even when that was killed with kill -9."""

import os
import threading
import time

SECONDS = 1.0
PARENT = os.getppid()  # now: it may be gone when the script has loaded its libraries


def end_with_parent() -> None:
    """End this process, as kill -9 would, soon after the process that started it is gone.

    An orphan would go on writing while the next run does the same job. What it leaves is what a
    killed job leaves: checkpoints, and files that are whole or not under their names.
    """

    def watch() -> None:
        while os.getppid() == PARENT:
            time.sleep(SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()
