"""A trained generator as it comes with the package: its files, a card, a picture, a check."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from toposhape.base.files import write_atomically
from toposhape.evaluation.metrics import METRICS
from toposhape.evaluation.score_table import FLOOR
from toposhape.generators.contract import Generator, fields_of
from toposhape.generators.families import load
from toposhape.learning.stored_weights import read_json
from toposhape.models import FOLDER
from toposhape.topology import superlevel_diagrams

from .generator_files import AS_PACKAGED, Source
from .paths import Paths
from .sampling import Drawn, drawn_shapes, write_sheet
from .synthesis import draw_codes

FILES = tuple(
    f"{name}.{suffix}"
    for name in ("generator", "diagrams", "filtered_codes")
    for suffix in ("safetensors", "json")
)
COLUMNS = 8
PICTURED = 96  # vertices along an edge of the grid of the picture's shapes
CHECKED, CHECKED_RESOLUTION = 4, 32
SHOWN = (
    "pd_lap", "spread", "cd_nearest", "coverage", "one_nna", "one_piece_share", "stands_share",
    "nothing_dangles_share", "novelty_median",
)  # fmt: skip


def package_generator(
    run: Path,
    category: str,
    method: str,
    folder: Path,
    *,
    rows: Sequence[str],
    made_by: str,
    pictured: int = 24,
) -> None:
    """Write all that comes with the package of one trained generator of a run.

    Args:
        run: folder of its results, `results/<name>`.
        category: whose shapes it makes.
        method: its row.
        folder: to write, named as the generator; what is there is replaced.
        rows: methods whose scores the card shows, beside those of training shapes.
        made_by: the commands that make it again, for the card.
        pictured: shapes on the card's picture.
    """
    paths = Paths(run.name, run.parent)
    names = {"category": category, "method": method, "seed": 0}
    trained = Path(paths.trained.format(**names))
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copyfile(trained / file, folder / file)
    generator = load(folder / FILES[0])
    write_atomically(folder / "check.json", json.dumps(fingerprint(generator)).encode())
    drawing = Source(folder / FILES[0], AS_PACKAGED).drawing()
    shapes = list(drawn_shapes(generator, drawing, pictured, seed=0, resolution=PICTURED))
    write_sheet(folder / "sheet.png", [shape.surface for shape in shapes], COLUMNS)
    scores = pd.concat(
        pd.read_csv(file) for file in sorted(Path(paths.scores.format(**names)).glob("*.csv"))
    )
    write_atomically(
        folder / "card.md",
        _card(folder, method, scores, rows, made_by, shapes).encode(),
    )


def fingerprint(generator: Generator) -> dict[str, Any]:
    """What a few shapes of seed 0 are like: Betti numbers, and f at some vertices of the grid.

    Another machine rounds otherwise, so that fields are compared with a tolerance.

    Returns:
        `betti` [pieces, handles, cavities] of each shape, `field` [normalised units] at every 500th
        vertex in C order.
    """
    codes = draw_codes(generator, "normal", 1, CHECKED, seed=0)[0]
    fields = np.stack(list(fields_of(generator.shapes(codes, CHECKED_RESOLUTION))))
    diagrams = superlevel_diagrams(list(-fields))
    return {
        "betti": [list(diagram.betti_numbers(0.0)) for diagram in diagrams],
        "field": [[round(float(v), 4) for v in field.ravel()[::500]] for field in fields],
    }


def _card(
    folder: Path,
    method: str,
    scores: pd.DataFrame,
    rows: Sequence[str],
    made_by: str,
    pictured: Sequence[Drawn],
) -> str:
    told, tried = (read_json(folder / f"{name}.json") for name in ("generator", "filtered_codes"))
    return (
        (FOLDER / "card.txt")
        .read_text(encoding="utf-8")
        .format(
            name=folder.name,
            method=method,
            latent_size=told["decoder"]["latent_size"],
            kept=tried["kept"],
            wanted=tried["settings"]["wanted"],
            attempts=tried["settings"]["attempts"],
            best=tried["settings"]["kept"],
            made_by=made_by,
            pictured=len(pictured),
            drawn=sum(shape.draws for shape in pictured),
            shapes=len(told["shapes"]),
            seed=told["seed"][0],
            epochs=told["epochs"],
            joint_epochs=told["joint_epochs"],
            device=told["device"],
            torch=told["versions"]["torch"],
            test=scores["n"].max(),
            scores=_score_table(scores, rows),
        )
    )


def _score_table(scores: pd.DataFrame, rows: Sequence[str]) -> str:
    arrows = {"lower": "↓", "higher": "↑", "reference": "ref"}
    metrics = [METRICS[name] for name in SHOWN]
    means = scores.groupby(["method", "metric"])["value"].mean().unstack()
    lines = [
        "| | " + " | ".join(f"{m.title}, {m.unit} {arrows[m.direction]}" for m in metrics) + " |",
        "| --- |" + " ---: |" * len(metrics),
    ]
    for row in (*rows, FLOOR):
        values = means.loc[row, list(SHOWN)].astype(float)
        cells = [
            "" if np.isnan(values[m.name]) else f"{m.factor * values[m.name]:.{m.decimals}f}"
            for m in metrics
        ]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)
