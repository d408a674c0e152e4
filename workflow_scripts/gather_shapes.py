"""One manifest and one table of diagrams for a category; stops when too many are rejected."""

from running import finish, start

job = start(snakemake)

from toposhape.shapes.manifests import gather_manifests
from toposhape.topology.tables import join_diagrams

manifest = gather_manifests(job.input.manifests, max_rejected=job.params.max_rejected)
manifest.to_csv(job.output.manifest, index=False)
join_diagrams(job.input.diagrams, job.output.diagrams)
finish(job)
