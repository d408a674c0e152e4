"""Help answers at once, nothing heavy is imported before it is needed, errors are one line."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

import toposhape
from toposhape.cli.app import app

HEAVY = ("torch", "numba", "pandas", "numpy", "scipy", "trimesh", "matplotlib")


def imported_by(code):
    """Which of the heavy packages a program imports."""
    program = f"import sys\n{code}\nprint(*[n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()


@pytest.mark.parametrize("words", [["--help"], ["diagram", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(words):
    code = (
        "from toposhape.cli import main\n"
        f"sys.argv = ['toposhape', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code"
    )
    assert imported_by(code) == []


def test_the_package_imports_nothing_heavy_before_a_name_is_used():
    assert imported_by("import toposhape") == []
    assert "numpy" in imported_by("import toposhape\ntoposhape.superlevel_diagrams")


@pytest.mark.parametrize("name", toposhape.__all__)
def test_every_public_name_is_there(name):
    assert getattr(toposhape, name) is not None
    assert name in dir(toposhape)


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match="toposhape attribute chairs"):
        toposhape.chairs  # noqa: B018


def test_an_error_is_one_line_and_code_1(tmp_path):
    done = CliRunner().invoke(app, ["diagram", str(tmp_path / "no.ply")])
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("toposhape: ") and "no.ply" in line and "file not found" in line


def test_a_fault_of_the_program_is_named_as_one(monkeypatch):
    def examine():
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("toposhape.jobs.machine.examine", examine)
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "ZeroDivisionError" in done.stderr and "--traceback" in done.stderr


def test_traceback_shows_where(tmp_path):
    done = CliRunner().invoke(app, ["--traceback", "diagram", str(tmp_path / "no.ply")])
    assert done.exit_code == 1 and isinstance(done.exception, ValueError)


def test_wrong_usage_is_code_2():
    done = CliRunner().invoke(app, ["diagram", "--filtration", "up", "x.npy"])
    assert done.exit_code == 2


def test_python_m_toposhape_is_the_command():
    words = [sys.executable, "-m", "toposhape", "--version"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout == f"toposhape {toposhape.__version__}\n"
