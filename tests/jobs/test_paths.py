"""The layout of results/ is the one that its page describes."""

import re
import string
from pathlib import Path

from toposhape.jobs.paths import Paths

ROOT = Path(__file__).parents[2]
GIVEN = {"category": "<category>", "variant": "<variant>", "method": "<method>", "seed": "<k>"}


def test_every_path_of_a_run_lies_in_its_folder():
    paths = Paths("mine", "elsewhere")
    patterns = [p for p in vars(paths).values() if isinstance(p, str)]
    assert len(patterns) > 15
    for pattern in (*patterns, *paths.interpolations):
        assert pattern.startswith("elsewhere/mine")
        names = {name for _, name, _, _ in string.Formatter().parse(pattern) if name}
        assert names <= {*GIVEN, "batch", "experiment", "part"}


def test_the_page_of_results_names_the_same_places():
    page = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
    paths = Paths("<name>", "")
    for pattern in (paths.shapes, paths.pretrained, paths.trained, paths.synthetic):
        assert pattern.format(**GIVEN).lstrip("/") in page
    for folder in (paths.publication, paths.checkpoints, paths.logs, paths.times):
        assert f"`{folder.lstrip('/')}/`" in page


def test_pictures_lie_as_what_they_show():
    paths = Paths("mine")
    meshes = f"{paths.synthetic}/meshes".format(category="chair", method="M", seed=0)
    assert paths.pictures_of(meshes) == "results/mine/pictures/synthetic/chair/M/seed0/meshes"
    assert not re.search(r"[{}]", paths.pictures_of(meshes))
