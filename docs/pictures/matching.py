"""Draw docs/pictures/matching.png: an optimal matching, and what the assignment looks at.

python docs/pictures/matching.py
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from toposhape.topology import diagram_distance

BLUE, ORANGE, GREY = "#1f6fb4", "#d9730d", "#9a9a9a"


def to_frame(points: NDArray) -> NDArray:
    """Return (along, height) of points (death, birth)."""
    death, birth = points.T
    return np.stack([birth + death, birth - death], axis=1) / np.sqrt(2)


def draw_matching(axes: Axes, p: NDArray, q: NDArray) -> None:
    """Draw both diagrams, the matched pairs and the ways to the diagonal."""
    cost, matching = diagram_distance(p, q, return_matching=True)
    for i, j in matching:
        axes.plot(*np.stack([p[i], q[j]]).T, color="black", linewidth=1.2)
    for points, matched, colour in ((p, matching[:, 0], BLUE), (q, matching[:, 1], ORANGE)):
        for point in np.delete(points, matched, axis=0):
            foot = np.full(2, point.mean())
            axes.plot(*np.stack([point, foot]).T, color=GREY, linewidth=1, linestyle=":")
        axes.scatter(*points.T, s=26, color=colour, zorder=3)
    axes.plot([-0.45, 0.4], [-0.45, 0.4], color="black", linewidth=0.8)
    axes.set(xlabel="death", ylabel="birth", title=f"equation (1): {cost:.4f}", aspect="equal")


def draw_window(axes: Axes, p: NDArray, q: NDArray, chosen: int) -> None:
    """Draw the frame of the diagonal, and what one point can gain by being matched."""
    frame_p, frame_q = to_frame(p), to_frame(q)
    along, height = frame_p[chosen]
    position = np.linspace(-0.65, 0.55, 400)
    axes.fill_between(
        position, (position - along) ** 2 / (2 * height), 1, color=BLUE, alpha=0.12, linewidth=0
    )
    gains = 2 * height * frame_q[:, 1] > (frame_q[:, 0] - along) ** 2
    axes.scatter(*frame_p.T, s=20, color=BLUE, alpha=0.35)
    axes.scatter(*frame_q[~gains].T, s=20, color=ORANGE, alpha=0.35)
    axes.scatter(*frame_q[gains].T, s=26, color=ORANGE, zorder=3)
    axes.scatter(along, height, s=60, color=BLUE, edgecolor="black", zorder=4)
    window = np.sort(frame_q[gains, 0])
    for edge in window[[0, -1]]:
        axes.axvline(edge, color=GREY, linewidth=1, linestyle="--")
    axes.axhline(0, color="black", linewidth=0.8)
    title = f"{gains.sum()} of {len(q)} partners save something"
    axes.set(xlabel="along the diagonal", ylabel="height above it", title=title)
    axes.set(xlim=(-0.65, 0.55), ylim=(-0.01, 0.4))


def main() -> None:
    """Draw and save."""
    rng = np.random.default_rng(3)
    p, q = (
        np.stack([death, death + rng.exponential(0.1, death.size)], axis=1)
        for death in (rng.normal(-0.1, 0.13, 14), rng.normal(-0.1, 0.13, 20))
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    draw_matching(left, p, q)
    draw_window(right, p, q, int(np.argsort(p[:, 1] - p[:, 0])[len(p) // 2]))
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
