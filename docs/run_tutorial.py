"""Run every command of docs/tutorial.md, in order, in a folder of its own.

python docs/run_tutorial.py [FOLDER] [--preset smoke] [--without-training]

Blocks marked `bash` and `python` are run; those marked `sh` install and are left out. As it stands
on the page it takes as long as a reader waits; `--preset smoke` trains tiny networks instead, a few
minutes; `--without-training` ends before the training, within a minute.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).with_name("tutorial.md")
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TRAINING = "toposhape train "


class Block(NamedTuple):
    """Commands of the page: `bash` or `python`, and their text."""

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """What a page asks its reader to type, in order."""
    return [Block(*found) for found in BLOCK.findall(page)]


class Took(NamedTuple):
    """Seconds of a block: by the clock, and of all processors together."""

    clock: float
    processor: float


def processor_seconds() -> float:
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(block: Block, folder: Path) -> Took:
    """Run a block in a folder and return its seconds.

    Raises:
        CalledProcessError: if a command fails.
    """
    place = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    program = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    started, used = time.perf_counter(), processor_seconds()
    subprocess.run([*program[block.language], block.text], cwd=folder, env=environment, check=True)
    return Took(time.perf_counter() - started, processor_seconds() - used)


def main() -> None:
    """Run the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="empty; left out: a temporary one")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--without-training", action="store_true")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="tutorial"))
    folder.mkdir(parents=True, exist_ok=True)
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        if given.without_training and TRAINING in block.text:
            break
        text = block.text.replace("--preset quick", f"--preset {given.preset}")
        print(f"--- {text.strip()}", flush=True)
        took = run(Block(block.language, text), folder)
        print(f"--- {took.clock:.1f} s, {took.processor:.1f} s of processor time", flush=True)
    print(f"The tutorial ran in {folder}.")


if __name__ == "__main__":
    main()
