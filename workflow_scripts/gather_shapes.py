"""One manifest and one table of diagrams for a category; stops when too many are rejected."""

from running import start

job = start(snakemake)

import pandas as pd

from toposhape.shapes.manifests import gather_manifests

manifest = gather_manifests(job.input.manifests, max_rejected=job.params.max_rejected)
manifest.to_csv(job.output.manifest, index=False)
diagrams = pd.concat([pd.read_parquet(path) for path in job.input.diagrams])
diagrams.sort_values(["shape", "degree"], kind="stable").to_parquet(
    job.output.diagrams, index=False
)
