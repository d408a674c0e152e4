"""Tables in CSV files, read as they were written: ``NA`` is a name and ``000`` is no number."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .checksums import DamagedFileError


def read_table(
    path: str | Path,
    *,
    texts: Collection[str] = ("shape",),
    types: Mapping[str, Any] | None = None,
    needed: Collection[str] = (),
) -> pd.DataFrame:
    """Read a CSV file with a header.

    Args:
        path: the file, UTF-8; an empty place means that there is no value.
        texts: columns that hold texts, letter by letter, where the file has them.
        types: of further columns; those of the others are found out.
        needed: columns that must be there.

    Raises:
        FileNotFoundError: if there is no such file.
        DamagedFileError: if it is no such table, or a column is missing.
    """
    columns = {**dict.fromkeys(texts, str), **(types or {})}
    try:
        table = pd.read_csv(path, dtype=columns, keep_default_na=False, na_values=[""])
    except ValueError as error:
        raise DamagedFileError(path, " ".join(str(error).split())[:200]) from error
    if missing := [name for name in needed if name not in table]:
        raise DamagedFileError(path, f"it has no column {missing[0]}")
    return table
