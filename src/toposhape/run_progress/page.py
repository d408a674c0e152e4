"""The page of a run's progress: plain HTML that loads itself again every few seconds."""

import csv
import html
from collections.abc import Sequence
from pathlib import Path

from .words import duration, progress_line
from .work import Work

SECONDS = 5
"""Between two looks."""
CURVES = 6
"""Running trainings that are drawn."""
WIDTH, HEIGHT = 420, 120
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .3rem .6rem .3rem 0; }
td.number { text-align: right; white-space: nowrap; color: #555; } td.bar { width: 55%; }
.track { background: #e8e8e8; border-radius: 4px; height: 12px; overflow: hidden; display: flex; }
.done { background: #2a78b5; } .running { background: #9cc4e4; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(26rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-size: .85rem; color: #555; }
svg { width: 100%; border: 1px solid #ddd; }
"""


def progress_page(
    name: str, work: Work, now: float, checkpoints: str | Path, since: float, ended: str = ""
) -> str:
    """Build the page.

    Args:
        name: of the run.
        work: its jobs.
        now: by the clock of these.
        checkpoints: folder of the trainings, whose `history.csv` are drawn.
        since: histories that were last written before this time [s since 1970] are of no
            running training.
        ended: how the run ended; empty while it runs: then the page loads itself again.
    """
    again = "" if ended else f'<meta http-equiv="refresh" content="{SECONDS}">'
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">{again}
<title>{100 * work.share(now):.0f} % of {html.escape(name)}</title><style>{STYLE}</style></head>
<body><h1>{html.escape(name)}</h1>
<p>{html.escape(ended or progress_line(work, now))}</p>
<table>{"".join(_stage_row(*stage) for stage in work.stages())}</table>
{_running(work, now)}
{_curves(Path(checkpoints), since)}
</body></html>
"""


def _stage_row(stage: str, done: int, running: int, total: int) -> str:
    bars = "".join(
        f'<div class="{kind}" style="width: {100 * n / total:.1f}%"></div>'
        for kind, n in (("done", done), ("running", running))
    )
    return (
        f'<tr><td>{stage}</td><td class="bar"><div class="track">{bars}</div></td>'
        f'<td class="number">{done} of {total} jobs</td></tr>'
    )


def _running(work: Work, now: float) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(task.title or task.rule)}</td>"
        f'<td class="number">for {duration(now - (task.begin or now))}</td></tr>'
        for task in work.running
    )
    return f"<h2>Running</h2><table>{rows}</table>" if rows else ""


def _curves(checkpoints: Path, since: float) -> str:
    """The losses of the trainings that have written their history last."""
    written = [(file.stat().st_mtime, file) for file in checkpoints.rglob("history.csv")]
    newest = sorted((each for each in written if each[0] >= since), reverse=True)[:CURVES]
    figures = [
        f"<figure>{_svg(losses)}<figcaption>{html.escape(_title(file, checkpoints))}: "
        f"{losses[-1]:.3g} after {len(losses)} epochs</figcaption></figure>"
        for _, file in newest
        if len(losses := _losses(file)) > 1
    ]
    shown = "".join(figures)
    return f'<h2>Losses by epoch</h2><div class="curves">{shown}</div>' if shown else ""


def _title(file: Path, checkpoints: Path) -> str:
    """Stage, category, method and seed: the folders but for the training's identity."""
    return " / ".join(file.relative_to(checkpoints).parts[:-2])


def _losses(file: Path) -> list[float]:
    """The loss after each epoch: the column that a training shows first."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    if not rows:
        return []
    column = next((c for c in ("loss", "data", "fit") if rows[0].get(c)), None)
    return [float(row[column]) for row in rows if row[column]] if column else []


def _svg(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    step, rise = WIDTH / (len(values) - 1), (HEIGHT - 8) / ((high - low) or 1)
    points = " ".join(
        f"{i * step:.1f},{HEIGHT - 4 - (value - low) * rise:.1f}" for i, value in enumerate(values)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="loss by epoch">'
        f'<polyline points="{points}" fill="none" stroke="#2a78b5" stroke-width="1.5"/></svg>'
    )
