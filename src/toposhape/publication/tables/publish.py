"""Writing a table in all formats, each with its sidecar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from toposhape.base.files import whole, write_atomically

from ..traceability import write_sidecar
from .formats import to_html, to_markdown
from .latex import to_latex
from .layout import Document

WRITERS: dict[str, Callable[[Document], str]] = {
    "md": to_markdown,
    "html": to_html,
    "tex": to_latex,
}


def publish_table(
    document: Document, data: pd.DataFrame, folder: str | Path, **traces: Any
) -> list[Path]:
    """Write `<folder>/<document.name>.{csv,md,html,tex}` and a sidecar for each.

    Args:
        document: what people read.
        data: the same for machines, the csv; its lines are also the sidecars' `cells`.
        folder: made if needed.
        traces: what `toposhape.publication.traceability.write_sidecar` is told.

    Returns:
        The four files.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{document.name}.csv"]
    with whole(files[0]) as file:
        data.to_csv(file, index=False)
    for suffix, write in WRITERS.items():
        files.append(folder / f"{document.name}.{suffix}")
        write_atomically(files[-1], write(document).encode())
    cells = [
        {str(name): None if pd.isna(value) else value for name, value in line.items()}
        for line in data.astype(object).to_dict("records")
    ]
    for file in files:
        write_sidecar(file, cells=cells, **traces)
    return files
