"""One scan in the shape frame, with its true surface where that is known."""

from running import finish, start

job = start(snakemake)

from pathlib import Path

from toposhape.jobs.scans import prepare_scan
from toposhape.settings.scans import Scans
from toposhape.shapes.scan_requests import request_scans

settings = Scans.model_validate({"folder": job.params.folder, **job.params.scans})
requests = {request.scan: request for request in request_scans(settings)}
prepare_scan(requests[job.wildcards.scan], settings, job.params.seed, Path(job.output[0]))
finish(job)
