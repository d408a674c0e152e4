"""A run's progress in words."""

from collections import Counter

from .stages import stage_of
from .work import Work


def duration(seconds: float) -> str:
    """Such as ``40 s``, ``12 min`` or ``3 h 05 min``."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def progress_line(work: Work, now: float) -> str:
    """How far the run is, in one line."""
    left = work.seconds_left(now)
    parts = [
        f"{100 * work.share(now):.0f} % of the work",
        f"{work.done} of {len(work.tasks)} jobs in {duration(now - work.begin)}",
    ]
    if left is not None and work.done < len(work.tasks):
        parts.append(f"about {duration(left)} left")
    running = Counter(stage_of(task.rule) for task in work.running)
    if running:
        parts.append("now: " + ", ".join(f"{n} x {s}" if n > 1 else s for s, n in running.items()))
    return "; ".join(parts)
