"""Which file a trained generator is: a path, a folder, a training of a run, or a packaged one."""

from pathlib import Path

from toposhape.generators.contract import Generator
from toposhape.generators.families import load
from toposhape.learning.seeds import choose_device
from toposhape.models import WEIGHTS, model_names, model_weights

from .paths import Paths


def find_generator(source: str) -> Path:
    """The weights of a trained generator.

    Args:
        source: the safetensors file; a folder with a `generator.safetensors`; or a training as
            `results/<run>:<category>/<method>` or `results/<run>:<category>/<method>/seed<k>`,
            of which the first seed is taken if none is named; or the name of a generator that
            comes with the package. What lies in the working folder goes first.

    Raises:
        FileNotFoundError: if there is none, with what there is.
    """
    path = Path(source)
    if path.is_file() and path.suffix == ".safetensors":
        return path
    if (path / WEIGHTS).is_file():
        return path / WEIGHTS
    if source in model_names():
        return model_weights(source)
    run, colon, training = source.partition(":")
    if not colon:
        raise FileNotFoundError(
            f"{source}: no generator: give one that comes with Toposhape "
            f"({', '.join(model_names())}), a .safetensors file, a folder with {WEIGHTS}, or a "
            "training of a run, as results/chairs:chair/Ours-DeepSDF"
        )
    trained = Path(Paths(Path(run).name, Path(run).parent).trained.split("{")[0])
    folders = sorted((w.parent for w in trained.glob(f"*/*/seed*/{WEIGHTS}")), key=_seed)
    for folder in folders:
        if Path(training) in (folder.relative_to(trained), folder.parent.relative_to(trained)):
            return folder / WEIGHTS
    there = sorted({folder.parent.relative_to(trained).as_posix() for folder in folders})
    raise FileNotFoundError(
        f"{source}: no such training; in {trained} there is {', '.join(there) or 'none'}"
    )


def load_generator(source: str, device: str = "auto") -> Generator:
    """Read the trained generator that `find_generator` finds.

    Args:
        source: as there.
        device: auto, cpu or cuda.
    """
    return load(find_generator(source), choose_device(device))


def _seed(folder: Path) -> int:
    return int(folder.name.removeprefix("seed"))
