"""What each stage of a run took, from Snakemake's own measurements."""

from pathlib import Path

import pandas as pd


def stage_times(folder: str | Path) -> pd.DataFrame:
    """Sum the jobs of each rule up.

    Args:
        folder: a run's `times`: for each rule a folder with a .tsv of Snakemake's `benchmark` for
            each job, or the only job's .tsv.

    Returns:
        A line for each rule: rule, jobs, processor_seconds of all jobs, longest_job_seconds (by
        the clock), largest_memory_mb of a job.
    """
    lines = []
    for rule in sorted(Path(folder).iterdir()):
        files = [rule] if rule.is_file() else list(rule.rglob("*.tsv"))
        jobs = pd.concat([pd.read_csv(file, sep="\t", na_values="-") for file in files])
        times = jobs["cpu_time"].sum(), jobs["s"].max(), jobs["max_rss"].max()
        lines.append((rule.stem, len(jobs), *times))
    columns = ["rule", "jobs", "processor_seconds", "longest_job_seconds", "largest_memory_mb"]
    return pd.DataFrame(lines, columns=columns)


def stage_lines(times: pd.DataFrame) -> list[str]:
    """The same as the lines of a Markdown table."""
    lines = ["| rule | jobs | processor time (s) | longest job (s) | largest memory (MB) |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    for rule, jobs, *numbers in times.itertuples(index=False):
        lines.append(f"| {rule} | {jobs} | " + " | ".join(f"{n:.0f}" for n in numbers) + " |")
    return lines
