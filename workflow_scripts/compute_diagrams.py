"""Ground-truth persistence diagrams of one batch of shapes."""

from running import finish, start

job = start(snakemake)

from toposhape.config import Topology
from toposhape.evaluation.diagrams import describe_fields
from toposhape.shapes.prepared import open_rows, read_manifest
from toposhape.topology.tables import write_diagrams

accepted = read_manifest(job.input.manifest).query("status == 'ok'").sort_values("row")
topology = Topology.model_validate(job.params.topology)
distances = open_rows(job.input.grid)
diagrams = [
    described.diagram
    for first in range(0, len(distances), 8)
    for described in describe_fields(distances[first : first + 8], topology, job.threads)
]
write_diagrams(job.output.diagrams, list(accepted["shape"]), diagrams)
finish(job)
