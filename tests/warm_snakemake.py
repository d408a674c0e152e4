"""Snakemake without the seconds that its imports take: a fork of a process that has made them.

`run_snakemake` starts that process once. It imports nothing of the project, whose code may differ
from call to call.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path


def run_snakemake(
    arguments: Sequence[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """As `python -m snakemake`, started in a folder; both outputs are captured."""
    server = _server()
    with tempfile.TemporaryDirectory() as written:
        outputs = [Path(written, name) for name in ("stdout", "stderr")]
        request = {
            "arguments": list(map(str, arguments)),
            "folder": str(folder),
            "environment": dict(os.environ if environment is None else environment),
            "outputs": list(map(str, outputs)),
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        texts = [path.read_text() for path in outputs]
    return subprocess.CompletedProcess(request["arguments"], code, *texts)


@cache
def _server() -> subprocess.Popen[str]:
    """One for all tests of this process; it ends when nobody writes to it any more."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    server = subprocess.Popen([sys.executable, __file__], **pipes)
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    import PIL.Image  # noqa: F401
    import snakemake.cli  # and what it imports later
    import snakemake.report.html_reporter  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become_snakemake(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become_snakemake(
    arguments: list[str], folder: str, environment: dict[str, str], outputs: list[str]
) -> None:
    """Never returns."""
    from snakemake.cli import main

    files = [os.devnull, *outputs]
    for number, (file, flags) in enumerate(
        zip(files, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)
    ):
        os.dup2(os.open(file, flags), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["snakemake", *arguments]
    sys.path[0] = folder  # as `python -m` has it
    code = 1
    try:
        main(arguments)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
