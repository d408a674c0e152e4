"""What ShapeNet's size costs before any training: planning, and the preparation of the shapes.

    python benchmarks/scale.py plan
    python benchmarks/scale.py prepare [--shapes 2000] [--added 100] [--cores 2] [--samples 100000]
    python benchmarks/scale.py paper

`plan` makes a tree like ShapeNet's with the models of DeepSDF's splits (12,227 files of one line)
and measures dry runs of presets/paper.yaml on it. `prepare` writes procedural furniture as mesh
files, one in fifty broken in some way, takes them through the real rules up to the split, then
adds more files and counts what would run again; given the same `--folder` it goes on where it was
stopped. `paper` prepares single shapes with the number of samples of presets/paper.yaml.

Each adds its numbers to docs/scale_measured.json, which docs/make_scale.py reads. Nothing is
asserted; what was broken and accepted, or the other way round, is counted.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from made_up_data import BROKEN, write_furniture, write_shapenet

from toposhape.publication.stage_times import stage_times
from toposhape.shapes.prepared import read_manifest

ROOT = Path(__file__).parent.parent
MEASURED = ROOT / "docs" / "scale_measured.json"
RUN = Path("results") / "scale"
SPLIT = RUN / "shapes" / "furniture" / "split.json"


def snakemake(folder: Path, overlay: Path, *arguments: str) -> str:
    """Run the workflow with its results in a folder; its messages."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]
    command += ["--directory", str(folder), *arguments]
    command += ["--configfile", str(ROOT / "config.yaml"), str(overlay)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return run.stdout + run.stderr


def planned(messages: str) -> dict[str, int]:
    """Jobs by rule of a dry run."""
    table = messages[messages.rindex("\njob ") :]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def plan(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Seconds and memory of dry runs of the paper's preset; the first one of a fresh folder."""
    write_shapenet(folder / "data" / "ShapeNetCore.v2", folder / "data" / "splits")
    seconds, processor = [], []
    for _ in range(options.repetitions):
        begin, used = time.perf_counter(), children_seconds()
        messages = snakemake(folder, ROOT / "presets" / "paper.yaml", "--dry-run", "--cores", "1")
        seconds.append(round(time.perf_counter() - begin, 1))
        processor.append(round(children_seconds() - used, 1))
    jobs = planned(messages)
    return {
        "models": sum(1 for _ in (folder / "data").glob("ShapeNetCore.v2/*/*")),
        "seconds": seconds,
        "processor_seconds": processor,
        "largest_memory_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "jobs": jobs["total"],
        "batches": jobs["prepare_shapes"],
    }


def children_seconds() -> float:
    """Processor time of processes that were started and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def prepare(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Rates of preparation, what was rejected, and what added shapes make run again."""
    meshes = folder / "meshes"
    if not meshes.exists():
        write_furniture(meshes, options.shapes)
    overlay = folder / "scale.yaml"
    category = {"name": "furniture", "source": "folder", "path": str(meshes)}
    shapes = {key: vars(options)[key] for key in ("samples", "surface_points", "batch_size")}
    chosen = {"name": RUN.name, "categories": [category], "shapes": shapes}
    overlay.write_text(yaml.safe_dump(chosen), encoding="utf-8")
    snakemake(folder, overlay, "--cores", str(options.cores), str(SPLIT))
    found = rates(folder) | outcomes(folder / SPLIT.with_name("manifest.csv"))
    write_furniture(meshes, options.added, start=options.shapes)
    jobs = planned(snakemake(folder, overlay, "--cores", "1", "--dry-run", str(SPLIT)))
    before = len(list((folder / SPLIT.parent).glob("batches/*/manifest.csv")))
    added = {"shapes": options.added, "batches_before": before}
    return shapes | found | {"added": added | {"batches_that_run": jobs.get("prepare_shapes", 0)}}


def rates(folder: Path) -> dict[str, Any]:
    """Times, memory and bytes of the finished preparation."""
    shapes = folder / SPLIT.parent
    manifest = read_manifest(shapes / "manifest.csv")
    accepted = int((manifest["status"] == "ok").sum())
    times = stage_times(folder / RUN / "times").set_index("rule")
    prepared, diagrams = times.loc["prepare_shapes"], times.loc["compute_diagrams"]
    sizes = {
        name: sum(file.stat().st_size for file in shapes.glob(f"batches/*/{name}"))
        for name in ("samples.npy", "grid.npy", "surface.npy", "diagrams.parquet")
    }
    return {
        "requested": len(manifest),
        "accepted": accepted,
        "mean_faces": round(manifest["faces"].mean()),
        "processor_seconds_per_shape": round(prepared["processor_seconds"] / len(manifest), 3),
        "shapes_per_second_and_core": round(len(manifest) / prepared["processor_seconds"], 3),
        "diagram_seconds_per_shape": round(diagrams["processor_seconds"] / accepted, 4),
        "largest_memory_mb": round(prepared["largest_memory_mb"]),
        "bytes_per_shape": {name: round(size / accepted) for name, size in sizes.items()},
    }


def paper(_: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Processor seconds of a shape with the paper's number of samples, by its number of faces."""
    from preparation import best, mesh_with, prepare

    given = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["shapes"]
    given |= yaml.safe_load((ROOT / "presets" / "paper.yaml").read_text(encoding="utf-8"))["shapes"]
    sizes = (given["samples"], given["resolution"])
    rows = []
    for faces in (1_000, 5_000, 25_000):
        seconds = []
        for index in range(options.repetitions):
            mesh = mesh_with(faces, index)
            seconds.append(best(lambda mesh=mesh: prepare(mesh, *sizes), repetitions=2))
        rows.append({"faces": faces, "seconds": round(sum(seconds) / len(seconds), 2)})
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"samples": sizes[0], "resolution": sizes[1], "rows": rows, "largest_memory_mb": memory}


def outcomes(manifest: Path) -> dict[str, Any]:
    """What became of broken files and of good ones."""
    lines = read_manifest(manifest)
    way = lines["shape"].str.extract(r"-(" + "|".join(sorted(BROKEN, key=len)[::-1]) + r")\b")[0]
    broken = way.notna() & (way != "twice")
    accepted = lines["status"] == "ok"
    reasons = {
        name: {reason: int(n) for reason, n in group["reason"].value_counts().items()}
        for name, group in lines[broken & ~accepted].groupby(way)
    }
    return {
        "broken_and_rejected": int((broken & ~accepted).sum()),
        "broken_but_accepted": sorted(lines[broken & accepted]["shape"]),
        "good_but_rejected": lines[~broken & ~accepted].set_index("shape")["reason"].to_dict(),
        "reasons": reasons,
    }


def machine() -> str:
    """The processor, and how busy it is."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("what", choices=("plan", "prepare", "paper"))
    options.add_argument("--shapes", type=int, default=2000)
    options.add_argument("--added", type=int, default=100)
    options.add_argument("--cores", type=int, default=2)
    options.add_argument("--samples", type=int, default=100_000)
    options.add_argument("--surface-points", type=int, default=30_000)
    options.add_argument("--batch-size", type=int, default=50)
    options.add_argument("--folder", type=Path, help="kept; a temporary one if not given")
    options.add_argument("--repetitions", type=int, default=3)
    return options


def main() -> None:
    """Measure, print, and store the numbers."""
    options = parser().parse_args()
    measure = {"plan": plan, "prepare": prepare, "paper": paper}[options.what]
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        numbers = {"machine": machine()} | measure(folder, options)
    print(json.dumps(numbers, indent=1))
    known = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    MEASURED.write_text(json.dumps(known | {options.what: numbers}, indent=1) + "\n")


if __name__ == "__main__":
    main()
