"""What the tutorial asks its reader to type is found, and runs as it is typed."""

import importlib.util
import subprocess
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
spec = importlib.util.spec_from_file_location("run_tutorial", DOCS / "run_tutorial.py")
tutorial = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tutorial)
BLOCKS = tutorial.blocks((DOCS / "tutorial.md").read_text(encoding="utf-8"))


def test_blocks_to_type_are_found_and_others_are_not():
    page = "```bash\na\nb\n```\n```sh\nno\n```\n\n```python\nc\n```\n"
    assert tutorial.blocks(page) == [("bash", "a\nb\n"), ("python", "c\n")]


def test_one_block_trains_by_the_preset_that_can_be_exchanged():
    training = [block for block in BLOCKS if tutorial.TRAINING in block.text]
    assert len(training) == 1
    assert "--preset quick" in training[0].text


def test_a_block_that_fails_is_an_error(tmp_path):
    tutorial.run(tutorial.Block("bash", "touch made"), tmp_path)
    assert (tmp_path / "made").exists()
    with pytest.raises(subprocess.CalledProcessError):
        tutorial.run(tutorial.Block("bash", "false | true\ntrue"), tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        tutorial.run(tutorial.Block("python", "assert False"), tmp_path)


def test_python_of_the_tutorial_makes_the_chairs_that_it_looks_at(tmp_path):
    drawn = next(block for block in BLOCKS if block.language == "python")
    few = tutorial.Block("python", drawn.text.replace("range(40)", "range(4)"))
    tutorial.run(few, tmp_path)
    assert (tmp_path / "chairs" / "chair03.ply").stat().st_size > 1000
