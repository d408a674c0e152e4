"""New scans in a shape space, and the ways between their codes."""

from running import start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.scan_space import draw_space_sheet, draw_ways_sheet
from toposhape.publication.pictures.sheets import save_sheet
from toposhape.publication.traceability import write_sidecar
from toposhape.settings.scans import ScanSpace

settings = ScanSpace.model_validate(job.params.space)
fields = Path(job.input[0])
sheet = draw_space_sheet(fields, settings, job.params.run_seed, job.params.pixels)
save_sheet(sheet, job.output.space_png, job.output.space_pdf)
save_sheet(draw_ways_sheet(fields, job.params.pixels), job.output.ways_png, job.output.ways_pdf)
for path in job.output:
    write_sidecar(
        path, inputs=job.input, config_digest=job.params.digest, training_seeds=job.params.seeds
    )
