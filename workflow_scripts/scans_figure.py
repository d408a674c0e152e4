"""One scan, what each method makes of it, and the errors in colour."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.surfaces import draw_scan_sheet
from toposhape.publication.pictures.sheets import save_sheet
from toposhape.publication.traceability import write_sidecar

surfaces = dict(zip(job.params.surfaces, map(Path, job.input.surfaces), strict=True))
sheet = draw_scan_sheet(Path(job.input.scan), surfaces, job.params.pixels)
save_sheet(sheet, job.output.png, job.output.pdf)
for path in job.output:
    write_sidecar(
        path, inputs=job.input, config_digest=job.params.digest, training_seeds=job.params.seeds
    )
