"""Which scans a run has, and what the rules ask about them."""

import csv
from pathlib import Path

from toposhape.shapes.scan_requests import request_scans

SCANS = PATHS.scans
SCAN = f"{SCANS}/{{scan}}"
SCAN_FILE = f"{SCAN}/scan.npz"
SURFACE = f"{SCAN}/{{surface}}_seed{{seed}}"
SPACE = f"{PATHS.scan_space}/seed{{seed}}"
SURFACE_METHODS = list(RUN.scans.methods)
PEERS = list(RUN.scans.peers)


wildcard_constraints:
    scan=r"[^/]+",
    surface=alternatives([*SURFACE_METHODS, *PEERS]),


def scan_requests():
    """The scans that the run asks for, by name."""
    try:
        return {request.scan: request for request in request_scans(RUN.scans)}
    except ValueError as error:
        raise WorkflowError(str(error)) from None


def files_of_scans(*names):
    """Files of scans and of their true surfaces; virtual ones have none."""
    requests = scan_requests()
    found = [requests[name] for name in names or requests]
    return [str(file) for each in found for file in (each.file, each.truth) if file]


def scan_settings(*names):
    """What scans depend on: how they are read, and how virtual ones are made."""
    virtual = {
        name: each
        for name, each in RUN.scans.virtual.items()
        if not names or name in names
    }
    return as_parameters({"virtual": virtual, "reading": RUN.scans.reading})


def usable_scans():
    """The scans of the run, of a folder those that the manifest does not reject."""
    if not RUN.scans.folder:
        return list(scan_requests())
    manifest = Path(checkpoints.check_scans.get().output[0])
    with manifest.open(encoding="utf-8") as file:
        return [row["scan"] for row in csv.DictReader(file) if row["status"] == "ok"]


def surfaces_of(pattern, seeds=RUN.scans.seeds):
    """That file of every method and seed, and of every peer; of the rule's scan."""
    learned = expand(pattern, surface=SURFACE_METHODS, seed=seeds, allow_missing=True)
    return learned + expand(pattern, surface=PEERS, seed=seeds[0], allow_missing=True)


def surface_file(name):
    """An input function: that file of the first seed, by method and scan."""
    return lambda wildcards: [
        file.format(scan=scan)
        for scan in usable_scans()
        for file in expand(
            f"{SURFACE}/{name}",
            surface=SURFACE_METHODS,
            seed=RUN.scans.seeds[0],
            allow_missing=True,
        )
    ]


def of_usable_scans(pattern, **names):
    """An input function: that file of every scan that can be used."""
    return lambda wildcards: expand(pattern, scan=usable_scans(), **names)
