"""Write docs/records/scale.md: what presets/paper.yaml costs, from rates and counted operations.

    python docs/make_scale.py

Reads docs/scale_measured.json (benchmarks/scale.py) and the pages docs/records/benchmarks_*.md;
counts the operations of the networks (docs/scale_costs.py). Takes some seconds and needs no GPU.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import scale_work
from scale_costs import decoder_costs, vector_set_costs
from scale_work import FLOAT32_PEAK, FLOAT32_SHARE, TF32_PEAK, TF32_SHARE, Work

from toposhape.settings.run import Config

DOCS = Path(__file__).parent
CLUSTER = (9, 64)
"""GPUs and processor cores of the cluster that is reckoned with."""


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table; all but the first column to the right."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return [*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows), ""]


def gpu_table(work: Sequence[Work]) -> list[str]:
    """Operations and hours by stage and generator, of all categories."""
    rows = []
    for stage in dict.fromkeys(w.stage for w in work):
        group = [w for w in work if w.stage == stage]
        names = list(dict.fromkeys(w.name for w in group))
        if stage in ("synthesis", "reconstruction"):
            rows.append((f"{stage}, all methods", group))
        else:
            rows += [(f"{stage}, {name}", [w for w in group if w.name == name]) for name in names]
    cells = [(what, f"{sum(w.operations for w in g):.2g}", f"{hours(g):.1f}") for what, g in rows]
    whole = ("**all**", f"**{sum(w.operations for w in work):.2g}**", f"**{hours(work):.0f}**")
    return table(("stage", "operations", "hours"), [*cells, whole])


def hours(work: Iterable[Work]) -> float:
    """On one GPU, one after the other."""
    return sum(w.hours for w in work)


def longest_chain(config: Config, work: Sequence[Work]) -> tuple[float, str]:
    """Hours of the generator that ends last, if each has a GPU of its own; and its name."""
    ends = {}
    for category in scale_work.SIZES:
        for name in config.methods:
            trained = config.trained_as(name)
            steps = (name, trained, getattr(config.methods[trained], "variant", name))
            mine = [w for w in work if w.category == category and w.name in steps]
            ends[f"{name}, {category}"] = hours(mine)
    last = max(ends, key=ends.__getitem__)
    return ends[last], last


def memory_table(config: Config) -> list[str]:
    """What automatic differentiation keeps in a step, whole and in the preset's micro-batches."""
    training, sets = config.shape_generator.training, config.vector_sets
    rows = []
    for name, variant in config.variants.items():
        cost = decoder_costs(config, variant)
        data = training.samples_per_shape * cost.data.kept_bytes
        regular = training.regularised_points * cost.regularised.kept_bytes
        regular *= variant.regularisation.weight > 0
        whole = training.shapes_per_batch * data + training.regularised_shapes * regular
        part = training.shapes_per_micro_batch * (data + regular)
        rows.append((f"pretraining, {name}", f"{whole / 1e9:.0f}", f"{part / 1e9:.0f}"))
    cost = vector_set_costs(config)
    for name, step, training in (
        ("autoencoder", cost.autoencoder, sets.autoencoder_training),
        ("diffusion", cost.denoiser, sets.diffusion_training),
    ):
        whole = training.shapes_per_batch * step.kept_bytes
        part = training.shapes_per_micro_batch * step.kept_bytes
        rows.append((f"{name}, 3DShape2VecSet", f"{whole / 1e9:.0f}", f"{part / 1e9:.0f}"))
    return table(("a step of", "whole batch, GB", "micro-batch, GB"), rows)


def prepared_lines(measured: dict[str, Any]) -> list[str]:
    """What benchmarks/scale.py prepare found."""
    found = measured["prepare"]
    added, size = found["added"], found["bytes_per_shape"]
    good, bad = found["good_but_rejected"], found["broken_but_accepted"]
    note = found.get("note", "")
    lines = [
        f"`python benchmarks/scale.py prepare --samples {found['samples']} "
        f"--surface-points {found['surface_points']}` ({found['machine']}). {note}",
        "",
        f"- {found['requested']} mesh files of furniture in five formats, "
        f"{found['mean_faces']} faces on average, through `prepare_shapes`, `compute_diagrams`, "
        f"`gather_shapes` and `split_shapes`: **{found['shapes_per_second_and_core']} shapes a "
        f"second and core** ({found['processor_seconds_per_shape']} s each, the start of each "
        f"job's processes within it), {found['largest_memory_mb']} MB for a job of two workers.",
        f"- Bytes of a shape: {sum(size.values()):,} "
        f"({', '.join(f'{name} {n:,}' for name, n in size.items())}).",
        f"- {found['broken_and_rejected']} broken files stand in the manifest as rejected; "
        f"{len(bad)} broken files were accepted and {len(good)} good ones rejected"
        + (f" ({'; '.join(f'{s}: {r}' for s, r in good.items())})." if good else "."),
        f"- {added['shapes']} files that came later: {added['batches_that_run']} batches run, the "
        f"{added['batches_before']} that were there do not.",
        "",
    ]
    reasons = [
        (way, f"{reason} ({number})")
        for way, found_reasons in sorted(found["reasons"].items())
        for reason, number in found_reasons.items()
    ]
    return [*lines, "| broken | reason in the manifest (files) |", "| --- | --- |"] + [
        f"| {way} | {reason} |" for way, reason in reasons
    ]


