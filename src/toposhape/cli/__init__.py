"""`toposhape`, the command: a file for each command, which calls typed functions of `jobs`.

Nothing heavy is imported before a command runs: `toposhape --help` answers at once.
"""


def main() -> None:
    """Run the command line of this process."""
    from .app import app

    app()
