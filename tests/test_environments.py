"""One set of versions: the lock file's."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
spec = importlib.util.spec_from_file_location("pin", ROOT / "envs" / "pin.py")
pin = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pin)


@pytest.mark.parametrize("group", pin.GROUPS)
def test_conda_environments_have_the_lock_files_pins(group):
    assert (ROOT / "envs" / f"{group}.yaml").read_text() == pin.environment(group)


def test_every_environment_file_belongs_to_a_group():
    assert {path.stem for path in (ROOT / "envs").glob("*.yaml")} == set(pin.GROUPS)
