"""What is known of prepared shapes: diagrams and topology of a batch."""

from pathlib import Path

from toposhape.evaluation.describe import FIELDS_AT_A_TIME, describe_fields
from toposhape.evaluation.topology_table import write_topology
from toposhape.settings.topology import Topology
from toposhape.shapes.prepared import open_rows, read_manifest
from toposhape.topology.tables import write_diagrams


def describe_batch(
    manifest: Path,
    grid: Path,
    diagrams: Path,
    topology: Path,
    settings: Topology,
    threads: int | None = None,
) -> None:
    """Write the diagrams and the topology of the shapes of one batch.

    Args:
        manifest: the batch's.
        grid: its signed distances.
        diagrams: diagrams.parquet to write.
        topology: topology.csv to write.
        settings: how diagrams are made.
        threads: for diagrams.
    """
    accepted = read_manifest(manifest).query("status == 'ok'").sort_values("row")
    shapes, distances = list(accepted["shape"]), open_rows(grid)
    described = [
        each
        for first in range(0, len(distances), FIELDS_AT_A_TIME)
        for each in describe_fields(distances[first : first + FIELDS_AT_A_TIME], settings, threads)
    ]
    write_diagrams(diagrams, shapes, [each.diagram for each in described])
    write_topology(topology, shapes, described)
