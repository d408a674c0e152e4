"""From prepared batches to the shapes of a category: one manifest, one split."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from toposhape.base.files import write_atomically
from toposhape.evaluation.topology_table import join_topology, read_topology
from toposhape.evaluation.truth import account_of_truth
from toposhape.shapes.manifests import gather_manifests, write_manifest
from toposhape.shapes.prepared import read_manifest
from toposhape.shapes.splits import Split, account_of_split, split_shapes
from toposhape.topology.tables import join_diagrams


def gather_batches(
    manifests: Sequence[str | Path],
    diagrams: Sequence[str | Path],
    topologies: Sequence[str | Path],
    *,
    manifest: str | Path,
    joined: str | Path,
    topology: str | Path,
    max_rejected: float,
) -> None:
    """Write one manifest, one table of diagrams and one of topology for a category's batches.

    Args:
        manifests: of the batches.
        diagrams: of the batches, in any order.
        topologies: of the batches, in any order.
        manifest: is written.
        joined: is written, all diagrams.
        topology: is written, all lines.
        max_rejected: largest share of rejected shapes.

    Raises:
        TooManyRejected: with the list, if more were rejected.
    """
    gathered = gather_manifests(manifests, max_rejected)
    write_manifest(gathered, manifest)
    join_diagrams(diagrams, joined)
    join_topology(topologies, topology)
    for line in account_of_truth(gathered, read_topology(topology)):
        sys.stderr.write(f"{line}\n")


def write_split(
    manifest: str | Path,
    output: str | Path,
    *,
    shares: Mapping[str, float],
    seed: int,
    given: Mapping[str, Sequence[str]] | None,
) -> Split:
    """Split a category's shapes, write ``{"training": [ids], ...}`` and say what became of each id.

    Args:
        manifest: of the category.
        output: the JSON file.
        shares: of ``training``, ``validation`` and ``test``.
        seed: of the shuffling.
        given: ids of each part from split files, if there are any.

    Raises:
        ValueError: as `split_shapes` does.
    """
    requested = read_manifest(manifest)
    split = split_shapes(requested, shares, seed, given)
    for line in account_of_split(requested, split, given) if given else ():
        sys.stderr.write(f"{line}\n")
    write_atomically(output, (json.dumps(split, indent=1) + "\n").encode())
    return split
