"""What the jobs of a run took: the figures from which a profile's memory and time limits come.

python profiles/measure.py results/furniture
"""

import csv
import sys
from pathlib import Path


def measured(results: Path) -> list[tuple[str, int, float, float]]:
    """Rule, jobs, longest time [s] and largest memory [MB], from Snakemake's benchmark files."""
    rules = []
    for folder in sorted((results / "times").iterdir()):
        files = sorted(folder.rglob("*.tsv"))
        rows = [row for file in files for row in csv.DictReader(file.open(), delimiter="\t")]
        if rows:
            seconds = max(float(row["s"]) for row in rows)
            megabytes = max(float(row["max_rss"].replace("NA", "0")) for row in rows)
            rules.append((folder.name, len(rows), seconds, megabytes))
    return rules


if __name__ == "__main__":
    lines = ["| rule | jobs | longest [s] | most memory [MB] |", "| --- | --- | --- | --- |"]
    for rule, jobs, seconds, megabytes in measured(Path(sys.argv[1])):
        lines.append(f"| `{rule}` | {jobs} | {seconds:.0f} | {megabytes:.0f} |")
    sys.stdout.write("\n".join(lines) + "\n")
