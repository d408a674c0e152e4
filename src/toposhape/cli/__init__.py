"""`toposhape`, the command: a file for each command, which calls typed functions of `jobs`.

Nothing heavy is imported before a command runs: `toposhape --help` answers at once.
"""

import importlib.util
import sys

from toposhape.base.garbage import collect_little


def main() -> None:
    """Run the command line of this process."""
    if importlib.util.find_spec("typer") is None:  # an installation of the library's core alone
        sys.exit("toposhape: the command needs more packages: pip install 'toposhape[generators]'")
    collect_little()
    from .app import app

    app()
