"""`toposhape doctor`: real findings about this machine, and what becomes of faults."""

import json

import pytest
from typer.testing import CliRunner

from toposhape.cli.app import app
from toposhape.jobs import machine


def test_this_machine_is_well():
    done = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {each["what"]: each for each in json.loads(done.stdout)}
    assert done.exit_code == 0
    assert "(1, 1, 0)" in findings["diagrams"]["found"]
    assert findings["Embree"]["state"] == "ok"
    assert "numba" in findings["packages"]["found"]


def test_a_missing_package_is_wrong_and_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(machine, "NEEDED", ("numpy", "no-such-package"))
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert "pip install no-such-package" in done.stdout


def test_a_missing_extra_is_a_note(monkeypatch):
    monkeypatch.setattr(machine, "OPTIONAL", {"no-such-package": "scans"})
    (found,) = [each for each in machine.examine() if each.what == "extras"]
    assert found.state == "note" and "toposhape[scans]" in found.remedy


def test_what_raises_is_a_finding(monkeypatch):
    def broken(*_):
        raise OSError("Embree's library is not there")

    monkeypatch.setattr("trimesh.ray.ray_pyembree.RayMeshIntersector", broken)
    (found,) = [each for each in machine.examine() if each.what == "rays"]
    assert found.state == "wrong" and "library" in found.found


@pytest.mark.parametrize("free, state", [(1e9, "note"), (1e12, "ok")])
def test_a_disk_that_is_nearly_full_is_noted(monkeypatch, free, state):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: type("Use", (), {"free": free}))
    (found,) = [each for each in machine.examine() if each.what == "disk"]
    assert found.state == state


def test_python_that_keeps_no_bytecode_is_noted(monkeypatch):
    monkeypatch.setattr(machine.sys, "dont_write_bytecode", True)
    (found,) = [each for each in machine.examine() if each.what == "python"]
    assert found.state == "note" and "PYTHONDONTWRITEBYTECODE" in found.remedy
