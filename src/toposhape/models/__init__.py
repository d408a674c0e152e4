"""Trained generators that come with the package, a folder for each.

`toposhape.load("chair")` reads one, `toposhape sample chair` draws from it. A folder holds what a
training writes (weights and the JSON that explains them), the codes beside which shapes are drawn,
`card.md` with data, scores and licence, `sheet.png` with shapes as they come, and `check.json`,
what the test of the weights compares with.
`python -m toposhape.models RUN` makes them again.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
WEIGHTS = "generator.safetensors"


def model_names() -> list[str]:
    """The names of the generators that are there."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{WEIGHTS}"))


def model_weights(name: str) -> Path:
    """The weights of a generator that comes with the package.

    Raises:
        FileNotFoundError: if there is none of that name, with the names that there are.
    """
    if name not in model_names():
        known = ", ".join(model_names())
        raise FileNotFoundError(f"{name}: no generator of that name comes with Toposhape: {known}")
    return FOLDER / name / WEIGHTS
