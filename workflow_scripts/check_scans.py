"""The manifest of all scans: which can be used, and why others cannot."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.scans import check_scans
from toposhape.settings.scans import Scans
from toposhape.shapes.scan_requests import request_scans

settings = Scans.model_validate({"folder": job.params.folder, **job.params.scans})
check_scans(request_scans(settings), settings, job.params.seed, Path(job.output[0]))
finish(job)