def measured_lines(measured: dict[str, Any]) -> list[str]:
    """Everything that was measured for this page."""
    plan, paper = measured["plan"], measured["paper"]
    rows = [(f"{row['faces']:,}", row["seconds"]) for row in paper["rows"]]
    return [
        f"`python benchmarks/scale.py plan` ({plan['machine']}): a dry run of the preset on "
        f"{plan['models']:,} made-up models plans {plan['jobs']} jobs, {plan['batches']} of them "
        f"batches of shapes, in **{min(plan['seconds'])} s** by the clock (best of "
        f"{len(plan['seconds'])}; {min(plan['processor_seconds'])} s of the processor) and "
        f"{plan['largest_memory_mb']} MB.",
        "",
        f"`python benchmarks/scale.py paper` ({paper['machine']}): seconds of one core for a shape "
        f"with {paper['samples']:,} samples and a grid of {paper['resolution']}^3; "
        f"{paper['largest_memory_mb']} MB at most.",
        "",
        *table(("faces", "s"), rows),
        *prepared_lines(measured),
    ]


def disk_table(config: Config) -> list[str]:
    """Gigabytes by category."""
    sizes = scale_work.categories(config)
    bytes_of = [scale_work.disk(config, c) for c in sizes]
    rows = [
        (c.name, c.training, c.validation, c.test, f"{shapes / 1e9:.0f}", f"{made / 1e9:.0f}")
        for c, (shapes, made) in zip(sizes, bytes_of, strict=True)
    ]
    head = ("category", "training", "validation", "test", "prepared, GB", "generated points, GB")
    total = [f"**{sum(b[k] for b in bytes_of) / 1e9:.0f}**" for k in (0, 1)]
    return table(head, [*rows, ("**all**", "", "", "", *total)])


def page(config: Config, measured: dict[str, Any]) -> list[str]:
    """The page's lines."""
    sizes = scale_work.categories(config)
    vectors = vector_set_costs(config)
    work = [w for c in sizes for w in scale_work.implicit_work(config, c)]
    work += [w for c in sizes for w in scale_work.vector_set_work(config, vectors, c)]
    cores = scale_work.processor_hours(config, measured, sizes)
    core_hours = sum(seconds for _, seconds, _ in cores) / 3600
    chain, last = longest_chain(config, work)
    preparing = cores[0][1] / 3600 / CLUSTER[1]
    several = max(chain, hours(work) / CLUSTER[0])
    return [
        "# ShapeNet's size",
        "",
        "What `presets/paper.yaml` costs. Written by `python docs/make_scale.py`. **No GPU was at "
        "hand**: hours of GPUs are *computed*, rates of processors are *measured*, each where it "
        "is said.",
        "",
        "## In short",
        "",
        f"- One H100 and 16 cores: **{hours(work) / 24:.0f} days** of the GPU, "
        f"{core_hours / 16:.0f} hours of the cores beside it.",
        f"- {CLUSTER[0]} such GPUs and {CLUSTER[1]} cores: {preparing:.1f} hours of preparation, "
        f"then **{several / 24:.1f} days**; the longest chain is {last} with {chain / 24:.1f} "
        "days, which no number of GPUs shortens unless one training uses several.",
        "- Disk and memory: below.",
        "",
        "## Hours of one GPU (computed)",
        "",
        "Operations of the project's own networks and losses at the preset's sizes, counted by "
        "torch's formulas (`docs/scale_costs.py`), times the samples and epochs of the preset; all "
        "three categories. Peaks are those of an H100 SXM5 in NVIDIA's datasheet, the shares of "
        "them assumptions:",
        "",
        f"- pretraining, and the steps of 3DShape2VecSet, at {100 * TF32_SHARE:.0f} % of the "
        f"{TF32_PEAK / 1e12:.0f} TFLOP/s of TF32 "
        "(dense: half of the figure with sparsity). A layer of 512 units reads and writes its "
        "values once for each of product, activation and dropout, which at 3.35 TB/s of memory "
        f"allows {100 * memory_share():.0f} % if nothing is fused;",
        f"- everything else, which stays in float32, at {100 * FLOAT32_SHARE:.0f} % of "
        f"{FLOAT32_PEAK / 1e12:.0f} TFLOP/s.",
        "",
        "Fields are reckoned at every vertex of the grid; from coarse to fine they take an eighth "
        "(docs/records/benchmarks_fields.md).",
        "",
        *gpu_table(work),
        "## Hours of processor cores (measured rates)",
        "",
        "Rates measured on the machine of the pages named, one thread; amounts from the preset. "
        "Chamfer distances grow with the square of the test shapes.",
        "",
        "| work | core hours | rate from |",
        "| --- | ---: | --- |",
        *(f"| {what} | {seconds / 3600:.1f} | {source} |" for what, seconds, source in cores),
        f"| **all** | **{core_hours:.0f}** | |",
        "",
        "## Disk (computed from the sizes of arrays)",
        "",
        *disk_table(config),
        "## Memory of the GPU (computed)",
        "",
        "Bytes that automatic differentiation keeps for the backward pass, float32, nothing fused "
        "or recomputed; attention matrices are within, which fused attention does not keep. The "
        "preset cuts batches into micro-batches, of "
        f"{config.shape_generator.training.shapes_per_micro_batch} shapes for implicit shape "
        f"generators and of {config.vector_sets.autoencoder_training.shapes_per_micro_batch} for "
        "3DShape2VecSet, with the same gradient, so that the published batches fit into the 80 GB "
        "of an H100.",
        "",
        *memory_table(config),
        "## Measured for this page",
        "",
        *measured_lines(measured),
    ]


def memory_share(width: int = 512, passes: int = 3) -> float:
    """Share of the peak that the memory allows a layer whose values pass so often, float32."""
    return 2 * width * width / (passes * 2 * 4 * width) * 3.35e12 / TF32_PEAK


def main() -> None:
    """Write the page."""
    measured = json.loads((DOCS / "scale_measured.json").read_text(encoding="utf-8"))
    lines = page(scale_work.paper(), measured)
    (DOCS / "records" / "scale.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
