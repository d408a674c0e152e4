"""Write docs/results.md and its pictures from a finished run.

python docs/make_results.py [results/chairs]
"""

import json
import os
import platform
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from PIL import Image

from toposhape.publication.stage_times import stage_lines, stage_times

DOCS = Path(__file__).parent
WIDTH = 900  # pixels of a picture on a page
FIGURES = {
    "overview_*.png": "Figure 1: training shapes; without and with topological terms, same codes",
    "comparison.png": "Figure 4: the first shapes of each method",
    "interpolation_*.png": "Figure 2: interpolations with their diagrams",
    "matrices_*.png": "Figure 3: diagram distances to training shapes",
    "betti_*.png": "Pieces, handles, cavities",
}


def endings(run: Path, seeds: Iterable[int]) -> list[str]:
    """Why each training of these seeds ended."""
    lines = ["| pretraining | ended |", "| --- | --- |"]
    trained = (run.glob(f"generators/*/*/seed{seed}/generator.json") for seed in seeds)
    for file in sorted(chain.from_iterable(trained)):
        reason = json.loads(file.read_text(encoding="utf-8"))["stop_reason"]
        lines.append(f"| {', '.join(file.parts[-4:-1])} | {reason} |")
    return lines


def picture(source: Path, name: str) -> None:
    """Scale a figure down to the width of a page, with few colours."""
    image = Image.open(source).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    small = image.resize((WIDTH, height), Image.Resampling.LANCZOS)
    small.quantize(128).save(DOCS / "pictures" / name, optimize=True)


def main() -> None:
    """Write the page."""
    run = Path(sys.argv[1] if len(sys.argv) > 1 else "results/chairs")
    publication = run / "publication"
    origin = json.loads((publication / "table1.csv.json").read_text(encoding="utf-8"))
    table = (publication / "table1.md").read_text(encoding="utf-8")
    parts = (publication / "table2.md").read_text(encoding="utf-8")
    details = (publication / "details.md").read_text(encoding="utf-8")
    pictures = []
    for pattern, heading in FIGURES.items():
        found = sorted(publication.glob(pattern))
        pictures += ["", f"**{heading}**", ""] if found else []
        for figure in found:
            picture(figure, f"results_{figure.name}")
            pictures.append(f"![{figure.stem}](pictures/results_{figure.name})")
    page = [
        f"# What the run `{run.name}` gives",
        "",
        "Written by `python docs/make_results.py` after `make reproduce`, revision "
        f"{origin['git_revision'][:7]}, configuration {origin['config_digest']}, on "
        f"{os.cpu_count()} cores ({platform.machine()}). Shapes in the pictures are the "
        "first of the first draw; loose pieces are red.",
        "",
        *pictures,
        "",
        table.replace("# Table 1", "## Table 1", 1).strip(),
        "",
        parts.replace("# Table 2", "## Table 2", 1).strip(),
        "",
        details.replace("\n## ", "\n### ").replace("# Every score", "## Every score", 1).strip(),
        "",
        "## Training",
        "",
        *endings(run, origin["training_seeds"]),
        "",
        "## Time",
        "",
        *stage_lines(stage_times(run / "times")),
    ]
    (DOCS / "results.md").write_text("\n".join(page) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
