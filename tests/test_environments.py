"""One set of versions, the lock file's, in every environment; and each has what its rules need."""

import ast
import importlib.util
import os
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, packages_distributions
from itertools import accumulate
from pathlib import Path

import pytest
import torch
from warm_snakemake import run_snakemake

from toposhape import __version__
from toposhape.learning.identity import environment

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("pin", ROOT / "envs" / "pin.py")
pin = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pin)
RULES = "\n".join(path.read_text() for path in sorted((ROOT / "rules").glob("*.smk")))
DISTRIBUTIONS = packages_distributions()
PLACES = (ROOT / "src", ROOT / "workflow_scripts")


@cache
def module_file(name):
    """The project's file of a module; None if it is not the project's."""
    stems = [place / name.replace(".", "/") for place in PLACES]
    files = [file for stem in stems for file in (stem.with_suffix(".py"), stem / "__init__.py")]
    return next((file for file in files if file.exists()), None)


def at_once(node):
    """The nodes below one that are executed with it: no bodies of functions, nothing for types."""
    for child in ast.iter_child_nodes(node):
        for_types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        if not isinstance(child, ast.FunctionDef) and not for_types:
            yield child
            yield from at_once(child)


@cache
def modules_of(file):
    """Names of the modules that a file imports when it is imported; relative ones in full."""
    return frozenset(_modules_of(file))


def _modules_of(file):
    package = [*file.relative_to(ROOT / "src").parent.parts] if PLACES[0] in file.parents else []
    for node in at_once(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (part for alias in node.names for part in with_parents(alias.name))
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from with_parents(module)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def with_parents(name):
    """A module's packages, outermost first, and itself."""
    return accumulate(name.split("."), "{}.{}".format)


@cache
def files_behind(file):
    """A script and the project's files that it imports, however far away."""
    found, new = set(), {file}
    while new:
        found |= new
        files = {module_file(name) for known in new for name in modules_of(known)}
        new = files - {None} - found
    return found


def packages_of(script):
    """Distributions that a script needs, in lower case."""
    names = {name.split(".")[0] for file in files_behind(script) for name in modules_of(file)}
    outside = names - set(sys.stdlib_module_names) - {"toposhape"}
    return {DISTRIBUTIONS[name][0].lower() for name in outside if name in DISTRIBUTIONS}


@pytest.mark.parametrize("group", pin.GROUPS)
def test_conda_environments_have_the_lock_files_pins(group):
    assert (ROOT / "envs" / f"{group}.yaml").read_text() == pin.environment(group)


def test_every_environment_file_belongs_to_a_group():
    assert {path.stem for path in (ROOT / "envs").glob("*.yaml")} == set(pin.GROUPS)


def test_every_environment_has_what_its_rules_scripts_import():
    for rule in re.split(r"^rule ", RULES, flags=re.MULTILINE)[1:]:
        if "script:" not in rule:  # a target
            continue
        script = re.search(r"workflow_scripts/\w+\.py", rule)[0]
        group = re.search(r"envs/(\w+)\.yaml", rule)[1]
        given = {*pin.GROUPS[group].split(), "llvmlite"}  # which comes with numba
        lacking = packages_of(ROOT / script) - given
        assert not lacking, f"{script} needs {lacking}, envs/{group}.yaml has none of it"


def test_the_container_is_made_from_the_lock_file_and_named_by_the_rules(tmp_path):
    recipe = (ROOT / "containers" / "toposhape.def").read_text()
    assert "pip install --no-cache-dir -r /opt/toposhape/requirements.lock" in recipe
    stand_in = tmp_path / "apptainer"  # planning only asks for its version
    stand_in.write_text("#!/bin/sh\necho apptainer version 1.3.4\n")
    stand_in.chmod(0o755)
    command = ["--snakefile", ROOT / "Snakefile", "--dry-run"]
    command += ["--directory", tmp_path, "--workflow-profile", "none", "--cores", "1"]
    command += ["--sdm", "apptainer", "--configfile", ROOT / "config.yaml"]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    run = run_snakemake(command, ROOT, environment)
    assert run.returncode == 0, run.stderr
    assert 'container: "containers/toposhape.sif"' in (ROOT / "Snakefile").read_text()


def test_a_training_knows_its_version_where_the_package_is_not_installed(monkeypatch):
    """In the container and in conda's environments there are the locked packages alone."""

    def nothing_is_installed(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(Distribution, "from_name", nothing_is_installed)
    assert environment(torch.device("cpu"))["versions"]["toposhape"] == __version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
