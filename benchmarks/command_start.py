"""How long `toposhape --help` takes, beside a Python that does nothing: least of several starts.

    python benchmarks/command_start.py

The least is what it takes when nobody else uses the machine; processor time hardly depends on that.
"""

import os
import subprocess
import sys
import time

STARTS = 15
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import toposhape": ["-c", "import toposhape"],
    "toposhape --version": ["-m", "toposhape", "--version"],
    "toposhape --help": ["-m", "toposhape", "--help"],
    "toposhape diagram --help": ["-m", "toposhape", "diagram", "--help"],
}


def measure(words: list[str]) -> tuple[float, float]:
    """Least wall-clock and processor time of a start, in seconds."""
    walls, processors = [], []
    for _ in range(STARTS):
        used, begin = os.times(), time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - begin)
        now = os.times()
        processors.append(now.children_user + now.children_system
                          - used.children_user - used.children_system)  # fmt: skip
    return min(walls), min(processors)


if __name__ == "__main__":
    for name, words in COMMANDS.items():
        wall, processor = measure(words)
        print(f"{name:28} {wall:.2f} s, {processor:.2f} s of processor time")
