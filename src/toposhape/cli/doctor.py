"""`toposhape doctor`."""

import typer

from .output import AsJson, show_json, show_table


def doctor(as_json: AsJson = False) -> None:
    """Look at this machine: versions, cores, GPU, caches, disk, and what is wrong."""
    from toposhape.jobs.machine import examine

    findings = list(examine())
    if as_json:
        show_json([finding._asdict() for finding in findings])
    else:
        columns = ("", "state", "found", "remedy")
        rows = [(each.what, each.state, each.found, each.remedy) for each in findings]
        show_table("", columns, rows)
    if any(finding.state == "wrong" for finding in findings):
        raise typer.Exit(1)
