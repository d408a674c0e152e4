"""Which trained generator is meant, and how it draws: a file, a training, a row, a packaged one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from toposhape.generators.contract import Generator
from toposhape.generators.families import load
from toposhape.learning.seeds import choose_device
from toposhape.models import WEIGHTS, model_names, model_weights
from toposhape.settings.methods import SharedMethod

from .critic import best_by_diagrams
from .paths import Paths
from .synthesis import distance_setting, prior_settings, wanted_of
from .wanted import ANYTHING, Best, Wanted

AS_PACKAGED = SharedMethod(
    trained_as="Placed-DeepSDF",
    prior="filtered_density",
    bandwidth=0.5,
    one_piece=True,
    stands=True,
    nothing_dangles=True,
)
"""How generators draw that come with the package: the last row of presets/packaged.yaml."""


class Drawing(NamedTuple):
    """How shapes are drawn from a generator.

    Attributes:
        prior: of the codes, its name.
        settings: of this prior, as `draw_codes` takes them.
        repair: whether fields are repaired.
        wanted: what shapes shall be like.
        best: which of several that are is taken; None: the first.
    """

    prior: str
    settings: dict[str, float]
    repair: bool
    wanted: Wanted = ANYTHING
    best: Best | None = None

    @property
    def best_of(self) -> int:
        """Of how many shapes one is taken."""
        return self.best.of if self.best else 1

    def draws(self, number: int) -> int:
        """How many codes are drawn for so many shapes at most."""
        return self.wanted.draws(number, self.best is not None)

    def told(self) -> dict[str, Any]:
        """As programs read it."""
        said = self._asdict() | {"wanted": self.wanted._asdict(), "best_of": self.best_of}
        del said["best"]  # a function, which nobody reads
        return said

    def words(self) -> str:
        """As people read it."""
        said = "".join(f", {name} {value}" for name, value in self.settings.items())
        taken = "" if self.wanted.anything else f", {self.wanted.words()}"
        best = f", the best of {self.best_of} by their diagrams" if self.best_of > 1 else ""
        return f"prior {self.prior}{said}{', repaired' if self.repair else ''}{taken}{best}"


class Source(NamedTuple):
    """What a source of generators stands for.

    Attributes:
        weights: the safetensors file.
        row: how it draws: as a row of a run that draws from another row's generator, or as
            generators do that come with the package.
    """

    weights: Path
    row: SharedMethod | None = None

    def load(self, device: str = "auto") -> Generator:
        """Read the generator onto a device: auto, cpu or cuda."""
        return load(self.weights, choose_device(device))

    def drawing(
        self,
        prior: str | None = None,
        repair: bool | None = None,
        best_of: int | None = None,
        away: float | None = None,
        **wanted: bool | int | None,
    ) -> Drawing:
        """How it draws: as its row does, but for what is given; without a row from N(0, I).

        Args:
            prior: of the codes.
            repair: whether fields are repaired.
            best_of: of how many shapes one is taken.
            away: how far from the codes that it starts from the prior draws: its `jitter` or
                `bandwidth`, in [0, 1].
            wanted: fields of `Wanted`; None is not given.

        Raises:
            FileNotFoundError: if one of several is to be taken and no diagram generator lies there.
            ValueError: if `away` is given for a prior that draws near no codes.
        """
        said = self.row.model_dump() if self.row else {}
        said |= {"prior": prior} if prior else {}
        drawn = said.get("prior", "normal")
        if away is not None:
            said[distance_setting(drawn)] = away
        given = {name: value for name, value in wanted.items() if value is not None}
        return Drawing(
            drawn,
            prior_settings(said),
            said.get("repair", False) if repair is None else repair,
            Wanted(**{**wanted_of(said)._asdict(), **given}),
            best_by_diagrams(best_of or said.get("best_of", 1), self.weights),
        )


def find_generator(source: str) -> Source:
    """Find a trained generator.

    Args:
        source: the safetensors file; a folder with a `generator.safetensors`; or a row of a run as
            `results/<run>:<category>/<method>` or `results/<run>:<category>/<method>/seed<k>`,
            of which the first seed is taken if none is named; or the name of a generator that
            comes with the package. What lies in the working folder goes first.

    Raises:
        FileNotFoundError: if there is none, with what there is.
    """
    path = Path(source)
    if path.is_file() and path.suffix == ".safetensors":
        return Source(path)
    if (path / WEIGHTS).is_file():
        return Source(path / WEIGHTS)
    if source in model_names():
        return Source(model_weights(source), AS_PACKAGED)
    run, colon, training = source.partition(":")
    if not colon:
        raise FileNotFoundError(
            f"{source}: no generator: give one that comes with Toposhape "
            f"({', '.join(model_names())}), a .safetensors file, a folder with {WEIGHTS}, or a "
            "training of a run, as results/chairs:chair/Ours-DeepSDF"
        )
    paths = Paths(Path(run).name, Path(run).parent)
    trained = Path(paths.trained.split("{")[0])
    folders = sorted((w.parent for w in trained.glob(f"*/*/seed*/{WEIGHTS}")), key=_seed)
    rows = _shared_rows(Path(paths.configuration))
    category, _, method = training.partition("/")
    name, *seed = Path(method).parts or ("",)
    row = rows.get(name)
    wanted = Path(category, row.trained_as, *seed) if row else Path(training)
    for folder in folders:
        if wanted in (folder.relative_to(trained), folder.parent.relative_to(trained)):
            return Source(folder / WEIGHTS, row)
    there = {folder.parent.relative_to(trained) for folder in folders}
    there |= {kind.parent / r for kind in there for r in rows if kind.name == rows[r].trained_as}
    raise FileNotFoundError(
        f"{source}: no such training; in {trained} there is "
        f"{', '.join(sorted(each.as_posix() for each in there)) or 'none'}"
        f"{_without_configuration(paths, category, name)}"
    )


def _shared_rows(configuration: Path) -> dict[str, SharedMethod]:
    """The rows of a run that draw from other rows' generators, by name; none without its file."""
    if not configuration.is_file():
        return {}
    methods = yaml.safe_load(configuration.read_text(encoding="utf-8"))["methods"]
    return {
        name: SharedMethod.model_validate(said)
        for name, said in methods.items()
        if "trained_as" in said
    }


def _without_configuration(paths: Paths, category: str, method: str) -> str:
    """What to type for a row whose shapes are there, of a run that has not stored its settings."""
    shapes = Path(paths.synthetic.split("{")[0], category, method)
    if not (method and shapes.is_dir()) or Path(paths.configuration).exists():
        return ""
    return (
        f". {method} draws from the generator of another of these rows, and {paths.configuration}, "
        "which says how, is missing (of an older run): name that row, with --prior and --repair"
    )


def _seed(folder: Path) -> int:
    return int(folder.name.removeprefix("seed"))
