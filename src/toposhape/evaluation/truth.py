"""Whether grids show the topology that shapes are known to have."""

from collections.abc import Iterator

import pandas as pd

from .topology_table import BETTI

ALARMING = 0.05
"""Share of the shapes of known topology that a grid may show otherwise without a warning."""
SHOWN = 20
DECLARED = [f"declared_{name}" for name in BETTI]


def account_of_truth(manifest: pd.DataFrame, topology: pd.DataFrame) -> Iterator[str]:
    """Say of how many shapes the grid shows what is known, and of which it does not.

    Args:
        manifest: of a category; its declared Betti numbers are missing where nothing is known.
        topology: of the same shapes' grids, ids as index.

    Yields:
        Lines; none if nothing is known of any shape.
    """
    known = manifest.query("status == 'ok'").set_index("shape")[DECLARED].dropna().astype(int)
    if known.empty:
        return
    seen = topology.loc[known.index, BETTI]
    wrong = known.index[(seen.to_numpy() != known.to_numpy()).any(axis=1)]
    yield (
        f"The grid shows the pieces, handles and cavities of {len(known) - len(wrong)} of the "
        f"{len(known)} shapes of which they are known."
    )
    for shape in wrong[:SHOWN]:
        yield f"  {shape}: {tuple(known.loc[shape])}, the grid shows {tuple(seen.loc[shape])}"
    if len(wrong) > SHOWN:
        yield f"  and {len(wrong) - SHOWN} more"
    if len(wrong) > ALARMING * len(known):
        yield (
            f"WARNING: wrong for {len(wrong) / len(known):.0%}. Generators will learn that and "
            "scores compare with it: raise shapes.resolution or shapes.least_thickness "
            "(parts that touch and are not joined show no gap on any grid)"
        )
