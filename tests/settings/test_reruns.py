"""What Snakemake runs again when the settings' code or the configuration changes."""

import re
import shutil
from importlib.util import cache_from_source
from pathlib import Path

import pytest
import yaml
from warm_snakemake import run_snakemake

ROOT = Path(__file__).parents[2]
KEPT = ("Snakefile", "rules", "workflow_scripts", "report", "envs", "config.yaml")
OVERLAY = {"name": "made_up", "categories": [{"name": "chair", "count": 20}]}
TARGETS = (
    "results/made_up/scores/chair/Ours-DeepSDF_seed0.csv",
    "results/made_up/scores/chair/3DShape2VecSet_seed0.csv",
    "results/made_up/publication/latents_chair.png",
)


class Checkout:
    """A copy of the project whose code can be changed, with made-up results in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in KEPT:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
        shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "mine.yaml").write_text(yaml.safe_dump(OVERLAY))

    def snakemake(self, *options: str) -> str:
        command = ["--cores", "2", "--workflow-profile", "none", *options]
        run = run_snakemake([*command, "--configfile", "mine.yaml", "--", *TARGETS], self.folder)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr

    def make_up_results(self) -> None:
        """Every output as an empty file or folder, and Snakemake's word that it was made so."""
        rows = [line.split("\t") for line in self.snakemake("--summary").splitlines()]
        outputs = [self.folder / row[0] for row in rows if row[0].startswith("results/")]
        assert len(outputs) > 40
        for path in outputs:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch() if path.suffix else path.mkdir(exist_ok=True)
        self.snakemake("--touch", "--forceall", "--quiet", "all")

    def planned(self) -> set[str]:
        """The rules that would run now."""
        told = self.snakemake("--dry-run")
        rules = set(re.findall(r"^(\w+) +\d+$", told, re.MULTILINE)) - {"total"}
        assert bool(rules) != ("Nothing to be done" in told)
        return rules

    def edit(self, name: str, pattern: str, new: str) -> None:
        path = self.folder / name
        text, count = re.subn(pattern, new, path.read_text(), flags=re.DOTALL)
        assert count == 1
        rewrite(path, text)


def rewrite(path: Path, text: str) -> None:
    """Change a file, and let no bytecode stand for it that is as old, in seconds, and as long."""
    path.write_text(text)
    Path(cache_from_source(str(path))).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory):
    checkout = Checkout(tmp_path_factory.mktemp("reruns") / "checkout")
    checkout.make_up_results()
    return checkout


@pytest.fixture
def checkout(made_up):
    """The made-up run; what a test edits is undone."""
    edited = [*(made_up.folder / "src/toposhape/settings").glob("*.py")]
    texts = {path: path.read_text() for path in [*edited, made_up.folder / "config.yaml"]}
    yield made_up
    for path, text in texts.items():
        rewrite(path, text)


def add_key(checkout, value):
    new = f'    penalty: NotNegative = key({value}, "new", neutral=0.0)\n'
    checkout.edit("src/toposhape/settings/joint.py", "(?=    warmup_share: )", new)


def change_default(checkout, key, value):
    checkout.edit(
        "config.yaml", rf"(\njoint_training:[^\n]*\n(?:  [^\n]*\n)*?  {key}: )\d+", rf"\g<1>{value}"
    )


def test_a_new_neutral_key_reruns_nothing(checkout):
    assert checkout.planned() == set()
    add_key(checkout, "0.0")
    assert checkout.planned() == set()


def test_a_new_key_that_is_not_neutral_reruns_what_it_changes(checkout):
    add_key(checkout, "0.1")
    planned = checkout.planned()
    assert {"train_jointly", "score_generator", "latents_figure"} <= planned
    assert not planned & {"prepare_shapes", "train_shape_generator", "train_set_diffusion"}


def test_a_changed_default_reruns_what_it_changes(checkout):
    change_default(checkout, "steps", 499)
    planned = checkout.planned()
    assert {"train_jointly", "score_generator", "latents_figure"} <= planned
    assert not planned & {"prepare_shapes", "train_shape_generator", "train_set_diffusion"}


def test_a_key_without_influence_reruns_nothing(checkout):
    change_default(checkout, "checkpoint_every", 77)
    assert checkout.planned() == set()
